"""Vendors' HTTP APIs on loopback, with state, signed tokens that expire, and faults on demand.

The public names are imported lazily, because pytest loads this package's plugin in every environment that has it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vendor_sandbox._version import __version__
    from vendor_sandbox.clock import SandboxClock
    from vendor_sandbox.document import UnknownVendor, bundled_vendors
    from vendor_sandbox.recording import RecordedRequest
    from vendor_sandbox.sandbox import Sandbox
    from vendor_sandbox.settings import TokenSettings, WrongSetting
    from vendor_sandbox.vendor import Vendor

__all__ = [
    "RecordedRequest",
    "Sandbox",
    "SandboxClock",
    "TokenSettings",
    "UnknownVendor",
    "Vendor",
    "WrongSetting",
    "__version__",
    "bundled_vendors",
]

_HOMES = {
    "RecordedRequest": "recording",
    "Sandbox": "sandbox",
    "SandboxClock": "clock",
    "TokenSettings": "settings",
    "UnknownVendor": "document",
    "Vendor": "vendor",
    "WrongSetting": "settings",
    "__version__": "_version",
    "bundled_vendors": "document",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
