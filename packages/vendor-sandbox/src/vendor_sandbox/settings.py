"""Settings of a vendor that can be changed while it runs: token behaviour and clock skew.

On the command line: ``VENDOR:NAME=VALUE[,NAME=VALUE…]``, as in ``amino:token_lifetime=60,lock_out_after=3``; ``*`` is
every vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import asdict, evolve, field, fields, frozen

from vendor_sandbox.json_values import shortened

__all__ = ["SETTINGS_GRAMMAR", "TokenSettings", "WrongSetting", "parse_settings"]

SETTINGS_GRAMMAR = "VENDOR:NAME=VALUE[,NAME=VALUE...]"
TEN_YEARS = 10 * 365 * 24 * 3600
MOST_LOGINS = 1_000_000
ANY = "*"


class WrongSetting(ValueError):
    """Raised for an unknown setting or a value that is not allowed. ``name`` is the setting's name, or empty."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


def _checked(allowed: str, accepts: Callable[[Any], bool]) -> Any:
    def check(instance: object, attribute: Any, value: object) -> None:
        if not accepts(value):
            # the message does not contain the value: it may be a token that was entered by mistake
            raise WrongSetting(f"{attribute.name} must be {allowed}", attribute.name)

    return field(validator=check, metadata={"allowed": allowed})


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_lifetime(value: Any) -> bool:
    return _is_number(value) and 1 <= value <= TEN_YEARS


LIFETIME = f"at least one second and at most {TEN_YEARS} (ten years)"


@frozen(kw_only=True)
class TokenSettings:
    """The settings of one vendor. Lifetimes and the skew are in seconds."""

    token_lifetime: float = _checked(LIFETIME, _is_lifetime)
    """Lifetime of access tokens that are issued from now on."""
    refresh_lifetime: float | None = _checked(
        f"{LIFETIME}, or null for ever", lambda value: value is None or _is_lifetime(value)
    )
    """Lifetime of refresh tokens that are issued from now on; ``None``: they never expire."""
    rotates: bool = _checked("true or false", lambda value: isinstance(value, bool))
    """Whether a refresh returns a new refresh token and invalidates the old one."""
    reuse_revokes: bool = _checked("true or false", lambda value: isinstance(value, bool))
    """Whether reusing a refresh token revokes all tokens of its login (RFC 9700 section 4.14)."""
    single_session: bool = _checked("true or false", lambda value: isinstance(value, bool))
    """Whether a login revokes the tokens of earlier logins."""
    lock_out_after: int | None = _checked(
        f"a whole number from 1 to {MOST_LOGINS}, or null for never",
        lambda value: value is None or (_is_number(value) and isinstance(value, int) and 1 <= value <= MOST_LOGINS),
    )
    """Number of consecutive refused logins after which the account is locked; changing this setting unlocks it."""
    clock_skew: float = _checked(
        f"seconds from -{TEN_YEARS} to {TEN_YEARS}", lambda value: _is_number(value) and abs(value) <= TEN_YEARS
    )
    """Seconds by which the vendor's clock is ahead of the sandbox's."""

    def changed(self, changes: Mapping[str, Any]) -> TokenSettings:
        """A copy of these settings with some of them changed.

        Raises:
            WrongSetting: a setting is unknown, or its value is not allowed.
        """
        for name in changes:
            _require(name)
        return evolve(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """The settings by name."""
        return asdict(self)


def parse_settings(text: str) -> tuple[str | None, dict[str, Any]]:
    """Parse a command-line argument into a vendor (``None``: every vendor) and settings.

    Raises:
        WrongSetting: the argument does not follow the grammar, or a setting is unknown.
    """
    vendor, colon, rest = text.partition(":")
    if not colon or not vendor or not rest:
        raise WrongSetting(f"{text!r} is not a setting: write {SETTINGS_GRAMMAR}, with * for every vendor")
    found: dict[str, Any] = {}
    for setting in rest.split(","):
        name, equals, value = setting.partition("=")
        if not equals:
            raise WrongSetting(f"{text!r}: {setting!r} is not NAME=VALUE")
        try:
            _require(name)
        except WrongSetting as error:
            raise WrongSetting(f"{text!r}: {error}", name) from None
        if name in found:
            raise WrongSetting(f"{text!r}: {name} is given twice", name)
        found[name] = _read(value)
    return None if vendor == ANY else vendor, found


def _require(name: str) -> None:
    known = [each.name for each in fields(TokenSettings)]
    if name not in known:
        raise WrongSetting(f"unknown setting {shortened(name)!r}; the settings are {', '.join(known)}", name)


def _read(text: str) -> Any:
    words: dict[str, Any] = {"true": True, "false": False, "null": None}
    if text.lower() in words:
        return words[text.lower()]
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
