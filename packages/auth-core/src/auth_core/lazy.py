"""Names of a module that are imported on first access (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    namespace: dict[str, Any], homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a module.

    Args:
        namespace: the module's ``globals()``.
        homes: names, separated by blanks, by the relative path of the module that defines them.
    """
    home_of = {name: f".{home}" for home, names in homes.items() for name in names.split()}

    def get(name: str) -> Any:
        if name not in home_of:
            message = f"module {namespace['__name__']!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = namespace[name] = getattr(import_module(home_of[name], namespace["__package__"]), name)
        return value

    return get, lambda: sorted(namespace["__all__"]), sorted(home_of)
