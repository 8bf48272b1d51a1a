"""``second-reading.yaml``: known differences between openapi-python-client's parser and sdkgen, with reasons."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen
from jsonschema import Draft202012Validator

from sdkgen.folders import schemas_folder
from sdkgen.lint.json_schema import faults
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import Problem, ProblemsFound
from sdkgen.source import display_name, load

__all__ = ["FILE", "KnownDifferences", "read_known_differences"]

FILE = "second-reading.yaml"


@frozen
class KnownDifferences:
    """The places that are read differently for a known reason."""

    file: str
    lines: dict[str, int]
    """Where each place is listed."""


def read_known_differences(spec: Path, root: Path) -> KnownDifferences:
    """Read the file next to a spec; without it, there are no known differences.

    Raises:
        ProblemsFound: It cannot be read, or lists a place twice.
    """
    path = spec.with_name(FILE)
    name = display_name(path, root)
    if not path.exists():
        return KnownDifferences(name, {})
    file = load(path, name)
    validator: Any = _validator()
    problems = [
        _problem(name, file.line(child("", *fault.path)), fault.what, fault.next_step)
        for fault in faults(validator.iter_errors(file.document), FILE)
    ]
    if problems:
        raise ProblemsFound(problems)
    lines: dict[str, int] = {}
    for number, entry in enumerate(as_list(file.document.get("differences"))):
        for index, place in enumerate(as_list(as_object(entry).get("places"))):
            line = file.line(child("/differences", number, "places", index))
            if place in lines:
                what = f"`{place}` is already listed in line {lines[place]}"
                problems.append(_problem(name, line, what, "Keep one of them."))
            lines.setdefault(str(place), line)
    if problems:
        raise ProblemsFound(problems)
    return KnownDifferences(name, lines)


def _problem(file: str, line: int, what: str, next_step: str) -> Problem:
    return Problem(file=file, line=line, what=what, next_step=next_step, rule="second-reading-entry")


@cache
def _validator() -> Draft202012Validator:
    path = schemas_folder() / "second-reading.schema.json"
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))
