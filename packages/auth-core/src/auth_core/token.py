"""Tokens, and the secrets in them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import NoReturn

from attrs import Attribute, field, frozen

from .clock import Moment
from .lifecycle import NOTHING, ExtraValue

__all__ = ["Secret", "Token", "is_visible_ascii"]

MASK = "****"


class Secret:
    """A text that shows itself to :meth:`reveal` only: not in repr, str, format, logs, JSON or pickles."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

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
            self._value.encode("utf-8", "surrogatepass"), other._value.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash(self._value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        message = "a Secret is not pickled; reveal() it where it has to be written down"
        raise TypeError(message)


def is_visible_ascii(text: str) -> bool:
    """Whether a text is what RFC 6749 appendix A allows a token to be, and a header can carry."""
    return bool(text) and all("\x20" <= character <= "\x7e" for character in text) and text == text.strip()


def _can_be_sent(token: object, attribute: Attribute[Secret], value: Secret) -> None:
    if not is_visible_ascii(value.reveal()):
        message = "an access token is empty, or holds characters that no header can carry"
        raise ValueError(message)


@frozen(kw_only=True)
class Token:
    """One access token and what came with it.

    Attributes:
        issued: when the request for it was sent; its life is counted from there.
        lifetime: seconds; ``None``: it has no end.
        generation: counts the tokens of one source; a later token has a higher one.
        grant: how it was obtained: the grant's name, or ``refresh``.
        server_offset: seconds that the token server's clock is ahead of this machine's, by the ``Date`` of its answer;
            0 where they agree, ``None`` where no answer had one.

    Raises:
        ValueError: the access token cannot be sent. (HTTP libraries would refuse it in an error that shows it.)
    """

    access_token: Secret = field(validator=_can_be_sent)
    refresh_token: Secret | None = None
    extras: Mapping[str, ExtraValue | Secret] = NOTHING
    issued: Moment
    lifetime: float | None = None
    generation: int = 1
    grant: str
    server_offset: float | None = None

    @property
    def ends(self) -> Moment | None:
        """When it is no longer valid; ``None``: never."""
        return None if self.lifetime is None else self.issued.later(self.lifetime)

    def part(self, name: str) -> ExtraValue | None:
        """``access_token``, ``refresh_token`` or an extra, in clear text; ``None`` when there is none."""
        value = {"access_token": self.access_token, "refresh_token": self.refresh_token}.get(name) or self.extras.get(
            name
        )
        return value.reveal() if isinstance(value, Secret) else value
