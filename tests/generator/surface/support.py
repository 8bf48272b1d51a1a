"""Clients of the API in ``things``, and of other specs that begin as it does, for a server of a test."""

from __future__ import annotations

from typing import Any

from support.http_server import Server
from support.packages import Package


def client_of(package: Package, server: Server, **options: Any) -> Any:
    """A client for a server, by default without credentials and retries."""
    return package.Shop(**{"base_url": server.url, "credentials": (), "max_retries": 0, **options})


def async_client_of(package: Package, server: Server, **options: Any) -> Any:
    """The async version."""
    return package.AsyncShop(**{"base_url": server.url, "credentials": (), "max_retries": 0, **options})
