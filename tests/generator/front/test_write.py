"""Only what changed is written, what is stale goes, and drift is seen both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdkgen.write import RECORD, Drift, compare, files_of, mirror, write_if_changed


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


def test_a_mirror_is_equal_to_what_was_generated(generated: Path, package: Path) -> None:
    assert mirror(generated, package) == Drift(missing=("a.py", "models/b.py"))
    assert not compare(generated, package)


def test_a_file_that_is_equal_is_not_touched(generated: Path, package: Path) -> None:
    mirror(generated, package)
    before = (package / "a.py").stat()
    (generated / "models/b.py").write_text("C")

    assert mirror(generated, package) == Drift(changed=("models/b.py",))
    assert (package / "a.py").stat() == before


def test_a_stale_file_goes_and_its_folder_with_it(generated: Path, package: Path) -> None:
    mirror(generated, package)
    tree(package, {"operations/old.py": "O", "operations/__pycache__/old.pyc": "O"})

    assert mirror(generated, package) == Drift(extra=("operations/old.py",))
    assert not (package / "operations").exists()


def test_files_that_tools_leave_in_a_package_are_no_drift(generated: Path, package: Path) -> None:
    mirror(generated, package)
    left = {"__pycache__/a.pyc": "", "x.egg-info/PKG-INFO": "", "dist/x.whl": "", ".mypy_cache/x": "", RECORD: "{}"}
    tree(package, left)

    assert not mirror(generated, package)
    assert all((package / name).is_file() for name in left)


def test_a_folder_in_the_place_of_a_file_is_replaced(generated: Path, package: Path) -> None:
    tree(package, {"a.py/x": ""})

    mirror(generated, package)

    assert (package / "a.py").read_text() == "A"
    assert not compare(generated, package)


def test_a_file_in_the_place_of_a_folder_is_replaced(generated: Path, package: Path) -> None:
    tree(package, {"models": ""})

    mirror(generated, package)

    assert (package / "models/b.py").read_text() == "B"


def test_a_link_is_drift_and_what_it_leads_to_stays(generated: Path, package: Path, tmp_path: Path) -> None:
    outside = tree(tmp_path / "outside", {"a.py": "A", "precious.txt": "P"})
    mirror(generated, package)
    (package / "a.py").unlink()
    (package / "a.py").symlink_to(outside / "a.py")
    (package / "folder").symlink_to(outside)

    assert compare(generated, package) == Drift(changed=("a.py",), extra=("folder",))
    mirror(generated, package)

    assert not (package / "a.py").is_symlink()
    assert sorted(files_of(outside)) == ["a.py", "precious.txt"]


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
