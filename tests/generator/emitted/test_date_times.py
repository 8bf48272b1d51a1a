"""Date-times in every spelling of RFC 3339, and without an offset."""

from __future__ import annotations

import datetime

import pytest

from sdkgen.emitted import _decoding as decoding
from sdkgen.emitted._date_times import parse_date_time
from sdkgen.emitted.errors import DecodeError
from sdkgen.emitted.types import NaiveDateTime

UTC = datetime.UTC


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2013-10-10t18:46:06z", datetime.datetime(2013, 10, 10, 18, 46, 6, tzinfo=UTC)),
        ("2013-10-10 18:46:06.1234567-00:00", datetime.datetime(2013, 10, 10, 18, 46, 6, 123456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime.datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31t23:59:60.25z", datetime.datetime(2017, 1, 1, microsecond=250000, tzinfo=UTC)),
        ("1991-01-01T05:29:60+05:30", datetime.datetime(1991, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60", datetime.datetime(2017, 1, 1)),
        ("2024-02-29T12:00:00", datetime.datetime(2024, 2, 29, 12)),
    ],
)
def test_a_date_time_in_each_spelling_of_rfc_3339(text: str, moment: datetime.datetime) -> None:
    found = decoding.date_time(text)
    assert found == parse_date_time(text) == moment
    assert isinstance(found, NaiveDateTime) is (moment.tzinfo is None)


@pytest.mark.parametrize(
    "text",
    [
        *("2016-12-31T12:30:60Z", "2016-12-31T23:60:00Z", "2016-12-31T23:59:61Z", "2016-12-31T22:59:60"),
        *("9999-12-31T23:59:60Z", "2016-12-31T00:00:00+00:60", "2016-12-31", "t", ":60T"),
        *(["T"], {"t": 1}, 5, None),
    ],
)
def test_what_is_no_moment_is_refused(text: object) -> None:
    with pytest.raises(DecodeError, match="expected a date-time"):
        decoding.date_time(text)
