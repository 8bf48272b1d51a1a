"""JSON values, one per line."""

from __future__ import annotations

from sdkgen.emitted._runtime.json_lines import JsonLinesParser

TEXT = '\ufeff{"a": "\u2028"}\r\n\n \t\n\x1e[1,\r2]\n\x1e3'


def test_values_are_the_same_wherever_the_text_is_split() -> None:
    for split in range(len(TEXT) + 1):
        parser = JsonLinesParser()
        found = [*parser.feed(TEXT[:split]), *parser.feed(TEXT[split:]), *parser.end()]
        assert [event.data for event in found] == ['{"a": "\u2028"}', "[1,\r2]", "3"]
    assert [event.data for event in JsonLinesParser().feed("1\n2")] == ["1"]
