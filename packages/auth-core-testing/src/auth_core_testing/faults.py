"""Faults that a scripted provider can simulate. Each fault is a value; docs/testing.md lists them in a table.

A fault changes how one request is handled, before it is processed. It applies to one request
(``provider.respond_next``) or to every request (``provider.respond_always``); several can be combined.
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
    """How one request is handled; faults change it. The defaults are those of a provider without faults."""

    request: ProviderRequest
    instead: ProviderResponse | None = None
    """Send this response without processing the request."""
    processed: bool = True
    """Whether the request takes effect."""
    delivery: Delivery = field(factory=Delivery)
    malformed: bool = False
    """Truncate the body inside a complete HTTP message."""
    refused_as: ProviderResponse | None = None
    """The response to wrong credentials; ``None``: as documented."""
    lock_out: LockOut | None = None
    same_token_until: float | None = None
    """Return the same access token again until this many seconds before it expires."""
    lifetime_form: LifetimeForm = "number"
    lifetime_instead: Callable[[float], Any] | None = None
    """Computes the stated lifetime from the true one, in seconds."""
    date_offset: float = 0.0
    """Seconds by which the ``Date`` header is ahead of the provider's clock."""

    def lifetime(self, seconds: float) -> Any:
        """The lifetime that the response states, or ``None`` if it states none."""
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
    """An HTML page instead of the response, as from a proxy or a login portal; the request is not processed."""

    status: int = 502

    def play(self, handling: Handling) -> None:
        handling.instead = ProviderResponse.html(self.status)


@frozen
class TooManyRequests:
    """429 with ``Retry-After`` (RFC 6585 section 4), in seconds or as a date; the request is not processed."""

    retry_after: int | str | datetime | None = 30

    def play(self, handling: Handling) -> None:
        after = self.retry_after
        text = format_datetime(after, usegmt=True) if isinstance(after, datetime) else str(after)
        headers = {} if after is None else {"Retry_After": text}
        handling.instead = ProviderResponse.json({"error": "too many requests"}, 429, **headers)


# --- credentials ----------------------------------------------------------------------------------------------------


@frozen
class RefusedAs:
    """Another status for wrong credentials, such as the 500 that some APIs return for a wrong password."""

    status: int = 500
    body: Any = field(factory=lambda: {"message": "wrong password"})

    def play(self, handling: Handling) -> None:
        handling.refused_as = ProviderResponse.json(self.body, self.status)


@frozen
class LockOut:
    """Lock an account after ``after`` refusals in a row: then even the right password is refused.

    ``provider.locked()`` returns the locked accounts, ``provider.unlock()`` unlocks them.
    """

    after: int = field(default=3, validator=gt(0))
    response: ProviderResponse | None = None
    """The response for a locked account; ``None``: the same as any other refusal."""

    def play(self, handling: Handling) -> None:
        handling.lock_out = self


# --- token lifetimes ------------------------------------------------------------------------------------------


@frozen
class SameTokenAgain:
    """Return the same access token, with its remaining lifetime, until a number of seconds before it expires."""

    until_seconds_before_end: float = field(default=0.0, validator=ge(0))

    def play(self, handling: Handling) -> None:
        handling.same_token_until = self.until_seconds_before_end


@frozen
class ExpiresInAbsent:
    """Leave the lifetime out of the response."""

    def play(self, handling: Handling) -> None:
        handling.lifetime_form = "absent"


@frozen
class ExpiresInAsText:
    """State the lifetime as a JSON string, ``"3600"``, and an expiry time as an RFC 3339 date-time."""

    def play(self, handling: Handling) -> None:
        handling.lifetime_form = "text"


@frozen
class ExpiresInWrong:
    """State a wrong lifetime: a number that is negative or too large, a word, ``True``."""

    value: Any

    def play(self, handling: Handling) -> None:
        handling.lifetime_instead = lambda _: self.value


@frozen
class DateOffset:
    """Shift the ``Date`` header by ``seconds`` (negative: the server's clock is slow)."""

    seconds: float

    def play(self, handling: Handling) -> None:
        handling.date_offset = self.seconds


# --- delivery -----------------------------------------------------------------------------------------------------


@frozen
class ResetConnection:
    """Reset the connection instead of responding: before the request takes effect, or (``processed``) after."""

    processed: bool = False

    def play(self, handling: Handling) -> None:
        handling.processed = self.processed
        handling.delivery = evolve(handling.delivery, reset=True)


@frozen
class Hang:
    """Send nothing for ``seconds``, or until ``provider.release()``; then reset the connection."""

    seconds: float = field(default=30.0, validator=[gt(0)])
    processed: bool = False

    def play(self, handling: Handling) -> None:
        handling.processed = self.processed
        handling.delivery = evolve(handling.delivery, hang_seconds=self.seconds)


@frozen
class HalfABody:
    """Process the request, then close the connection after half of the body that ``Content-Length`` states."""

    def play(self, handling: Handling) -> None:
        handling.delivery = evolve(handling.delivery, share=0.5)


@frozen
class SlowDrip:
    """Process the request and send the body byte by byte, so that a read timeout between bytes does not trigger."""

    pause_seconds: float = field(default=0.05, validator=ge(0))

    def play(self, handling: Handling) -> None:
        handling.delivery = evolve(handling.delivery, pause_seconds=self.pause_seconds)


@frozen
class MalformedJson:
    """Process the request and send a complete message with truncated JSON."""

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
"""All fault classes."""
