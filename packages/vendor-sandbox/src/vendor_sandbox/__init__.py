"""Five vendors' HTTP APIs on loopback, with state, signed tokens that expire, and faults on demand."""

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
    "bundled_vendors",
]
