"""One storm in a process of its own: ``python storm_programs.py NAME KIND CALLERS LATENCY``; prints JSON.

Runs on the interpreter of the environment where the contestant is installed, so it imports nothing of this repository
but the contestant itself. All contestants use the same provider: a function that takes ``LATENCY`` seconds and counts.
"""

# The peers are not installed where the types are checked.
# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, misc"
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUntypedBaseClass=false, reportUnknownLambdaType=false
# pyright: reportMissingModuleSource=false, reportAttributeAccessIssue=false, reportMissingTypeStubs=false

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

LIFE_SECONDS = 3600
TOKEN: dict[str, Any] = {"access_token": "a-token", "token_type": "Bearer", "expires_in": LIFE_SECONDS}
REFUSAL = {"error": "invalid_client", "error_description": "wrong secret"}
URL = "https://provider.example"


class Provider:
    """Responds to token requests after a latency, and counts them. With ``refuses``, it refuses them all."""

    def __init__(self, latency: float, *, refuses: bool = False) -> None:
        self.latency = latency
        self.status = 401 if refuses else 200
        self.requests = 0
        self._lock = threading.Lock()

    def respond(self) -> dict[str, Any]:
        """The JSON of a response with ``status``."""
        with self._lock:
            self.requests += 1
        time.sleep(self.latency)
        return TOKEN if self.status == 200 else REFUSAL

    def token(self) -> dict[str, Any]:
        """A token, for contestants without an HTTP client; raises ``PermissionError`` for a refusal."""
        response = self.respond()
        if self.status != 200:
            raise PermissionError(response["error"])
        return response


Get = Callable[[], object]


# --- contestants: each creates a token source without a cached token -------------------------------------------------


def auth_core(provider: Provider) -> Get:
    return auth_core_source(provider).token


def auth_core_source(provider: Provider) -> Any:
    from auth_core import Authenticator
    from auth_core.wire import TokenHttpRequest, TokenHttpResponse
    from auth_core_testing import PasswordCredentials, oauth_lifecycle

    def send(request: TokenHttpRequest, /) -> TokenHttpResponse:
        content = json.dumps(provider.respond()).encode()
        return TokenHttpResponse(status=provider.status, content=content)

    credentials = PasswordCredentials(username="bench", password="bench")
    return Authenticator({"oauth": oauth_lifecycle()}, [credentials], {"base_url": URL}, send=send).source("oauth")


def azure_identity(provider: Provider) -> Get:
    from azure.core.pipeline.transport import HttpTransport
    from azure.identity import ClientSecretCredential

    class Response:
        def __init__(self, request: Any, document: dict[str, Any], status: int = 200) -> None:
            self.request = self.http_request = request
            self.status_code, self.content_type = status, "application/json"
            self.headers = {"Content-Type": self.content_type}
            self.reason = "OK"
            self._text = json.dumps(document)

        def text(self, encoding: str | None = None) -> str:
            return self._text

        def body(self) -> bytes:
            return self._text.encode()

    class Transport(HttpTransport):
        def open(self) -> None: ...
        def close(self) -> None: ...
        def __exit__(self, *error: object) -> None: ...
        def send(self, request: Any, **options: Any) -> Any:
            if request.method == "POST":
                return Response(request, provider.respond(), provider.status)
            base = "https://login.microsoftonline.com/tenant"
            return Response(
                request,
                {
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "issuer": f"{base}/v2.0",
                    "tenant_discovery_endpoint": f"{base}/v2.0/.well-known/openid-configuration",
                    "metadata": [],
                },
            )

    credential = ClientSecretCredential("tenant", "client", "secret", transport=Transport())
    return lambda: credential.get_token("scope/.default").token


def botocore(provider: Provider) -> Get:
    from botocore.credentials import RefreshableCredentials

    def refresh() -> dict[str, str]:
        provider.token()
        ends = datetime.now(UTC) + timedelta(seconds=LIFE_SECONDS)
        return {"access_key": "a", "secret_key": "b", "token": "c", "expiry_time": ends.isoformat()}

    ended = datetime.now(UTC) - timedelta(seconds=1)
    start = {"access_key": "a", "secret_key": "b", "token": "c", "expiry_time": ended.isoformat()}
    credentials = RefreshableCredentials.create_from_metadata(start, refresh_using=refresh, method="bench")
    return credentials.get_frozen_credentials


def google_auth(provider: Provider) -> Get:
    from google.oauth2.credentials import Credentials

    def handler(request: Any, scopes: Any) -> tuple[str, datetime]:
        token = provider.token()
        return token["access_token"], datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=LIFE_SECONDS)

    credentials = Credentials(token=None, refresh_handler=handler)
    return lambda: credentials.before_request(None, "GET", URL, {})


def msal(provider: Provider) -> Get:
    from msal import ConfidentialClientApplication

    class Response:
        headers: dict[str, str] = {}

        def __init__(self, document: dict[str, Any], status: int = 200) -> None:
            self.text, self.status_code = json.dumps(document), status

        def raise_for_status(self) -> None: ...

    class Client:
        def post(self, url: str, **options: Any) -> Response:
            return Response(provider.respond(), provider.status)

        def get(self, url: str, **options: Any) -> Response:
            base = "https://login.microsoftonline.com/tenant/oauth2/v2.0"
            endpoints = {"token_endpoint": f"{base}/token", "authorization_endpoint": f"{base}/authorize"}
            return Response({**endpoints, "issuer": "https://login.microsoftonline.com/tenant/v2.0"})

        def close(self) -> None: ...

    application = ConfidentialClientApplication(
        "client",
        client_credential="secret",
        authority="https://login.microsoftonline.com/tenant",
        http_client=Client(),
        instance_discovery=False,
    )
    return lambda: application.acquire_token_for_client(["scope/.default"])["access_token"]


def authlib(provider: Provider) -> Get:
    import httpx
    from authlib.integrations.httpx_client import OAuth2Client

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/token":
            return httpx.Response(200, json={})
        document = provider.respond()
        return httpx.Response(provider.status, json=document)

    client = OAuth2Client(
        "client",
        "secret",
        token_endpoint=f"{URL}/token",
        grant_type="client_credentials",
        token={"access_token": "old", "token_type": "Bearer", "expires_at": 1},
        transport=httpx.MockTransport(respond),
    )
    return lambda: client.get(f"{URL}/api")


def httpx_auth(provider: Provider) -> Get:
    import httpx
    from httpx_auth import OAuth2ClientCredentials

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/token":
            return httpx.Response(200, json={})
        document = provider.respond()
        return httpx.Response(provider.status, json=document)

    transport = httpx.MockTransport(respond)
    auth = OAuth2ClientCredentials(
        f"{URL}/token", client_id="client", client_secret="secret", client=httpx.Client(transport=transport)
    )
    client = httpx.Client(transport=transport, auth=auth)
    return lambda: client.get(f"{URL}/api")


CONTESTANTS: dict[str, Callable[[Provider], Get]] = {
    "auth-core": auth_core,
    "azure-identity": azure_identity,
    "botocore": botocore,
    "google-auth": google_auth,
    "msal": msal,
    "authlib": authlib,
    "httpx-auth": httpx_auth,
}


# --- storms -----------------------------------------------------------------------------------------------------------


def threads(get: Get, callers: int) -> list[float]:
    """Seconds that each caller waited, all starting together."""
    waits: list[float] = []
    start = threading.Barrier(callers + 1)

    def call() -> None:
        start.wait()
        with suppress(Exception):  # a refusal; what counts is that every caller got a response
            get()
        waits.append(time.perf_counter() - begun)

    pool = [threading.Thread(target=call) for _ in range(callers)]
    for thread in pool:
        thread.start()
    begun = time.perf_counter()
    start.wait()
    for thread in pool:
        thread.join()
    return waits


def tasks(get: Callable[[], Awaitable[object]], callers: int) -> list[float]:
    """The same for tasks of one event loop."""

    async def run() -> list[float]:
        waits: list[float] = []

        async def call() -> None:
            await get()
            waits.append(time.perf_counter() - begun)

        begun = time.perf_counter()
        await asyncio.gather(*(call() for _ in range(callers)))
        return waits

    return asyncio.run(run())


def processes(callers: int, latency: float) -> tuple[list[float], int]:
    """The same for processes that share a :class:`auth_core.FileStore`, forked from one with all modules imported."""
    import httpx
    from auth_core import Authenticator, FileStore
    from auth_core.httpx_auth import HttpxTokenSender
    from auth_core_testing import IdentityProvider, PasswordCredentials, ProviderResponse, oauth_lifecycle

    def slowly(request: object) -> ProviderResponse:
        time.sleep(latency)
        return ProviderResponse.json(TOKEN)

    provider = IdentityProvider()
    provider.respond_next(*[slowly] * callers)
    with tempfile.TemporaryDirectory() as folder, provider.serve() as url:
        os.chmod(folder, 0o700)
        reading, writing = os.pipe()
        children: list[int] = []
        for _ in range(callers):
            child = os.fork()
            if child:
                children.append(child)
                continue
            with httpx.Client() as client:
                credentials = PasswordCredentials(username="bench", password="bench")
                source = Authenticator(
                    {"oauth": oauth_lifecycle()},
                    [credentials],
                    {"base_url": url},
                    send=HttpxTokenSender(client),
                    store=FileStore(folder),
                ).source("oauth")
                begun = time.perf_counter()
                source.token()
            os.write(writing, f"{time.perf_counter() - begun}\n".encode())
            os._exit(0)
        os.close(writing)
        for child in children:
            os.waitpid(child, 0)
        with os.fdopen(reading) as pipe:
            waits = [float(line) for line in pipe]
    return waits, len(provider.token_requests)


def main(name: str, kind: str, callers: int, latency: float) -> None:
    provider = Provider(latency, refuses=kind == "refused")
    requests: int | None = None
    match kind:
        case "tasks":
            waits = tasks(auth_core_source(provider).token_async, callers)
        case "processes":
            waits, requests = processes(callers, latency)
        case _:
            waits = threads(CONTESTANTS[name](provider), callers)
    counted = provider.requests if requests is None else requests
    print(json.dumps({"requests": counted, "served": len(waits), "slowest": max(waits, default=None)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
