"""Members and values that nobody documented never break a call: of every model, in every place, and there and back."""

from __future__ import annotations

import importlib
import types
import typing
from collections import Counter
from enum import Enum
from typing import Any

import attrs
import pytest

from clients.examples import alternatives_of
from clients.methods import model, sample
from clients.test_models import MODELS, as_json, name_of, of
from support.repository import VENDORS
from support.verdicts import all_pass

UNHEARD_OF = {"x-unheard-of": "of"}


def attributes(kind: type) -> dict[str, str]:
    """The attribute of each documented member."""
    found: dict[str, str] = importlib.import_module(kind.__module__)._ATTRIBUTES
    return found


def with_every_member(kind: type) -> dict[str, Any]:
    """A model in JSON with a value for each member; of alternatives, those of the first."""
    made = model(kind)
    hints = typing.get_type_hints(kind)
    for name in attributes(kind).values() if not alternatives_of(kind) else ():
        if not made.is_set(name):
            setattr(made, name, sample(hints[name]))
    return typing.cast("dict[str, Any]", as_json(made))


def changed(value: Any, hint: Any, seen: Counter[str]) -> Any:
    """The value with an undocumented member in every object, and an undocumented value in every enumeration."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return changed(value, typing.get_args(hint)[0], seen)
    if isinstance(hint, type) and issubclass(hint, Enum) and isinstance(value, str):
        seen["value"] += 1
        return "UNHEARD OF"
    if isinstance(value, list) and typing.get_args(hint):
        return [changed(item, typing.get_args(hint)[0], seen) for item in value]
    if isinstance(value, dict) and isinstance(hint, type) and attrs.has(hint):
        seen["member"] += 1
        hints, names = typing.get_type_hints(hint), attributes(hint)
        known = {key: changed(item, hints[names[key]], seen) if key in names else item for key, item in value.items()}
        return {**known, **UNHEARD_OF}
    return value


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_undocumented_breaks_a_model(vendor: str) -> None:
    seen: Counter[str] = Counter()
    with all_pass() as check:
        for kind in of(vendor, MODELS):
            with check(name_of(kind)):
                written = with_every_member(kind)
                strange = changed(written, kind, seen)
                read = kind.from_dict(strange)
                assert as_json(read) == strange
                assert read.additional_properties == UNHEARD_OF
                if alternatives_of(kind):
                    continue  # no server sends it, and a null beside the chosen member would be a second choice
                required = as_json(model(kind))
                nothing = {**required, **dict.fromkeys(attributes(kind).keys() - required.keys())}
                assert as_json(kind.from_dict(nothing)) == nothing
    assert seen["member"] >= len(of(vendor, MODELS))
    assert seen["value"]
