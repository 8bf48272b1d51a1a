"""What a user gives: one class per grant, generated from the spec; here its base and what is done with its values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeAlias, cast

from attrs import AttrsInstance, fields

from .errors import AuthError, InvalidCredentials
from .lifecycle import TokenLifecycle
from .token import MASK, Unpicklable

CredentialValue: TypeAlias = str | Callable[[], str]
"""A text, or a callable without arguments that is asked for it once per login."""


class Credentials(Unpicklable):
    """Base of the generated credentials classes (frozen attrs classes). Shows no secret, cannot be pickled.

    Attributes:
        lifecycle: of the security scheme these credentials are for.
        scheme: its name.
        grant: the grant, as the lifecycle names it.
    """

    __slots__ = ()

    _not_pickled = "it would write down secrets. Build it where it is used"

    lifecycle: ClassVar[TokenLifecycle]
    scheme: ClassVar[str]
    grant: ClassVar[str]

    def __repr__(self) -> str:
        lifecycle: TokenLifecycle | None = getattr(self, "lifecycle", None)  # a grant of the user's has none
        definitions = () if lifecycle is None else lifecycle.grant(self.grant).credentials
        shown = {definition.name for definition in definitions if not definition.secret}
        parts = [
            f"{name}={'<callable>' if callable(value) else repr(value) if name in shown else MASK}"
            for name, value in self.values().items()
        ]
        return f"{type(self).__name__}({', '.join(parts)})"

    def values(self) -> dict[str, CredentialValue]:
        """The credentials that were given, by name. In clear text: for the login only."""
        names = [attribute.name for attribute in fields(cast("type[AttrsInstance]", type(self)))]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def resolve(values: Mapping[str, CredentialValue]) -> dict[str, str]:
    """The texts: callables are called, each once. :class:`InvalidCredentials` when one cannot be had or sent."""
    return {name: _resolve_one(name, value) for name, value in values.items()}


def _resolve_one(name: str, value: CredentialValue) -> str:
    if callable(value):
        failure = ""
        try:
            value = value()
        except AuthError as error:  # ours hold no secret, and say what to do
            failure = f"{type(error).__name__}: {error}"
        except Exception as error:  # a user's function may raise anything; its text may hold anything
            failure = type(error).__name__
        if failure:
            message = f"the callable for the credential {name!r} raised {failure}"
            raise InvalidCredentials(message)
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        message = f"the credential {name!r} must be a str, not {type(value).__name__}"
        raise InvalidCredentials(message)
    if any("\ud800" <= character <= "\udfff" for character in value):
        message = f"the credential {name!r} holds characters that cannot be sent as UTF-8"
        raise InvalidCredentials(message)
    return value


def fingerprint(salt: bytes, *parts: object) -> str:
    """A name for credentials that gives nothing away: a keyed hash of all parts (JSON values)."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), key=salt, digest_size=16).hexdigest()
