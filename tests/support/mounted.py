"""A vendor's document with its servers' paths before its own, as the sandbox mounts them: all on one origin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from support.repository import ROOT
from vendor_sandbox import Vendor

DOCUMENTS = ROOT / "packages/vendor-sandbox/src/vendor_sandbox/specs"


def as_mounted(vendor: Vendor) -> dict[str, Any]:
    """For programs that take one document and one URL, which is :func:`origin_of` the vendor."""
    whole: dict[str, Any] = json.loads((DOCUMENTS / f"{vendor.name}.json").read_text("utf-8"))
    prefixes = {name: urlsplit(url).path for name, url in vendor.servers.items()}
    return {**whole, "servers": [], "paths": dict(_prefixed(whole["paths"], prefixes))}


def origin_of(vendor: Vendor) -> str:
    """``http://127.0.0.1:…``."""
    return f"http://{urlsplit(next(iter(vendor.servers.values()))).netloc}"


def _prefixed(paths: dict[str, Any], prefixes: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for path, item in paths.items():
        server = item.get("servers", [{}])[0].get("x-name")
        prefix = prefixes[f"{server}_url" if server else "base_url"]
        yield f"{prefix}{path}", {name: value for name, value in item.items() if name != "servers"}
