"""What generated code may use stands in one module, and type checkers see the names that a program gets."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys

import auth_core
import pytest
from auth_core import contract


@pytest.mark.parametrize("module", [auth_core, contract])
def test_type_checkers_see_each_name_where_it_comes_from(module):
    (block,) = (
        node
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name)
    )
    homes = next(ast.literal_eval(node) for node in ast.walk(block.orelse[0]) if isinstance(node, ast.Dict))
    seen = {}
    for node in block.body:
        for alias in node.names:
            of_a_star = importlib.import_module(f"auth_core.{node.module}").__all__ if alias.name == "*" else ()
            assert alias.name == "*" or alias.asname == alias.name
            seen.setdefault(node.module, []).extend(of_a_star or [alias.name])

    assert {home: sorted(names) for home, names in seen.items()} == {
        home: sorted(names.split()) for home, names in homes.items()
    }
    assert {name for names in seen.values() for name in names} == set(module.__all__) - {"token_command"}


def test_credentials_and_lifecycles_are_had_without_an_http_library():
    code = (
        "import sys\n"
        "from auth_core.contract import Credentials, CredentialValue, TokenLifecycle, retry_after_seconds\n"
        "print([name for name in ('httpx', 'asyncio', 'auth_core.source') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
