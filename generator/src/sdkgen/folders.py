"""Locations of the generator's own data."""

from __future__ import annotations

from pathlib import Path

__all__ = ["schemas_folder"]


def schemas_folder() -> Path:
    """The published JSON Schemas: in the repository ``specs/schemas``, in a wheel inside the package."""
    package = Path(__file__).resolve().parent
    packed = package / "schemas"
    return packed if packed.is_dir() else package.parents[2] / "specs" / "schemas"
