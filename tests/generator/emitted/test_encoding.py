"""Values of a model become JSON values."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any
from uuid import UUID

import pytest

from sdkgen.emitted import _encoding as encoding
from sdkgen.emitted._decoding import date_time
from sdkgen.emitted._runtime.request import text
from sdkgen.emitted.errors import InvalidArgument

HOUR = datetime.timezone(datetime.timedelta(hours=1))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC), "2024-02-29T12:00:00Z"),
        (datetime.datetime(2024, 2, 29, 12, tzinfo=HOUR), "2024-02-29T12:00:00+01:00"),
        (datetime.datetime(2024, 2, 29, 12, microsecond=5000, tzinfo=datetime.UTC), "2024-02-29T12:00:00.005Z"),
        (datetime.datetime(2024, 2, 29, 12, microsecond=5, tzinfo=datetime.UTC), "2024-02-29T12:00:00.000005Z"),
    ],
)
def test_a_moment(value: datetime.datetime, text: str) -> None:
    assert encoding.format_date_time(value) == text


def test_a_time_zone_is_neither_invented_nor_lost() -> None:
    naive = datetime.datetime(2024, 2, 29, 12)
    assert encoding.format_local_date_time(naive) == "2024-02-29T12:00:00"
    with pytest.raises(InvalidArgument, match="has no time zone"):
        encoding.format_date_time(naive)
    with pytest.raises(InvalidArgument, match="has a time zone"):
        encoding.format_local_date_time(naive.replace(tzinfo=datetime.UTC))


def test_what_a_server_sent_without_an_offset_is_written_without() -> None:
    received = date_time("2024-02-29t23:59:59.5")
    kept: list[datetime.datetime] = [received, copy.deepcopy(received), pickle.loads(pickle.dumps(received))]
    assert {encoding.format_date_time(moment) for moment in kept} == {"2024-02-29T23:59:59.500"}
    later = received + datetime.timedelta(seconds=1)
    assert encoding.to_json([later]) == ["2024-03-01T00:00:00.500"]
    assert text(later.replace(microsecond=0)) == "2024-03-01T00:00:00"
    assert encoding.format_date_time(received.replace(microsecond=0, tzinfo=datetime.UTC)) == "2024-02-29T23:59:59Z"
    with pytest.raises(InvalidArgument, match="has no time zone"):
        encoding.to_json(datetime.datetime.combine(received.date(), received.time()))


class Model:
    def to_dict(self, *, exclude_unset: bool) -> dict[str, Any]:
        return {"a": 1} if exclude_unset else {"a": 1, "b": None}


def test_a_member_of_a_union_at_any_depth() -> None:
    value = {
        "model": [Model(), None],
        "day": datetime.date(2024, 2, 29),
        "moment": datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC),
        "id": UUID(int=1),
        "bytes": b"a",
        "plain": (True, 1.5, "x"),
    }
    assert encoding.to_json(value) == {
        "model": [{"a": 1}, None],
        "day": "2024-02-29",
        "moment": "2024-02-29T00:00:00Z",
        "id": "00000000-0000-0000-0000-000000000001",
        "bytes": "YQ==",
        "plain": [True, 1.5, "x"],
    }


def test_a_masked_value_shows_whether_it_is_there() -> None:
    assert [encoding.masked(value) for value in (None, {}, "", "s3cret", {"a": "s3cret"})] == [
        "None",
        "{}",
        *["****"] * 3,
    ]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"card": 1}, None),
        ({"jwt": 1, "place": None}, None),
        ({}, "Login takes exactly one of: card; jwt with place. Given: none of them"),
        ({"jwt": "secret"}, "Login takes exactly one of: card; jwt with place. Given: jwt"),
        (
            {"card": 1, "jwt": 1, "place": 1},
            "Login takes exactly one of: card; jwt with place. Given: card, jwt, place",
        ),
    ],
)
def test_an_object_is_sent_with_the_members_of_one_alternative(members: dict[str, Any], message: str | None) -> None:
    if message is None:
        encoding.one_alternative(members, "Login", ("card",), ("jwt", "place"))
        return
    with pytest.raises(InvalidArgument) as caught:
        encoding.one_alternative(members, "Login", ("card",), ("jwt", "place"))
    assert str(caught.value) == message


def test_a_member_is_sent_with_those_that_it_needs() -> None:
    encoding.needs({"name": 1, "maker": 1}, "Order", "maker", "name")
    encoding.needs({"name": 1}, "Order", "maker", "name")
    with pytest.raises(InvalidArgument, match=r"^Order takes maker only with name, place$"):
        encoding.needs({"maker": 1}, "Order", "maker", "name", "place")
