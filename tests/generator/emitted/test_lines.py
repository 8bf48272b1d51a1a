"""Lines of text that arrives in pieces: the same wherever it is split."""

from __future__ import annotations

import pytest

from sdkgen.emitted._runtime.lines import Lines

TEXT = "\ufeffa\r\nb\rc\n\n\u2028d\x85\r\r\ne\r"
WHOLE = ["a\r\n", "b\r", "c\n", "\n", "\u2028d\x85\r", "\r\n", "e\r"]
"""Other characters at which str.splitlines() breaks a line are part of it."""


@pytest.mark.parametrize("prompt", [False, True])
def test_lines_are_the_same_wherever_the_text_is_split(prompt: bool) -> None:
    for first in range(len(TEXT) + 1):
        for second in range(first, len(TEXT) + 1):
            lines = Lines(prompt=prompt)
            pieces = [TEXT[:first], TEXT[first:second], TEXT[second:]]
            found = [line for piece in pieces for line in lines.feed(piece)] + lines.end()
            assert [line.rstrip("\r\n") for line in found] == [line.rstrip("\r\n") for line in WHOLE]
            if not prompt:
                assert found == WHOLE


def test_a_prompt_line_is_returned_before_it_is_known_what_follows() -> None:
    assert Lines(prompt=True).feed("a\r") == ["a\r"]
    assert Lines().feed("a\r") == []
    assert Lines().feed("a") == []


def test_the_last_line_needs_no_end() -> None:
    lines = Lines()
    assert (lines.feed("a\nb"), lines.end(), lines.end()) == (["a\n"], ["b"], [])
