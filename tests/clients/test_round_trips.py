"""What is written is read back, and what is read is written back: every model of every client, with any values.

Models are made from their own types, and JSON by schemathesis from the schemas of the specs.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from clients.examples import document
from clients.test_models import MODELS, as_json, name_of
from clients.values import models_of
from clients.vendors import SUBJECTS
from support.repository import VENDORS

REPRODUCIBLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

few_and_many = pytest.mark.parametrize("examples", [3, pytest.param(60, marks=pytest.mark.slow)])
every_model = pytest.mark.parametrize("kind", MODELS, ids=name_of)


@few_and_many
@every_model
def test_a_model_is_read_back_from_what_it_is_sent_as(kind: Any, examples: int) -> None:
    @settings(REPRODUCIBLE, max_examples=examples)
    @given(models_of(kind))
    def round_trip(made: Any) -> None:
        sent = as_json(made)
        read = kind.from_dict(sent)
        assert as_json(read) == sent
        assert read == made

    round_trip()


@few_and_many
@every_model
def test_what_a_schema_allows_is_sent_back_as_it_was_read(kind: Any, examples: int) -> None:
    """But for the spelling of times: ``Z`` or an offset, and how many digits a second has."""

    @settings(REPRODUCIBLE, max_examples=examples)
    @given(bodies(vendor_of(kind))[f"/{kind.__name__}"]["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def round_trip(case: Any) -> None:
        assert instants(as_json(kind.from_dict(case.body))) == instants(case.body)

    round_trip()


def vendor_of(kind: type) -> str:
    """The vendor whose client has the model."""
    package = kind.__module__.partition(".")[0]
    return next(vendor for vendor in VENDORS if SUBJECTS[vendor].package.__name__ == package)


@cache
def bodies(vendor: str) -> Any:
    """A document with the vendor's schemas, and for each model's an operation whose body it is."""
    schemas = document(vendor)["components"]["schemas"]
    names = [kind.__name__ for kind in MODELS if vendor_of(kind) == vendor]
    return schemathesis.openapi.from_dict(
        {
            "openapi": "3.1.0",
            "info": {"title": vendor, "version": "1"},
            "components": {"schemas": schemas},
            "paths": {f"/{name}": {"post": _takes(f"#/components/schemas/{name}")} for name in names},
        }
    )


def _takes(reference: str) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": reference}}}}
    return {"requestBody": body, "responses": {"200": {"description": "read"}}}


def instants(value: Any) -> Any:
    """The value with its times as points in time."""
    if isinstance(value, list):
        return [instants(item) for item in value]
    if isinstance(value, dict):
        return {name: instants(member) for name, member in value.items()}
    if isinstance(value, str) and DATE_TIME.fullmatch(value):
        return datetime.fromisoformat(value.upper()).timestamp()
    return value
