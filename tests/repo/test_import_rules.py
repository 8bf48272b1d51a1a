"""Who may import whom. The rules stand in docs/architecture.md; this is where they are enforced."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.repository import CLIENTS, ROOT, Client

STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)
AUTH_CORE = ROOT / "packages/auth-core/src/auth_core"
AUTH_CORE_TESTING = ROOT / "packages/auth-core-testing/src/auth_core_testing"
EMITTED = ROOT / "generator/src/sdkgen/emitted"
TEMPLATES = ROOT / "generator/src/sdkgen/templates"
SANDBOX = ROOT / "packages/vendor-sandbox/src/vendor_sandbox"
OPTIONAL = {
    "_runtime/deprecation.py": {"typing_extensions"},  # for type checkers, which bring it along
    "_runtime/http_library.py": {"httpx2"},  # for type checkers; at run time it is loaded by its name
    "_runtime/tracing.py": {"opentelemetry"},  # when an OpenTelemetryHooks is created
}
"""What one module of a client may import besides."""
HTTP_LIBRARIES = {"httpx", "httpx2", "httpcore", "httpcore2", "requests", "aiohttp", "urllib3"}


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and top-level name of every absolute import of a module, also those inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.partition(".")[0]


def offences(package: Path, allowed: set[str], *, except_in: dict[str, set[str]] | None = None) -> list[str]:
    """Imports outside the standard library, the package itself and ``allowed`` (more in the files of ``except_in``)."""
    found = []
    for path in sorted(package.rglob("*.py")):
        file = path.relative_to(package).as_posix()
        may = STANDARD_LIBRARY | {package.name} | allowed | (except_in or {}).get(file, set())
        found += [f"{path}:{line}: {name}" for line, name in imports(path.read_text()) if name not in may]
    return found


def internal_imports(package: Path) -> dict[str, set[str]]:
    """For each module of a flat package: its siblings that it imports, also for types only or inside functions."""
    graph: dict[str, set[str]] = {path.stem: set() for path in sorted(package.glob("*.py"))}
    for name, siblings in graph.items():
        for node in ast.walk(ast.parse((package / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                names = [node.module] if node.module else [alias.name for alias in node.names]
                siblings.update(each.partition(".")[0] for each in names if each)
    return {name: siblings & set(graph) for name, siblings in graph.items() if name != "__init__"}


def test_auth_core_imports_each_optional_library_in_one_place_only() -> None:
    adapters = {f"httpx_auth/{path.name}": {"httpx"} for path in AUTH_CORE.glob("httpx_auth/*.py")}
    stores = {
        "store/file.py": {"platformdirs"},
        "store/keyring.py": {"keyring"},
        "store/keyring_documents.py": {"keyring"},
        "store/lock_files.py": {"filelock"},
        "store/redis.py": {"redis"},
        "store/redis_server.py": {"redis"},
    }
    assert offences(AUTH_CORE, {"attrs"}, except_in=adapters | stores) == []


def test_the_test_kit_imports_each_library_in_one_place() -> None:
    libraries = {
        "issuer.py": {"joserfc"},
        "pytest_plugin.py": {"pytest"},
        "store_contract.py": {"hypothesis"},
        "store_records.py": {"hypothesis"},
        "transport.py": {"httpx"},
        "views.py": {"rich"},
    }
    assert offences(AUTH_CORE_TESTING, {"attrs", "auth_core"}, except_in=libraries) == []


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.vendor)
def test_a_client_imports_auth_core_attrs_httpx_and_nothing_else(client: Client) -> None:
    assert offences(client.package, {"auth_core", "attrs", "httpx"}, except_in=OPTIONAL) == []


def modules_of_auth_core(package: Path) -> list[str]:
    """Each import of auth_core, other than of its contract, in the code of a client."""
    found = []
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            found += [
                f"{path.relative_to(package).as_posix()}:{node.lineno}: {name}"
                for name in names
                if name.partition(".")[0] == "auth_core" and name != "auth_core.contract"
            ]
    return found


@pytest.mark.parametrize("package", [*(client.package for client in CLIENTS), EMITTED], ids=lambda path: path.name)
def test_a_client_imports_only_the_contract_of_auth_core(package: Path) -> None:
    assert modules_of_auth_core(package) == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.py.jinja")), ids=lambda path: path.name)
def test_a_template_imports_only_the_contract_of_auth_core(path: Path) -> None:
    imported = re.findall(r"^\s*(?:from|import) (auth_core[\w.]*)", path.read_text(), re.MULTILINE)
    assert set(imported) <= {"auth_core.contract"}


def test_copied_modules_import_only_what_a_client_may() -> None:
    assert offences(EMITTED, {"auth_core", "attrs", "httpx"}, except_in=OPTIONAL) == []


def test_the_sandbox_imports_no_client_and_no_generator() -> None:
    forbidden = {"sdkgen", "openapi_python_client", "httpx"} | {client.package.name for client in CLIENTS}
    found = [
        f"{path}:{line}: {name}"
        for path in sorted(SANDBOX.rglob("*.py"))
        for line, name in imports(path.read_text())
        if name in forbidden
    ]
    assert found == []


def test_the_sandbox_loads_a_client_only_on_request() -> None:
    """By name, since it works without: neither it, nor its plugin, nor a running vendor has loaded any."""
    program = """
import sys
from vendor_sandbox import Sandbox, pytest_plugin, testing
with testing.vendor_sandbox("cinchy") as cinchy:
    clients = [name for name in sys.modules if name.endswith("_client")]
    assert clients == [], clients
    cinchy.client()
    assert "cinchy_client" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_nothing_that_users_install_imports_the_generator() -> None:
    packages = [path for path in (ROOT / "packages").rglob("*.py") if ".venv" not in path.parts]
    assert len(packages) > 100
    found = [
        str(path)
        for path in packages
        if {"sdkgen", "openapi_python_client"} & {n for _, n in imports(path.read_text())}
    ]
    assert found == []


def test_a_forbidden_import_is_found(tmp_path: Path) -> None:
    """The gate can fail: also inside a function, and in a folder below."""
    package = tmp_path / "cinchy_client"
    (package / "resources").mkdir(parents=True)
    (package / "resources" / "queries.py").write_text("def run():\n    from amino_client import Amino\n")
    assert offences(package, {"auth_core"}) == [f"{package}/resources/queries.py:2: amino_client"]


@pytest.mark.parametrize("line", ["import auth_core", "import auth_core.source", "from auth_core import Credentials"])
def test_an_import_past_the_contract_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "send.py").write_text(f"from auth_core.contract import origin\n\n\ndef send():\n    {line}\n")
    assert modules_of_auth_core(tmp_path) == [f"send.py:5: {line.split()[1]}"]
