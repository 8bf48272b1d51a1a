"""A build is told from the release, and from every other build, by its content: pip then installs what it is given."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import record_release
from support.repository import ROOT

FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
MASTER = ROOT / "generator/src/sdkgen/packaging/hatch_build.py"
IGNORED = shutil.ignore_patterns("__pycache__", "*.egg-info", ".sdkgen.json")


def copied(package: str, destination: Path) -> Path:
    """A copy of a package's folder that may be changed."""
    folder = destination / package
    shutil.copytree(ROOT / "packages" / package, folder, ignore=IGNORED)
    return folder


def version_of(folder: Path) -> str:
    """What a build of the folder would have as its version."""
    found: str = runpy.run_path(str(folder / "hatch_build.py"))["build_version"]()
    return found


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """The output of a command that must succeed."""
    finished = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def wheel(folder: Path, destination: Path) -> Path:
    """A wheel, built straight from the folder."""
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", destination, cwd=folder)
    (built,) = destination.glob(f"{folder.name.replace('-', '_')}-*.whl")
    return built


def environment(destination: Path) -> Path:
    """The Python of a new, empty environment."""
    venv.create(destination / "environment", with_pip=False)
    return destination / "environment/bin/python"


def pip(python: Path, *arguments: str | Path) -> str:
    """What pip says after a command for an environment that needs none of its own."""
    return run(sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python, *arguments)


def append(name: str) -> Callable[[Path], None]:
    """A change: one more line in a file."""

    def change(folder: Path) -> None:
        with (folder / name).open("a") as file:
            file.write("\n# changed\n")

    return change


CHANGES: Mapping[str, Callable[[Path], None]] = {
    "a changed module": append("src/auth_core/policy.py"),
    "a new module": append("src/auth_core/new.py"),
    "a removed module": lambda folder: (folder / "src/auth_core/policy.py").unlink(),
    "a renamed module": lambda folder: (folder / "src/auth_core/policy.py").rename(folder / "src/auth_core/p.py"),
    "the metadata": append("pyproject.toml"),
    "the description": append("README.md"),
    "the licence": append("LICENSE"),
    "the hook": append("hatch_build.py"),
}


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """auth-core as it is now, released."""
    folder = copied("auth-core", tmp_path)
    record_release.record(folder, "1.2.0", tmp_path)
    return folder


def test_the_content_that_was_released_has_the_version_alone(released: Path) -> None:
    assert version_of(released) == "1.2.0"


@pytest.mark.parametrize("change", CHANGES)
def test_every_other_content_has_a_version_of_its_own(released: Path, change: str) -> None:
    CHANGES[change](released)
    assert version_of(released).startswith("1.2.0+h")


def test_what_is_not_built_changes_no_version(released: Path) -> None:
    (released / "src/auth_core/__pycache__").mkdir()
    for name in ("__pycache__/policy.cpython-311.pyc", ".policy.py.swp"):
        (released / "src/auth_core" / name).write_text("left over")
    (released / "notes.txt").write_text("not packed")
    assert version_of(released) == "1.2.0"


def test_equal_contents_have_equal_versions_wherever_they_are(tmp_path: Path) -> None:
    folders = [copied("auth-core", tmp_path / place) for place in ("here", "there")]
    assert version_of(folders[0]) == version_of(folders[1]) == version_of(ROOT / "packages/auth-core")


def test_tree_source_distribution_and_wheel_have_one_version(tmp_path: Path) -> None:
    folder = ROOT / "packages/auth-core"
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path / "by-way-of-sdist", folder)
    names = sorted(path.name for path in (tmp_path / "by-way-of-sdist").iterdir())
    assert names == [
        f"auth_core-{version_of(folder)}-py3-none-any.whl",
        f"auth_core-{version_of(folder)}.tar.gz",
    ]
    assert wheel(folder, tmp_path / "straight").name == names[0]


@pytest.mark.slow
@pytest.mark.timeout(300)  # builds four wheels and asks an index for what they depend on
def test_upgrade_installs_the_new_code_and_downgrade_the_old(tmp_path: Path) -> None:
    """As a user has it: two packages built together, one depending on the other, installed from their folder."""
    folders = [copied(name, tmp_path / "tree") for name in ("auth-core", "cinchy-client")]
    modules = [folders[0] / "src/auth_core/clock.py", folders[1] / "src/cinchy_client/errors.py"]
    for build in ("old", "new"):
        for module in modules:
            with module.open("a") as file:
                file.write(f'\nBUILD = "{build}"\n')
        for folder in folders:
            wheel(folder, tmp_path / build)
    python = environment(tmp_path)
    show = (
        "import auth_core, auth_core.clock, cinchy_client, cinchy_client.errors\n"
        "from importlib.metadata import version\n"
        "assert auth_core.__version__ == version('auth-core'), auth_core.__version__\n"
        "assert cinchy_client.__version__ == version('cinchy-client'), cinchy_client.__version__\n"
        "print(auth_core.clock.BUILD, cinchy_client.errors.BUILD)"
    )
    for build in ("old", "new", "old"):
        wheels = sorted((tmp_path / build).iterdir())
        pip(python, "install", "--upgrade", *wheels)
        assert run(python, "-c", show).split() == [build, build]
        assert "No broken requirements" in pip(python, "check")


def test_an_editable_installation_shows_the_version_of_the_tree(tmp_path: Path) -> None:
    folder = copied("auth-core", tmp_path)
    python = environment(tmp_path)
    site = Path(run(sys.executable, "-c", "import hatchling; print(hatchling.__path__[0])").strip()).parent
    (builders,) = (tmp_path / "environment/lib").glob("python*/site-packages")
    (builders / "builders.pth").write_text(f"{site}\n")  # hatchling, without fetching it
    pip(python, "install", "--no-deps", "--no-build-isolation", "--editable", folder)
    show = "import auth_core; print(auth_core.__file__, auth_core.__version__)"
    file, version = run(python, "-c", show).split()
    assert Path(file).is_relative_to(folder)
    assert version_of(folder).startswith(f"{version}+h")


def test_every_package_of_ours_has_the_same_build_hook() -> None:
    hooks = [folder / "hatch_build.py" for folder in (*FOLDERS, ROOT / "generator")]
    assert [hook for hook in hooks if hook.read_bytes() != MASTER.read_bytes()] == []


def test_a_client_is_released_in_the_folder_of_its_spec(tmp_path: Path) -> None:
    """The digest leaves the recorded version out, so that generating the package anew does not undo the release."""
    spec = tmp_path / "specs/harbour/openapi.yaml"
    spec.parent.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "sixth_vendor/openapi.yaml", spec)
    generate: tuple[str | Path, ...] = (sys.executable, "-m", "sdkgen", "generate", "--root", tmp_path)
    run(*generate)
    folder = tmp_path / "packages/harbour-client"
    assert version_of(folder).startswith("0.1.0+h")

    assert record_release.record(folder, "1.2.0", tmp_path) == spec.with_name("release.yaml")
    run(*generate)
    assert version_of(folder) == "1.2.0"

    spec.write_text(spec.read_text().replace("summary: ", "summary: Changed. ", 1))
    run(*generate)
    assert version_of(folder).startswith("1.2.0+h")
