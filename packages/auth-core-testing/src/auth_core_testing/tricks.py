"""What a provider can do to a client. Each trick is a value; docs/testing.md has them in a table.

A trick changes how one request is handled before it is processed. It is played once (``provider.answer_next``) or for
every request (``provider.answer_always``); several can be played together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from attrs import define, evolve, field, frozen
from attrs.validators import ge, gt

from .exchange import Delivery, ProviderAnswer, ProviderRequest

__all__ = [
    "TRICKS",
    "DateOffset",
    "ExpiresInAbsent",
    "ExpiresInAsText",
    "ExpiresInWrong",
    "HalfABody",
    "Handling",
    "Hang",
    "HtmlPage",
    "LockOut",
    "MalformedJson",
    "RefusedAs",
    "ResetConnection",
    "SameTokenAgain",
    "SlowDrip",
    "TooManyRequests",
    "Trick",
]

LifetimeForm: TypeAlias = Literal["number", "text", "absent"]


@define
class Handling:
    """How one request is handled: what tricks change. The defaults are an honest provider's."""

    request: ProviderRequest
    instead: ProviderAnswer | None = None
    """This answer; the request is not processed."""
    processed: bool = True
    """Whether the request takes effect."""
    delivery: Delivery = field(factory=Delivery)
    malformed: bool = False
    """The body ends in the middle, and the message is complete nevertheless."""
    refused_as: ProviderAnswer | None = None
    """How wrong credentials are answered; ``None``: as documented."""
    lock_out: LockOut | None = None
    same_token_until: float | None = None
    """Seconds before its end until which an access token is handed out again."""
    lifetime_form: LifetimeForm = "number"
    lifetime_instead: Callable[[float], Any] | None = None
    """Makes the lifetime that is stated from the true one, in seconds."""
    date_offset: float = 0.0
    """Seconds by which the ``Date`` header is ahead of the provider's clock."""

    def lifetime(self, seconds: float) -> Any:
        """What is stated as the lifetime; ``None``: nothing."""
        if self.lifetime_form == "absent":
            return None
        if self.lifetime_instead is not None:
            return self.lifetime_instead(seconds)
        whole = int(seconds) if seconds == int(seconds) else seconds
        return str(whole) if self.lifetime_form == "text" else whole


@runtime_checkable
class Trick(Protocol):
    """Changes how a request is handled."""

    def play(self, handling: Handling) -> None: ...


# --- in place of an answer ------------------------------------------------------------------------------------------


@frozen
class HtmlPage:
    """A page of HTML in place of the answer, as a proxy or a log-in page in the way sends it; nothing is processed."""

    status: int = 502

    def play(self, handling: Handling) -> None:
        handling.instead = ProviderAnswer.html(self.status)


@frozen
class TooManyRequests:
    """429 with ``Retry-After`` (RFC 6585 section 4), in seconds or as a date; nothing is processed."""

    retry_after: int | str | datetime | None = 30

    def play(self, handling: Handling) -> None:
        after = self.retry_after
        text = format_datetime(after, usegmt=True) if isinstance(after, datetime) else str(after)
        headers = {} if after is None else {"Retry_After": text}
        handling.instead = ProviderAnswer.json({"error": "too many requests"}, 429, **headers)


# --- credentials ----------------------------------------------------------------------------------------------------


@frozen
class RefusedAs:
    """Wrong credentials are answered with this status: 500 for a wrong password, as some APIs have it."""

    status: int = 500
    body: Any = field(factory=lambda: {"message": "wrong password"})

    def play(self, handling: Handling) -> None:
        handling.refused_as = ProviderAnswer.json(self.body, self.status)


@frozen
class LockOut:
    """After so many refusals in a row an account is locked: its right password is refused too.

    ``provider.locked()`` names the accounts, ``provider.unlock()`` opens them.
    """

    after: int = field(default=3, validator=gt(0))
    answer: ProviderAnswer | None = None
    """How a locked account answers; ``None``: like any other refusal."""

    def play(self, handling: Handling) -> None:
        handling.lock_out = self


# --- tokens and their life ------------------------------------------------------------------------------------------


@frozen
class SameTokenAgain:
    """The access token is handed out again, with the life it has left, until so many seconds before its end."""

    until_seconds_before_end: float = field(default=0.0, validator=ge(0))

    def play(self, handling: Handling) -> None:
        handling.same_token_until = self.until_seconds_before_end


@frozen
class ExpiresInAbsent:
    """No answer says how long the token lives."""

    def play(self, handling: Handling) -> None:
        handling.lifetime_form = "absent"


@frozen
class ExpiresInAsText:
    """The lifetime is a JSON string: ``"3600"``; a moment is an RFC 3339 date-time."""

    def play(self, handling: Handling) -> None:
        handling.lifetime_form = "text"


@frozen
class ExpiresInWrong:
    """The lifetime is stated as something else: a number too large or negative, a word, ``True``."""

    value: Any

    def play(self, handling: Handling) -> None:
        handling.lifetime_instead = lambda _: self.value


@frozen
class DateOffset:
    """The ``Date`` header comes from a clock that is wrong by so many seconds (negative: slow)."""

    seconds: float

    def play(self, handling: Handling) -> None:
        handling.date_offset = self.seconds


# --- on the way -----------------------------------------------------------------------------------------------------


@frozen
class ResetConnection:
    """The connection breaks instead of an answer: before the request takes effect, or (``processed``) after."""

    processed: bool = False

    def play(self, handling: Handling) -> None:
        handling.processed = self.processed
        handling.delivery = evolve(handling.delivery, reset=True)


@frozen
class Hang:
    """No answer for so long, or until ``provider.release()``; then the connection breaks."""

    seconds: float = field(default=30.0, validator=[gt(0)])
    processed: bool = False

    def play(self, handling: Handling) -> None:
        handling.processed = self.processed
        handling.delivery = evolve(handling.delivery, hang_seconds=self.seconds)


@frozen
class HalfABody:
    """The request is processed; the connection ends after half of the body that ``Content-Length`` promises."""

    def play(self, handling: Handling) -> None:
        handling.delivery = evolve(handling.delivery, share=0.5)


@frozen
class SlowDrip:
    """The request is processed; the body arrives byte by byte, which no time limit between two bytes notices."""

    pause_seconds: float = field(default=0.05, validator=ge(0))

    def play(self, handling: Handling) -> None:
        handling.delivery = evolve(handling.delivery, pause_seconds=self.pause_seconds)


@frozen
class MalformedJson:
    """The request is processed; the message is complete, but its JSON ends in the middle."""

    def play(self, handling: Handling) -> None:
        handling.malformed = True


TRICKS: tuple[type[Trick], ...] = (
    HtmlPage,
    TooManyRequests,
    RefusedAs,
    LockOut,
    SameTokenAgain,
    ExpiresInAbsent,
    ExpiresInAsText,
    ExpiresInWrong,
    DateOffset,
    ResetConnection,
    Hang,
    HalfABody,
    SlowDrip,
    MalformedJson,
)
"""All of them."""
