"""What a method of a fake client does, call by call, and what it records."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sdkgen.emitted._runtime.fakes import (
    FakeCall,
    FakeList,
    Outcome,
    Responded,
    Returned,
    Script,
    Turn,
    UnconfiguredCall,
)

REQUEST = httpx.Request("GET", "https://a.example/things")


def get(name: str, *, limit: int | None = None, **request_options: Any) -> None: ...


def fake(kind: Any = FakeCall) -> tuple[Any, list[Outcome]]:
    """A method, and the outcomes of its calls."""
    outcomes: list[Outcome] = []

    def bound(turn: Turn) -> Any:
        return lambda *_, **__: outcomes.append(turn.outcome(REQUEST))

    return kind(Script("FakeShop.things.get", kind.hints), get, bound), outcomes


def test_arguments_are_recorded_by_name_and_checked_by_the_signature() -> None:
    method, outcomes = fake()
    method.returns(7)
    method("a", limit=3, timeout=5)
    with pytest.raises(TypeError):
        method("a", "b")
    assert method.calls[0].arguments == {"name": "a", "limit": 3, "timeout": 5}
    assert (outcomes, method.call_count, method.calls[0].request) == ([Returned(7)], 1, REQUEST)


def test_outcomes_are_used_up_and_one_that_nobody_configured_is_named() -> None:
    method, outcomes = fake()
    with pytest.raises(UnconfiguredCall, match=r"FakeShop\.things\.get\(name='a'\).*nothing is configured.*returns"):
        method("a")
    method.returns_each(1, 2)
    method("a")
    method("a")
    with pytest.raises(UnconfiguredCall, match="used up"):
        method("a")
    method.fails(404, {"message": "gone"})
    method("a")
    assert outcomes == [Returned(1), Returned(2), Responded(404, {}, None, {"message": "gone"})]
    with pytest.raises(ValueError, match="no failure"):
        method.fails(200)


def test_the_pages_of_one_call_have_one_outcome() -> None:
    method, outcomes = fake(FakeList)
    method.returns_pages([1], [2])
    method("a")
    assert [len(one) for one in outcomes if not isinstance(one, Returned)] == [2]  # type: ignore[arg-type]
