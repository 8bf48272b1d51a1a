"""Custom grants, for vendors whose grant cannot be declared in a lifecycle."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import cast

from attrs import field, frozen

from .credentials import Credentials, CredentialValue, concealed
from .lifecycle import NOTHING, CredentialDefinition, ExtraValue, Grant
from .token import Secret, as_secret, as_secret_if_given
from .wire import TokenSender


@frozen(kw_only=True)
class GrantedToken:
    """The token returned by a custom grant.

    Attributes:
        access_token: without a prefix.
        lifetime: seconds since the request was sent; ``None`` or not a positive number: unknown.
        refresh_token: presented as the client's lifecycle declares; ``None``: renew by logging in again.
        extras: additional values for the lifecycle's refresh or logout; a :class:`~auth_core.Secret` is masked.
    """

    access_token: Secret = field(converter=as_secret)
    lifetime: float | None = None
    refresh_token: Secret | None = field(default=None, converter=as_secret_if_given)
    extras: Mapping[str, ExtraValue | Secret] = NOTHING


class CustomGrant(Credentials):
    """Base class of custom grants: set the security scheme and the grant's name, and implement :meth:`request_token`.

    Pass an instance to a client as its ``credentials``. Single flight, windows, back-off, the record of refused logins
    and the store work as for a declared grant. Make it a frozen attrs class whose fields identify the login: instances
    with equal strings and numbers share a token in a shared store, and changed values are tried at once after a
    refusal. Other fields (a function that shows a code, a session) are allowed; the tokens of such a grant are not
    shared. Use :class:`~auth_core.Secret` for a field with a secret, so that no tool shows it.

    Attributes:
        scheme: name of the client's security scheme (``bearerAuth``; see ``auth.py``).
        grant: name of the grant, for errors and :meth:`~auth_core.TokenSource.explain`.
    """

    __slots__ = ()

    def values(self) -> dict[str, CredentialValue]:
        """The fields by name, with strings and numbers as secrets."""
        given: dict[str, object] = {**super().values()}
        shown = {name: str(value) if isinstance(value, int | float) else value for name, value in given.items()}
        return {name: concealed(cast("CredentialValue", value)) for name, value in shown.items()}

    @abstractmethod
    def request_token(self, send: TokenSender) -> GrantedToken:
        """Obtain a token. Called on the renewal's thread, one call at a time.

        Args:
            send: sends a :class:`~auth_core.TokenHttpRequest` with the client's TLS and proxy options; its use is
                optional.

        Raises:
            LoginRefused: the credentials are wrong; they are not tried again for a while.
            TokenUnavailable: try later. Any other exception is treated as this, without its message.
        """

    def as_grant(self) -> Grant:
        """The grant as data. All credentials count as secret."""
        names = tuple(CredentialDefinition(name, name, secret=True) for name in self.values())
        return Grant(self.grant, names)
