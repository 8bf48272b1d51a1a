"""Faults on demand: what can go wrong, and the rules that say when it does."""

from vendor_sandbox.faults.kinds import (
    ErrorStatus,
    Fault,
    HalfBody,
    HeldAnswer,
    HtmlErrorPage,
    MalformedJson,
    PermissionDenied,
    ResetConnection,
    SlowAnswer,
    SlowDrip,
)
from vendor_sandbox.faults.rules import TOKEN_REQUESTS, FaultRule, FaultRules, Faults, UnknownOperation
from vendor_sandbox.faults.written import KINDS, WrongFault, order_of, parse_order

__all__ = [
    "KINDS",
    "TOKEN_REQUESTS",
    "ErrorStatus",
    "Fault",
    "FaultRule",
    "FaultRules",
    "Faults",
    "HalfBody",
    "HeldAnswer",
    "HtmlErrorPage",
    "MalformedJson",
    "PermissionDenied",
    "ResetConnection",
    "SlowAnswer",
    "SlowDrip",
    "UnknownOperation",
    "WrongFault",
    "order_of",
    "parse_order",
]
