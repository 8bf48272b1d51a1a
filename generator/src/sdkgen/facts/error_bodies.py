"""The types of ``ApiError.error``: for each error class, the union of what operations have for its statuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from sdkgen.code import Code, joined
from sdkgen.facts.responses import ErrorFact
from sdkgen.models.schema_types import Imports

__all__ = ["ErrorBodyFact", "error_bodies"]

_STATUSES: Mapping[str, range] = {
    "ERROR": range(100, 600),
    "ERROR_2XX": range(200, 300),
    "ERROR_3XX": range(300, 400),
    **{f"ERROR_{status}": range(status, status + 1) for status in (400, 401, 403, 404, 409, 422, 429)},
    "ERROR_5XX": range(500, 600),
}
"""The statuses of the error classes, by the names that ``errors.py`` has for the types of their bodies."""


@frozen
class ErrorBodyFact:
    """The type of the bodies of one error class."""

    name: Code
    union: Code
    imports: Imports


def error_bodies(operations: Iterable[Iterable[ErrorFact]]) -> Iterator[ErrorBodyFact]:
    """Yield the type of each error class.

    Args:
        operations: The documented failures of each operation.
    """
    documented = [{error.status: error for error in errors if error.decoder is not None} for errors in operations]
    for name, statuses in _STATUSES.items():
        facts = [fact for errors in documented for fact in _of_statuses(errors, statuses)]
        types = {Code(fact.annotation.removesuffix(" | None")): fact.annotation_imports for fact in facts}
        yield ErrorBodyFact(
            Code(name),
            joined(" | ", [*sorted(types.keys() - {"None"}), Code("None")]),
            frozenset[tuple[str, str]]().union(*types.values()),
        )


def _of_statuses(errors: Mapping[str, ErrorFact], statuses: range) -> Iterator[ErrorFact]:
    """Yield what a client decodes responses of these statuses with."""
    exact = [fact for status, fact in errors.items() if status.isdigit() and int(status) in statuses]
    yield from exact
    if len(exact) < len(statuses):
        for hundred in range(statuses[0] // 100, statuses[-1] // 100 + 1):
            fact = errors.get(f"{hundred}XX") or errors.get("default")
            if fact is not None:
                yield fact
