"""Packages that only some stores need, and what to say where they are missing."""

from __future__ import annotations

from importlib import import_module

from ..errors import ConfigurationError


def require_extra(extra: str, *modules: str) -> None:
    """Import the modules of an extra; :class:`~auth_core.ConfigurationError` with the command that installs them."""
    for module in modules:
        try:
            import_module(module)
        except ImportError as error:
            name = error.name or module
            message = f'{name} is not installed, and this store needs it. Run: pip install "auth-core[{extra}]"'
            raise ConfigurationError(message) from None
