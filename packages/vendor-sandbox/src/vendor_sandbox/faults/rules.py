"""When a fault strikes: whom, which operation, by chance or in turn, and how often."""

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
"""Stands for all token requests of a vendor, logins and refreshes, where an operation is named."""
USED_UP_KEPT = 100

Change = Literal["ordered", "struck", "removed"]
"""What has become of a rule: one that is used up is removed, too, when it is no longer listed."""


class UnknownOperation(LookupError):
    """A fault was ordered for an operation that the vendor does not have."""

    def __init__(self, operation: str, known: Collection[str]) -> None:
        close = difflib.get_close_matches(operation, [*known, TOKEN_REQUESTS], 1)
        hint = f"did you mean {close[0]!r}? There are" if close else "there are"
        super().__init__(
            f"there is no operation {shortened(operation)!r}; {hint} {', '.join(sorted(known))}, "
            f"and {TOKEN_REQUESTS!r} for all token requests"
        )


@define(eq=False)
class FaultRule:
    """A fault that was ordered."""

    id: int
    fault: Fault
    vendor: str | None
    """``None``: any."""
    operation: str | None
    """An ``operationId``, ``token`` for all token requests, or ``None`` for any."""
    times: int | None
    """How often it strikes at most; ``None``: for ever."""
    probability: float | None = None
    """The chance that it strikes a request; ``None``: it strikes every one (or every n-th)."""
    every: int | None = None
    """It strikes each n-th of the requests that it is shown."""
    hits: int = 0
    """How often it has struck."""
    _shown: int = field(default=0, init=False)
    _dice: random.Random = field(factory=random.Random, kw_only=True, repr=False, alias="dice")

    def strikes(self) -> bool:
        """Shows the rule one request that it is about; whether the fault strikes it."""
        self._shown += 1
        if self.probability is not None:
            struck = self._dice.random() < self.probability
        else:
            struck = self._shown % (self.every or 1) == 0
        self.hits += struck
        return struck

    @property
    def used_up(self) -> bool:
        """Whether it will never strike again."""
        return self.times is not None and self.hits >= self.times

    def is_about(self, vendor: str, operation: str, *, token_request: bool) -> bool:
        """Whether a request is one of those that the rule is about."""
        names = (None, operation, TOKEN_REQUESTS if token_request else None)
        return self.vendor in (None, vendor) and self.operation in names


class FaultRules:
    """The rules of a sandbox, in the order in which they were made. Thread-safe.

    Args:
        operations: the ``operationId`` values of each vendor.
        seed: of the dice. The n-th rule throws the same numbers in every run with this seed.
        changed: called with a rule and what has become of it, in the order of these changes. It is called under the
            lock of the rules: it must not call them.
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
        """Orders a fault.

        Args:
            fault: what goes wrong.
            vendor: whose requests; ``None``: those of every vendor.
            operation: an ``operationId``; ``token`` for all token requests; ``None``: any operation.
            times: how often it strikes at most; ``None``: for ever.
            probability: the chance of each request, above 0 and up to 1.
            every: each n-th request; the first n-1 pass.

        Raises:
            UnknownVendor: the sandbox does not serve that vendor.
            UnknownOperation: no operation has that ``operationId``.
            ValueError: ``times`` or ``every`` is below one, ``probability`` is none, or both of them are given.
        """
        self._check(vendor, operation)
        if times is not None and times < 1:
            raise ValueError(f"times={times}: a fault strikes at least once; use times=None for every request")
        if every is not None and every < 1:
            raise ValueError(f"every={every}: each n-th request is struck, and n is at least 1")
        if probability is not None and not 0 < probability <= 1:
            raise ValueError(f"probability={probability}: a probability is above 0 and at most 1")
        if probability is not None and every is not None:
            raise ValueError("probability and every exclude each other: a fault strikes by chance or in turn")
        with self._lock:
            self._made += 1
            dice = random.Random(f"{self._seed}/{self._made}")
            rule = FaultRule(self._made, fault, vendor, operation, times, probability, every, dice=dice)
            self._rules.append(rule)
            self._changed(rule, "ordered")
        return rule

    def remove(self, rule: FaultRule) -> None:
        """Takes an order back; no error if it is used up or gone."""
        with self._lock:
            self._remove_all(lambda other: other is rule)

    def clear(self, vendor: str | None = None) -> None:
        """Takes all orders back; with ``vendor``, those that are about this vendor alone."""
        with self._lock:
            self._remove_all(lambda rule: vendor in (None, rule.vendor))

    def remember(self) -> None:
        """Takes the rules of now for those of the start."""
        self._at_start = self.all()

    def restore(self, vendor: str | None = None) -> None:
        """The rules of the start again, with nothing counted; with ``vendor``, of those about this vendor alone."""
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
        """The rules in the order in which they were made, with the last hundred that are used up."""
        with self._lock:
            return sorted([*self._used_up, *self._rules], key=lambda rule: rule.id)

    def take(self, vendor: str, operation: str, *, token_request: bool) -> FaultRule | None:
        """The rule that strikes this request: of several, the one made first. Later ones are not shown the request."""
        with self._lock:
            struck = next(
                (
                    rule
                    for rule in self._rules
                    if rule.is_about(vendor, operation, token_request=token_request) and rule.strikes()
                ),
                None,
            )
            if struck is not None:
                self._changed(struck, "struck")
                if struck.used_up:
                    self._retire(struck)
        return struck

    def _retire(self, rule: FaultRule) -> None:
        """Keeps a rule that is used up in the list, for some time."""
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
    """The faults of one vendor: its part of the sandbox's rules."""

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
        """Orders a fault for this vendor: for its next request, if nothing else is said. See :meth:`FaultRules.add`.

        Raises:
            UnknownOperation: no operation has that ``operationId``.
            ValueError: ``times`` or ``every`` is below one, ``probability`` is none, or both of them are given.
        """
        return self._rules.add(
            fault, vendor=self._vendor, operation=operation, times=times, probability=probability, every=every
        )

    def remove(self, rule: FaultRule) -> None:
        """Takes an order back; no error if it is used up or gone."""
        self._rules.remove(rule)

    def clear(self) -> None:
        """Takes all orders for this vendor back."""
        self._rules.clear(self._vendor)

    def all(self) -> list[FaultRule]:
        """The rules that are about this vendor, also those about every vendor."""
        return [rule for rule in self._rules.all() if rule.vendor in (None, self._vendor)]

    def restore(self) -> None:
        """This vendor's rules of the start again."""
        self._rules.restore(self._vendor)

    def take(self, operation: str, *, token_request: bool = False) -> FaultRule | None:
        """The rule that strikes a request to ``operation`` now."""
        return self._rules.take(self._vendor, operation, token_request=token_request)
