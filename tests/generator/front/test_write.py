"""Only what changed is written, only what is sdkgen's own goes, and drift is seen both ways."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from sdkgen.write import RECORD, Drift, Owned, carry_out, compare, files_of, plan, remove, write_if_changed


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    return tree(tmp_path / "generated", {"a.py": "A", "models/b.py": "B"})


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return tmp_path / "package"


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def every(_: str, __: bytes) -> bool:
    """All files are sdkgen's."""
    return True


def no_file(_: str, __: bytes) -> bool:
    """No file is sdkgen's."""
    return False


def put(generated: Path, package: Path, owned: Owned = every, recorded: Iterable[str] = ()) -> Drift:
    """Carry out a plan that refuses nothing."""
    decided = plan(generated, package, owned, recorded)
    assert decided.refused == ()
    carry_out(decided, generated, package)
    return decided.drift


def test_the_folder_is_equal_to_what_was_generated(generated: Path, package: Path) -> None:
    assert put(generated, package) == Drift(missing=("a.py", "models/b.py"))
    assert not compare(generated, package)


def test_a_file_that_is_equal_is_not_touched(generated: Path, package: Path) -> None:
    put(generated, package)
    before = (package / "a.py").stat()
    (generated / "models/b.py").write_text("C")

    assert put(generated, package) == Drift(changed=("models/b.py",))
    assert (package / "a.py").stat() == before


def test_a_stale_file_goes_and_its_folder_with_it(generated: Path, package: Path) -> None:
    put(generated, package)
    tree(package, {"operations/old.py": "O", "operations/__pycache__/old.pyc": "O"})

    assert put(generated, package) == Drift(extra=("operations/old.py",))
    assert not (package / "operations").exists()


def test_files_that_tools_leave_in_a_package_are_no_drift(generated: Path, package: Path) -> None:
    put(generated, package)
    left = {"__pycache__/a.pyc": "", "x.egg-info/PKG-INFO": "", "dist/x.whl": "", ".mypy_cache/x": "", RECORD: "{}"}
    tree(package, left)

    assert not put(generated, package)
    assert all((package / name).is_file() for name in left)


def test_a_resource_may_be_called_like_a_folder_of_tools(generated: Path, package: Path) -> None:
    tree(generated, {"operations/build/start.py": "S", "operations/dist/x.py": "X"})
    put(generated, package)
    (generated / "operations/build/start.py").unlink()

    assert put(generated, package, recorded=["operations/build/start.py"]).extra == ("operations/build/start.py",)
    assert sorted(path.name for path in package.rglob("*.py")) == ["a.py", "b.py", "x.py"]


@pytest.mark.parametrize(
    ("there", "name", "reason"),
    [
        ({"a.py": "mine"}, "a.py", "was not written by sdkgen"),
        ({"a.py/thesis.txt": "T"}, "a.py", "is a folder where a file is to be written"),
        ({"models": "mine"}, "models", "is a file where a folder is needed"),
        ({"a.py": Path("elsewhere/a.py")}, "a.py", "is a link where a file is to be written"),
        ({"a.py": Path("nowhere")}, "a.py", "is a link where a file is to be written"),
        ({"models": Path("elsewhere")}, "models", "is a link where a folder is needed"),
        ({RECORD: Path("elsewhere/a.py")}, RECORD, "is a link"),
        ({RECORD + "/x": ""}, RECORD, "is a folder"),
        ({"a.py": None}, "a.py", "is a special file where a file is to be written"),
    ],
)
def test_what_is_in_the_way_is_refused_by_name(
    there: dict[str, str | Path | None], name: str, reason: str, generated: Path, package: Path, tmp_path: Path
) -> None:
    """Whether or not a regular file would be sdkgen's to change."""
    elsewhere = tree(tmp_path / "elsewhere", {"a.py": "A", "precious.txt": "P"})
    package.mkdir()
    for path, content in there.items():
        if isinstance(content, str):
            tree(package, {path: content})
        elif content is None:
            os.mkfifo(package / path)
        else:
            (package / path).symlink_to(tmp_path / content)
    before = sorted(package.rglob("*"))

    assert plan(generated, package, no_file).refused == ((name, reason),)
    assert sorted(package.rglob("*")) == before
    assert sorted(files_of(elsewhere)) == ["a.py", "precious.txt"]
    assert compare(generated, package)


def test_files_of_others_that_are_not_in_the_way_stay(generated: Path, package: Path, tmp_path: Path) -> None:
    outside = tree(tmp_path / "outside", {"a.py": "A"})
    tree(package, {".git/HEAD": "H", "tests/test_it.py": "T", "src/x/notes.md": "N"})
    (package / "folder").symlink_to(outside)
    recorded = ["../outside/a.py", "folder/a.py", str(outside / "a.py"), "\0", "x" * 300, "", "gone.py"]

    assert put(generated, package, no_file, recorded) == Drift(missing=("a.py", "models/b.py"))

    assert {".git/HEAD", "tests/test_it.py", "src/x/notes.md", "folder"} < set(files_of(package))
    assert (outside / "a.py").read_text() == "A"
    edited = plan(generated, package, no_file, ["src/x/notes.md"])
    assert edited.refused == (("src/x/notes.md", "is no longer generated, and was changed since sdkgen wrote it"),)


def test_a_folder_of_stale_files_makes_way_for_a_file_and_the_other_way_round(generated: Path, package: Path) -> None:
    tree(package, {"a.py/x.py": "X", "models": "M"})

    put(generated, package)

    assert not compare(generated, package)


def test_removing_leaves_what_is_not_sdkgen_s(package: Path) -> None:
    tree(package, {"a.py": "A", "models/b.py": "B", "models/notes.md": "N", RECORD: "{}", "dist/x.whl": "W"})

    assert remove(package, lambda name, _: name.endswith(".py")) == (["a.py", "models/b.py"], ["models/notes.md"])
    assert sorted(path.name for path in package.rglob("*") if path.is_file()) == ["notes.md", "x.whl"]


def test_comparing_sees_changed_missing_and_extra_files(generated: Path, package: Path) -> None:
    tree(package, {"a.py": "A\n", "c.py": ""})

    assert compare(generated, package) == Drift(changed=("a.py",), missing=("models/b.py",), extra=("c.py",))


def test_a_folder_that_is_not_there_lacks_everything(generated: Path, package: Path) -> None:
    assert compare(generated, package) == Drift(missing=("a.py", "models/b.py"))


def test_writing_the_same_content_does_nothing(tmp_path: Path) -> None:
    path = tmp_path / "specs" / "x.json"

    assert write_if_changed(path, b"{}")
    assert not write_if_changed(path, b"{}")
    assert write_if_changed(path, b"[]")
    assert [entry.name for entry in path.parent.iterdir()] == ["x.json"]
