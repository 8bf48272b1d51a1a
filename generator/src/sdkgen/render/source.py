"""Source that operations and resources have in common: imports and signatures."""

from __future__ import annotations

from collections.abc import Iterable

from sdkgen.code import Code, joined
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.parameters import in_signature

__all__ = ["import_lines", "parameter_list"]


def import_lines(imports: Iterable[tuple[str, str]], root: str) -> list[Code]:
    """Source of imports: (module, name), a module of the package with a leading dot."""
    by_module: dict[str, set[str]] = {}
    for module, name in imports:
        by_module.setdefault(f"{root}{module[1:]}" if module.startswith(".") else module, set()).add(name)
    lines = [Code(f"import {module}") for module, names in sorted(by_module.items()) if "" in names]
    given = [(module, sorted(names - {""})) for module, names in sorted(by_module.items()) if names - {""}]
    return lines + [Code(f"from {module} import {', '.join(names)}") for module, names in given]


def parameter_list(operation: OperationFact, *, additional: Iterable[Code] = ()) -> Code:
    """The parameters of an operation as they stand in a signature, and further ones that are given by name only."""
    positional = [parameter.declaration for parameter in operation.positional]
    body = operation.body_argument
    if body is not None and body.required:
        positional.append(Code(f"body: {in_signature(body.kind)}"))
    keywords = [parameter.declaration for parameter in operation.keyword_only]
    if body is not None and not body.required:
        none = "" if body.kind.admits_null else " | None"
        keywords.append(Code(f"body: {in_signature(body.kind)}{none} = None"))
    keywords += additional
    return joined(", ", [*positional, *([Code("*")] if keywords else []), *keywords])
