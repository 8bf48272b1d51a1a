"""The way to servers on this machine: in clear text is secure only without a proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from auth_core.contract import is_this_machine

from ..errors import InsecureServer


def direct_mounts(urls: Iterable[str]) -> dict[str, None]:
    """Return the mounts of an httpx client that uses no proxy of the environment for the servers on this machine."""
    hosts = {host for url in urls if (host := urlsplit(url).hostname) and is_this_machine(host)}
    return {f"all://[{host}]" if ":" in host else f"all://{host}": None for host in hosts}


def require_direct(urls: Iterable[str], proxy_for: Callable[[str], str | None]) -> None:
    """Check the way of requests that go to this machine in clear text.

    Args:
        urls: The client's servers.
        proxy_for: Returns the host of the proxy for a URL, if there is one.

    Raises:
        InsecureServer: They go to a proxy.
    """
    for url in urls:
        if url.startswith("http:") and is_this_machine(urlsplit(url).hostname):
            proxy = proxy_for(url)
            if proxy is not None:
                message = (
                    f"requests to {url} would go to the proxy {proxy}, which would see tokens and passwords in clear"
                    " text. Use no proxy for this machine (for your own httpx client: NO_PROXY or `trust_env=False`);"
                    " `allow_http=True` is for a proxy that you trust"
                )
                raise InsecureServer(message)
