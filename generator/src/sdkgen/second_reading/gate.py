"""Comparison of both readings of a spec."""

from __future__ import annotations

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.code import one_line
from sdkgen.problems import Problem
from sdkgen.second_reading.known import KnownDifferences
from sdkgen.second_reading.ours import our_reading
from sdkgen.second_reading.reading import Difference, differences, pointer
from sdkgen.second_reading.theirs import Refused, their_reading

__all__ = ["Compared", "compare"]


@frozen
class Compared:
    """The result of the comparison."""

    problems: tuple[Problem, ...]
    places: int
    """The number of places that were read."""


def compare(whole: Bundle, known: KnownDifferences) -> Compared:
    """Read a spec twice, and compare the readings with each other and with the list of known differences.

    Args:
        whole: The spec.
        known: The expected differences; both missing and additional ones are problems.
    """
    try:
        ours = our_reading(whole)
        theirs = their_reading(whole.document)
    except Refused as refused:
        what = f"openapi-python-client's parser refuses the document: {refused}"
        step = "If the document is right, see sdkgen/second_reading/theirs.py for what it is spared."
        return Compared((whole.problem("", what, step, rule="second-reading"),), 0)
    except Exception as error:  # a document that is not OpenAPI must not end in a traceback
        what = f"it cannot be read twice: {type(error).__name__}: {one_line(str(error))[:160]}"
        step = "Run `sdkgen lint`: it says what is wrong with the spec."
        return Compared((whole.problem("", what, step, rule="second-reading"),), 0)
    found = {difference.place: difference for difference in differences(ours, theirs)}
    problems = [
        _problem(whole, difference, known.file) for place, difference in found.items() if place not in known.lines
    ]
    problems += [
        Problem(
            file=known.file,
            line=line,
            what=f"`{place}` is listed, but both readers read the same there",
            next_step="Remove the entry.",
            rule="second-reading",
        )
        for place, line in known.lines.items()
        if place not in found
    ]
    return Compared(tuple(problems), len({*ours, *theirs}))


def _problem(whole: Bundle, difference: Difference, file: str) -> Problem:
    ours, theirs = difference.ours or "nothing", difference.theirs or "nothing"
    what = f"`{difference.place}` is read differently: {ours} by sdkgen, {theirs} by openapi-python-client"
    step = f"Find out who is right; if it is sdkgen, list the place in {file} with the reason."
    return whole.problem(pointer(difference.place), what, step, rule="second-reading")
