"""The part of auth_core that generated clients may use.

A client is generated once and used with every ``auth-core`` that its bound allows (``>=0.1,<0.2``). Within such a
range the names here keep their signatures and return types; names may be added. Names that are not here can change in
any release. The entry points of the group ``auth_core.clients``, each a :class:`ClientDescription`, are also part of
the contract. Applications that use a client import from ``auth_core`` itself.

Names are loaded on first use: a client imports neither an HTTP library nor the policy before it needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import lazy_names


def token_command(client: ClientDescription) -> int:
    """Run the command line of a client's tokens; returns the exit code."""
    from .command import main

    return main(client=client)


if TYPE_CHECKING:
    from .authenticator import Authenticator as Authenticator
    from .authenticator import is_loopback as is_loopback
    from .authenticator import require_secure as require_secure
    from .clock import Clock as Clock
    from .command.clients import ClientDescription as ClientDescription
    from .command.clients import TokenConnection as TokenConnection
    from .conditions import matches as matches
    from .credentials import ConcealedValue as ConcealedValue
    from .credentials import Credentials as Credentials
    from .credentials import CredentialValue as CredentialValue
    from .credentials import concealed as concealed
    from .credentials import concealed_if_given as concealed_if_given
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
    from .events import EventListener as EventListener
    from .expressions import ABSENT as ABSENT
    from .expressions import ResponseView as ResponseView
    from .expressions import evaluate as evaluate
    from .expressions import pointer_parts as pointer_parts
    from .expressions import resolve_pointer as resolve_pointer
    from .expressions import retry_after_seconds as retry_after_seconds
    from .httpx_auth import *  # noqa: F403  # its __all__
    from .lifecycle import *  # noqa: F403  # its __all__
    from .masking import MASK as MASK
    from .masking import contains_secret as contains_secret
    from .masking import mask_secrets as mask_secrets
    from .placement import is_cookie_value as is_cookie_value
    from .policy import RefreshPolicy as RefreshPolicy
    from .process_life import reset_in_child as reset_in_child
    from .store import TokenStore as TokenStore
    from .store.opening import store_from_environment as store_from_environment
    from .token import Secret as Secret
    from .wire import TokenHttpRequest as TokenHttpRequest
    from .wire import TokenHttpResponse as TokenHttpResponse
    from .wire import TokenSendError as TokenSendError
    from .wire import is_bad_redirect as is_bad_redirect
    from .wire import transport_failure as transport_failure
else:  # hidden from type checkers, so that a misspelt import is an error
    __getattr__, __dir__, __all__ = lazy_names(
        globals(),
        {
            "authenticator": "Authenticator is_loopback require_secure",
            "clock": "Clock",
            "command.clients": "ClientDescription TokenConnection",
            "conditions": "matches",
            "credentials": "ConcealedValue CredentialValue Credentials concealed concealed_if_given",
            "environment": "credentials_from_environment",
            "errors": """
                AmbiguousCredentials AuthError ConfigurationError ForeignOrigin InsecureServer InsecureStore
                InvalidCredentials LeaseLost LoginRefused LoginRequired MalformedTokenResponse MissingCredentials
                RefreshTimeout StoreUnavailable TokenUnavailable
            """,
            "events": "EventListener",
            "expressions": "ABSENT ResponseView evaluate pointer_parts resolve_pointer retry_after_seconds",
            "process_life": "reset_in_child",
            "httpx_auth": """
                DEADLINE MAX_CLOSED_CONNECTIONS SENT_BY_PARTS SHOWN_TOKENS Attempt Deadline HttpLibrary HttpLibraryName
                HttpxAuth HttpxTokenSender auth_class can_be_sent_again http_classes http_errors http_library
                library_of masked_in_spans no_cookies origin proxy_for request_was_sent timeouts_until with_bases
                with_exact_deadlines
            """,
            "lifecycle": """
                ResponseCondition ResponseDetails BasicAuthentication Candidate CredentialDefinition DefaultLifetime
                ExpiresAt ExpiresIn ExpirySource Extra ExtraValue FromCredential FromToken Grant JwtClaim Placement
                Refresh RequestValue TokenResponse TokenLifecycle TokenRequest ValueCondition
            """,
            "masking": "MASK contains_secret mask_secrets",
            "placement": "is_cookie_value",
            "policy": "RefreshPolicy",
            "store": "TokenStore",
            "store.opening": "store_from_environment",
            "token": "Secret",
            "wire": "TokenHttpRequest TokenHttpResponse TokenSendError is_bad_redirect transport_failure",
        },
    )
    __all__ += ["token_command"]
