"""What a spec says in one place fits what it says in the others, for every vendor of this repository."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from specs.reading import document, each_operation
from support.repository import VENDORS

GLOBALLY_UNIQUE = 16
"""An id of so many characters names the same thing wherever it stands; `1` may be a unit here and a user there."""
CHANGES = {"life_cycle_state", "type"}
"""Members that two examples of one thing may differ in: methods change the one, JSON:API shares ids between types."""


def examples(node: Any) -> Iterator[Any]:
    """Every example of a body below a node."""
    if isinstance(node, dict):
        if "schema" in node:
            yield from (node[key] for key in ("example",) if key in node)
            yield from (each["value"] for each in node.get("examples", {}).values() if "value" in each)
        for child in node.values():
            yield from examples(child)
    elif isinstance(node, list):
        for child in node:
            yield from examples(child)


def things(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in an example that says which one it is."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and len(value["id"]) >= GLOBALLY_UNIQUE:
            yield value
        for child in value.values():
            yield from things(child)
    elif isinstance(value, list):
        for child in value:
            yield from things(child)


def texts(node: Any) -> Iterator[str]:
    """Every description and summary below a node."""
    if isinstance(node, dict):
        for key, child in node.items():
            if key in ("description", "summary") and isinstance(child, str):
                yield child
            else:
                yield from texts(child)
    elif isinstance(node, list):
        for child in node:
            yield from texts(child)


def snake_case(name: str) -> str:
    """`data models` and `listRows` as the client has them."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[ -]", "_", name).lower()


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_examples_say_of_one_thing_agrees(vendor: str) -> None:
    reported: dict[tuple[str, str], set[Any]] = defaultdict(set)
    for example in examples(document(vendor)):
        for thing in things(example):
            for name, value in thing.items():
                if name not in CHANGES and not isinstance(value, dict | list):
                    reported[thing["id"], name].add(value)

    assert {place: values for place, values in reported.items() if len(values) > 1} == {}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_method_that_a_description_names_with_its_resource_exists(vendor: str) -> None:
    methods: dict[str, set[str]] = defaultdict(set)
    for each in each_operation(vendor):
        name = each.definition.get("x-method") or each.definition["operationId"]
        methods[snake_case(each.definition["tags"][0])].add(snake_case(name))

    named = {pair for text in texts(document(vendor)) for pair in re.findall(r"`([a-z_]+)\.([a-z_]+)`", text)}

    assert {each for each in named if each[0] in methods and each[1] not in methods[each[0]]} == set()
