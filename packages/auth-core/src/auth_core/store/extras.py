"""Optional dependencies of stores."""

from __future__ import annotations

from importlib import import_module

from ..errors import ConfigurationError


def require_extra(extra: str, *modules: str) -> None:
    """Import the modules of an extra. The :class:`~auth_core.ConfigurationError` names the command to install it."""
    for module in modules:
        try:
            import_module(module)
        except ImportError as error:
            name = error.name or module
            message = f'{name} is not installed; this store requires it. Run: pip install "auth-core[{extra}]"'
            raise ConfigurationError(message) from None
