"""``@deprecated`` of PEP 702 for every Python: type checkers report the method, and calling it warns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

__all__ = ["deprecated"]

if TYPE_CHECKING:
    from typing_extensions import deprecated  # bundled with type checkers; not imported at run time
elif sys.version_info >= (3, 13):
    from warnings import deprecated
else:
    import functools
    import warnings

    def deprecated(message):
        def mark(method):
            @functools.wraps(method)
            def call(*arguments, **keywords):
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                return method(*arguments, **keywords)

            call.__deprecated__ = message
            return call

        return mark
