"""A grant that cannot be declared: written by hand, and served by the same policy as any other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import cast

from attrs import field, frozen

from .credentials import Credentials, CredentialValue
from .lifecycle import NOTHING, CredentialDefinition, ExtraValue, Grant
from .token import Secret
from .wire import TokenSender


@frozen(kw_only=True)
class GrantedToken:
    """What a hand-written grant brings.

    Attributes:
        access_token: as the API requires it, without a prefix.
        lifetime: seconds from when the request was sent; ``None``, or what is no positive number: not known.
        refresh_token: presented as the client's lifecycle declares it; ``None``: renewing is logging in again.
        extras: what a refresh or a logout of the lifecycle sends next to; a :class:`~auth_core.Secret` is not shown.
    """

    access_token: str = field(repr=False)
    lifetime: float | None = None
    refresh_token: str | None = field(default=None, repr=False)
    extras: Mapping[str, ExtraValue | Secret] = NOTHING


class CustomGrant(Credentials):
    """Base of a grant of your own: name the security scheme and the grant, and write :meth:`request_token`.

    Give an instance to a client as its ``credentials``. Single flight, windows, back-off, the memory of refused logins
    and the store work as for a declared grant. Make it a frozen attrs class whose fields are what identifies the login:
    equal texts and numbers share a token in a shared store, and changed ones are tried at once after a refusal. Other
    fields (a function that shows a code, a session) are yours to use; a grant with one of them shares its tokens with
    nobody.

    Attributes:
        scheme: name of the client's security scheme that the token is for (``bearerAuth``; ``auth.py`` has it).
        grant: a name for errors and for :meth:`~auth_core.TokenSource.explain`.
    """

    __slots__ = ()

    def values(self) -> dict[str, CredentialValue]:
        """The fields by name; numbers as text."""
        given: dict[str, object] = {**super().values()}
        shown = {name: str(value) if isinstance(value, int | float) else value for name, value in given.items()}
        return cast("dict[str, CredentialValue]", shown)

    @abstractmethod
    def request_token(self, send: TokenSender) -> GrantedToken:
        """Get a token; called on a renewal's own thread, by one caller at a time.

        Args:
            send: sends a :class:`~auth_core.TokenHttpRequest` with the client's TLS and proxy options. Other ways to
                ask are as good.

        Raises:
            LoginRefused: the credentials are wrong: not tried again for a while.
            TokenUnavailable: try later. Whatever else is raised counts as this, and its text is not shown.
        """

    def as_grant(self) -> Grant:
        """The grant as a value: what is not declared is taken for secret."""
        names = tuple(CredentialDefinition(name, name, secret=True) for name in self.values())
        return Grant(self.grant, names)
