"""The package as a whole: the same every time, clean under strict checkers, and wrong uses are errors."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.surface.test_arguments import SPEC as ARGUMENTS
from generator.surface.test_requests import BODIES, PARAMETERS
from generator.surface.test_responses import SPEC as RESPONSES
from generator.surface.things import SPEC as CLIENT
from sdkgen.render.emitted import EMITTED
from support.packages import HEAD, Package, generate, workspace, write_spec
from support.type_checkers import mypy, one_process, pyright

NO_HEADER = {"py.typed", "THIRD-PARTY-NOTICES.txt"}
SPECS = {"responses": RESPONSES, "bodies": BODIES, "client": CLIENT, "parameters": PARAMETERS, "arguments": ARGUMENTS}
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
    for seed in ("0", "1"):
        out = tmp_path / f"out{seed}"
        command = [sys.executable, "-c", GENERATE, str(spec), str(out)]
        subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed})
        trees.append(tree(out))
    assert trees[0] == trees[1]
    assert any(name.endswith("py.typed") for name in trees[0])


def test_the_configuration_around_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 40\n")
    spec = write_spec(HEAD + CLIENT, tmp_path, "shop")
    for name in ("one", "two"):
        subprocess.run([sys.executable, "-c", GENERATE, str(spec), str(tmp_path / name)], check=True, cwd=tmp_path)
        (tmp_path / "ruff.toml").unlink(missing_ok=True)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_every_file_begins_with_its_template_and_spec(spec: str) -> None:
    package = generate(spec)
    source = package.folder / "src" / package.name
    copied = {source / path.relative_to(EMITTED) for path in EMITTED.rglob("*.py")} - {source / "__init__.py"}
    for path in package.folder.rglob("*"):
        if path.is_file() and path.suffix != ".pyc" and path.name not in NO_HEADER and path not in copied:
            lines = path.read_text("utf-8").splitlines()
            header = lines[-1] if path.suffix == ".md" else lines[0]  # a page begins with the product
            assert re.search(r"\.jinja\b", header), path
            assert "openapi.yaml" in header, path


@pytest.fixture(scope="module")
def packages() -> list[Package]:
    return [generate(spec) for spec in SPECS.values()]


@one_process
def test_the_code_is_clean_under_mypy_strict(packages: list[Package]) -> None:
    names = [package.name for package in packages]
    assert mypy(*names, sources=[package.sources for package in packages]) == []


def test_the_code_is_clean_under_ruff(packages: list[Package]) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--line-length", "120"]
    command += ["--select", "F,E,I,UP,B", "--target-version", "py311", "--output-format", "concise"]
    command += [str(package.folder) for package in packages]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


CONSUMER = """
import asyncio
import io
from pathlib import Path

from {arguments} import Shop as Orders
from {arguments}.models import Address, AddressDict, Order, OrderDict
from {arguments}.types import File, FileInput
from {name} import AsyncShop, Hooks, NotFoundError, OpenTelemetryHooks, PasswordCredentials, RequestContext, Shop
from {responses} import ApiError, BadRequestError, ServerError
from {responses}.models import Other, Problem
from {name} import Shopp  # E: "Shopp"

credentials = PasswordCredentials(user="ada", password=lambda: "later")
PasswordCredentials(user="ada")  # E: password
PasswordCredentials(user="ada", password=1)  # E: "password"
with Shop(base_url="https://x.example", credentials=credentials, timeout=3) as shop:
    found: dict[str, object] = shop.things.list()
    wrong: list[int] = shop.things.list()  # E: list[int]
    shop.things.lisst()  # E: lisst
    shop.thingss  # E: thingss
    shop.things.create("x")  # E: "create"
    shop.things.create(name=1)  # E: "create"
    shop.things.create()  # E: "create"
    shop.things.create(name="x", nam="y")  # E: "create"
    response = shop.things.with_raw_response.create(name="x", timeout=1.5)
    number: int = response.status_code
    parsed: dict[str, object] = response.parsed
    shop.things.with_raw_response.create(name=1)  # E: argument
    try:
        shop.things.list(extra_headers={{"X": "1"}})
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


def dicts_and_files(shop: Orders, files: list[File], whole: OrderDict) -> None:
    address: AddressDict = {{"street": "s", "zip-code": "1", "since": "2024-02-29"}}
    shop.orders.create(body=whole)
    shop.orders.create(body={{"to": address, "stops": [{{"street": "t"}}, Address(street="u")], "data": b"x"}})
    shop.orders.create(body={{"to": {{"street": 5}}}})  # E: int
    shop.orders.create(body={{"to": {{"streett": "s"}}}})  # E: OrderDict
    shop.orders.replace([whole, Order(to=Address(street="s"))])
    shop.orders.change(1, to={{"street": "s"}})
    shop.files.send(file=Path("a"), more=files)
    shop.files.send(file=open("a", "rb"), more=[b"x", "path", ("a", io.BytesIO(b"x"), "text/plain")])
    one: FileInput = ("a", b"x")
    shop.files.raw(one)
    shop.files.raw(open("a"))  # E: TextIOWrapper
    shop.files.send(file=5)  # E: file


async def measure(context: RequestContext) -> None:
    seconds: float | None = context.duration_seconds
    context.attempt = 2  # E: attempt


AsyncShop(hooks=[Hooks(on_response=measure, on_retry=print), OpenTelemetryHooks()])
Shop(hooks=print)  # E: hooks
Hooks(on_response=lambda: None)  # E: None


def bodies(wrong: BadRequestError, failed: ServerError, any_error: ApiError) -> None:
    problem: Problem | None = wrong.error
    wrong.error.code  # E: None
    if wrong.error:
        code: object = wrong.error.code
    nothing: None = failed.error
    other: Problem | None = any_error.error  # E: Other
    documented: Problem | Other | None = any_error.error
"""


def others() -> dict[str, Package]:
    """What the consumer uses besides the client of its first tests."""
    return {"arguments": generate(ARGUMENTS), "responses": generate(RESPONSES)}


@pytest.fixture(scope="module")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Package, Path]:
    package = generate(CLIENT)
    path = tmp_path_factory.mktemp("consumer") / "consumer.py"
    path.write_text(CONSUMER.format(name=package.name, **{key: other.name for key, other in others().items()}))
    return package, path


def expected(path: Path) -> dict[int, str]:
    """What is to be found in the complaint about a line."""
    lines = enumerate(path.read_text().splitlines(), 1)
    return {number: line.partition("# E: ")[2] for number, line in lines if "# E: " in line}


def assert_complaints(found: dict[int, str], path: Path) -> None:
    wanted = expected(path)
    assert set(found) == set(wanted), found
    assert [line for line, text in wanted.items() if text.lower() not in found[line].lower()] == [], found


@one_process
def test_mypy_sees_wrong_uses_and_only_them(consumer: tuple[Package, Path]) -> None:
    package, path = consumer
    found: dict[int, str] = {}
    for line in mypy(path, sources=[one.sources for one in (package, *others().values())]):
        match = re.match(r".*consumer\.py:(\d+): (?:error|note): (.*)", line)
        assert match, line
        found[int(match[1])] = found.get(int(match[1]), "") + match[2]
    assert_complaints(found, path)


@one_process
def test_pyright_sees_wrong_uses_and_only_them(consumer: tuple[Package, Path]) -> None:
    package, path = consumer
    quiet = ["UnusedExpression", "UnusedVariable", "UnknownVariableType", "UnknownMemberType", "UnusedCoroutine"]
    settings: dict[str, object] = {f"report{name}": False for name in (*quiet, "UnusedImport")}
    found: dict[int, str] = {}
    sources = [one.sources for one in (package, *others().values())]
    for complaint in pyright(path.parent, [path.name], sources, **settings):
        line = complaint["range"]["start"]["line"] + 1
        found[line] = found.get(line, "") + complaint["message"]
    assert_complaints(found, path)


@one_process
def test_the_code_is_clean_under_pyright_strict(packages: list[Package]) -> None:
    assert pyright(workspace(), [str(package.sources.relative_to(workspace())) for package in packages]) == []
