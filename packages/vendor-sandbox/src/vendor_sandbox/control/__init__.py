"""The control API: inspect and change a sandbox over HTTP, under ``/_sandbox``, from this machine only."""

from vendor_sandbox.control.application import PREFIX, control_application

__all__ = ["PREFIX", "control_application"]
