"""How httpx clients send: through which proxy, and with which cookies.

httpx has no public API for the transport of a URL, so this reads private attributes. If they are missing, a client is
assumed to have no proxy.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx

from .bounded import Deadline
from .exact import is_exact
from .library import library_of, with_bases
from .masking import SENT_BY_PARTS

if TYPE_CHECKING:
    _Transport = httpx.BaseTransport
else:
    _Transport = object


def no_cookies() -> CookieJar:
    """A cookie jar that stays empty."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


def without_cookies(client: httpx.Client) -> httpx.Client:
    """A client with the connections, headers and event hooks of another one, but without its cookies.

    The session cookie of one user must not be sent with the login of another.
    """
    library = library_of(client)
    headers = library.Headers([(name, value) for name, value in client.headers.multi_items() if name != "cookie"])
    return library.Client(
        transport=with_bases(_TransportsOf, library.BaseTransport)(client),
        headers=headers,
        params=client.params,
        cookies=no_cookies(),
        event_hooks=client.event_hooks,
        trust_env=False,
    )


def proxy_for(client: httpx.Client | httpx.AsyncClient, url: str) -> str | None:
    """Host and port of the proxy through which a client sends requests to a URL; ``None``: it sends them directly."""
    pool: Any = getattr(_transport_for(client, library_of(client).URL(url)), "_pool", None)
    proxy: Any = getattr(pool, "_proxy_url", None)
    return None if proxy is None else f"{proxy.host.decode('ascii')}:{proxy.port}"


def sends_by_parts(client: httpx.Client | httpx.AsyncClient, url: httpx.URL) -> bool:
    """Whether a client's transport is one of its library's, which send the parts of a URL and not its ``str()``."""
    library = library_of(client)
    return isinstance(_transport_for(client, url), (library.HTTPTransport, library.AsyncHTTPTransport))


def masked_in_spans(request: httpx.Request, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
    """Mark a request so that the token in its URL is masked in spans too, if the transport permits it."""
    if sends_by_parts(client, request.url):
        request.extensions[SENT_BY_PARTS] = True
    return request


def timeouts_until(
    deadline: Deadline, client: httpx.Client, url: httpx.URL, limits: Mapping[str, float | None]
) -> dict[str, Any]:
    """The timeouts of a sync request, for its extension ``timeout``: each phase has a limit, and all end at a deadline.

    A transport that is not httpx's own may require plain numbers, so each of its phases can last until the deadline.
    """
    until = {phase: deadline.limited(limit) for phase, limit in limits.items()}
    transport = _transport_for(client, url)
    if type(transport) is not library_of(client).HTTPTransport:
        return {phase: float(limit) for phase, limit in until.items()}
    found: dict[str, Any] = {
        phase: limit if is_exact(transport) else limit.for_sockets() for phase, limit in until.items()
    }
    return found | {"pool": float(until.get("pool", deadline))}


class _TransportsOf(_Transport):
    """Sends through the transports of a client, which it leaves open."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = _transport_for(self._client, request.url).handle_request(request)
        return response


def _transport_for(client: Any, url: httpx.URL) -> Any:
    return client._transport_for_url(url) if hasattr(client, "_transport_for_url") else client._transport
