"""What an editor completes: the resources of a client and their methods, and nothing else that is public."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import jedi  # pyright: ignore[reportMissingTypeStubs]
import pytest

from clients.vendors import SUBJECTS, Subject

INHERITED = {"mro"}
"""What jedi adds to every class."""


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Of this process alone: others may write the one of the user at the same time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jedi.settings, "cache_directory", str(tmp_path_factory.mktemp("jedi")))
        yield


def completed(source: str) -> set[str]:
    """The public names that are completed at the end of a program."""
    found = cast("list[Any]", jedi.Script(source).complete())  # pyright: ignore[reportUnknownMemberType]
    return {one.name for one in found if not one.name.startswith("_")} - INHERITED


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_completion_shows_what_matters(subject: Subject, is_async: bool) -> None:
    kind = subject.async_client if is_async else subject.client
    package = subject.package.__name__
    resources = [name for name, one in vars(kind).items() if isinstance(one, property)]
    resource = vars(kind)[resources[0]].fget.__annotations__["return"]
    methods = importlib.import_module(f"{package}.resources.{resources[0]}")
    source = f"from {package} import {kind.__name__}\nclient = {kind.__name__}()\nclient."

    assert completed(source) == {name for name in dir(kind) if not name.startswith("_")} >= set(resources)
    public = {name for name in dir(getattr(methods, resource)) if not name.startswith("_")}
    assert completed(f"{source}{resources[0]}.") == public


def test_no_resource_is_imported_before_its_use() -> None:
    program = (
        "import sys, cinchy_client\n"
        "client = cinchy_client.Cinchy(base_url='https://a.example', credentials=())\n"
        "dir(client), repr(client), client.with_options(timeout=1)\n"
        "print([name for name in sys.modules if name.startswith('cinchy_client.resources')])"
    )
    made = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert made.stdout.strip() == "[]"
