"""Dates in a declared format are read and written byte for byte; any other text stays as it is."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from sdkgen.emitted._formats import format_as, formatted_date, formatted_date_time
from sdkgen.emitted.errors import DecodeError, InvalidArgument

SECONDS = "%Y-%m-%dT%H:%M:%S"
NOON = datetime.datetime(2024, 2, 29, 12)
EAST = datetime.timezone(datetime.timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("2024-02-29T12:00:00", SECONDS, NOON),
        ("2024-02-29T12:00:00+0200", f"{SECONDS}%z", NOON.replace(tzinfo=EAST)),
        ("29.02.24", "%d.%m.%y", NOON.date()),
        *((text, SECONDS, text) for text in ("2024-02-30T12:00:00", "2024-2-29T12:00:00", "2024-02-29", "soon", "")),
        *((text, "%d.%m.%y", text) for text in ("9.2.24", "29.02.2024")),
    ],
)
def test_a_text_is_read_if_it_has_the_format_and_written_as_it_was(text: str, form: str, value: Any) -> None:
    read = formatted_date_time if "%H" in form else formatted_date
    found = read(text, form)
    assert (found, type(found), format_as(found, form)) == (value, type(value), text)


def test_what_has_no_place_in_the_format_is_left_out_but_a_time_zone() -> None:
    assert format_as(NOON.replace(microsecond=5), SECONDS) == "2024-02-29T12:00:00"
    aware = NOON.replace(tzinfo=datetime.UTC)
    with pytest.raises(InvalidArgument, match="has a time zone, but the format has none"):
        format_as(aware, SECONDS)
    with pytest.raises(InvalidArgument, match="has no time zone"):
        format_as(NOON, f"{SECONDS}%z")
    with pytest.raises(DecodeError, match="pass a naive datetime"):
        formatted_date_time(aware, SECONDS)


@pytest.mark.parametrize(("read", "value"), [(formatted_date_time, NOON.date()), (formatted_date, NOON)])
def test_another_type_is_refused(read: Any, value: object) -> None:
    for wrong in (value, 5, None):
        with pytest.raises(DecodeError, match="expected a date"):
            read(wrong, SECONDS)
