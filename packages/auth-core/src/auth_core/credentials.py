"""Base of the credentials classes, which are generated from the spec, one per grant; resolving and fingerprinting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeAlias, cast

from attrs import AttrsInstance, fields

from .errors import AuthError, InvalidCredentials
from .lifecycle import TokenLifecycle
from .masking import MASK
from .token import Secret, Unpicklable

CredentialValue: TypeAlias = str | Secret | Callable[[], str]
"""A string, or a callable without arguments that returns it; called once per login."""
ConcealedValue: TypeAlias = Secret | Callable[[], str]
"""The type of a secret field of credentials; :meth:`Secret.reveal` returns the string."""


def concealed(value: CredentialValue) -> ConcealedValue:
    """Converter for a secret field."""
    return Secret(value) if isinstance(value, str) else value


def concealed_if_given(value: CredentialValue | None) -> ConcealedValue | None:
    """Converter for an optional secret field."""
    return None if value is None else concealed(value)


def all_concealed(values: Mapping[str, CredentialValue]) -> dict[str, ConcealedValue]:
    return {name: concealed(value) for name, value in values.items()}


class Credentials(Unpicklable):
    """Base of the generated credentials classes (frozen attrs classes). Each secret is a :class:`Secret`; instances
    cannot be pickled.

    Attributes:
        lifecycle: of the security scheme.
        scheme: name of the security scheme.
        grant: name of the grant in the lifecycle.
    """

    __slots__ = ()

    _not_pickled = "the pickle would contain secrets. Create it in the process that uses it"

    lifecycle: ClassVar[TokenLifecycle]
    scheme: ClassVar[str]
    grant: ClassVar[str]

    def __repr__(self) -> str:
        lifecycle: TokenLifecycle | None = getattr(self, "lifecycle", None)  # a custom grant has none
        definitions = () if lifecycle is None else lifecycle.grant(self.grant).credentials
        shown = {definition.name for definition in definitions if not definition.secret}
        parts = [
            f"{name}={'<callable>' if callable(value) else repr(value) if name in shown else MASK}"
            for name, value in self.values().items()
        ]
        return f"{type(self).__name__}({', '.join(parts)})"

    def values(self) -> dict[str, CredentialValue]:
        """The given credential values by name."""
        names = [attribute.name for attribute in fields(cast("type[AttrsInstance]", type(self)))]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def resolve(values: Mapping[str, CredentialValue]) -> dict[str, str]:
    """Call each callable once. Raises :class:`InvalidCredentials` if one fails or a value cannot be sent."""
    return {name: _resolve_one(name, value) for name, value in values.items()}


def _resolve_one(name: str, value: CredentialValue) -> str:
    if callable(value):
        failure = ""
        try:
            value = value()
        except AuthError as error:  # its message holds no secret
            failure = f"{type(error).__name__}: {error}"
        except Exception as error:  # a user's function may raise anything, with secrets in its message
            failure = type(error).__name__
        if failure:
            message = f"the callable for the credential {name!r} raised {failure}"
            raise InvalidCredentials(message)
    if isinstance(value, Secret):
        value = value.reveal()
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        message = f"the credential {name!r} must be a str, not {type(value).__name__}"
        raise InvalidCredentials(message)
    if any("\ud800" <= character <= "\udfff" for character in value):
        message = f"the credential {name!r} holds characters that cannot be sent as UTF-8"
        raise InvalidCredentials(message)
    return value


def damage(value: object) -> str | None:
    """Describe what a secret file or an ``.env`` file has probably added to a value; ``None`` if nothing."""
    value = value.reveal() if isinstance(value, Secret) else value
    if not isinstance(value, str):
        return None
    if value.startswith("\ufeff"):
        return "begins with a byte order mark"
    if value.endswith(("\n", "\r")):
        return "ends with a line break"
    if value != value.strip():
        return "begins or ends with white space"
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return "is in quotation marks" if quoted else None


def fingerprint(salt: bytes, *parts: object) -> str:
    """A keyed hash of all parts (JSON values), which does not reveal them."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), key=salt, digest_size=16).hexdigest()
