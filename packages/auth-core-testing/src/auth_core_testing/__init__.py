"""Tools for testing clients without a vendor: a fake clock, a token issuer and scripted identity providers.

The public names are imported lazily, because pytest imports this package in every environment that has it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._version import __version__
    from .canary import Canary
    from .clock import FakeClock
    from .exchange import Delivery, ProviderRequest, ProviderResponse
    from .faults import (
        FAULTS,
        DateOffset,
        ExpiresInAbsent,
        ExpiresInAsText,
        ExpiresInWrong,
        Fault,
        HalfABody,
        Hang,
        HtmlPage,
        LockOut,
        MalformedJson,
        RefusedAs,
        ResetConnection,
        SameTokenAgain,
        SlowDrip,
        TooManyRequests,
    )
    from .harness import Outcome, Outcomes, Stuck, cancel_leader, storm
    from .issuer import IssuedToken, ListedToken, TokenIssuer, TokenProblem
    from .lifecycle_provider import REFRESH, UNRECOGNISED, LifecycleProvider
    from .oauth import BEARER, CodeCredentials, PasswordCredentials, StaticCredentials, oauth_lifecycle
    from .processes import ProcessError, fork, fork_during_renewal, many_processes
    from .provider import IdentityProvider
    from .scripted import ScriptedProvider

__all__ = [
    "BEARER",
    "FAULTS",
    "REFRESH",
    "UNRECOGNISED",
    "Canary",
    "CodeCredentials",
    "DateOffset",
    "Delivery",
    "ExpiresInAbsent",
    "ExpiresInAsText",
    "ExpiresInWrong",
    "FakeClock",
    "Fault",
    "HalfABody",
    "Hang",
    "HtmlPage",
    "IdentityProvider",
    "IssuedToken",
    "LifecycleProvider",
    "ListedToken",
    "LockOut",
    "MalformedJson",
    "Outcome",
    "Outcomes",
    "PasswordCredentials",
    "ProcessError",
    "ProviderRequest",
    "ProviderResponse",
    "RefusedAs",
    "ResetConnection",
    "SameTokenAgain",
    "ScriptedProvider",
    "SlowDrip",
    "StaticCredentials",
    "Stuck",
    "TokenIssuer",
    "TokenProblem",
    "TooManyRequests",
    "__version__",
    "cancel_leader",
    "fork",
    "fork_during_renewal",
    "many_processes",
    "oauth_lifecycle",
    "storm",
]

if not TYPE_CHECKING:  # hidden from type checkers, so that a misspelt import is an error
    _MODULES = {
        "_version": ("__version__",),
        "canary": ("Canary",),
        "clock": ("FakeClock",),
        "exchange": (
            "Delivery",
            "ProviderResponse",
            "ProviderRequest",
        ),
        "harness": (
            "Outcome",
            "Outcomes",
            "Stuck",
            "cancel_leader",
            "storm",
        ),
        "issuer": (
            "IssuedToken",
            "ListedToken",
            "TokenIssuer",
            "TokenProblem",
        ),
        "lifecycle_provider": (
            "REFRESH",
            "UNRECOGNISED",
            "LifecycleProvider",
        ),
        "oauth": (
            "BEARER",
            "CodeCredentials",
            "PasswordCredentials",
            "StaticCredentials",
            "oauth_lifecycle",
        ),
        "processes": (
            "ProcessError",
            "fork",
            "fork_during_renewal",
            "many_processes",
        ),
        "provider": ("IdentityProvider",),
        "scripted": ("ScriptedProvider",),
        "faults": (
            "FAULTS",
            "DateOffset",
            "ExpiresInAbsent",
            "ExpiresInAsText",
            "ExpiresInWrong",
            "HalfABody",
            "Hang",
            "HtmlPage",
            "LockOut",
            "MalformedJson",
            "RefusedAs",
            "ResetConnection",
            "SameTokenAgain",
            "SlowDrip",
            "TooManyRequests",
            "Fault",
        ),
    }
    _HOME = {name: module for module, names in _MODULES.items() for name in names}

    def __getattr__(name):
        if name not in _HOME:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted(__all__)
