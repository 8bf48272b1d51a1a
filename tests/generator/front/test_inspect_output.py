"""The last look at a rendered package: no template left a hole, every name is defined, every module is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sdkgen.bundle import Bundle, bundle
from sdkgen.inspect_output import inspect_output


@pytest.fixture
def whole(repository: Any) -> Bundle:
    repository.spec(("description: The widget.", "description: 'The {{ widget }} <x object at 0x1>'"))
    return bundle(repository.workspace.spec("acme"), base=repository.workspace.specs, root=repository.root)


STEP = "This is a bug in the generator; report it with the spec. [generated-code]"


@pytest.mark.parametrize(
    ("name", "text", "line", "expected"),
    [
        ("a.py", "x = 1\nget_widget = (\n", 37, "a.py, line 2, does not compile: '(' was never closed."),
        ("widget.py", "return\n", 94, "widget.py, line 1, does not compile: 'return' outside function."),
        ("a.py", "x = '<A object at 0x7f>'\n", 1, "a.py, line 1, shows a Python object: `object at 0x7f`."),
        ("a.py", "x = {{ y }}\n", 1, "a.py, line 1, shows an unfilled placeholder: `{{ }}`."),
        ("a.py", "x = '{{ y }}'\n", 1, "a.py, line 1, shows an unfilled placeholder: `{{ y }}`."),
        ("README.md", "# A\n{% if x %}\n", 1, "README.md, line 2, shows an unfilled placeholder: `{% if`."),
    ],
)
def test_each_fault_is_led_back_to_the_spec(
    name: str, text: str, line: int, expected: str, whole: Bundle, tmp_path: Path
) -> None:
    folder = tmp_path / "generated"
    folder.mkdir()
    (folder / name).write_text(text)

    reported = [str(problem) for problem in inspect_output(whole, folder)]
    assert reported == [f"specs/acme/openapi.yaml:{line}: the generated {expected} {STEP}"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "x = f'{{literal}} {1}'\ny = {'a': {1}}\n"),
        ("a.py", '"""The {{ widget }} <x object at 0x1>"""\n'),
        ("README.md", "The {{ widget }}\n"),
        ("py.typed", ""),
    ],
)
def test_what_python_or_the_spec_means_so_is_no_fault(name: str, text: str, whole: Bundle, tmp_path: Path) -> None:
    folder = tmp_path / "generated"
    folder.mkdir()
    (folder / name).write_text(text)

    assert inspect_output(whole, folder) == []


def test_an_escape_unknown_to_python_is_reported_as_unquoted_text(whole: Bundle, tmp_path: Path) -> None:
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "a.py").write_text('"""\\d"""\n')

    (problem,) = inspect_output(whole, tmp_path / "generated")

    assert "does not compile" in problem.what


EXPORTS = "__all__ = [*'A']\n\n\ndef __getattr__(name: str) -> object:\n    raise AttributeError(name)\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f() -> 'Mapping': ...\n", "a.py, line 1, is wrong: Undefined name `Mapping`."),
        ("import os\n\n\nclass os: ...\n", "a.py, line 4, is wrong: Redefinition of unused `os` from line 1"),
        ("from . import b\n\nb\n", "a.py, line 1, cannot be imported: ImportError: cannot import name 'b'"),
        ("from re import missing\n\nmissing\n", "a.py, line 1, cannot be imported: ImportError:"),
        ("X = {}\nX[1]\n", "a.py, line 2, cannot be imported: KeyError: 1."),
        (EXPORTS, "a.py, line 5, cannot be imported: AttributeError: A."),
        ("raise SystemExit('no')\n", "__init__.py, line 1, ends the process that imports it: no."),
    ],
)
def test_a_module_that_cannot_be_used_is_reported(text: str, expected: str, whole: Bundle, tmp_path: Path) -> None:
    folder = tmp_path / "src" / "acme_client"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "a.py").write_text(text)

    (problem,) = inspect_output(whole, tmp_path)

    assert f"the generated src/acme_client/{expected}" in f"{problem.what}."


def test_a_package_of_the_environment_is_not_taken_for_the_generated_one(whole: Bundle, tmp_path: Path) -> None:
    (tmp_path / "src" / "cinchy_client").mkdir(parents=True)
    for name in ("__init__.py", "only_here.py"):
        (tmp_path / "src" / "cinchy_client" / name).touch()

    assert inspect_output(whole, tmp_path) == []
