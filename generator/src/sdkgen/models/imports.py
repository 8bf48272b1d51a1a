"""The imports of a module of models, where two modules may import each other."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from sdkgen.code import Code

__all__ = ["ImportLine", "import_lines"]


@frozen
class ImportLine:
    """One import, and whether it is made after the class is defined."""

    code: Code
    late: bool


def import_lines(
    imports: Iterable[tuple[str, str]], root: str, late: frozenset[str] = frozenset()
) -> tuple[ImportLine, ...]:
    """Return the source of the imports, sorted.

    Args:
        imports: Module and name of each import.
        root: The relative path to the root of the package, such as ``..``.
        late: Modules of models that import this module in turn.
    """
    by_module: dict[str, set[str]] = {}
    for module, name in imports:
        by_module.setdefault(module, set()).add(name)
    lines: list[ImportLine] = []
    for module, names in sorted(by_module.items()):
        own = module.startswith(".")
        place = f"{root}{module[1:]}" if own else module
        if root == ".." and place.startswith("..models."):
            place = place.removeprefix(".").replace("models.", "", 1)
        if "" in names:
            lines.append(ImportLine(Code(f"import {place}"), late=False))
        given = ", ".join(sorted(names - {""}))
        if given:
            lines.append(ImportLine(Code(f"from {place} import {given}"), late=module.removeprefix(".models.") in late))
    return tuple(lines)
