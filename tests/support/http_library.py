"""The HTTP library that the suite of the clients uses: with ``CLIENTS_HTTP=httpx2``, httpx2."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

__all__ = ["LIBRARY", "httpx"]

LIBRARY = os.environ.get("CLIENTS_HTTP", "httpx")

if TYPE_CHECKING:
    import httpx
else:
    httpx = importlib.import_module(LIBRARY)
