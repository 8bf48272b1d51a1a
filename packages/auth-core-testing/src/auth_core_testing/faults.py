"""What a provider can do to a client. Each fault is a value; docs/testing.md has them in a table.

A fault changes how one request is handled before it is processed. It is played once (``provider.respond_next``) or for
every request (``provider.respond_always``); several can be played together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from attrs import define, evolve, field, frozen
from attrs.validators import ge, gt

from .exchange import Delivery, ProviderRequest, ProviderResponse

__all__ = [
    "FAULTS",
    "DateOffset",
    "ExpiresInAbsent",
    "ExpiresInAsText",
    "ExpiresInWrong",
    "Fault",
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
]

LifetimeForm: TypeAlias = Literal["number", "text", "absent"]


@define
class Handling:
    """How one request is handled: what faults change. The defaults are an honest provider's."""

    request: ProviderRequest
    instead: ProviderResponse | None = None
    """This response; the request is not processed."""
    processed: bool = True
    """Whether the request takes effect."""
    delivery: Delivery = field(factory=Delivery)
    malformed: bool = False
    """The body ends in the middle, and the message is complete nevertheless."""
    refused_as: ProviderResponse | None = None
    """How wrong credentials are served; ``None``: as documented."""
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
class Fault(Protocol):
    """Changes how a request is handled."""

    def play(self, handling: Handling) -> None: ...


# --- in place of a response ------------------------------------------------------------------------------------------


@frozen
class HtmlPage:
    """A page of HTML in place of the response, as a proxy or a log-in page in the way sends it;
    nothing is processed.
    """

    status: int = 502

    def play(self, handling: Handling) -> None:
        handling.instead = ProviderResponse.html(self.status)


@frozen
class TooManyRequests:
    """429 with ``Retry-After`` (RFC 6585 section 4), in seconds or as a date; nothing is processed."""

    retry_after: int | str | datetime | None = 30

    def play(self, handling: Handling) -> None:
        after = self.retry_after
        text = format_datetime(after, usegmt=True) if isinstance(after, datetime) else str(after)
        headers = {} if after is None else {"Retry_After": text}
        handling.instead = ProviderResponse.json({"error": "too many requests"}, 429, **headers)


# --- credentials ----------------------------------------------------------------------------------------------------


@frozen
class RefusedAs:
    """Wrong credentials get this status: 500 for a wrong password, as some APIs have it."""

    status: int = 500
    body: Any = field(factory=lambda: {"message": "wrong password"})

    def play(self, handling: Handling) -> None:
        handling.refused_as = ProviderResponse.json(self.body, self.status)


@frozen
class LockOut:
    """After so many refusals in a row an account is locked: its right password is refused too.

    ``provider.locked()`` names the accounts, ``provider.unlock()`` opens them.
    """

    after: int = field(default=3, validator=gt(0))
    response: ProviderResponse | None = None
    """How a locked account responds; ``None``: like any other refusal."""

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
    """No response states how long the token lives."""

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
    """The connection breaks instead of a response: before the request takes effect, or (``processed``) after."""

    processed: bool = False

    def play(self, handling: Handling) -> None:
        handling.processed = self.processed
        handling.delivery = evolve(handling.delivery, reset=True)


@frozen
class Hang:
    """No response for so long, or until ``provider.release()``; then the connection breaks."""

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
    """The request is processed; the body arrives byte by byte, which no time limit between two bytes detects."""

    pause_seconds: float = field(default=0.05, validator=ge(0))

    def play(self, handling: Handling) -> None:
        handling.delivery = evolve(handling.delivery, pause_seconds=self.pause_seconds)


@frozen
class MalformedJson:
    """The request is processed; the message is complete, but its JSON ends in the middle."""

    def play(self, handling: Handling) -> None:
        handling.malformed = True


FAULTS: tuple[type[Fault], ...] = (
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
