"""An API of which the modules that are copied into clients are told in their tests."""

from __future__ import annotations

from typing import Any

import httpx
from auth_core.contract import ResponseDetails

from sdkgen.emitted._runtime.connection import Api, Connection
from sdkgen.emitted._runtime.options import Options
from sdkgen.emitted._runtime.servers import Server

API = Api(
    distribution="shop-client",
    version="1.2.3",
    environment="SHOP",
    servers=(Server("base_url", "SHOP_BASE_URL"), Server("files_url", "SHOP_FILES_URL", default="{base_url}/files")),
    lifecycles={},
    credentials=(),
    responses=ResponseDetails(),
)


def connection(
    base_url: str | None = "https://a.example", *, token_client: httpx.Client | None = None, **options: Any
) -> Connection:
    return Connection(API, Options(base_urls={"base_url": base_url}, **options), token_client=token_client)
