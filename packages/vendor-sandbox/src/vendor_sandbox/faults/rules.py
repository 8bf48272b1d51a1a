"""Rules that decide when a fault applies: vendor, operation, probability or interval, and number of times."""

from __future__ import annotations

import difflib
import random
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Literal

from attrs import define, field

from vendor_sandbox.document import UnknownVendor
from vendor_sandbox.faults.kinds import Fault
from vendor_sandbox.json_values import shortened

__all__ = ["TOKEN_REQUESTS", "Change", "FaultRule", "FaultRules", "Faults", "UnknownOperation"]

TOKEN_REQUESTS = "token"
"""Used as an operation's name: all token requests of a vendor, logins and refreshes."""
USED_UP_KEPT = 100

Change = Literal["ordered", "applied", "removed"]
"""Changes of a rule's state. A used-up rule is also removed, when it is no longer listed."""


class UnknownOperation(LookupError):
    """Raised when a fault names an operation that the vendor does not have."""

    def __init__(self, operation: str, known: Collection[str]) -> None:
        close = difflib.get_close_matches(operation, [*known, TOKEN_REQUESTS], 1)
        hint = f"did you mean {close[0]!r}? The operations are" if close else "the operations are"
        super().__init__(
            f"unknown operation {shortened(operation)!r}; {hint} {', '.join(sorted(known))}, "
            f"and {TOKEN_REQUESTS!r} for all token requests"
        )


@define(eq=False)
class FaultRule:
    """A fault, with the conditions under which it applies."""

    id: int
    fault: Fault
    vendor: str | None
    """``None``: any."""
    operation: str | None
    """An ``operationId``, ``token`` for all token requests, or ``None`` for any."""
    times: int | None
    """Maximum number of times that the fault is applied; ``None``: no limit."""
    probability: float | None = None
    """Probability for each request; ``None``: every request (or every n-th)."""
    every: int | None = None
    """Apply the fault to every n-th matching request."""
    hits: int = 0
    """How many times the fault has been applied."""
    _shown: int = field(default=0, init=False)
    _dice: random.Random = field(factory=random.Random, kw_only=True, repr=False, alias="dice")

    def applies(self) -> bool:
        """Count one matching request; return whether the fault applies to it."""
        self._shown += 1
        if self.probability is not None:
            applied = self._dice.random() < self.probability
        else:
            applied = self._shown % (self.every or 1) == 0
        self.hits += applied
        return applied

    @property
    def used_up(self) -> bool:
        """Whether the fault will never apply again."""
        return self.times is not None and self.hits >= self.times

    def is_about(self, vendor: str, operation: str, *, token_request: bool) -> bool:
        """Whether the rule matches a request."""
        names = (None, operation, TOKEN_REQUESTS if token_request else None)
        return self.vendor in (None, vendor) and self.operation in names


class FaultRules:
    """The rules of a sandbox, in order of creation. Thread-safe.

    Args:
        operations: the ``operationId`` values of each vendor.
        seed: seed of the random numbers. The n-th rule draws the same numbers in every run with this seed.
        changed: called with a rule and its change of state, in order. It is called while the lock of the rules is
            held, so it must not call the rules.
    """

    def __init__(
        self,
        operations: Mapping[str, Collection[str]],
        *,
        seed: int = 0,
        changed: Callable[[FaultRule, Change], object] = lambda rule, change: None,
    ) -> None:
        self._operations = operations
        self._seed = seed
        self._changed = changed
        self._lock = threading.RLock()
        self._made = 0
        self._rules: list[FaultRule] = []
        self._at_start: list[FaultRule] = []
        self._used_up: deque[FaultRule] = deque()

    def add(
        self,
        fault: Fault,
        *,
        vendor: str | None = None,
        operation: str | None = None,
        times: int | None = 1,
        probability: float | None = None,
        every: int | None = None,
    ) -> FaultRule:
        """Add a rule for a fault.

        Args:
            fault: the fault.
            vendor: the vendor; ``None``: every vendor.
            operation: an ``operationId``; ``token`` for all token requests; ``None``: any operation.
            times: maximum number of times that the fault is applied; ``None``: no limit.
            probability: probability for each request, above 0 and up to 1.
            every: apply the fault to every n-th request, beginning with the n-th.

        Raises:
            UnknownVendor: the sandbox does not serve that vendor.
            UnknownOperation: no operation has that ``operationId``.
            ValueError: ``times`` or ``every`` is below 1, ``probability`` is out of range, or ``probability`` and
                ``every`` are both given.
        """
        self._check(vendor, operation)
        if times is not None and times < 1:
            raise ValueError(f"times={times}: must be at least 1; use times=None for every request")
        if every is not None and every < 1:
            raise ValueError(f"every={every}: must be at least 1; the fault applies to every n-th request")
        if probability is not None and not 0 < probability <= 1:
            raise ValueError(f"probability={probability}: must be above 0 and at most 1")
        if probability is not None and every is not None:
            raise ValueError("probability and every cannot be combined: give only one of them")
        with self._lock:
            self._made += 1
            dice = random.Random(f"{self._seed}/{self._made}")
            rule = FaultRule(self._made, fault, vendor, operation, times, probability, every, dice=dice)
            self._rules.append(rule)
            self._changed(rule, "ordered")
        return rule

    def remove(self, rule: FaultRule) -> None:
        """Remove a rule; does nothing if it is used up or already removed."""
        with self._lock:
            self._remove_all(lambda other: other is rule)

    def clear(self, vendor: str | None = None) -> None:
        """Remove all rules; with ``vendor``, those for this vendor alone."""
        with self._lock:
            self._remove_all(lambda rule: vendor in (None, rule.vendor))

    def remember(self) -> None:
        """Save the current rules as the initial rules."""
        self._at_start = self.all()

    def restore(self, vendor: str | None = None) -> None:
        """Restore the initial rules and their counters; with ``vendor``, those for this vendor alone."""
        with self._lock:
            self.clear(vendor)
            if vendor is None:
                self._made = 0
            for rule in self._at_start:
                if vendor in (None, rule.vendor):
                    self.add(
                        rule.fault,
                        vendor=rule.vendor,
                        operation=rule.operation,
                        times=rule.times,
                        probability=rule.probability,
                        every=rule.every,
                    )

    def all(self) -> list[FaultRule]:
        """The rules in order of creation, including the last hundred that are used up."""
        with self._lock:
            return sorted([*self._used_up, *self._rules], key=lambda rule: rule.id)

    def take(self, vendor: str, operation: str, *, token_request: bool) -> FaultRule | None:
        """The rule that applies to this request: the first one created; later ones do not count the request."""
        with self._lock:
            applied = next(
                (
                    rule
                    for rule in self._rules
                    if rule.is_about(vendor, operation, token_request=token_request) and rule.applies()
                ),
                None,
            )
            if applied is not None:
                self._changed(applied, "applied")
                if applied.used_up:
                    self._retire(applied)
        return applied

    def _retire(self, rule: FaultRule) -> None:
        """Keep a used-up rule in the list for some time."""
        self._rules.remove(rule)
        self._used_up.append(rule)
        if len(self._used_up) > USED_UP_KEPT:
            self._changed(self._used_up.popleft(), "removed")

    def _remove_all(self, is_meant: Callable[[FaultRule], bool]) -> None:
        removed = [rule for rule in self.all() if is_meant(rule)]
        self._rules = [rule for rule in self._rules if not is_meant(rule)]
        self._used_up = deque(rule for rule in self._used_up if not is_meant(rule))
        for rule in removed:
            self._changed(rule, "removed")

    def _check(self, vendor: str | None, operation: str | None) -> None:
        if vendor is not None and vendor not in self._operations:
            raise UnknownVendor(vendor, self._operations)
        groups = [self._operations[vendor]] if vendor is not None else list(self._operations.values())
        known = {name for group in groups for name in group}
        if operation not in (None, TOKEN_REQUESTS) and operation not in known:
            raise UnknownOperation(operation or "", known)


class Faults:
    """The fault rules of one vendor."""

    def __init__(self, rules: FaultRules, vendor: str) -> None:
        self._rules = rules
        self._vendor = vendor

    def add(
        self,
        fault: Fault,
        *,
        operation: str | None = None,
        times: int | None = 1,
        probability: float | None = None,
        every: int | None = None,
    ) -> FaultRule:
        """Add a rule for this vendor, by default for its next request only. See :meth:`FaultRules.add`.

        Raises:
            UnknownOperation: no operation has that ``operationId``.
            ValueError: ``times`` or ``every`` is below 1, ``probability`` is out of range, or ``probability`` and
                ``every`` are both given.
        """
        return self._rules.add(
            fault, vendor=self._vendor, operation=operation, times=times, probability=probability, every=every
        )

    def remove(self, rule: FaultRule) -> None:
        """Remove a rule; does nothing if it is used up or already removed."""
        self._rules.remove(rule)

    def clear(self) -> None:
        """Remove all rules for this vendor alone."""
        self._rules.clear(self._vendor)

    def all(self) -> list[FaultRule]:
        """The rules for this vendor, including those for every vendor."""
        return [rule for rule in self._rules.all() if rule.vendor in (None, self._vendor)]

    def restore(self) -> None:
        """Restore this vendor's initial rules."""
        self._rules.restore(self._vendor)

    def take(self, operation: str, *, token_request: bool = False) -> FaultRule | None:
        """The rule that applies to this request to ``operation``."""
        return self._rules.take(self._vendor, operation, token_request=token_request)
