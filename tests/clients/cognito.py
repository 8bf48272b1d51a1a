"""Athena's authentication service and a piece of its API on loopback, before the Amazon Cognito that moto emulates.

The service is what the vendor documents of it: one call for each token, translated into ``InitiateAuth``. The API lets
in whom the user pool's own keys vouch for.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import boto3
import jwt
import requests
from botocore.exceptions import ClientError
from moto import mock_aws
from werkzeug import Request, Response
from werkzeug.serving import make_server

REGION = "ap-southeast-1"
USERNAME = "ada@athena.example"
PASSWORD = "Correct-horse-battery-staple-1"


class AthenaOnCognito:
    """The service, its user pool with one user, and what was asked of it. A WSGI application."""

    def __init__(self, cases: dict[str, Any]) -> None:
        self._cases = cases
        self._cognito = boto3.client("cognito-idp", region_name=REGION)
        self.pool: str = self._cognito.create_user_pool(PoolName="athena")["UserPool"]["Id"]
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        application = self._cognito.create_user_pool_client(
            UserPoolId=self.pool, ClientName="athena", ExplicitAuthFlows=flows
        )
        self.application: str = application["UserPoolClient"]["ClientId"]
        self._cognito.admin_create_user(UserPoolId=self.pool, Username=USERNAME, MessageAction="SUPPRESS")
        self._cognito.admin_set_user_password(
            UserPoolId=self.pool, Username=USERNAME, Password=PASSWORD, Permanent=True
        )
        self.pool_url = f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool}"
        self._keys = jwt.PyJWKSet.from_dict(requests.get(f"{self.pool_url}/.well-known/jwks.json", timeout=30).json())
        self.flows: Counter[str] = Counter()
        self.let_in: list[dict[str, Any]] = []
        """The claims of the tokens that the API accepted, call by call."""
        self.ended: set[str] = set()
        """``jti`` of the access tokens that the API takes no more."""

    def sign_out(self) -> None:
        """Ends the user's refresh tokens."""
        self._cognito.admin_user_global_sign_out(UserPoolId=self.pool, Username=USERNAME)

    def claims(self, token: str) -> dict[str, Any]:
        """Verified with the pool's keys. Raises ``jwt.PyJWTError``."""
        key = self._keys[jwt.get_unverified_header(token)["kid"]]
        return jwt.decode(token, key, algorithms=["RS256"], issuer=self.pool_url, options={"verify_aud": False})

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        request = Request(environ)
        try:
            response = self._response(request)
        except (ClientError, jwt.PyJWTError) as error:
            response = _json(401, {"detail": str(error)})
        return response(environ, start_response)

    def _response(self, request: Request) -> Response:
        if request.path == "/api/cases":
            claims = self.claims(request.headers.get("Authorization", "").removeprefix("Bearer "))
            if claims["jti"] in self.ended:
                return _json(401, {"detail": "Custom bearer token is not valid"})
            self.let_in.append(claims)
            return _json(200, self._cases)
        body: dict[str, str] = request.get_json()
        match request.path:
            case "/auth/get-access-token-by-username":
                result = self._log_in(body)
                return _json(200, {"token": result["AccessToken"], "id_token": result["IdToken"]})
            case "/auth/get-refresh-token":
                result = self._log_in(body)
                return _json(200, {"refresh_token": result["RefreshToken"], "id_token": result["IdToken"]})
            case "/auth/get-access-token-by-refresh-token":
                sent = {"REFRESH_TOKEN": body["refresh_token"]}
                result = self._initiate("REFRESH_TOKEN_AUTH", body["client_id"], sent)
                return _json(200, {"refresh_token": result["AccessToken"], "id_token": result["IdToken"]})
            case "/auth/authenticate-token":
                return _json(200, self.claims(body["token"]))
            case _:
                return _json(404, {"detail": "Not found."})

    def _log_in(self, body: dict[str, str]) -> dict[str, str]:
        if body["user_pool_id"] != self.pool:
            raise jwt.InvalidIssuerError("there is no such user pool")
        sent = {"USERNAME": body["username"], "PASSWORD": body["password"]}
        return self._initiate("USER_PASSWORD_AUTH", body["client_id"], sent)

    def _initiate(self, flow: str, application: str, sent: dict[str, str]) -> dict[str, str]:
        self.flows[flow] += 1
        response = self._cognito.initiate_auth(AuthFlow=flow, ClientId=application, AuthParameters=sent)
        result: dict[str, str] = response["AuthenticationResult"]
        return result


def _json(status: int, value: Any) -> Response:
    response = Response(status=status, mimetype="application/json")
    response.set_data(json.dumps(value))
    return response


@contextmanager
def athena_on_cognito(cases: dict[str, Any]) -> Generator[tuple[AthenaOnCognito, str]]:
    """The service and its URL, for as long as the block lasts. Nothing leaves the machine.

    Args:
        cases: the API's response to ``GET /api/cases``.
    """
    with mock_aws():
        service = AthenaOnCognito(cases)
        server = make_server("127.0.0.1", 0, service, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield service, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
