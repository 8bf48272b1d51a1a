"""Whatever JSON fits the schema comes back as it was, and whatever does not fails in one way only."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.examples import examples
from support.packages import GenerateModels

CATALOGUE = """
Catalogue:
  type: object
  required: [name, entries]
  properties:
    name: {type: string}
    entries: {type: array, items: {$ref: Entry}}
    by-key: {type: object, additionalProperties: {$ref: Entry}}
    parent: {$ref: Catalogue}
    grid: {type: array, items: {type: array, items: {type: [number, 'null']}}}
Entry: {oneOf: [{$ref: Book}, {$ref: Disc}]}
Book:
  type: object
  required: [kind, state, pages]
  properties:
    kind: {const: book}
    state: {$ref: State}
    pages: {type: [integer, 'null']}
    printed: {type: string, format: date}
    moment: {type: string, format: date-time}
    id: {type: string, format: uuid}
    mixed: {oneOf: [{type: string}, {type: integer}, {type: boolean}]}
    size: {type: array, prefixItems: [{type: integer}, {type: string}], items: false}
Disc:
  type: object
  required: [kind]
  properties: {kind: {const: disc}, tracks: {type: array, items: {type: string}}, level: {type: integer, enum: [1, 2]}}
State: {type: string, enum: [new, used]}
"""

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def _object(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object of these members, optional ones perhaps null, with undocumented members."""
    declared = {**required, **optional}
    known = st.fixed_dictionaries(required, optional={name: st.none() | value for name, value in optional.items()})
    unknown = st.dictionaries(st.text(max_size=6).filter(lambda name: name not in declared), ANY, max_size=2)
    return st.builds(lambda first, second: {**second, **first}, known, unknown)


def _moment(moment: Any) -> str:
    return f"{moment.isoformat(timespec='milliseconds' if moment.microsecond else 'seconds')}Z"


STATE = st.sampled_from(["new", "used"]) | st.text(max_size=5)
MOMENTS = st.datetimes().map(lambda moment: _moment(moment.replace(microsecond=moment.microsecond // 1000 * 1000)))
BOOK = _object(
    {"kind": st.just("book"), "state": STATE, "pages": st.none() | st.integers()},
    {
        "printed": st.dates().map(lambda day: day.isoformat()),
        "moment": MOMENTS,
        "id": st.uuids().map(str),
        "mixed": st.text(max_size=4) | st.integers() | st.booleans(),
        "size": st.tuples(st.integers(), st.text(max_size=4)).map(list),
    },
)
DISC = _object({"kind": st.just("disc")}, {"tracks": st.lists(st.text(max_size=4), max_size=3), "level": st.integers()})
OTHER = _object({"kind": st.text(max_size=5).filter(lambda kind: kind not in {"book", "disc"})}, {})
ENTRY = BOOK | DISC | OTHER


def _catalogue(parent: st.SearchStrategy[dict[str, Any]] | None) -> st.SearchStrategy[dict[str, Any]]:
    return _object(
        {"name": st.text(max_size=6), "entries": st.lists(ENTRY, max_size=3)},
        {
            "by-key": st.dictionaries(st.text(max_size=4), ENTRY, max_size=2),
            "grid": st.lists(st.lists(st.none() | st.floats(allow_nan=False) | st.integers(), max_size=2), max_size=2),
            **({"parent": parent} if parent is not None else {}),
        },
    )


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=True)
@given(value=_catalogue(_catalogue(None)))
def test_what_fits_the_schema_comes_back_as_it_was(generate: GenerateModels, value: dict[str, Any]) -> None:
    package = generate(CATALOGUE)
    before = copy.deepcopy(value)
    catalogue = package.Catalogue.from_dict(value)
    assert value == before
    assert json.dumps(catalogue.to_dict(exclude_unset=True), sort_keys=True) == json.dumps(value, sort_keys=True)
    for twin in (copy.deepcopy(catalogue), pickle.loads(pickle.dumps(catalogue))):
        assert twin == catalogue
        assert twin.to_dict(exclude_unset=True) == catalogue.to_dict(exclude_unset=True)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=True)
@given(value=ANY, entry=ANY, book=st.dictionaries(st.sampled_from(["state", "pages", "printed", "mixed", "size"]), ANY))
def test_what_does_not_fit_raises_decode_error_and_nothing_else(
    generate: GenerateModels, value: Any, entry: Any, book: dict[str, Any]
) -> None:
    package = generate(CATALOGUE)
    for candidate in (value, {"name": "x", "entries": [entry]}, {"name": "x", "entries": [{**book, "kind": "book"}]}):
        try:
            package.Catalogue.from_dict(candidate)
        except package.decode_error:
            continue
