"""What is written is read back, and what is read is written back: every model of every client, with any values.

Models are made from their own types, and JSON by schemathesis from the schemas of the specs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from clients.examples import document
from clients.test_models import MODELS, as_json, name_of, of
from clients.values import models_of, one_of_each_shape
from support.repository import VENDORS
from support.verdicts import all_pass

REPRODUCIBLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
Choice = Callable[[list[Any]], list[Any]]
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

pytestmark = pytest.mark.timeout(1800)  # of a vendor's models there may be hundreds

few_and_many = pytest.mark.parametrize(
    ("choose", "examples"),
    [pytest.param(one_of_each_shape, 3, id="few"), pytest.param(list, 60, id="many", marks=pytest.mark.slow)],
)
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@few_and_many
@every_vendor
def test_a_model_survives_serializing_and_reading(vendor: str, choose: Choice, examples: int) -> None:
    def round_trip(made: Any) -> None:
        sent = as_json(made)
        read = type(made).from_dict(sent)
        assert as_json(read) == sent
        assert read == made

    with all_pass() as check:
        for kind in choose(of(vendor, MODELS)):
            with check(name_of(kind)):
                settings(REPRODUCIBLE, max_examples=examples)(given(models_of(kind))(round_trip))()


@few_and_many
@every_vendor
def test_schema_valid_data_is_sent_back_as_it_was_read(vendor: str, choose: Choice, examples: int) -> None:
    """But for the spelling of times: ``Z`` or an offset, and how many digits a second has."""
    with all_pass() as check:
        for kind in choose(of(vendor, MODELS)):
            with check(name_of(kind)):
                allowed = bodies(vendor)[f"/{kind.__name__}"]["POST"].as_strategy(
                    generation_mode=GenerationMode.POSITIVE
                )

                @settings(REPRODUCIBLE, max_examples=examples)
                @given(kind=st.just(kind), case=allowed)
                def round_trip(kind: Any, case: Any) -> None:
                    assert instants(as_json(kind.from_dict(case.body))) == instants(case.body)

                round_trip()


@cache
def bodies(vendor: str) -> Any:
    """A document with the vendor's schemas, and for each model's an operation whose body it is."""
    schemas = document(vendor)["components"]["schemas"]
    names = [kind.__name__ for kind in of(vendor, MODELS)]
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
