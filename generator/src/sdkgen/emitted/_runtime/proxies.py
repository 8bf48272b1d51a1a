"""How requests reach each server: directly, or through a proxy of the environment.

httpx reads the variables for all servers of the world at once, and fails for an entry that concerns none of ours. This
reads them for the client's servers only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NoReturn
from urllib.request import getproxies

import httpx
from attrs import field, frozen
from auth_core.contract import is_loopback, origin

from ..errors import ConfigurationError, InsecureServer

WITHOUT_SOCKS = 'is a SOCKS proxy, which requires another package: pip install "httpx[socks]"'
_QUOTES = "\"'"

if TYPE_CHECKING:

    class _Transport(httpx.BaseTransport, httpx.AsyncBaseTransport): ...

else:
    _Transport = object


@frozen
class ProxyOfServer:
    """The proxy for one server."""

    named: str
    """The variable that names it, for messages."""
    url: str = field(repr=False)

    @property
    def problem(self) -> str | None:
        """Why it cannot be used; ``None`` if it can."""
        if self.url.strip() != self.url or self.url.strip(_QUOTES) != self.url:
            return "begins or ends with white space or a quotation mark"
        try:
            proxy = httpx.Proxy(self.url)
        except (ValueError, httpx.InvalidURL):  # their messages may contain a password
            return "is not the URL of a proxy, such as http://proxy.example:3128"
        return WITHOUT_SOCKS if lacks_socks(proxy) else None


class UnusableProxy(_Transport):
    """In place of the connections to a server that cannot be reached as the environment states."""

    def __init__(self, server: str, proxy: ProxyOfServer) -> None:
        self._message = f"nothing was sent to {server}: {proxy.named}, which names the proxy for it, {proxy.problem}"

    def handle_request(self, request: httpx.Request) -> NoReturn:
        raise ConfigurationError(self._message)

    async def handle_async_request(self, request: httpx.Request) -> NoReturn:
        raise ConfigurationError(self._message)


def lacks_socks(proxy: httpx.Proxy) -> bool:
    """Return whether it is a SOCKS proxy and the package for them is not installed."""
    return proxy.url.scheme.startswith("socks") and find_spec("socksio") is None


def environment_proxies(urls: Iterable[str]) -> dict[str, ProxyOfServer]:
    """Return the proxy for the origin of each URL that the environment has one for.

    On Windows and macOS, the system's settings count where no variable is set.
    """
    settings = getproxies()
    origins = {origin(httpx.URL(url)): httpx.URL(url) for url in urls}
    found = {name: proxy_for(url, settings, os.environ) for name, url in origins.items()}
    return {name: proxy for name, proxy in found.items() if proxy is not None}


def proxy_for(url: httpx.URL, settings: Mapping[str, str], environ: Mapping[str, str]) -> ProxyOfServer | None:
    """Return the proxy for a URL; ``None`` if it is reached directly. An address of this machine always is.

    Args:
        url: The URL of a server.
        settings: The proxy URL for each scheme, and for ``all``; the exceptions as ``no``.
        environ: The environment variables.
    """
    scheme = next((name for name in (url.scheme, "all") if settings.get(name)), None)
    if scheme is None or is_loopback(url.host) or any(is_excepted(url, one) for one in _entries(settings)):
        return None
    variables = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    named = next((name for name in variables if environ.get(name)), "the system's settings")
    address = settings[scheme]
    return ProxyOfServer(named, address if "://" in address else f"http://{address}")


def _entries(settings: Mapping[str, str]) -> list[str]:
    return settings.get("no", "").split(",")


def is_excepted(url: httpx.URL, entry: str) -> bool:
    """Return whether an entry of ``NO_PROXY`` is for the host of a URL; one that cannot be read is for none.

    An entry is ``*``, a host, which includes its subdomains, an address or a network (``10.0.0.0/8``, ``fd00::/8``),
    each also with a scheme or a port.
    """
    entry = entry.strip().strip(_QUOTES).lower()
    scheme, separator, rest = entry.rpartition("://")
    if separator and scheme not in {url.scheme, "all"}:
        return False
    host, _, port = rest.partition(":") if rest.count(":") == 1 else (rest, "", "")
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        if port.startswith("/"):
            host, port = host + port, ""
    if port.strip(":") not in {"", str(url.port or (443 if url.scheme == "https" else 80))}:
        return False
    with suppress(ValueError):
        network = ip_network(host, strict=False)
        with suppress(ValueError):
            return ip_address(url.host) in network
        return False
    name = host.removeprefix("*").removeprefix(".")
    if host == "*" or url.host == name:
        return True
    return name not in {"", "localhost"} and url.host.endswith(f".{name}")


def require_direct(urls: Iterable[str], proxy_of: Callable[[str], str | None]) -> None:
    """Check the way of requests that go to this machine in clear text.

    Args:
        urls: The client's servers.
        proxy_of: Returns the host of the proxy for a URL, if there is one.

    Raises:
        InsecureServer: They go to a proxy.
    """
    for url in urls:
        if url.startswith("http:") and is_loopback(httpx.URL(url).host):
            proxy = proxy_of(url)
            if proxy is not None:
                message = (
                    f"requests to {url} would go to the proxy {proxy}, which would see tokens and passwords in clear"
                    " text. Use no proxy for this machine (for your own httpx client: NO_PROXY or `trust_env=False`);"
                    " `allow_http=True` is for a proxy that you trust"
                )
                raise InsecureServer(message)
