from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from generator.surface.things import PASSWORD, SPEC
from support.http_server import Server, serve
from support.packages import Package, generate


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as running:
        yield running


@pytest.fixture(scope="module")
def package() -> Package:
    """The client of ``things``."""
    made = generate(SPEC)
    assert made.problems == ()
    return made


@pytest.fixture
def credentials(package: Package) -> Any:
    """Credentials that ``things`` accepts."""
    return package.PasswordCredentials(user="ada", password=PASSWORD)
