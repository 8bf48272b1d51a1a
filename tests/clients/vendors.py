"""The clients, as the suite sees them: one suite, run over every vendor under ``specs/``."""

from __future__ import annotations

from vendor_clients import Call, Subject, vendor_names

__all__ = ["SUBJECTS", "Call", "Subject"]

SUBJECTS = {vendor: Subject.read(vendor) for vendor in vendor_names()}
