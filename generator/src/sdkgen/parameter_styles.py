"""The styles of parameters by location: those that clients support, and the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["DEFAULT_STYLE", "STYLES", "explodes", "style_of"]

STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
DEFAULT_STYLE: Mapping[str, str] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


def style_of(declared: Mapping[str, Any], location: str) -> str:
    """The style of a Parameter Object, or of an Encoding Object, whose location is ``query``."""
    return str(declared.get("style", DEFAULT_STYLE.get(location, "")))


def explodes(declared: Mapping[str, Any], style: str) -> bool:
    """Whether each item of an array or object is written separately; by default only in style ``form``."""
    return declared.get("explode", style == "form") is True
