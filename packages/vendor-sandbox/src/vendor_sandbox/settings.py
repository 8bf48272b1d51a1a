"""How a vendor deals with tokens, and how wrong its clock is: what can be changed while it runs.

On the command line: ``VENDOR:NAME=VALUE[,NAME=VALUE…]``, as in ``amino:token_lifetime=60,lock_out_after=3``; ``*`` is
any vendor.
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
    """A setting that there is not, or a value that it cannot have. ``name`` is the setting's name, or empty."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


def _checked(allowed: str, accepts: Callable[[Any], bool]) -> Any:
    def check(instance: object, attribute: Any, value: object) -> None:
        if not accepts(value):
            # the value is not repeated: it may be a token that was put into the wrong place
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
    """Of access tokens that are issued from now on."""
    refresh_lifetime: float | None = _checked(
        f"{LIFETIME}, or null for ever", lambda value: value is None or _is_lifetime(value)
    )
    """Of refresh tokens that are issued from now on; ``None``: they never end."""
    rotates: bool = _checked("true or false", lambda value: isinstance(value, bool))
    """A refresh hands out a new refresh token and spends the old one."""
    reuse_revokes: bool = _checked("true or false", lambda value: isinstance(value, bool))
    """A spent refresh token that is shown again ends all tokens of its login (RFC 9700 section 4.14)."""
    single_session: bool = _checked("true or false", lambda value: isinstance(value, bool))
    """A login ends the tokens of the earlier ones."""
    lock_out_after: int | None = _checked(
        f"a whole number from 1 to {MOST_LOGINS}, or null for never",
        lambda value: value is None or (_is_number(value) and isinstance(value, int) and 1 <= value <= MOST_LOGINS),
    )
    """After how many refused logins in a row the account is locked; a change of this setting opens it."""
    clock_skew: float = _checked(
        f"seconds from -{TEN_YEARS} to {TEN_YEARS}", lambda value: _is_number(value) and abs(value) <= TEN_YEARS
    )
    """How far the vendor's clock is ahead of the sandbox's."""

    def changed(self, changes: Mapping[str, Any]) -> TokenSettings:
        """These settings with some of them changed.

        Raises:
            WrongSetting: there is no such setting, or it cannot have that value.
        """
        for name in changes:
            _require(name)
        return evolve(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """The settings by name."""
        return asdict(self)


def parse_settings(text: str) -> tuple[str | None, dict[str, Any]]:
    """The vendor (``None``: any) and the settings in an argument of the command line.

    Raises:
        WrongSetting: it does not follow the grammar, or there is no such setting.
    """
    vendor, colon, rest = text.partition(":")
    if not colon or not vendor or not rest:
        raise WrongSetting(f"{text!r} is no setting: write {SETTINGS_GRAMMAR}, with * for any vendor")
    found: dict[str, Any] = {}
    for setting in rest.split(","):
        name, equals, value = setting.partition("=")
        if not equals:
            raise WrongSetting(f"{text!r}: {setting!r} is no NAME=VALUE")
        try:
            _require(name)
        except WrongSetting as error:
            raise WrongSetting(f"{text!r}: {error}", name) from None
        if name in found:
            raise WrongSetting(f"{text!r}: {name} is said twice", name)
        found[name] = _read(value)
    return None if vendor == ANY else vendor, found


def _require(name: str) -> None:
    known = [each.name for each in fields(TokenSettings)]
    if name not in known:
        raise WrongSetting(f"there is no setting {shortened(name)!r}; there are {', '.join(known)}", name)


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
