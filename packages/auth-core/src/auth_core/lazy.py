"""Names that a module offers without importing where they come from, until one is asked for (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    namespace: dict[str, Any], homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a module.

    Args:
        namespace: The module's ``globals()``.
        homes: The names that each module has, with blanks between, by its path relative to the package.
    """
    home_of = {name: f".{home}" for home, names in homes.items() for name in names.split()}

    def get(name: str) -> Any:
        if name not in home_of:
            message = f"module {namespace['__name__']!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = namespace[name] = getattr(import_module(home_of[name], namespace["__package__"]), name)
        return value

    return get, lambda: sorted(namespace["__all__"]), sorted(home_of)
