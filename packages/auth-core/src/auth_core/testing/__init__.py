"""Test your own code without a vendor: a clock moved by hand, a token engine, a scripted identity provider.

Needs the extra: ``pip install auth-core[testing]``.
"""

from .canary import Canary
from .clock import FakeClock
from .issuer import IssuedToken, TokenIssuer, TokenProblem, TokenRecord
from .oauth import BEARER, CodeCredentials, PasswordCredentials, StaticCredentials, oauth_lifecycle
from .provider import IdentityProvider, ProviderAnswer, ProviderRequest, ResetConnection

__all__ = [
    "BEARER",
    "Canary",
    "CodeCredentials",
    "FakeClock",
    "IdentityProvider",
    "IssuedToken",
    "PasswordCredentials",
    "ProviderAnswer",
    "ProviderRequest",
    "ResetConnection",
    "StaticCredentials",
    "TokenIssuer",
    "TokenProblem",
    "TokenRecord",
    "oauth_lifecycle",
]
