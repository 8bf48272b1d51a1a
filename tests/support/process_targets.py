"""Functions that tests run in other processes, which can import them."""

from __future__ import annotations

import os
import threading


def add(one: int, other: int) -> tuple[int, int]:
    return os.getpid(), one + other


def fail() -> None:
    raise ValueError("no")


def hang() -> None:
    threading.Event().wait(60)


def vanish() -> None:
    os._exit(3)
