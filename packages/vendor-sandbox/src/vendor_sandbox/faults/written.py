"""The text forms of faults: JSON in the control API, and arguments of the command line.

On the command line: ``VENDOR:OPERATION:KIND[=VALUE][,NAME=VALUE…]``, as in
``cinchy:runQuery:status=503,retry_after=7,every=3,times=5``. ``*`` is any vendor, any operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from vendor_sandbox.document import UnknownVendor
from vendor_sandbox.faults.kinds import (
    ErrorStatus,
    Fault,
    HalfBody,
    HtmlErrorPage,
    MalformedJson,
    PermissionDenied,
    ResetConnection,
    SlowDrip,
    SlowResponse,
)
from vendor_sandbox.faults.rules import FaultRule, FaultRules, UnknownOperation
from vendor_sandbox.json_values import JsonObject, shortened

__all__ = ["GRAMMAR", "KINDS", "FaultOrder", "Kind", "WrongFault", "kind_of", "order_of", "parse_order", "written"]

GRAMMAR = "VENDOR:OPERATION:KIND[=VALUE][,NAME=VALUE...]"
RULE_SETTINGS = ("probability", "every", "times")
INTEGERS = ("status", "retry_after", "every", "times")
ANY = "*"
LARGEST = 2**53


class WrongFault(ValueError):
    """Raised for an invalid fault. ``member`` is the invalid member of the JSON object, or empty."""

    def __init__(self, message: str, member: str = "") -> None:
        super().__init__(message)
        self.member = member


@frozen
class Kind:
    """A kind of fault that has a text form: its effect, and its parameters."""

    meaning: str
    make: Callable[..., Fault] = field(repr=False)
    takes: tuple[str, ...] = ()
    """The names of the parameters; the first is the value after ``KIND=`` on the command line."""
    needs: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "latency": Kind("the response is delayed by `seconds`", SlowResponse, ("seconds",), ("seconds",)),
    "status": Kind(
        "the vendor's own error of this `status`, with `Retry-After` if asked for; the request is not processed",
        ErrorStatus,
        ("status", "retry_after"),
        ("status",),
    ),
    "reset_before": Kind("the connection is reset (TCP RST); the request is not processed", ResetConnection),
    "reset_after": Kind(
        "the connection is reset (TCP RST); the request is processed", lambda: ResetConnection(processed=True)
    ),
    "half_body": Kind("the connection is closed after half of the body; the request is processed", HalfBody),
    "html": Kind(
        "a proxy's HTML page (502 unless `status` is given); the request is not processed",
        HtmlErrorPage,
        ("status",),
    ),
    "malformed_json": Kind("the JSON is truncated in a complete message; the request is processed", MalformedJson),
    "slow_drip": Kind(
        "the body is sent in chunks of 16 bytes, `seconds` apart; the request is processed",
        SlowDrip,
        ("seconds",),
        ("seconds",),
    ),
    "permission_denied": Kind("the vendor's response to a valid token without permission", PermissionDenied),
}


@frozen
class FaultOrder:
    """A parsed rule that has not been added yet."""

    fault: Fault
    vendor: str | None = None
    operation: str | None = None
    times: int | None = None
    probability: float | None = None
    every: int | None = None

    def place(self, rules: FaultRules) -> FaultRule:
        """Add the rule.

        Raises:
            WrongFault: the sandbox does not have the vendor or the operation.
        """
        try:
            return rules.add(
                self.fault,
                vendor=self.vendor,
                operation=self.operation,
                times=self.times,
                probability=self.probability,
                every=self.every,
            )
        except UnknownVendor as error:
            raise WrongFault(str(error), "vendor") from None
        except UnknownOperation as error:
            raise WrongFault(str(error), "operation") from None


def order_of(members: JsonObject) -> FaultOrder:
    """Parse a JSON object of the control API; a member that is ``null`` counts as absent.

    Raises:
        WrongFault: a member is unknown, missing, of the wrong type, out of range, or not allowed for the kind.
    """
    given = {name: value for name, value in members.items() if value is not None}
    name = given.pop("kind", None)
    if not isinstance(name, str) or name not in KINDS:
        raise WrongFault(f"kind must be one of {', '.join(KINDS)}", "kind")
    kind = KINDS[name]
    vendor, operation = (_text(place, given.pop(place, None)) for place in ("vendor", "operation"))
    for member in given:
        if member not in (*kind.takes, *RULE_SETTINGS):
            allowed = ", ".join(["vendor", "operation", *kind.takes, *RULE_SETTINGS])
            raise WrongFault(f"{name} does not take {shortened(member)}; besides kind it takes {allowed}", member)
    for member in kind.needs:
        if member not in given:
            raise WrongFault(f"{name} requires {member}", member)
    values = {member: _number(member, value) for member, value in given.items()}
    for member in ("every", "times"):
        if member in values and values[member] < 1:
            raise WrongFault(f"{member} must be at least 1", member)
    if not 0 < values.get("probability", 1) <= 1:
        raise WrongFault("probability must be above 0 and at most 1", "probability")
    if {"probability", "every"} <= set(values):
        raise WrongFault("give probability or every, not both", "every")
    try:
        fault = kind.make(**{member: value for member, value in values.items() if member in kind.takes})
    except ValueError as error:
        raise WrongFault(str(error), str(error).partition("=")[0]) from None
    settings = {member: values.get(member) for member in RULE_SETTINGS}
    return FaultOrder(fault, vendor, operation, **settings)


def parse_order(text: str) -> FaultOrder:
    """Parse an argument of the command line; see the module for the grammar.

    Raises:
        WrongFault: the argument does not follow the grammar, or a value is not allowed.
    """
    pieces = text.split(":", 2)
    if len(pieces) < 3 or not all(pieces):
        raise WrongFault(f"{text!r} is not a fault: write {GRAMMAR}, with * for any vendor or any operation")
    vendor, operation, rest = pieces
    members: JsonObject = {
        "vendor": None if vendor == ANY else vendor,
        "operation": None if operation == ANY else operation,
    }
    for position, setting in enumerate(rest.split(",")):
        name, equals, value = setting.partition("=")
        if not position:
            members["kind"], taken = name, KINDS[name].takes if name in KINDS else ()
            if not equals:
                continue
            if name in KINDS and not taken:
                raise WrongFault(f"{text!r}: {name} takes no value")
            name = taken[0] if taken else "value"
        if name in members:
            raise WrongFault(f"{text!r}: {name} is given twice")
        if not equals or not value:
            raise WrongFault(f"{text!r}: {setting!r} is not NAME=VALUE")
        members[name] = _read(value)
    try:
        return order_of(members)
    except WrongFault as error:
        raise WrongFault(f"{text!r}: {error}", error.member) from None


def kind_of(fault: Fault) -> str:
    """The name of a fault's kind; ``held`` for a :class:`HeldResponse`, which can only be added in Python."""
    match fault:
        case SlowResponse():
            return "latency"
        case ErrorStatus():
            return "status"
        case ResetConnection(processed=processed, after_bytes=after_bytes):
            return "reset_after" if processed or after_bytes is not None else "reset_before"
        case HalfBody():
            return "half_body"
        case HtmlErrorPage():
            return "html"
        case MalformedJson():
            return "malformed_json"
        case SlowDrip():
            return "slow_drip"
        case PermissionDenied():
            return "permission_denied"
        case _:
            return "held"


def written(rule: FaultRule) -> JsonObject:
    """A rule as JSON, as in the control API."""
    return {
        "id": rule.id,
        "vendor": rule.vendor,
        "operation": rule.operation,
        "kind": kind_of(rule.fault),
        "seconds": getattr(rule.fault, "seconds", None),
        "status": getattr(rule.fault, "status", None),
        "retry_after": getattr(rule.fault, "retry_after", None),
        "probability": rule.probability,
        "every": rule.every,
        "times": rule.times,
        "applied": rule.hits,
    }


def _text(member: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise WrongFault(f"{member} must be a string, or null for any", member)
    return value


def _number(member: str, value: object) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise WrongFault(f"{member} must be a number", member)
    if not abs(value) <= LARGEST:
        raise WrongFault(f"{member} must be a number of at most {LARGEST}", member)
    if member in INTEGERS and not isinstance(value, int):
        raise WrongFault(f"{member} must be a whole number", member)
    return value


def _read(text: str) -> int | float | str:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
