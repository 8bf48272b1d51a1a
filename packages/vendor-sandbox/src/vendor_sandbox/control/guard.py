"""Protection of the control API against web pages of other origins, which can neither read nor change anything.

The port is bound to loopback, but the user's browser also reaches loopback and runs pages of other sites. Their
requests are recognised by ``Origin`` or ``Sec-Fetch-Site``, and DNS rebinding (a name of their own that resolves to
127.0.0.1) by ``Host``. No CORS header is ever sent.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vendor_sandbox.control.errors import WrongInput

__all__ = ["Guard"]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """ASGI middleware that refuses requests of pages from other origins.

    Args:
        application: the guarded application.
        open_to_links: the path of pages without data, to which other pages may link.
    """

    def __init__(self, application: ASGIApp, open_to_links: str) -> None:
        self._application = application
        self._open_to_links = open_to_links

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(Headers(scope=scope), str(scope["path"]))
        except WrongInput as error:
            await error.response()(scope, receive, send_with_headers)
            return
        await self._application(scope, receive, send_with_headers)

    def _check(self, headers: Headers, path: str) -> None:
        host = headers.get("host", "")
        if host.rpartition(":")[0] not in LOOPBACK and host not in LOOPBACK:
            raise WrongInput(403, f"the control API responds to {', '.join(LOOPBACK)} only", "Host")
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            raise WrongInput(403, "the control API is closed to pages of other origins", "Origin")
        if path.startswith(self._open_to_links):
            return
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise WrongInput(403, "the control API is closed to pages of other origins", "Sec-Fetch-Site")
