"""Acquire, store, refresh and place API tokens. Vendor-neutral: the token lifecycle is data.

Names are loaded on first use; none of them imports an HTTP library (``auth_core.httpx_auth`` does).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import lazy_names

if TYPE_CHECKING:
    from ._version import __version__ as __version__
    from .authenticator import Authenticator as Authenticator
    from .clock import Clock as Clock
    from .clock import Moment as Moment
    from .clock import SystemClock as SystemClock
    from .credentials import Credentials as Credentials
    from .credentials import CredentialValue as CredentialValue
    from .environment import credentials_from_environment as credentials_from_environment
    from .errors import AmbiguousCredentials as AmbiguousCredentials
    from .errors import AuthError as AuthError
    from .errors import ConfigurationError as ConfigurationError
    from .errors import ForeignOrigin as ForeignOrigin
    from .errors import InsecureServer as InsecureServer
    from .errors import InsecureStore as InsecureStore
    from .errors import InvalidCredentials as InvalidCredentials
    from .errors import LeaseLost as LeaseLost
    from .errors import LoginRefused as LoginRefused
    from .errors import LoginRequired as LoginRequired
    from .errors import MalformedTokenResponse as MalformedTokenResponse
    from .errors import MissingCredentials as MissingCredentials
    from .errors import RefreshTimeout as RefreshTimeout
    from .errors import StoreUnavailable as StoreUnavailable
    from .errors import TokenUnavailable as TokenUnavailable
    from .events import AuthEvent as AuthEvent
    from .events import EventKind as EventKind
    from .events import EventListener as EventListener
    from .grant import CustomGrant as CustomGrant
    from .grant import GrantedToken as GrantedToken
    from .lifecycle import Placement as Placement
    from .lifecycle import ResponseCondition as ResponseCondition
    from .lifecycle import TokenLifecycle as TokenLifecycle
    from .lifecycle import ValueCondition as ValueCondition
    from .policy import Decision as Decision
    from .policy import RefreshPolicy as RefreshPolicy
    from .source import TokenSource as TokenSource
    from .store import MemoryStore as MemoryStore
    from .store import TokenStore as TokenStore
    from .store.file import FileStore as FileStore
    from .store.keyring import KeyringStore as KeyringStore
    from .store.redis import RedisStore as RedisStore
    from .token import Secret as Secret
    from .token import Token as Token
    from .wire import TokenHttpRequest as TokenHttpRequest
    from .wire import TokenHttpResponse as TokenHttpResponse
    from .wire import TokenSender as TokenSender
    from .wire import TokenSendError as TokenSendError
else:  # hidden from type checkers, so that a misspelt import is an error
    __getattr__, __dir__, __all__ = lazy_names(
        globals(),
        {
            "_version": "__version__",
            "authenticator": "Authenticator",
            "clock": "Clock Moment SystemClock",
            "credentials": "CredentialValue Credentials",
            "environment": "credentials_from_environment",
            "errors": """
                AmbiguousCredentials AuthError ConfigurationError ForeignOrigin InsecureServer InsecureStore
                InvalidCredentials LeaseLost LoginRefused LoginRequired MalformedTokenResponse MissingCredentials
                RefreshTimeout StoreUnavailable TokenUnavailable
            """,
            "events": "AuthEvent EventKind EventListener",
            "grant": "GrantedToken CustomGrant",
            "lifecycle": "ResponseCondition Placement TokenLifecycle ValueCondition",
            "policy": "Decision RefreshPolicy",
            "source": "TokenSource",
            "store": "MemoryStore TokenStore",
            "store.file": "FileStore",
            "store.keyring": "KeyringStore",
            "store.redis": "RedisStore",
            "token": "Secret Token",
            "wire": "TokenHttpRequest TokenHttpResponse TokenSendError TokenSender",
        },
    )
