"""Test your own code without a vendor: a clock moved by hand, a token engine, a scripted identity provider.

Needs the extra: ``pip install auth-core[testing]``.
"""

from .canary import Canary
from .clock import FakeClock
from .exchange import Delivery, ProviderAnswer, ProviderRequest
from .harness import Outcome, Outcomes, Stuck, cancel_leader, storm
from .issuer import IssuedToken, ListedToken, TokenIssuer, TokenProblem
from .lifecycle_provider import REFRESH, UNRECOGNISED, LifecycleProvider
from .oauth import BEARER, CodeCredentials, PasswordCredentials, StaticCredentials, oauth_lifecycle
from .processes import ProcessError, fork, fork_in_flight, many_processes
from .provider import IdentityProvider
from .scripted import ScriptedProvider
from .tricks import (
    TRICKS,
    DateOffset,
    ExpiresInAbsent,
    ExpiresInAsText,
    ExpiresInWrong,
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
    Trick,
)

__all__ = [
    "BEARER",
    "REFRESH",
    "TRICKS",
    "UNRECOGNISED",
    "Canary",
    "CodeCredentials",
    "DateOffset",
    "Delivery",
    "ExpiresInAbsent",
    "ExpiresInAsText",
    "ExpiresInWrong",
    "FakeClock",
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
    "ProviderAnswer",
    "ProviderRequest",
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
    "Trick",
    "cancel_leader",
    "fork",
    "fork_in_flight",
    "many_processes",
    "oauth_lifecycle",
    "storm",
]
