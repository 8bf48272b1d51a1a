"""The result of a command, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ..clock import Moment
from ..token import Token


@frozen
class Report:
    """The result of a command. Both forms may contain the token that the command was asked for."""

    text: str = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)
    well: bool = True
    """``False``: there is no valid token, or a check failed."""

    def shown(self, *, as_json: bool) -> str:
        """The text, or the facts as one line of JSON."""
        return json.dumps(self.facts) if as_json else self.text


def token_facts(token: Token | None, at: Moment) -> dict[str, Any] | None:
    """What may be shown of a token: seconds since the Unix epoch and seconds left; ``None`` if it does not expire."""
    if token is None:
        return None
    return {
        "generation": token.generation,
        "expires_at": token.ends.wall if token.ends is not None else None,
        "expires_in": token.left(at) if token.ends is not None else None,
        "refresh_token": token.refresh_token is not None,
    }
