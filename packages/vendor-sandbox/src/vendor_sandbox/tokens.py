"""Who a request's token stands for, and why a token is not accepted.

The tokens themselves come from the engine of ``auth_core_testing``; this module adds what a server has next to it:
credentials that never expire (API keys, personal access tokens, user accounts).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen
from auth_core_testing import TokenProblem

__all__ = ["Access", "TokenRefused", "Why", "verified"]


class Why(enum.Enum):
    """Why a request's token is not accepted."""

    MISSING = "no credentials were sent"
    INVALID = "this server did not issue it, or revoked it"
    EXPIRED = "its time has ended"
    FORBIDDEN = "it is valid, but not for this"


class TokenRefused(Exception):
    """A token that is not accepted. The message never holds the token."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@frozen
class Access:
    """What an accepted token stands for."""

    subject: str
    kind: str = "token"
    """``token``, ``personal access token``, ``api key`` or ``password``."""
    claims: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)


def verified(verify: Callable[[str], Mapping[str, Any]], token: str | None) -> Access:
    """The access that a signed token gives.

    Args:
        verify: ``TokenIssuer.verify``.
        token: what the request showed; ``None`` if it showed nothing.

    Raises:
        TokenRefused: nothing was shown, or the issuer does not accept it.
    """
    if not token:
        raise TokenRefused(Why.MISSING)
    try:
        claims = verify(token)
    except TokenProblem as problem:
        raise TokenRefused(Why.EXPIRED if problem.reason == "expired" else Why.INVALID) from None
    return Access(str(claims.get("sub", "")), claims=claims)
