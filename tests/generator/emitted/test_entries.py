"""An object in a form as several numbered fields for each of its members."""

from __future__ import annotations

from typing import Any

import pytest

from sdkgen.emitted._runtime.entries import EntryFields
from sdkgen.emitted._runtime.styles import form_bytes
from sdkgen.emitted.errors import InvalidArgument

TYPES = {"string": "S", "number": "N", "boolean": "B", "null": "Z"}
TYPED = EntryFields("k{index}", "v[{index}]", "t{index}", TYPES)
PLAIN = EntryFields("k{index}", "v{index}")


@pytest.mark.parametrize(
    ("fields", "value", "expected"),
    [
        (TYPED, {"@a": "x&y"}, "k0=%40a&v%5B0%5D=x%26y&t0=S"),
        (TYPED, {"a": True, "b": 1}, "k0=a&v%5B0%5D=true&t0=B&k1=b&v%5B1%5D=1&t1=N"),
        (TYPED, {"a": 1.5, "b": None}, "k0=a&v%5B0%5D=1.5&t0=N&k1=b&v%5B1%5D=&t1=Z"),
        (PLAIN, {"{index}": "{index}"}, "k0=%7Bindex%7D&v0=%7Bindex%7D"),
        (PLAIN, {}, ""),
        (PLAIN, None, ""),
    ],
)
def test_an_entry_is_a_name_a_value_and_a_type(fields: EntryFields, value: Any, expected: str) -> None:
    assert fields("Parameters", value) == expected
    rest = "&o=1" if expected else "o=1"
    assert form_bytes({"Parameters": value, "o": 1}, {"Parameters": fields}) == (expected + rest).encode()


def test_a_value_that_is_no_single_one_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="array or object"):
        PLAIN("Parameters", {"a": [1]})
