"""No response of the sandbox is a server error or outside the spec, whatever schemathesis makes up to ask.

Its requests are made from the documents, right ones and wrong ones; it finds by itself which responses hold the ids of
which requests, and follows them. It does the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from sandbox.judging import Judge
from support.repository import VENDORS

REPRODUCIBLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
AT_ONCE = "cinchy"
"""The vendor that the ordinary run asks, a little."""


def vendors_and_shares(many: int) -> list[Any]:
    """Few requests to one vendor, and with ``slow`` many to each."""
    every = [pytest.param(vendor, many, id=f"{vendor}-many", marks=pytest.mark.slow) for vendor in VENDORS]
    return [pytest.param(AT_ONCE, 1, id=f"{AT_ONCE}-few"), *every]


pytestmark = pytest.mark.timeout(1200)


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Iterator[Judge]:
    """Of the vendor that the test is given."""
    made = Judge(request.param)
    yield made
    made.stop()


@pytest.mark.parametrize(("judge", "share"), vendors_and_shares(8), indirect=["judge"])
def test_responses_to_spec_generated_requests_conform_to_the_spec(judge: Judge, share: int) -> None:
    operations = [result.ok() for result in judge.schema.get_all_operations()]
    for operation in operations:
        _ask(judge, operation.as_strategy(generation_mode=GenerationMode.POSITIVE), max(3, 2 * share))
        if share > 1:  # wrong ones take long to make up; the sequences below have some, too
            _ask(judge, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), share)
    assert judge.found == {}
    assert judge.statuses[200] > len(operations)


def _ask(judge: Judge, strategy: Any, examples: int) -> None:
    @settings(REPRODUCIBLE, max_examples=examples)
    @given(strategy)
    def ask(case: Any) -> None:
        judge.judge(case, case.call(**judge.arguments(case)))

    with suppress(Unsatisfiable):  # an operation without parameters: no request to it is wrong
        ask()


@pytest.mark.parametrize(("judge", "share"), vendors_and_shares(5), indirect=["judge"])
def test_responses_to_linked_requests_conform_to_the_spec(judge: Judge, share: int) -> None:
    followed: set[str] = set()

    class Machine(judge.schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            judge.start_again()

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return judge.arguments(case)

        def step(self, input: Any) -> Any:
            output = super().step(input)
            if input.is_applied and output.response.status_code < 300:
                followed.add(input.transition.id)
            return output

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            judge.judge(case, response)

    Machine.run(settings=settings(REPRODUCIBLE, max_examples=5 * share, stateful_step_count=20))
    assert judge.found == {}
    assert followed
