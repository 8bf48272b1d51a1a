"""The public names: all there, sorted, and cheap to import."""

from __future__ import annotations

import subprocess
import sys

import auth_core
import auth_core.contract
import auth_core_testing
import pytest


@pytest.mark.parametrize("module", [auth_core, auth_core.contract, auth_core_testing])
def test_every_public_name_is_there(module):
    assert all(hasattr(module, name) for name in module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)


def test_a_misspelt_name_is_an_error():
    with pytest.raises(AttributeError, match="TokenSauce"):
        _ = auth_core.TokenSauce
    with pytest.raises(AttributeError, match="FakeClok"):
        _ = auth_core_testing.FakeClok


def test_public_names_import_no_optional_dependency_and_no_http_library():
    optional = (
        "httpx",
        "httpcore",
        "joserfc",
        "requests",
        "filelock",
        "platformdirs",
        "keyring",
        "redis",
        "pytest",
        "hypothesis",
    )
    code = (
        "import sys, auth_core\n"
        "[getattr(auth_core, name) for name in auth_core.__all__]\n"
        "import auth_core_testing, auth_core_testing.store_contract\n"
        f"print([name for name in {optional} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("imported", "loaded"),
    [
        ("auth_core", ["auth_core.lazy"]),
        ("auth_core.contract", ["auth_core.contract", "auth_core.lazy"]),
        ("auth_core_testing", []),
        ("auth_core_testing.pytest_plugin", ["auth_core_testing.pytest_plugin"]),  # by every pytest there is
    ],
)
def test_importing_a_package_loads_none_of_its_modules(imported, loaded):
    code = f"import sys, {imported}; print(sorted(n for n in sys.modules if n.startswith('auth_core') and '.' in n))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == str(loaded)
