"""The demonstration, and what the tests of all clients use: any vendor with a folder, none by name."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

import demo
from sdkgen.bundle import bundle
from sdkgen.problems import ProblemsFound
from support.repository import ROOT, VENDORS
from vendor_clients import Call, Subject, vendor_names
from vendor_sandbox import Sandbox


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The specs with a sixth vendor among them."""
    root = tmp_path / "repository"
    shutil.copytree(ROOT / "specs", root / "specs")
    (root / "specs/harbour").mkdir()
    shutil.copy(Path(__file__).parent / "sixth_vendor/openapi.yaml", root / "specs/harbour")
    return root


def write(root: Path, text: str) -> Path:
    (root / "specs/harbour/demo.yaml").write_text(text)
    return root


# --- which vendors, and which calls ----------------------------------------------------------------------------------


def test_a_sixth_folder_is_a_sixth_vendor(tree: Path) -> None:
    assert vendor_names(tree) == sorted([*VENDORS, "harbour"])
    assert vendor_names() == VENDORS


def test_a_sixth_vendor_says_what_is_called(tree: Path) -> None:
    text = "calls: [{method: berths.list}, {method: sessions.open, arguments: {tenant: a}, grant: client}]\n"
    subject = Subject.read("harbour", write(tree, text + "expired: [{status: [419]}]\n"))
    assert subject.calls == (Call("berths.list"), Call("sessions.open", {"tenant": "a"}, "client"))
    assert [call.method for call in subject.calls_for()] == ["berths.list"]
    assert [call.method for call in subject.calls_for("client")] == ["sessions.open"]
    assert [call.method for call in subject.calls_for("another")] == ["berths.list"]
    assert [condition.status for condition in subject.expired] == [(419,)]


def test_a_vendor_may_say_nothing(tree: Path) -> None:
    assert Subject.read("harbour", tree) == Subject("harbour")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("calls: []\n", "specs/harbour/demo.yaml:1: "),
        ("calls:\n  - {method: list}\n", "specs/harbour/demo.yaml:2: `list` is not a resource and a method"),
        ("calls:\n  - {methd: berths.list}\n", "specs/harbour/demo.yaml:2: "),
        ("calls: [{method: a.b, grant: client}]\n", "specs/harbour/demo.yaml:1: "),
        ("calls: [{method: a.b}]\nexpierd: []\n", "specs/harbour/demo.yaml:2: "),
        ("calls: [\n", "specs/harbour/demo.yaml:"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tree: Path, text: str, problem: str) -> None:
    with pytest.raises(ProblemsFound) as caught:
        Subject.read("harbour", write(tree, text))
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_says_what_is_called(vendor: str) -> None:
    subject = Subject.read(vendor)
    methods = {f"{method.resource}.{method.name}" for method in subject.methods()}
    assert subject.calls
    assert {call.method for call in subject.calls} <= methods
    assert {call.grant for call in subject.calls} - {None} <= set(subject.grants)


# --- calls -----------------------------------------------------------------------------------------------------------


class Things:
    def __init__(self) -> None:
        self.seen: Any = None

    def list(self, place: Place | None = None, *, tags: Mapping[str, str] | None = None, size: int = 1) -> None:
        self.seen = (place, tags, size)


class Place:
    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        return ("made of", data)


def test_an_object_becomes_the_model_that_the_method_takes() -> None:
    client = type("Client", (), {"things": Things()})()
    Call("things.list", {"place": {"id": 1}, "tags": {"a": "b"}, "size": 3})(client)
    assert client.things.seen == (("made of", {"id": 1}), {"a": "b"}, 3)
    Call("things.list", {"place": None})(client)
    assert client.things.seen == (None, None, 1)


# --- the demonstration -----------------------------------------------------------------------------------------------


def show(subjects: list[Subject], sandbox: Sandbox) -> list[str]:
    """Run the parts one after the other; gives the lines of what is printed in the end."""
    with Progress(console=Console(quiet=True)) as progress:
        for subject in subjects:
            demo.perform(subject, sandbox[subject.vendor], progress, progress.add_task("", doing=""))
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(demo.report(sandbox, subjects))
    return console.export_text().splitlines()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The end of a token is not waited for: the round calls with the one at hand."""
    monkeypatch.setattr(demo, "TOKEN_LIFETIME_SECONDS", 0)
    return iter(())


@pytest.mark.usefixtures("no_waiting")
def test_every_client_is_shown_and_survives_a_revoked_token() -> None:
    subjects = [Subject.read(vendor) for vendor in VENDORS]
    with Sandbox(*VENDORS) as sandbox:
        lines = show(subjects, sandbox)
        assert all(vendor.refused for vendor in (sandbox[name] for name in VENDORS))
    assert not any("…" in line for line in lines), "80 columns are enough"
    rows = {line.split()[0]: line.split()[2] for line in lines if line.split()[:1] and line.split()[0] in VENDORS}
    assert rows == dict.fromkeys(VENDORS, "30")


@pytest.mark.usefixtures("harbour_package")
def test_a_vendor_without_a_sandbox_account_is_omitted_by_name(tree: Path) -> None:
    document = bundle(tree / "specs/harbour/openapi.yaml", root=tree).document
    subjects = [Subject.read(vendor, tree) for vendor in ("cinchy", "harbour")]
    with Sandbox("cinchy", "harbour", documents={"harbour": document}) as sandbox:
        assert demo.with_account(sandbox, subjects) == subjects[:1]
    remarks = list(demo.remarks(subjects[:1], subjects[1:]))
    assert remarks[-1] == "Not shown, because the sandbox has no account to log in with: harbour."


@pytest.mark.usefixtures("harbour_package")
def test_a_vendor_without_named_calls_uses_a_method_without_arguments() -> None:
    subject = Subject("harbour")
    assert subject.call == Call("berths.list")
    assert subject.first_grant.name == "client"
    assert subject.knows_expiry


@pytest.mark.usefixtures("harbour_package")
def test_a_vendor_whose_methods_require_arguments_must_name_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Subject, "methods", lambda _: [])
    with pytest.raises(LookupError, match=r"Declare a call in specs/harbour/demo\.yaml"):
        Subject("harbour").calls_for()
