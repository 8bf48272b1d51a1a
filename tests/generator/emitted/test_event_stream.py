"""Events as the HTML Standard reads them; the first examples are those of its section 9.2.6, in other words."""

from __future__ import annotations

import pytest

from sdkgen.emitted._runtime.event_stream import EventParser, ServerSentEvent

CASES = {
    "data: a\ndata:b\ndata:  c\n\n": [ServerSentEvent("a\nb\n c")],
    ": comment\n\ndata\n\ndata\ndata\n\ndata:": [ServerSentEvent(""), ServerSentEvent("\n")],
    "\ufeffdata: a\r\n\r\ndata: b\r\rdata: c\n\n": [ServerSentEvent("a"), ServerSentEvent("b"), ServerSentEvent("c")],
    "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n": [
        ServerSentEvent("a", id="1"),
        ServerSentEvent("b", id="1"),
        ServerSentEvent("c"),
    ],
    "id: 1\n\nid: 2\0\ndata: a\n\n": [ServerSentEvent("a", id="1")],
    "event: added\ndata: a\n\ndata: b\n\nevent: x\n\ndata: c\n\n": [
        ServerSentEvent("a", "added"),
        ServerSentEvent("b"),
        ServerSentEvent("c"),
    ],
    "retry: 100\ndata: a\n\nretry: ١\nretry: -1\nretry:\nunknown: 1\ndata: b\n\n": [
        ServerSentEvent("a", retry=100),
        ServerSentEvent("b"),
    ],
    "data: not closed by a blank line\n": [],
}


@pytest.mark.parametrize("text", CASES)
def test_events_are_the_same_wherever_the_text_is_split(text: str) -> None:
    for split in range(len(text) + 1):
        parser = EventParser()
        found = [*parser.feed(text[:split]), *parser.feed(text[split:]), *parser.end()]
        assert found == CASES[text]


def test_an_event_is_complete_with_its_blank_line() -> None:
    assert [*EventParser().feed("data: a\r\r")] == [ServerSentEvent("a")]


def test_a_repr_leaves_out_what_the_event_is_about() -> None:
    assert repr(ServerSentEvent("private")) == "ServerSentEvent(event='message', id='', retry=None)"
