"""A process that was forked: its copies of locks and of renewals under way belong to threads it does not have.

Whoever holds a lock or a thread of its own registers here and puts itself in order in the child, before anything else
runs there. (On systems without ``fork`` nothing is registered.)
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class ForkAware(Protocol):
    """Something that has to put itself in order in a forked child."""

    def after_fork_in_child(self) -> None:
        """Make new locks, forget what other threads were doing. No I/O; nobody else runs yet."""
        ...


_registered: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def reset_in_child(member: ForkAware) -> None:
    """Call ``member.after_fork_in_child()`` in every forked child, for as long as the member lives."""
    _registered.add(member)


def _reset_all() -> None:
    for member in list(_registered):
        member.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
