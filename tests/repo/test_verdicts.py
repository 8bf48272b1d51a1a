"""A test of many things names all that fail, and cannot pass by looking at none."""

from __future__ import annotations

import re

import pytest

from support.verdicts import all_pass


def check_numbers(numbers: list[int]) -> None:
    with all_pass() as check:
        for number in numbers:
            with check(f"number {number}"):
                assert number < 3


def test_all_failures_are_listed_with_line_and_reason() -> None:
    with pytest.raises(pytest.fail.Exception) as caught:
        check_numbers([1, 5, 2, 7])
    first, five, five_why, *_, seven, seven_why = [
        line for line in str(caught.value).splitlines() if not line.startswith("     ")
    ]
    assert (first, five, seven) == ("2 of 4 fail:", "  number 5", "  number 7")
    for why in (five_why, seven_why):
        assert re.match(r"    test_verdicts\.py:\d+: AssertionError: assert", why)


def test_what_pytest_itself_fails_is_named_too() -> None:
    def check_a_silence() -> None:
        with all_pass() as check, check("silence"), pytest.raises(ValueError, match="never"):
            pass

    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        check_a_silence()


def test_many_failures_are_cut_short_but_all_are_named() -> None:
    with pytest.raises(pytest.fail.Exception) as caught:
        check_numbers(list(range(3, 60)))
    assert all(f"  number {number}\n" in f"{caught.value}\n" for number in range(3, 60))
    assert str(caught.value).count("AssertionError") == 20


def test_nothing_to_check_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="nothing to check"):
        check_numbers([])


def test_what_passes_passes() -> None:
    check_numbers([1, 2])
