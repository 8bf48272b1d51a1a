"""The package as a whole: the same every time, clean under strict checkers, and wrong uses are errors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.surface.support import HEAD, Package, generate, workspace, write_spec
from generator.surface.test_answers import SPEC as ANSWERS
from generator.surface.test_requests import BODIES, PARAMETERS
from generator.surface.things import SPEC as CLIENT
from sdkgen.render.emitted import EMITTED

SPECS = {"answers": ANSWERS, "bodies": BODIES, "client": CLIENT, "parameters": PARAMETERS}
GENERATE = """
import sys
from pathlib import Path
from sdkgen.bundle import bundle
from sdkgen.render import render_client
folder = Path(sys.argv[2])
folder.mkdir()
assert not render_client(bundle(Path(sys.argv[1])), folder).problems
"""


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_order_of_hashes_changes_nothing(tmp_path: Path) -> None:
    spec = write_spec(HEAD + CLIENT, tmp_path, "shop")
    trees: list[dict[str, bytes]] = []
    for seed in ("0", "1", "2"):
        out = tmp_path / f"out{seed}"
        command = [sys.executable, "-c", GENERATE, str(spec), str(out)]
        subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed})
        trees.append(tree(out))
    assert trees[0] == trees[1] == trees[2]
    assert any(name.endswith("py.typed") for name in trees[0])


def test_the_configuration_around_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 40\n")
    spec = write_spec(HEAD + CLIENT, tmp_path, "shop")
    for name in ("one", "two"):
        subprocess.run([sys.executable, "-c", GENERATE, str(spec), str(tmp_path / name)], check=True, cwd=tmp_path)
        (tmp_path / "ruff.toml").unlink(missing_ok=True)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_the_first_line_of_every_file_names_its_template_and_the_spec(spec: str) -> None:
    package = generate(spec)
    source = package.folder / "src" / package.name
    copied = {source / path.relative_to(EMITTED) for path in EMITTED.rglob("*.py")} - {source / "__init__.py"}
    for path in package.folder.rglob("*"):
        if path.is_file() and path.suffix != ".pyc" and path.name != "py.typed" and path not in copied:
            first = path.read_text("utf-8").partition("\n")[0]
            assert re.search(r"\.jinja\b", first), path
            assert "openapi.yaml" in first, path


@pytest.fixture(scope="module")
def packages() -> list[Package]:
    return [generate(spec) for spec in SPECS.values()]


def test_the_code_is_clean_under_mypy_strict(packages: list[Package], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path)]
    for package in packages:
        command += ["-p", package.name]
    sources = os.pathsep.join(str(package.folder / "src") for package in packages)
    environment = {**os.environ, "MYPYPATH": sources}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_the_code_is_clean_under_ruff(packages: list[Package]) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--line-length", "120"]
    command += ["--select", "F,E,I,UP,B", "--target-version", "py311", "--output-format", "concise"]
    command += [str(package.folder) for package in packages]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


CONSUMER = """
import asyncio

from {name} import AsyncShop, NotFoundError, PasswordCredentials, Shop
from {name} import Shopp  # E: "Shopp"

credentials = PasswordCredentials(user="ada", password=lambda: "later")
PasswordCredentials(user="ada")  # E: password
PasswordCredentials(user="ada", password=1)  # E: "password"
with Shop(base_url="https://x.example", credentials=credentials, timeout=3) as shop:
    found: dict[str, object] = shop.things.list()
    wrong: list[int] = shop.things.list()  # E: list[int]
    shop.things.lisst()  # E: lisst
    shop.thingss  # E: thingss
    shop.things.create("x")  # E: positional
    shop.things.create(name=1)  # E: "name"
    shop.things.create()  # E: name
    shop.things.create(name="x", nam="y")  # E: nam
    response = shop.things.with_raw_response.create(name="x", timeout=1.5)
    number: int = response.status_code
    parsed: dict[str, object] = response.parsed
    shop.things.with_raw_response.create(name=1)  # E: "name"
    try:
        shop.things.list(headers={{"X": "1"}})
    except NotFoundError as error:
        status: int = error.status_code
        error.statuscode  # E: statuscode


async def main() -> None:
    async with AsyncShop(base_url="https://x.example", credentials=[credentials]) as shop:
        found: dict[str, object] = await shop.things.list()
        response = await shop.things.with_raw_response.list()
        parsed: dict[str, object] = response.parsed
        wrong: dict[str, object] = shop.things.list()  # E: Coroutine


asyncio.run(main())
"""


@pytest.fixture(scope="module")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Package, Path]:
    package = generate(CLIENT)
    path = tmp_path_factory.mktemp("consumer") / "consumer.py"
    path.write_text(CONSUMER.format(name=package.name))
    return package, path


def expected(path: Path) -> dict[int, str]:
    """What is to be found in the complaint about a line."""
    lines = enumerate(path.read_text().splitlines(), 1)
    return {number: line.partition("# E: ")[2] for number, line in lines if "# E: " in line}


def assert_complaints(found: dict[int, str], path: Path) -> None:
    wanted = expected(path)
    assert set(found) == set(wanted), found
    assert [line for line, text in wanted.items() if text.lower() not in found[line].lower()] == [], found


def test_mypy_sees_wrong_uses_and_only_them(consumer: tuple[Package, Path], tmp_path: Path) -> None:
    package, path = consumer
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(tmp_path), str(path)]
    environment = {**os.environ, "MYPYPATH": str(package.folder / "src")}
    run = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    found: dict[int, str] = {}
    for line in run.stdout.splitlines():
        match = re.match(r".*consumer\.py:(\d+): (?:error|note): (.*)", line)
        assert match, run.stdout
        found[int(match[1])] = found.get(int(match[1]), "") + match[2]
    assert_complaints(found, path)


def pyright(folder: Path, include: list[str], **settings: object) -> list[dict[str, Any]]:
    """What pyright says of files below a folder; it must look at one at least."""
    config = {"include": include, "typeCheckingMode": "strict", **settings}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", "-p", str(folder)]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert report["summary"]["filesAnalyzed"] > 0
    return [found for found in report["generalDiagnostics"] if found["severity"] == "error"]


def test_pyright_sees_wrong_uses_and_only_them(consumer: tuple[Package, Path]) -> None:
    package, path = consumer
    quiet = ["UnusedExpression", "UnusedVariable", "UnknownVariableType", "UnknownMemberType", "UnusedCoroutine"]
    settings: dict[str, object] = {f"report{name}": False for name in (*quiet, "UnusedImport")}
    found: dict[int, str] = {}
    for complaint in pyright(path.parent, [path.name], extraPaths=[str(package.folder / "src")], **settings):
        line = complaint["range"]["start"]["line"] + 1
        found[line] = found.get(line, "") + complaint["message"]
    assert_complaints(found, path)


def test_the_code_is_clean_under_pyright_strict(packages: list[Package]) -> None:
    assert pyright(workspace(), [f"{package.folder.relative_to(workspace())}/src" for package in packages]) == []
