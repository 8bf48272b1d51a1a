"""The imports between the modules of a package, read from its source: also inside functions and for type checkers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sdkgen.models.cycles import strongly_connected

Graph = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Import:
    """An import of one module of a package by another; names are dotted and start with the package's."""

    importer: str
    imported: str
    for_types: bool
    """Whether it is below ``if TYPE_CHECKING:`` and not executed at run time."""


def modules_of(folder: Path, base: Path | None = None) -> dict[str, Path]:
    """The file of every module below the folder by its dotted name, which starts with the package's."""
    return {_dotted(base or folder.parent, path): path for path in sorted(folder.rglob("*.py"))}


def imports_of(folder: Path, base: Path | None = None) -> list[Import]:
    """Every import between two modules below the folder, at any place in the source.

    That a module's import also runs the ``__init__`` of the packages above it is not counted.

    Args:
        folder: A package, or a folder of programs.
        base: What module names count from; default: the folder above, so that they start with the package's name.
    """
    modules = modules_of(folder, base)
    return [
        Import(name, imported, for_types)
        for name, path in modules.items()
        for node, for_types in _statements(ast.parse(path.read_text("utf-8")))
        for imported in sorted(_targets(node, name, path.name == "__init__.py", modules))
        if imported != name
    ]


def graph_of(imports: Iterable[Import]) -> Graph:
    """The imported modules of each module."""
    graph: dict[str, set[str]] = {}
    for one in imports:
        graph.setdefault(one.importer, set()).add(one.imported)
        graph.setdefault(one.imported, set())
    return {name: frozenset(imported) for name, imported in graph.items()}


def cycles_of(graph: Graph) -> set[frozenset[str]]:
    """The groups of modules that import each other."""
    return {group for group in strongly_connected(graph).values() if len(group) > 1}


def rooms_of(imports: Iterable[Import]) -> list[Import]:
    """The imports between rooms: a room is a folder, or a module next to the folders.

    A package's own ``__init__.py`` is no room: it is the door, which lists what is inside.
    """
    found = [Import(_room(one.importer), _room(one.imported), one.for_types) for one in imports]
    return [one for one in found if one.importer != one.imported and "" not in (one.importer, one.imported)]


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def _dotted(base: Path, path: Path) -> str:
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _statements(node: ast.AST, for_types: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node, for_types
    if isinstance(node, ast.If) and _is_for_types(node.test):
        for child in node.body:
            yield from _statements(child, True)
        for child in node.orelse:
            yield from _statements(child, for_types)
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):  # an expression holds no import
            yield from _statements(child, for_types)


def _is_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


def _targets(
    node: ast.Import | ast.ImportFrom, importer: str, is_package: bool, modules: Mapping[str, Path]
) -> Iterator[str]:
    """The modules that a statement names: ``from a import b`` names ``a.b`` where that is a module, else ``a``."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
        return
    module = node.module or ""
    if node.level:
        above = importer.split(".")
        above = above[: len(above) - node.level + is_package]
        module = ".".join([*above, *filter(None, [module])])
    for alias in node.names:
        name = f"{module}.{alias.name}"
        if name in modules:
            yield name
        elif module in modules:
            yield module
