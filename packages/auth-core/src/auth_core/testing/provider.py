"""A scripted identity provider with a small API behind it: an OAuth 2.0 token endpoint (RFC 6749) that plays tricks.

The same object answers as an httpx transport (sync and async) and as a real server on a loopback socket::

    provider = IdentityProvider(users={"alice": "secret"})
    with provider.serve() as url:
        ...
    assert len(provider.token_requests) == 1

====================  =======================================================================================
``POST /token``       grants ``password``, ``client_credentials``, ``refresh_token``, ``code`` (each code once);
                      form or JSON; HTTP Basic counts as ``client_id`` and ``client_secret``
``POST /logout``      revokes the token in the member ``token``
``/forbidden``        401 whatever the token (as Cinchy answers for "not permitted")
anything else         200 with a JSON echo for a valid token, else 401; the token may stand in ``Authorization``,
                      in ``X-Token``, in the query, in a cookie or in the JSON body, each as ``token``
====================  =======================================================================================
"""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen

from ..clock import Clock, SystemClock
from ..lifecycle import NOTHING
from .issuer import IssuedToken, TokenIssuer, TokenProblem

if TYPE_CHECKING:
    from .transport import ProviderTransport

__all__ = ["IdentityProvider", "ProviderAnswer", "ProviderRequest", "ResetConnection"]


@frozen(kw_only=True)
class ProviderRequest:
    """A request as it arrived. Names of headers are in lower case."""

    method: str
    target: str
    """Path and query."""
    headers: Mapping[str, str] = NOTHING
    content: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, Any]:
        """The members of a form or JSON body."""
        if "json" in self.headers.get("content-type", ""):
            members = json.loads(self.content or b"{}")
            return cast("dict[str, Any]", members) if isinstance(members, dict) else {}
        return dict(parse_qsl(self.content.decode("utf-8", "replace"), keep_blank_values=True))


@frozen(kw_only=True)
class ProviderAnswer:
    """An answer: ``ProviderAnswer(status=503, headers={"Retry-After": "7"})``."""

    status: int = 200
    headers: Mapping[str, str] = NOTHING
    content: bytes = b""

    @classmethod
    def json(cls, body: Any, status: int = 200, **headers: str) -> ProviderAnswer:
        plain = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(
            status=status, headers={"Content-Type": "application/json", **plain}, content=json.dumps(body).encode()
        )

    @classmethod
    def html(cls, status: int, text: str = "<html><body>Sign in</body></html>") -> ProviderAnswer:
        return cls(status=status, headers={"Content-Type": "text/html"}, content=text.encode())


@frozen
class ResetConnection:
    """The connection breaks instead of an answer."""


Trick = ProviderAnswer | ResetConnection | Callable[[ProviderRequest], ProviderAnswer]


class IdentityProvider:
    """The provider, its users and its script. May be shared by threads.

    Args:
        issuer: the token engine; default: one on ``clock``.
        clock: the server's clock.
        users: passwords by user name.
        clients: secrets by client id; ``None``: every client is known.
        codes: single-use codes for the grant ``code``.
        expires_in: whether answers say how long the token lives.
        refresh_tokens: whether logins hand out refresh tokens.
    """

    def __init__(
        self,
        *,
        issuer: TokenIssuer | None = None,
        clock: Clock | None = None,
        users: Mapping[str, str] | None = None,
        clients: Mapping[str, str] | None = None,
        codes: tuple[str, ...] = (),
        expires_in: bool = True,
        refresh_tokens: bool = True,
    ) -> None:
        self.issuer = issuer or TokenIssuer(clock=clock or SystemClock())
        self.users = dict(users or {"alice": "correct horse"})
        self.clients = None if clients is None else dict(clients)
        self.codes = set(codes)
        self.expires_in = expires_in
        self.refresh_tokens = refresh_tokens
        self.token_requests: list[ProviderRequest] = []
        self.api_requests: list[ProviderRequest] = []
        self.logouts: list[ProviderRequest] = []
        self.statuses: list[int] = []
        """Of the API's answers, in order."""
        self.issued: list[IssuedToken] = []
        self.token_arrived = threading.Semaphore(0)
        """Released once per token request, before it is answered."""
        self._script: deque[Trick] = deque()
        self._api_script: deque[Trick] = deque()
        self._open = threading.Event()
        self._open.set()
        self._lock = threading.Lock()

    # --- the script -------------------------------------------------------------------------------------------------

    def answer_next(self, *tricks: Trick) -> None:
        """The next token requests are answered so, one each."""
        self._script.extend(tricks)

    def answer_next_api(self, *tricks: Trick) -> None:
        """The next requests to the API are answered so, one each."""
        self._api_script.extend(tricks)

    @contextmanager
    def holding(self) -> Generator[None]:
        """Token requests hang until the block ends."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    def grants(self) -> list[str]:
        """The grant types of the token requests so far."""
        return [str(request.form.get("grant_type")) for request in self.token_requests]

    # --- as a transport, as a server --------------------------------------------------------------------------------

    def transport(self) -> ProviderTransport:
        """An httpx transport, sync and async; its clients may use any host name."""
        from .transport import ProviderTransport

        return ProviderTransport(self)

    @contextmanager
    def serve(self) -> Generator[str]:
        """A real server on a loopback socket, for as long as the block lasts; yields its URL."""
        from .server import serve

        with serve(self) as url:
            yield url

    # --- answers ----------------------------------------------------------------------------------------------------

    def handle(self, request: ProviderRequest) -> ProviderAnswer:
        """The answer to one request; raises ``ConnectionResetError`` where the connection breaks instead."""
        if request.path.endswith("/token"):
            return self._handle_token(request)
        if request.path.endswith("/logout"):
            with self._lock:
                self.logouts.append(request)
            return ProviderAnswer.json({"revoked": self.issuer.revoke(str(request.form.get("token", "")))})
        answer = self._handle_api(request)
        with self._lock:
            self.statuses.append(answer.status)
        return answer

    def _handle_token(self, request: ProviderRequest) -> ProviderAnswer:
        with self._lock:
            self.token_requests.append(request)
            trick = self._script.popleft() if self._script else None
        self.token_arrived.release()
        self._open.wait(timeout=60)
        return self._token_answer(request) if trick is None else _play(trick, request)

    def _handle_api(self, request: ProviderRequest) -> ProviderAnswer:
        with self._lock:
            self.api_requests.append(request)
            trick = self._api_script.popleft() if self._api_script else None
        if trick is not None:
            return _play(trick, request)
        if request.path.endswith("/forbidden"):
            return ProviderAnswer.html(401)
        try:
            claims = self.issuer.verify(shown_token(request) or "")
        except TokenProblem as problem:
            return ProviderAnswer.json({"error": "invalid_token", "reason": problem.reason}, 401)
        echo = {"sub": claims["sub"], "path": request.path, "length": len(request.content)}
        return ProviderAnswer.json(echo)

    def _token_answer(self, request: ProviderRequest) -> ProviderAnswer:
        form = {**basic_members(request), **request.form}
        try:
            issued = self._issue(form)
        except TokenProblem as problem:
            return ProviderAnswer.json({"error": "invalid_grant", "error_description": problem.reason}, 400)
        with self._lock:
            self.issued.append(issued)
        body: dict[str, Any] = {"access_token": issued.access_token, "token_type": "Bearer"}
        if self.expires_in:
            body["expires_in"] = int(issued.lifetime) if issued.lifetime == int(issued.lifetime) else issued.lifetime
        if issued.refresh_token is not None:
            body["refresh_token"] = issued.refresh_token
        return ProviderAnswer.json(body)

    def _issue(self, form: Mapping[str, Any]) -> IssuedToken:
        if self.clients is not None and self.clients.get(str(form.get("client_id"))) != form.get("client_secret"):
            raise TokenProblem("unknown")
        match form.get("grant_type"):
            case "password" if self.users.get(str(form.get("username"))) == form.get("password"):
                return self.issuer.issue(str(form["username"]), refresh=self.refresh_tokens)
            case "client_credentials":
                return self.issuer.issue(str(form.get("client_id")), refresh=False)
            case "code" if form.get("code") in self.codes:
                self.codes.discard(str(form["code"]))
                return self.issuer.issue("code", refresh=self.refresh_tokens)
            case "refresh_token":
                return self.issuer.refresh(str(form.get("refresh_token")))
            case _:
                raise TokenProblem("unknown")


def _play(trick: Trick, request: ProviderRequest) -> ProviderAnswer:
    if isinstance(trick, ResetConnection):
        message = "the provider resets the connection"
        raise ConnectionResetError(message)
    return trick if isinstance(trick, ProviderAnswer) else trick(request)


def shown_token(request: ProviderRequest) -> str | None:
    """The token that a request shows, wherever it stands."""
    authorization = request.headers.get("authorization", "")
    if authorization:
        return authorization.removeprefix("Bearer ")
    cookie = SimpleCookie(request.headers.get("cookie", "")).get("token")
    in_body = request.form.get("token") if "json" in request.headers.get("content-type", "") else None
    found = (
        request.headers.get("x-token") or request.query.get("token") or (cookie.value if cookie else None) or in_body
    )
    return None if found is None else str(found)


def basic_members(request: ProviderRequest) -> dict[str, str]:
    """``client_id`` and ``client_secret`` from HTTP Basic authentication (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    client_id, _, client_secret = base64.b64decode(encoded).decode().partition(":")
    return {"client_id": client_id, "client_secret": client_secret}
