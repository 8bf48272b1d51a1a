"""The token in service, and what there is to say of it. Pure."""

from __future__ import annotations

from attrs import frozen

from .clock import Moment
from .policy import Windows
from .token import Token

__all__ = ["HeldToken", "described", "generation_of", "why_renewed"]


@frozen
class HeldToken:
    """The token in service, published as one object; ``fresh_*`` is where the ready path's answer ends."""

    token: Token
    windows: Windows | None
    fresh_wall: float
    fresh_monotonic: float


def generation_of(held: HeldToken | None) -> int:
    return 0 if held is None else held.token.generation


def why_renewed(held: HeldToken | None, moment: Moment, *, sent_once: bool) -> str:
    """Why a renewal starts, in words."""
    if held is None:
        return "no token at hand"
    number, windows = held.token.generation, held.windows
    if windows is None:
        return f"token {number} was refused"
    left = moment.until(windows.ends)
    if left <= 0:
        return f"token {number} has ended"
    if moment.until(windows.mandatory) <= 0:
        return f"token {number} has {left:.0f} s left, too few to be served"
    if sent_once:
        return f"token {number} has {left:.0f} s left, too few for a body that can be sent once"
    return f"token {number} has {left:.0f} s left, renewed beside"


def described(held: HeldToken | None, moment: Moment) -> list[str]:
    """The token at hand, in words."""
    if held is None:
        return ["no token at hand"]
    token, windows = held.token, held.windows
    if windows is None:
        return [f"token {token.generation} by {token.grant}, without end"]
    beside, first = moment.until(windows.advisory), moment.until(windows.mandatory)
    lines = [
        f"token {token.generation} by {token.grant}, {moment.until(windows.ends):.0f} s left of {token.lifetime:.0f}"
    ]
    lines.append(f"renewed beside the calls in {max(0.0, beside):.0f} s, before a call in {max(0.0, first):.0f} s")
    if token.server_offset:
        lines.append(f"the token server's clock is {token.server_offset:+.0f} s from this machine's")
    return lines
