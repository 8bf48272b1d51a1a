"""Faults on demand: kinds of faults, and the rules that decide when they apply."""

from vendor_sandbox.faults.kinds import (
    ErrorStatus,
    Fault,
    HalfBody,
    HeldResponse,
    HtmlErrorPage,
    MalformedJson,
    PermissionDenied,
    ResetConnection,
    SlowDrip,
    SlowResponse,
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
    "HeldResponse",
    "HtmlErrorPage",
    "MalformedJson",
    "PermissionDenied",
    "ResetConnection",
    "SlowDrip",
    "SlowResponse",
    "UnknownOperation",
    "WrongFault",
    "order_of",
    "parse_order",
]
