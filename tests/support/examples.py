"""How many examples a test with Hypothesis tries: some, and four times as many in ``make test-all``."""

from __future__ import annotations

import os

TIMES = int(os.environ.get("TIMES_AS_MANY_EXAMPLES", "1"))


def examples(some: int) -> int:
    """The ``max_examples`` of a test."""
    return some * TIMES
