"""What generated code may use stands in one module, and type checkers see the names that a program gets."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

from auth_core import contract, lifecycle


def test_type_checkers_see_each_name_where_it_comes_from():
    (block,) = (
        node
        for node in ast.parse(inspect.getsource(contract)).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name)
    )
    seen = {f"{node.module}": sorted(alias.name for alias in node.names) for node in block.body}

    assert seen == {module: sorted(names) for module, names in contract._MODULES.items()}
    assert sorted([*(name for names in seen.values() for name in names), "token_command"]) == sorted(contract.__all__)


def test_every_value_that_a_lifecycle_can_be_made_of_is_there():
    assert set(lifecycle.__all__) <= set(contract.__all__)


def test_credentials_and_lifecycles_are_had_without_an_http_library():
    code = (
        "import sys\n"
        "from auth_core.contract import Credentials, CredentialValue, TokenLifecycle, retry_after_seconds\n"
        "print([name for name in ('httpx', 'asyncio', 'auth_core.source') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
