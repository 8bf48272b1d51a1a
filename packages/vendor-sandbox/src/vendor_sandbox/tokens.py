"""Verification of a request's token, and the reasons for refusing it.

The tokens are issued by ``auth_core_testing``; this module adds credentials that never expire: API keys, personal
access tokens and user accounts.
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
    EXPIRED = "it has expired"
    FORBIDDEN = "it is valid, but does not permit this operation"


class TokenRefused(Exception):
    """Raised for a token that is not accepted. The message never contains the token."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@frozen
class Access:
    """The access that an accepted token gives: a subject, and the kind of credential."""

    subject: str
    kind: str = "token"
    """``token``, ``personal access token``, ``api key`` or ``password``."""
    claims: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)


def verified(verify: Callable[[str], Mapping[str, Any]], token: str | None) -> Access:
    """Return the access that a signed token gives.

    Args:
        verify: ``TokenIssuer.verify``.
        token: the token of the request; ``None`` if it has none.

    Raises:
        TokenRefused: the request has no token, or the issuer does not accept it.
    """
    if not token:
        raise TokenRefused(Why.MISSING)
    try:
        claims = verify(token)
    except TokenProblem as problem:
        raise TokenRefused(Why.EXPIRED if problem.reason == "expired" else Why.INVALID) from None
    return Access(str(claims.get("sub", "")), claims=claims)
