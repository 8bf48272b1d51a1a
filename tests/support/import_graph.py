"""Which module of a package imports which: what happens when a module is imported, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path


def modules(package: Path) -> dict[str, Path]:
    """Every module of an import package by its name."""
    return {
        ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(package.rglob("*.py"))
    }


def import_cycle(package: Path, *, with_parents: bool = False) -> list[str]:
    """Modules that import one another in a circle; empty if there is none.

    A module that is in none can be the first of the package that is imported.

    Args:
        with_parents: importing a module imports the packages around it first; count that too.
    """
    known = modules(package)
    graph = {name: set(_imported(name, path, known)) - {name} for name, path in known.items()}
    if with_parents:
        for name in graph:
            graph[name] |= {name.rpartition(".")[0]} & known.keys()
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _imported(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _statements(ast.parse(path.read_text("utf-8")).body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found = (f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base for alias in node.names)
            yield from (each for each in found if each in known)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """What runs on import: not what is inside functions, nor what type checkers alone read."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            if "TYPE_CHECKING" not in ast.unparse(node.test):
                yield from _statements(node.body)
            yield from _statements(node.orelse)
        elif isinstance(node, ast.With | ast.ClassDef):
            yield from _statements(node.body)
        elif isinstance(node, ast.Try):
            for part in (node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)):
                yield from _statements(part)
