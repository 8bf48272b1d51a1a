"""Everything of auth_core that the code of a generated client may use, and nothing that it may not.

A client is generated once and used with every ``auth-core`` that its bound allows (``>=0.1,<0.2``). Within such a
range each name here stays, takes what it took and returns what it returned; names may be added. Whatever is not here
can change in any release. The entry points of the group ``auth_core.clients`` are part of the contract, too: each is
a :class:`ClientDescription`.

People who use a client import from ``auth_core`` itself, which has the names that are meant for them.

A name is loaded when it is first used: a client imports neither an HTTP library nor the policy before it needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import lazy_names

if TYPE_CHECKING:
    from .authenticator import Authenticator, require_secure
    from .clock import Clock
    from .command.clients import ClientDescription, TokenConnection
    from .conditions import matches
    from .credentials import Credentials, CredentialValue
    from .environment import credentials_from_environment
    from .errors import (
        AmbiguousCredentials,
        AuthError,
        ConfigurationError,
        ForeignOrigin,
        InsecureServer,
        InsecureStore,
        InvalidCredentials,
        LeaseLost,
        LoginRefused,
        LoginRequired,
        MalformedTokenAnswer,
        MissingCredentials,
        RefreshTimeout,
        StoreUnavailable,
        TokenUnavailable,
    )
    from .events import EventListener
    from .expressions import ABSENT, Answer, evaluate, pointer_parts, resolve_pointer
    from .fork import reset_in_child
    from .http_dates import retry_after_seconds
    from .httpx_auth import SHOWN_TOKENS, HttpxAuth, HttpxTokenSender, can_be_sent_again, origin, request_was_sent
    from .lifecycle import (
        AnswerCondition,
        AnswerDetails,
        BasicAuthentication,
        Candidate,
        CredentialDefinition,
        DefaultLifetime,
        ExpiresAt,
        ExpiresIn,
        ExpirySource,
        Extra,
        ExtraValue,
        FromCredential,
        FromToken,
        Grant,
        JwtClaim,
        Placement,
        Refresh,
        RequestValue,
        TokenAnswer,
        TokenLifecycle,
        TokenRequest,
        ValueCondition,
    )
    from .placement import is_cookie_value
    from .policy import RefreshPolicy
    from .store import TokenStore
    from .wire import TokenHttpRequest, TokenHttpResponse, transport_failure

__all__ = [
    "ABSENT",
    "SHOWN_TOKENS",
    "AmbiguousCredentials",
    "Answer",
    "AnswerCondition",
    "AnswerDetails",
    "AuthError",
    "Authenticator",
    "BasicAuthentication",
    "Candidate",
    "ClientDescription",
    "Clock",
    "ConfigurationError",
    "CredentialDefinition",
    "CredentialValue",
    "Credentials",
    "DefaultLifetime",
    "EventListener",
    "ExpiresAt",
    "ExpiresIn",
    "ExpirySource",
    "Extra",
    "ExtraValue",
    "ForeignOrigin",
    "FromCredential",
    "FromToken",
    "Grant",
    "HttpxAuth",
    "HttpxTokenSender",
    "InsecureServer",
    "InsecureStore",
    "InvalidCredentials",
    "JwtClaim",
    "LeaseLost",
    "LoginRefused",
    "LoginRequired",
    "MalformedTokenAnswer",
    "MissingCredentials",
    "Placement",
    "Refresh",
    "RefreshPolicy",
    "RefreshTimeout",
    "RequestValue",
    "StoreUnavailable",
    "TokenAnswer",
    "TokenConnection",
    "TokenHttpRequest",
    "TokenHttpResponse",
    "TokenLifecycle",
    "TokenRequest",
    "TokenStore",
    "TokenUnavailable",
    "ValueCondition",
    "can_be_sent_again",
    "credentials_from_environment",
    "evaluate",
    "is_cookie_value",
    "matches",
    "origin",
    "pointer_parts",
    "request_was_sent",
    "require_secure",
    "reset_in_child",
    "resolve_pointer",
    "retry_after_seconds",
    "token_command",
    "transport_failure",
]


def token_command(client: ClientDescription) -> int:
    """Run the command line of a client's tokens; returns the exit code."""
    from .command import main

    return main(client=client)


if not TYPE_CHECKING:  # hidden from type checkers, so that a misspelt import is an error
    _MODULES = {
        "authenticator": (
            "Authenticator",
            "require_secure",
        ),
        "clock": ("Clock",),
        "command.clients": (
            "ClientDescription",
            "TokenConnection",
        ),
        "conditions": ("matches",),
        "credentials": (
            "CredentialValue",
            "Credentials",
        ),
        "environment": ("credentials_from_environment",),
        "errors": (
            "AmbiguousCredentials",
            "AuthError",
            "ConfigurationError",
            "ForeignOrigin",
            "InsecureServer",
            "InsecureStore",
            "InvalidCredentials",
            "LeaseLost",
            "LoginRefused",
            "LoginRequired",
            "MalformedTokenAnswer",
            "MissingCredentials",
            "RefreshTimeout",
            "StoreUnavailable",
            "TokenUnavailable",
        ),
        "events": ("EventListener",),
        "expressions": (
            "ABSENT",
            "Answer",
            "evaluate",
            "pointer_parts",
            "resolve_pointer",
        ),
        "fork": ("reset_in_child",),
        "http_dates": ("retry_after_seconds",),
        "httpx_auth": (
            "SHOWN_TOKENS",
            "HttpxAuth",
            "HttpxTokenSender",
            "can_be_sent_again",
            "origin",
            "request_was_sent",
        ),
        "lifecycle": (
            "AnswerCondition",
            "AnswerDetails",
            "BasicAuthentication",
            "Candidate",
            "CredentialDefinition",
            "DefaultLifetime",
            "ExpiresAt",
            "ExpiresIn",
            "ExpirySource",
            "Extra",
            "ExtraValue",
            "FromCredential",
            "FromToken",
            "Grant",
            "JwtClaim",
            "Placement",
            "Refresh",
            "RequestValue",
            "TokenAnswer",
            "TokenLifecycle",
            "TokenRequest",
            "ValueCondition",
        ),
        "placement": ("is_cookie_value",),
        "policy": ("RefreshPolicy",),
        "store": ("TokenStore",),
        "wire": (
            "TokenHttpRequest",
            "TokenHttpResponse",
            "transport_failure",
        ),
    }
    __getattr__, __dir__ = lazy_names(globals(), _MODULES)
