"""Source for operations and resources: imports and signatures."""

from __future__ import annotations

from collections.abc import Iterable

from sdkgen.code import Code, joined
from sdkgen.facts.operations import OperationFact

__all__ = ["accepted_parameters", "import_lines", "overloads", "parameter_list", "signatures"]


def import_lines(imports: Iterable[tuple[str, str]], root: str) -> list[Code]:
    """The source of imports (module, name); modules of the package have a leading dot."""
    by_module: dict[str, set[str]] = {}
    for module, name in imports:
        by_module.setdefault(f"{root}{module[1:]}" if module.startswith(".") else module, set()).add(name)
    lines = [Code(f"import {module}") for module, names in sorted(by_module.items()) if "" in names]
    given = [(module, sorted(names - {""})) for module, names in sorted(by_module.items()) if names - {""}]
    return lines + [Code(f"from {module} import {', '.join(names)}") for module, names in given]


def parameter_list(operation: OperationFact) -> Code:
    """The parameters of a request builder, which gets checked values."""
    body = operation.body_argument
    return _joined(
        operation,
        [parameter.declaration for parameter in operation.positional],
        None if body is None else body.annotation,
        [*_instead(operation), *(parameter.declaration for parameter in operation.keyword_only)],
    )


def accepted_parameters(operation: OperationFact, options: Code | None = None, additional: Iterable[Code] = ()) -> Code:
    """The parameters of a method, additional keyword-only ones, and its other keywords."""
    return _joined(
        operation,
        [parameter.accepted_beside_body for parameter in operation.by_position],
        _accepted_body(operation),
        [
            *_instead(operation, accepted=True),
            *(one.accepted_beside_body for one in operation.by_name),
            *additional,
        ],
        options,
    )


def overloads(operation: OperationFact, options: Code, additional: Iterable[Code] = ()) -> list[Code]:
    """The two ways to call a method whose body is passed member by member or whole; none for any other."""
    return [joined(", ", [*way, options]) for way in _two_ways(operation, additional)]


def signatures(operation: OperationFact, additional: Iterable[Code] = ()) -> list[list[Code]]:
    """The parameters of each way to call a method, without its options, for a reader."""
    one_way = [parameter.accepted for parameter in operation.by_position]
    keywords = [*(parameter.accepted for parameter in operation.by_name), *additional]
    return _two_ways(operation, additional) or [_parameters(operation, one_way, _accepted_body(operation), keywords)]


def _two_ways(operation: OperationFact, additional: Iterable[Code]) -> list[list[Code]]:
    if operation.body is None or not operation.body.takes_both:
        return []
    whole = Code(f"body: {operation.body.kind.accepted()}{'' if operation.body.required else ' | None = None'}")
    ways = (
        (operation.by_position, [one.accepted for one in operation.by_name]),
        (
            [one for one in operation.by_position if one.field is None],
            [whole, *(one.accepted for one in operation.beside_body)],
        ),
    )
    return [
        _parameters(operation, [one.accepted for one in positional], None, [*keywords, *additional])
        for positional, keywords in ways
    ]


def _accepted_body(operation: OperationFact) -> Code | None:
    body = operation.body_argument
    return None if body is None else body.kind.accepted()


def _instead(operation: OperationFact, *, accepted: bool = False) -> list[Code]:
    """The argument that may be passed instead of the members of the body."""
    body = operation.body
    if body is None or not body.takes_both:
        return []
    return [Code(f"body: {body.kind.accepted() if accepted else body.annotation} | None = None")]


def _joined(
    operation: OperationFact,
    positional: list[Code],
    body: Code | None,
    keywords: list[Code],
    options: Code | None = None,
) -> Code:
    last = [] if options is None else [options]
    return joined(", ", [*_parameters(operation, positional, body, keywords), *last])


def _parameters(
    operation: OperationFact, positional: list[Code], body: Code | None, keywords: list[Code]
) -> list[Code]:
    if body is not None and operation.body_argument is not None:
        if operation.body_argument.required:
            positional.append(Code(f"body: {body}"))
        else:
            null = "" if operation.body_argument.kind.admits_null else " | None"
            keywords.append(Code(f"body: {body}{null} = None"))
    return [*positional, *([Code("*")] if keywords else []), *keywords]
