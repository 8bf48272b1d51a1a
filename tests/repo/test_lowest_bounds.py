"""A client works with the oldest of everything that its bounds allow: its own tests say so, in a new environment.

The oldest ``auth-core`` is built from the tag of its release. Until there is a release it is the one of this tree, and
the name of the test says which it was.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from support.repository import CLIENTS, ROOT, Client

CLIENT = Client("cinchy")
SUITE = ("test_token_lifecycle", "test_process_life", "test_every_method", "test_wire", "test_pages", "test_defects")
TOOLS = ("pytest", "pytest-asyncio", "pytest-timeout")
TAG = re.compile(r"(?:auth-core[-/])?v?(\d+(?:\.\d+)*)")


def bounds(client: Client) -> dict[str, Requirement]:
    """What a client depends on, by name."""
    declared = tomllib.loads((client.folder / "pyproject.toml").read_text())["project"]["dependencies"]
    return {requirement.name: requirement for requirement in map(Requirement, declared)}


def lowest(requirement: Requirement) -> str:
    """The lowest version that a requirement allows."""
    (version,) = (part.version for part in requirement.specifier if part.operator == ">=")
    return version


def oldest_release(tags: Iterable[str], requirement: Requirement) -> str | None:
    """The tag of the oldest release that the requirement allows, if any is."""
    found = {tag: Version(match[1]) for tag in tags if (match := TAG.fullmatch(tag))}
    allowed = [tag for tag, version in found.items() if version in requirement.specifier]
    return min(allowed, key=found.__getitem__, default=None)


def tags() -> list[str]:
    """The tags of this repository; none where it is no work tree of git, or git is not installed."""
    if shutil.which("git") is None:
        return []
    listed = subprocess.run(["git", "tag"], cwd=ROOT, capture_output=True, text=True, check=False)
    return listed.stdout.split() if listed.returncode == 0 else []


RELEASE = oldest_release(tags(), bounds(CLIENT)["auth-core"])


@pytest.mark.parametrize(
    ("tagged", "bound", "oldest"),
    [
        ([], ">=0.1,<0.2", None),
        (["v0.1.0", "v0.1.1", "v0.2.0"], ">=0.1,<0.2", "v0.1.0"),
        (["auth-core-0.1.10", "auth-core-0.1.9", "auth-core-0.1.2"], ">=0.1.3,<0.2", "auth-core-0.1.9"),
        (["cinchy-client-0.1.0", "auth-core/v0.1.4", "nightly"], ">=0.1,<0.2", "auth-core/v0.1.4"),
        (["v0.2.0"], ">=0.1,<0.2", None),
    ],
)
def test_the_oldest_release_is_the_lowest_within_the_bound(tagged: list[str], bound: str, oldest: str | None) -> None:
    assert oldest_release(tagged, Requirement(f"auth-core{bound}")) == oldest


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.vendor)
def test_every_client_has_the_dependency_bounds_of_the_tested_one(client: Client) -> None:
    assert bounds(client) == bounds(CLIENT)
    assert [lowest(requirement) for requirement in bounds(client).values()]


def auth_core_of(release: str | None, folder: Path) -> Path:
    """The folder of auth-core's sources at a release, or in this tree."""
    if release is None:
        return ROOT / "packages/auth-core"
    command = ["git", "archive", release, "packages/auth-core"]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        opened.extractall(folder, filter="data")
    return folder / "packages/auth-core"


def pins_of_tools_without(names: Iterable[str], folder: Path) -> Path:
    """The repository's constraints, but for some packages."""
    lines = (ROOT / "requirements/constraints.txt").read_text().splitlines()
    kept = [line for line in lines if line.partition("==")[0].strip() not in names]
    assert len(lines) - len(kept) == len(set(names))
    path = folder / "constraints.txt"
    path.write_text("\n".join(kept))
    return path


def run(command: list[str], **options: Any) -> str:
    """Run a program, which must succeed, and return what it says."""
    finished = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert finished.returncode == 0, finished.stdout[-5000:] + finished.stderr[-2000:]
    return finished.stdout


def wheel_of(source: Path, folder: Path) -> str:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    run(command)
    (wheel,) = folder.glob("*.whl")
    return str(wheel)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.xdist_group("distributions")
@pytest.mark.parametrize("release", [RELEASE], ids=[RELEASE or "auth-core-of-this-tree"])
def test_a_client_passes_its_tests_with_the_oldest_of_everything(
    release: str | None, distributions: Path, tmp_path: Path
) -> None:
    wanted = {name: lowest(requirement) for name, requirement in bounds(CLIENT).items() if name != "auth-core"}
    auth_core = wheel_of(auth_core_of(release, tmp_path / "release"), tmp_path / "wheel")
    others = [str(wheel) for wheel in sorted(distributions.glob("*.whl")) if not wheel.name.startswith("auth_core-")]
    venv.create(tmp_path / "environment", with_pip=True)
    python = str(tmp_path / "environment" / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    constraints = ["--constraint", str(pins_of_tools_without(wanted, tmp_path))]
    pins = [f"{name}=={version}" for name, version in wanted.items()]
    reader_of_demo_files = ["--editable", str(ROOT / "generator")]
    run([*pip, "install", "--quiet", *constraints, *pins, *TOOLS, f"{auth_core}[file]", *others, *reader_of_demo_files])

    versions = {
        entry["name"]: Version(entry["version"]) for entry in json.loads(run([*pip, "list", "--format", "json"]))
    }
    assert {name: versions[name] for name in wanted} == {name: Version(version) for name, version in wanted.items()}

    suite = [f"tests/clients/{name}.py" for name in SUITE]
    pytest_ = [python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow", "-k", CLIENT.vendor]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    reported = run([*pytest_, *suite], cwd=ROOT, env=environment)
    passed = re.search(r"(\d+) passed", reported.splitlines()[-1])
    assert passed
    assert int(passed[1]) > 50
