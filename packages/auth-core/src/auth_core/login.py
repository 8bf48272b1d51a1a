"""One login: what stores know it by, whether its credentials are spent, and trying it within the budget of refusals."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from .credentials import fingerprint, resolve
from .errors import LoginRefused, LoginRequired
from .events import EventKind, FlightRecorder
from .exchange import TokenExchange
from .policy import RefreshPolicy, Refusal
from .refused_logins import RefusedLogins
from .store import TokenStore
from .token import TokenParts

__all__ = ["Login"]


class Login:
    """A grant with its credentials.

    Args:
        own_refusals: the process's own memory of refused logins, which cannot fail.
        key: what a store keeps the token under; default: a fingerprint of servers, grant and credentials.
    """

    def __init__(
        self,
        exchange: TokenExchange,
        policy: RefreshPolicy,
        recorder: FlightRecorder,
        own_refusals: TokenStore,
        key: str | None,
    ) -> None:
        self._exchange = exchange
        self._policy = policy
        self._recorder = recorder
        self._own_refusals = own_refusals
        self._key = key
        # What a callable will bring is not known beforehand: its tokens are shared with no other client.
        self._owner = None if self._values() is not None else secrets.token_hex(16)
        self._spent = False
        self._latest: dict[int, str] = {}
        """Fingerprint of the last login, by the identity of the store that remembers refusals of it."""

    # --- names for a store. The salt comes first: where the store fails, no frame of the error holds a credential. ---

    @property
    def has_shared_key(self) -> bool:
        """Whether another client can know what the token is kept under."""
        return self._owner is None or self._key is not None

    def token_key(self, store: TokenStore) -> str:
        """What a store keeps the token under."""
        return self._key or self._fingerprint(store.salt, "token", self._values(), self._owner)

    def fingerprint(self, store: TokenStore) -> str | None:
        """What a store remembers refusals under, as far as it is known without calling for a credential."""
        salt, values = store.salt, self._values()
        return self._latest.get(id(store)) if values is None else self._fingerprint(salt, "login", values)

    def _fingerprint(self, salt: bytes, *parts: object) -> str:
        lifecycle, grant, urls = self._exchange.lifecycle, self._exchange.grant, self._exchange.token_urls
        return fingerprint(salt, lifecycle.vendor, lifecycle.scheme, grant.name, urls, *parts)

    def _values(self) -> dict[str, str] | None:
        """The credentials, if there is none to be called for."""
        values = self._exchange.text_credentials()
        return values if len(values) == len(self._exchange.credentials) else None

    # --- log in -----------------------------------------------------------------------------------------------------

    @property
    def spent(self) -> list[str]:
        """Names of credentials for one use that have been used: no login is possible with them."""
        return [
            definition.name
            for definition in self._exchange.grant.credentials
            if self._spent
            and definition.single_use
            and isinstance(self._exchange.credentials.get(definition.name), str)
        ]

    @contextmanager
    def attempt(self, refusals: TokenStore) -> Generator[TokenParts]:
        """Log in; the block keeps the token. Its refusal is remembered in ``refusals`` too.

        Raises :class:`LoginRequired`, :class:`LoginRefused` (also a remembered one), ``TimeoutError`` when no turn
        comes in time, and what a login and the store raise.
        """
        if self.spent:
            message = (
                f"{self._exchange.name}: a new login is needed, but {', '.join(self.spent)} can be used once and has "
                f"been used; build a client with a new one, or give a callable that brings one for each login"
            )
            raise LoginRequired(message)
        custom = self._exchange.handwritten is not None
        values = self._exchange.text_credentials() if custom else resolve(self._exchange.credentials)
        refused = self._refused_logins(values, refusals)
        with refused.turn():
            pause = refused.pause_seconds()
            if pause > 0:
                self._recorder.record(EventKind.LOGIN_HELD_BACK, "the same credentials were refused a short while ago")
                raise self._refusal(f"{self._exchange.name}: the same login was refused a short while ago", pause)
            yield self._log_in(values, refused)
            refused.clear()

    def _log_in(self, values: Mapping[str, str], refused: RefusedLogins) -> TokenParts:
        before, self._spent = self._spent, True  # in a child that is forked meanwhile, too
        try:
            return self._exchange.log_in(values)
        except LoginRefused as error:
            # Remembered first, then told: a listener may raise anything.
            pause, failure = refused.add(Refusal(self._exchange.clock.wall(), error.status or 0, error.code))
            self._recorder.tell(EventKind.LOGIN_REFUSED, str(error))
            if failure is not None:
                self._recorder.tell(EventKind.STORE_UNAVAILABLE, f"the refused login could not be kept: {failure}")
            raise self._refusal(str(error), pause, error) from None
        except BaseException:
            self._spent = before
            raise

    def _refused_logins(self, values: Mapping[str, str], refusals: TokenStore) -> RefusedLogins:
        books = [self._own_refusals] if refusals is self._own_refusals else [self._own_refusals, refusals]
        logins = [(book, self._fingerprint(book.salt, "login", values)) for book in books]
        self._latest |= {id(book): login for book, login in logins}
        return RefusedLogins(logins, self._policy, self._exchange.clock)

    def _refusal(self, text: str, pause: float, error: LoginRefused | None = None) -> LoginRefused:
        return LoginRefused(
            f"{text}. It is not tried again for {pause:.0f} s with the same credentials; "
            f"check {self._exchange.variables}",
            request_sent=error is not None,
            retry_after_seconds=pause,
            status=error.status if error else None,
            code=error.code if error else None,
        )
