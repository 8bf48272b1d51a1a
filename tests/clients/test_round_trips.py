"""What is written is read back, and what is read is written back: every model of every client, with any values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from clients.test_models import MODELS, as_json, name_of
from clients.values import models_of

REPRODUCIBLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
few_and_many = pytest.mark.parametrize("examples", [6, pytest.param(60, marks=pytest.mark.slow)])


@few_and_many
@pytest.mark.parametrize("kind", MODELS, ids=name_of)
def test_a_model_is_read_back_from_what_it_is_sent_as(kind: Any, examples: int) -> None:
    @settings(REPRODUCIBLE, max_examples=examples)
    @given(models_of(kind))
    def round_trip(made: Any) -> None:
        sent = as_json(made)
        read = kind.from_dict(sent)
        assert as_json(read) == sent
        assert read == made

    round_trip()
