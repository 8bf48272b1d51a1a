"""Our templates against those of openapi-python-client: nothing is misspelt, nothing moves unnoticed."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources import files

import pytest

from sdkgen.render.environment import TEMPLATES

UPSTREAM = files("openapi_python_client") / "templates"
LEDGER = tomllib.loads((TEMPLATES / "ledger.toml").read_text("utf-8"))
OURS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.jinja"))


@pytest.mark.parametrize("name", OURS)
def test_templates_replace_an_upstream_one_or_are_listed_as_new(name: str) -> None:
    if name in LEDGER["replaced"]:
        assert UPSTREAM.joinpath(name).is_file()
    else:
        assert not UPSTREAM.joinpath(name).is_file(), f"{name} replaces a template of upstream: say why in ledger.toml"
        assert any(name == known or (known.endswith("/") and name.startswith(known)) for known in LEDGER["new"])


@pytest.mark.parametrize("name", sorted(LEDGER["replaced"]))
def test_the_template_of_upstream_is_the_one_that_was_replaced(name: str) -> None:
    entry = LEDGER["replaced"][name]
    digest = hashlib.sha256(UPSTREAM.joinpath(name).read_bytes()).hexdigest()
    assert digest == entry["sha256"], f"upstream changed {name}: read what, take over what matters, note the new sum"
    assert entry["reason"]
    assert name in OURS


def test_everything_in_the_ledger_is_there() -> None:
    assert all((TEMPLATES / name).exists() for name in [*LEDGER["new"], *LEDGER["replaced"]])
