"""Acquire, keep, refresh and place API tokens. Knows no vendor; the lifecycle is data.

The names below are loaded when first used; none of them imports an HTTP library (``auth_core.httpx_auth`` does).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import lazy_names

if TYPE_CHECKING:
    from ._version import __version__
    from .authenticator import Authenticator
    from .clock import Clock, Moment, SystemClock
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
    from .events import AuthEvent, EventKind, EventListener
    from .grant import GrantedToken, HandwrittenGrant
    from .lifecycle import AnswerCondition, Placement, TokenLifecycle, ValueCondition
    from .policy import RefreshPolicy
    from .renewal import Renewer
    from .source import TokenSource
    from .store import MemoryStore, TokenStore
    from .store.file import FileStore
    from .store.keyring import KeyringStore
    from .store.redis import RedisStore
    from .token import Secret, Token
    from .wire import TokenHttpRequest, TokenHttpResponse, TokenSender, TokenSendError

__all__ = [
    "AmbiguousCredentials",
    "AnswerCondition",
    "AuthError",
    "AuthEvent",
    "Authenticator",
    "Clock",
    "ConfigurationError",
    "CredentialValue",
    "Credentials",
    "EventKind",
    "EventListener",
    "FileStore",
    "ForeignOrigin",
    "GrantedToken",
    "HandwrittenGrant",
    "InsecureServer",
    "InsecureStore",
    "InvalidCredentials",
    "KeyringStore",
    "LeaseLost",
    "LoginRefused",
    "LoginRequired",
    "MalformedTokenAnswer",
    "MemoryStore",
    "MissingCredentials",
    "Moment",
    "Placement",
    "RedisStore",
    "RefreshPolicy",
    "RefreshTimeout",
    "Renewer",
    "Secret",
    "StoreUnavailable",
    "SystemClock",
    "Token",
    "TokenHttpRequest",
    "TokenHttpResponse",
    "TokenLifecycle",
    "TokenSendError",
    "TokenSender",
    "TokenSource",
    "TokenStore",
    "TokenUnavailable",
    "ValueCondition",
    "__version__",
    "credentials_from_environment",
]

if not TYPE_CHECKING:  # hidden from type checkers, so that a misspelt import is an error
    _MODULES = {
        "_version": ("__version__",),
        "authenticator": ("Authenticator",),
        "clock": ("Clock", "Moment", "SystemClock"),
        "credentials": ("CredentialValue", "Credentials"),
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
        "events": ("AuthEvent", "EventKind", "EventListener"),
        "grant": ("GrantedToken", "HandwrittenGrant"),
        "lifecycle": ("AnswerCondition", "Placement", "TokenLifecycle", "ValueCondition"),
        "policy": ("RefreshPolicy",),
        "renewal": ("Renewer",),
        "source": ("TokenSource",),
        "store": ("MemoryStore", "TokenStore"),
        "store.file": ("FileStore",),
        "store.keyring": ("KeyringStore",),
        "store.redis": ("RedisStore",),
        "token": ("Secret", "Token"),
        "wire": ("TokenHttpRequest", "TokenHttpResponse", "TokenSendError", "TokenSender"),
    }
    __getattr__, __dir__ = lazy_names(globals(), _MODULES)
