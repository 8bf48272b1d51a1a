"""The rules by their identifiers. A rule is one function; ``docs/lint-rules.md`` has a heading for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.problems import Problem

__all__ = ["RULES", "Check", "Finding", "Rule", "rule"]

Finding: TypeAlias = tuple[str, str, str]
"""Pointer, what is wrong, how to fix it."""

Check: TypeAlias = Callable[[Bundle], Iterator[Finding]]


@frozen
class Rule:
    """One rule for our own specs."""

    identifier: str
    check: Check
    any_document: bool = False
    """Whether the rule is about our extensions, and so applies to a foreign document that uses them."""

    def problems(self, whole: Bundle) -> list[Problem]:
        """All violations of the rule in the spec."""
        return [whole.problem(*finding, rule=self.identifier) for finding in self.check(whole)]


RULES: dict[str, Rule] = {}


def rule(identifier: str, *, any_document: bool = False) -> Callable[[Check], Check]:
    """Register a rule for our own specs, or for any document."""

    def register(check: Check) -> Check:
        if identifier in RULES:
            raise ValueError(f"two rules are called {identifier}")
        RULES[identifier] = Rule(identifier, check, any_document)
        return check

    return register
