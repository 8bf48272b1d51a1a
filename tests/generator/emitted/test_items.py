"""Items of a stream, made from its events."""

from __future__ import annotations

import pytest

from sdkgen.emitted._decoding import integer
from sdkgen.emitted._runtime.event_stream import EventParser, ServerSentEvent
from sdkgen.emitted._runtime.items import ItemFormat, ItemReader, json_item
from sdkgen.emitted._runtime.json_lines import JsonLinesParser
from sdkgen.emitted.errors import DecodeError

NUMBERS = ItemFormat(EventParser, json_item(integer), terminator="[DONE]")


def test_items_are_decoded_until_the_terminator() -> None:
    reader = ItemReader(NUMBERS)
    assert [*reader.feed("id: 7\ndata: 1\n\ndata: 2\n\n")] == [1, 2]
    assert (reader.ended, reader.lacks_terminator) == (False, True)
    assert reader.last_event == ServerSentEvent("2", id="7")
    assert [*reader.feed("data: 3\n\ndata: [DONE]\n\ndata: 4\n\n"), *reader.feed("data: 5\n\n")] == [3]
    assert (reader.ended, reader.lacks_terminator) == (True, False)


def test_a_terminator_that_is_not_declared_is_an_item() -> None:
    reader = ItemReader(ItemFormat(EventParser, str))
    assert [*reader.feed("data: [DONE]\n\n"), *reader.end()] == ["[DONE]"]
    assert not reader.lacks_terminator


@pytest.mark.parametrize("wrong", ["true", "{", "[" * 100_000])
def test_what_is_before_a_wrong_item_is_given_and_the_error_has_its_place(wrong: str) -> None:
    reader = ItemReader(ItemFormat(JsonLinesParser, json_item(integer)))
    values = reader.feed(f"1\n2\n{wrong}\n4\n")
    assert [next(values), next(values)] == [1, 2]
    with pytest.raises(DecodeError, match=r"^\$\[2\]: ") as caught:
        next(values)
    assert caught.value.excerpt == wrong
