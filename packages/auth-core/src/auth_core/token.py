"""Tokens and secrets, and the base of objects that hold them."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Mapping
from typing import ClassVar, NoReturn, Self, SupportsIndex

from attrs import Attribute, asdict, field, frozen

from .clock import Moment
from .lifecycle import NOTHING, ExtraValue
from .masking import MASK


class Unpicklable:
    """Base of objects that hold secrets: a copy is the object itself, and pickling raises."""

    __slots__ = ()

    _not_pickled: ClassVar[str] = (
        "it would contain secrets; create the client in the process that uses it, and give both a FileStore or a "
        "RedisStore to share a token"
    )
    """Reason and alternative, for the error message."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        message = f"{type(self).__name__} is not pickled: {self._not_pickled}"
        raise TypeError(message)


class Secret(Unpicklable):
    """A string that only :meth:`reveal` returns; masked in repr, str, format and logs, and not in JSON or pickles.

    No attribute holds the string, since rich and error collectors read attributes instead of the repr.
    """

    __slots__ = ("reveal",)

    _not_pickled = "use reveal() to serialize it"

    reveal: Callable[[], str]
    """Return the string."""

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "reveal", lambda: value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        message = "a Secret cannot be changed"
        raise AttributeError(message)

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return format(MASK, format_spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self.reveal().encode("utf-8", "surrogatepass"), other.reveal().encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash(self.reveal())


def as_secret(value: str | Secret) -> Secret:
    """Converter for a secret field."""
    return value if isinstance(value, Secret) else Secret(value)


def as_secret_if_given(value: str | Secret | None) -> Secret | None:
    """Converter for an optional secret field. An empty value counts as not given."""
    return as_secret(value) if value and value != Secret("") else None


def is_visible_ascii(text: str) -> bool:
    """Whether a string is a valid token (RFC 6749 appendix A) and header value."""
    return bool(text) and all("\x20" <= character <= "\x7e" for character in text) and text == text.strip()


def _can_be_sent(token: object, attribute: Attribute[Secret], value: Secret) -> None:
    if not is_visible_ascii(value.reveal()):
        message = "an access token is empty, or has characters that a header cannot hold"
        raise ValueError(message)


@frozen(kw_only=True)
class TokenParts:
    """The values collected so far from the responses of one login or refresh.

    Attributes:
        issued: when the request was sent whose response states the lifetime.
        lifetime: seconds from ``issued``; ``None``: not stated.
        server_offset: seconds that the token server's clock is ahead of this machine's, by the ``Date`` of its
            response; 0 if they agree, ``None`` if no response had one.
    """

    access_token: Secret | None = None
    refresh_token: Secret | None = None
    extras: Mapping[str, ExtraValue | Secret] = NOTHING
    issued: Moment
    lifetime: float | None = None
    server_offset: float | None = None

    def clear(self) -> dict[str, ExtraValue]:
        """``access_token``, ``refresh_token`` and the extras that are present, in clear text."""
        everything = {"access_token": self.access_token, "refresh_token": self.refresh_token, **self.extras}
        return {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in everything.items()
            if value is not None
        }


@frozen(kw_only=True)
class Token(TokenParts):
    """One access token and what came with it.

    Attributes:
        lifetime: seconds from ``issued``; ``None``: it does not expire.
        generation: number of the token in its source; later tokens have higher numbers.
        grant: name of the grant that obtained it, or ``refresh``.

    Raises:
        ValueError: the access token cannot be sent (HTTP libraries would show it in their error).
    """

    access_token: Secret = field(validator=_can_be_sent)
    generation: int = 1
    grant: str

    @classmethod
    def of(cls, parts: TokenParts, *, generation: int, grant: str, unknown_lifetime: float) -> Self:
        """Create a token from parts with an access token; ``unknown_lifetime`` is used if they state none."""
        values = asdict(parts, recurse=False)
        values["lifetime"] = unknown_lifetime if parts.lifetime is None else parts.lifetime
        return cls(**values, generation=generation, grant=grant)

    @property
    def ends(self) -> Moment | None:
        """When the token expires; ``None``: never."""
        return None if self.lifetime is None else self.issued.later(self.lifetime)

    def left(self, now: Moment) -> float:
        """Seconds until the token expires; infinite if it never does, 0 or negative if it has."""
        return math.inf if self.ends is None else now.until(self.ends)

    def part(self, name: str) -> ExtraValue | None:
        """``access_token``, ``refresh_token`` or an extra, in clear text; ``None`` if absent."""
        return self.clear().get(name)
