"""The last look at a rendered package: no template left a hole, and every module compiles."""

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
