"""A body that is passed whole, as ``body``, or member by member, as arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from ..errors import WrongArgumentType
from ..types import UNSET


class _Missing(Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final[Any] = _Missing.MISSING
"""The default of an argument for a required member: it is not given where the body is passed whole."""


def check_one_way(given: Mapping[str, object], members: Sequence[str], defaults: Mapping[str, object]) -> None:
    """Check that a body is passed in one way.

    Args:
        given: The keywords of the call.
        members: The keywords that stand for members of the body.
        defaults: The default of each keyword.

    Raises:
        WrongArgumentType: The body is passed in both ways, or a required member is not passed.
    """
    named = [name for name in members if given.get(name, defaults[name]) is not defaults[name]]
    if given.get("body") is not None:
        if named:
            message = f"the body is passed twice: as `body`, and by {_listed(named)}; pass one of the two"
            raise WrongArgumentType(message)
        return
    missing = [name for name in members if defaults[name] is MISSING and _is_missing(given.get(name, MISSING))]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        message = f"{_listed(missing)} {verb} required; pass each member of the body, or the whole as `body`"
        raise WrongArgumentType(message)


def _is_missing(value: object) -> bool:
    return value is MISSING or value is UNSET


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
