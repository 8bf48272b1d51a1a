"""Linting of a spec: OpenAPI itself, our extensions, and the rules of docs/lint-rules.md."""

from __future__ import annotations

import re

from attrs import evolve

from sdkgen.bundle import Bundle
from sdkgen.lint import (
    arguments,
    examples,
    extensions,
    lifecycles,
    method_properties,
    operations,
    pagination,
    results,
    schemas,
    servers,
    token_requests,
    token_responses,
)
from sdkgen.lint.extensions import lifecycle_findings
from sdkgen.lint.openapi import openapi_findings, version_findings
from sdkgen.lint.registry import RULES
from sdkgen.losses import losses
from sdkgen.problems import Problem, Severity
from sdkgen.structure import without_patterns

__all__ = ["RULES", "lint"]

_MODULES = (
    arguments,
    examples,
    extensions,
    lifecycles,
    method_properties,
    operations,
    pagination,
    results,
    schemas,
    servers,
    token_responses,
    token_requests,
)  # importing a module registers its rules

_SAYS_MORE = ("unique-operation-id",)  # rules whose message is better than that of OpenAPI's own validator


def _is_gross(wrong: set[str]) -> bool:
    """Whether a whole part of the document is misplaced, so that the rules would only report its consequences."""
    return any(re.fullmatch(r"/[^/]*|/components/[^/]*", pointer) for pointer in wrong)


def lint(whole: Bundle, *, foreign: bool = False) -> list[Problem]:
    """Return every problem of a bundled spec.

    For a foreign document, errors are limited to its version and to our token lifecycle if it has one. Violations of
    OpenAPI and unsupported features are reported as losses.
    """
    refused = [whole.problem(*finding, rule="openapi-version") for finding in version_findings(whole)]
    if refused:
        return refused
    # Patterns of a foreign document are not checked: its author cannot be asked to fix them, and clients ignore them.
    checked = evolve(whole, document=without_patterns(whole.document)) if foreign else whole
    invalid = [whole.problem(*finding, rule="openapi") for finding in openapi_findings(checked)]
    wrong = {problem.pointer for problem in invalid}
    lost = [problem for problem in losses(whole) if problem.pointer not in wrong]
    rules = [rule for rule in RULES.values() if rule.any_document or not foreign]
    found = [] if _is_gross(wrong) else [problem for rule in rules for problem in rule.problems(whole)]
    broken = [problem for problem in found if not any(problem.pointer.startswith(f"{place}/") for place in wrong)]
    if foreign:
        ours = [whole.problem(*finding, rule="extension") for finding in lifecycle_findings(whole)]
        return [*(evolve(problem, severity=Severity.LOSS) for problem in invalid), *lost, *ours, *broken]
    broken = [problem for problem in broken if problem.pointer not in wrong or problem.rule in _SAYS_MORE]
    covered = {problem.pointer for problem in broken if problem.rule in _SAYS_MORE}
    return [*(problem for problem in invalid if problem.pointer not in covered), *broken, *lost]
