"""A vendor's wheel, installed in a new environment: what it brings, that it works, and what type checkers say of it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.repository import CLIENTS, ROOT, Client
from vendor_sandbox import Sandbox

pytestmark = [
    pytest.mark.xdist_group("distributions"),  # built once, by one worker
    pytest.mark.timeout(300),  # which downloads what they need, too
]

Install = Callable[..., Path]
DEPENDENCIES = {"anyio", "attrs", "certifi", "h11", "httpcore", "httpx", "idna", "typing-extensions"}
"""attrs, httpx and what httpx itself brings; typing-extensions only on older Pythons."""

SCRIPT = """\
from cinchy_client import Cinchy

with Cinchy() as cinchy:
    result = cinchy.queries.run("HR", "Employees", parameters={"@city": "Oslo"})
    for row in result.rows():
        print(row["Name"])
"""


def installed(python: Path) -> set[str]:
    """Names of the distributions in an environment."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    command += ["list", "--format", "json"]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {entry["name"].lower().replace("_", "-") for entry in listed}


def test_clients_install_auth_core_attrs_httpx_and_no_other_vendor(install: Install) -> None:
    found = installed(install("auth_core", "cinchy_client"))
    assert found - DEPENDENCIES == {"auth-core", "cinchy-client"}
    assert {"attrs", "httpx"} <= found


INSTALL = re.compile(r"^pip install .*$", re.MULTILINE)


def test_the_readme_installs_from_its_folders_and_from_no_index(distributions: Path, tmp_path: Path) -> None:
    """The names of our packages are free in the public index; ``pip`` must look up none of them."""
    commands = INSTALL.findall((ROOT / "README.md").read_text())
    assert len(commands) == 2
    python = tmp_path / "environment" / "bin" / "python"
    venv.create(python.parent.parent, with_pip=False)
    (tmp_path / "dist").symlink_to(distributions)
    for command in commands:
        assert command.startswith("pip install --no-index --find-links dist --find-links dist/third-party ")
        arguments = [sys.executable, "-m", "pip", "--python", str(python), *shlex.split(command)[1:]]
        finished = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stderr

    assert {"auth-core", "cinchy-client", "filelock", "platformdirs"} <= installed(python)
    shown = subprocess.run(
        [str(python.with_name("cinchy-token")), "--help"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr


def test_two_vendors_install_together(install: Install) -> None:
    python = install("auth_core", "amino_client", "crmcom_client")
    program = "import amino_client, crmcom_client; print(amino_client.Amino.__name__, crmcom_client.CrmCom.__name__)"
    finished = subprocess.run([str(python), "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.split() == ["Amino", "CrmCom"]


def test_a_short_script_makes_a_typed_call(install: Install, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with Sandbox("cinchy") as sandbox:
        environment = {**os.environ, **sandbox["cinchy"].environment}
        finished = subprocess.run(
            [str(install("auth_core", "cinchy_client")), str(script)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert finished.stderr == ""
    assert finished.stdout.splitlines()


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.vendor)
def test_the_stores_of_auth_core_are_extras_of_every_client(distributions: Path, client: Client) -> None:
    wanted = {extra: requirements(distributions, "auth_core", extra) for extra in ("file", "keyring", "redis")}
    assert {len(found) > 0 for found in wanted.values()} == {True}
    for extra in wanted:
        assert requirements(distributions, client.import_name, extra) == [f"auth-core[{extra}]"]


def test_auth_core_has_no_trace_of_the_test_kit(distributions: Path) -> None:
    wheel = zipfile.ZipFile(next(distributions.glob("auth_core-*.whl")))
    assert [name for name in wheel.namelist() if "testing" in name or "pytest" in name] == []
    texts = {name: wheel.read(name).decode() for name in wheel.namelist()}
    assert [name for name, text in texts.items() if "pytest" in text] == []
    (metadata,) = (text for name, text in texts.items() if name.endswith(".dist-info/METADATA"))
    extras = {line.partition(": ")[2] for line in metadata.splitlines() if line.startswith("Provides-Extra")}
    assert extras == {"file", "keyring", "redis"}


@pytest.mark.slow
def test_the_test_kit_brings_its_pytest_plugin(install: Install, tmp_path: Path) -> None:
    """Nothing enables it: installing the package does."""
    python = install("auth_core", "auth_core_testing", "pytest")
    (tmp_path / "test_it.py").write_text("def test_it(canary):\n    print(canary.secret('password'))\n")
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "password in Captured stdout call" in finished.stdout
    assert finished.returncode == 1


def requirements(distributions: Path, package: str, extra: str) -> list[str]:
    """What an extra of a wheel brings."""
    wheel = zipfile.ZipFile(next(distributions.glob(f"{package}-*.whl")))
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    lines = [line.partition("; ") for line in wheel.read(name).decode().splitlines() if f"extra == '{extra}'" in line]
    return [requirement.removeprefix("Requires-Dist: ") for requirement, _, _ in lines]


def test_the_token_command_works_without_extras_and_names_missing_ones(install: Install) -> None:
    python = install("auth_core", "cinchy_client")
    with Sandbox("cinchy") as sandbox:
        environment = {**os.environ, **sandbox["cinchy"].environment}
        environment.pop("AUTH_CORE_STORE", None)
        command = [str(python.with_name("cinchy-token")), "token"]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0
    assert finished.stdout.count(".") == 2
    assert 'pip install "auth-core[file]"' in finished.stderr


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.vendor)
def test_a_wheel_holds_the_package_its_types_and_nothing_else(distributions: Path, client: Client) -> None:
    wheel = next(distributions.glob(f"{client.import_name}-*.whl"))
    files = set(zipfile.ZipFile(wheel).namelist())
    assert f"{client.import_name}/py.typed" in files
    expected = {
        f"{client.import_name}/{p.relative_to(client.package).as_posix()}" for p in client.package.rglob("*.py")
    }
    assert {name for name in files if ".dist-info/" not in name} - {f"{client.import_name}/py.typed"} == expected


CORRECT_USE = """\
from cinchy_client import AsyncCinchy, Cinchy, PasswordCredentials
from cinchy_client.errors import ApiError

credentials = PasswordCredentials(client_id="i", client_secret=lambda: "s", username="u", password="p")


def names(cinchy: Cinchy) -> list[object]:
    try:
        result = cinchy.queries.run("HR", "Employees", parameters={"@city": "Oslo"})
    except ApiError as error:
        print(error.status_code, error.code, error.message)
        raise
    return [row["Name"] for row in result.rows()]


def status(cinchy: Cinchy) -> int:
    response = cinchy.queries.with_raw_response.run("HR", "Employees")
    reveal_type(response.parsed)
    return response.status_code


async def rows(cinchy: AsyncCinchy) -> int:
    return len(list((await cinchy.queries.run("HR", "Employees")).rows()))


with Cinchy(base_url="https://a.example", sso_url="https://b.example", credentials=credentials) as client:
    names(client)
"""

MISUSES = {
    "a misspelt class": "from cinchy_client import Cinchi\n",
    "a misspelt module": "from cinchy_client.eror import ApiError\n",
    "a missing credential": "from cinchy_client import PasswordCredentials\nPasswordCredentials(client_id='i')\n",
    "an unknown method": "from cinchy_client import Cinchy\nCinchy().queries.rum('HR', 'Employees')\n",
    "a wrong argument type": "from cinchy_client import Cinchy\nCinchy().queries.run('HR', 7)\n",
    "a forgotten await": "from cinchy_client import AsyncCinchy\n"
    "async def f(c: AsyncCinchy) -> object:\n    return c.queries.run('HR', 'Employees').rows()\n",
    "an unknown field of a model": "from cinchy_client import Cinchy\nCinchy().queries.run('HR', 'Employees').rowz()\n",
}


def mypy(python: Path, folder: Path) -> str:
    """What strict mypy says of all files, with the environment's packages."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(folder / "cache")]
    command += ["--python-executable", str(python), *map(str, sorted(folder.glob("*.py")))]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def pyright(python: Path, folder: Path) -> str:
    """What strict pyright says of all files, with the environment's packages."""
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict", "include": ["."]}))
    command = [sys.executable, "-m", "pyright", "--pythonpath", str(python), "--project", str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("checker", [pytest.param(mypy, marks=pytest.mark.slow), pyright])
def test_type_checkers_accept_correct_use_and_complain_of_every_other(
    install: Install, tmp_path: Path, checker: Callable[[Path, Path], str]
) -> None:
    misuses = {f"{name.replace(' ', '_')}.py": text for name, text in MISUSES.items()}
    for name, text in {"correct.py": CORRECT_USE, **misuses}.items():
        (tmp_path / name).write_text(text)
    reported = checker(install("auth_core", "cinchy_client"), tmp_path)

    errors = {match[1] for match in re.finditer(r"(\w+\.py):\d+(?::\d+)?(?: -|:) error", reported)}
    assert errors == set(misuses), reported
    (revealed,) = (line for line in reported.splitlines() if "correct.py:" in line)
    assert "QueryResult" in revealed  # what `parsed` is, not Any
