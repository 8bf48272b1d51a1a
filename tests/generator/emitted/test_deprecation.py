"""A deprecated method warns where it is called, and does what it did."""

from __future__ import annotations

import inspect
import warnings

from sdkgen.emitted._runtime.deprecation import deprecated


@deprecated("Use `new`.")
def old(number: int, *, factor: int = 2) -> int:
    """What it did."""
    return number * factor


def test_a_deprecated_call_warns_at_the_callers_line_and_succeeds() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert old(3, factor=5) == 15
    (warning,) = caught
    assert (warning.category, str(warning.message), warning.filename) == (DeprecationWarning, "Use `new`.", __file__)


def test_it_can_still_be_inspected() -> None:
    assert (old.__name__, old.__doc__) == ("old", "What it did.")
    assert list(inspect.signature(old).parameters) == ["number", "factor"]
    assert vars(old)["__deprecated__"] == "Use `new`."
