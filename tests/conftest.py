"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from auth_core.store.memory import PROCESS_BOOK


@pytest.fixture(autouse=True)
def refused_logins_are_forgotten() -> Iterator[None]:
    """A process records them by URL and credentials, and a later test's server may get the port of this one's."""
    yield
    PROCESS_BOOK.clear()
