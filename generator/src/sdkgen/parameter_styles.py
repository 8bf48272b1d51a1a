"""How a parameter's value may be spelt (``style``), by where the parameter is: what clients write, and the default."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["DEFAULT_STYLE", "STYLES"]

STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
DEFAULT_STYLE: Mapping[str, str] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
