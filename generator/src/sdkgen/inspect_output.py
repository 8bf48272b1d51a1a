"""The final check of a rendered package: no unfilled placeholders, no undefined names, every module is imported."""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from sdkgen.bundle import Bundle
from sdkgen.pointers import leaves
from sdkgen.problems import Problem
from sdkgen.structure import walk
from sdkgen.try_output import compile_fault, import_faults, undefined_names
from sdkgen.write import every_file

__all__ = ["inspect_output"]

_ADDRESS = re.compile(r" object at 0x[0-9a-f]+|\bUntrustedString\(|\bPythonCode\(")
_PLACEHOLDER = re.compile(r"\{\{ ?[\w.|() ]* ?\}\}|\{%-? ?\w+")


def inspect_output(whole: Bundle, folder: Path) -> list[Problem]:
    """Problems of the generated files, each at the line of the spec that it comes from, if that can be found."""
    said = "\n".join(value for _, value in leaves(whole.document) if isinstance(value, str))
    problems: list[Problem] = []
    for name in every_file(folder):
        content = (folder / name).read_bytes()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            problems.append(_problem(whole, name, 1, "", "is not UTF-8"))
            continue
        faults = list(_holes(text, name, said))
        if name.endswith(".py"):
            faults += [(number, what) for _, number, what in compile_fault(folder / name, name)]
        problems += [_problem(whole, name, number, _line(text, number), what) for number, what in faults]
    return problems or [
        _problem(whole, name, number, _line((folder / name).read_text("utf-8"), number), what)
        for name, number, what in undefined_names(folder) or import_faults(folder)
    ]


def _line(text: str, number: int) -> str:
    return dict(enumerate(text.splitlines(), 1)).get(number, "")


def _holes(text: str, name: str, said: str) -> Iterator[tuple[int, str]]:
    """Line and description of unfilled placeholders and printed Python objects, unless ``said``, the spec, has them."""
    for number, line in enumerate(text.splitlines(), 1):
        if (found := _ADDRESS.search(line)) and found[0] not in said:
            yield number, f"shows a Python object: `{found[0].strip()}`"
    if "{{" not in text and "{%" not in text:
        return  # what most files are spared: finding their strings takes a quarter of the time of all generating
    for number, piece in _code_and_plain_strings(text) if name.endswith(".py") else enumerate(text.splitlines(), 1):
        if (found := _PLACEHOLDER.search(piece)) and found[0] not in said:
            yield number, f"shows an unfilled placeholder: `{found[0]}`"


def _code_and_plain_strings(text: str) -> Iterator[tuple[int, str]]:
    """The parts of a module where double braces would be a placeholder: code, and strings that are not f-strings."""
    before = (0, 0)
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.STRING and "f" not in token.string.partition(token.string[-1])[0].lower():
                yield token.start[0], token.string
            elif token.type == tokenize.OP and token.string == "{":
                if token.start == before:
                    yield token.start[0], "{{ }}"
                before = token.end


def _problem(whole: Bundle, name: str, number: int, line: str, what: str) -> Problem:
    pointer = _origin(whole, f"{name}\n{line}")
    step = "This is a bug in the generator; report it with the spec."
    return whole.problem(pointer, f"the generated {name}, line {number}, {what}", step, rule="generated-code")


def _origin(whole: Bundle, text: str) -> str:
    """The operation, schema or property whose name occurs in the generated text: the longest such name."""
    words = {_plain(word) for word in re.findall(r"\w+", text)}
    named = {name: pointer for name, pointer in _named(whole) if name in words}
    return named[max(named, key=len)] if named else ""


def _named(whole: Bundle) -> Iterator[tuple[str, str]]:
    for node in walk(whole.document):
        if node.kind == "operation":
            yield _plain(str(node.value.get("operationId", ""))), node.pointer
        elif node.kind == "schema":
            yield _plain(node.pointer.rpartition("/")[2]), node.pointer


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
