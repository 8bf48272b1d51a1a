"""One module per vendor that has oddities; a vendor without a module has none."""

from __future__ import annotations

import importlib
import importlib.util

from vendor_sandbox.quirks.base import Backend, Quirks

__all__ = ["quirks_for"]


def quirks_for(backend: Backend) -> Quirks:
    """The behaviour of a vendor: ``athena-crm`` is ``athena_crm.AthenaCrmQuirks``, if there is such a module."""
    module_name = f"{__name__}.{backend.document.vendor.replace('-', '_')}"
    if importlib.util.find_spec(module_name) is None:
        return Quirks(backend)
    behaviour: type[Quirks] = importlib.import_module(module_name).VENDOR
    return behaviour(backend)
