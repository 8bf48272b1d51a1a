"""The module of one resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sdkgen.code import Code, joined, literal_lines, prose
from sdkgen.facts.names import ClientNames
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import ResourceFact
from sdkgen.facts.pages import PagesFact
from sdkgen.facts.parameters import LIST_ARGUMENTS
from sdkgen.render import docstrings
from sdkgen.render.source import accepted_parameters, import_lines

__all__ = ["resource_variables", "spelled_out"]


def resource_variables(resource: ResourceFact, names: ClientNames, methods: Mapping[str, str]) -> dict[str, Any]:
    """The variables of ``resource.py.jinja``.

    Args:
        resource: The resource.
        names: The names of the package.
        methods: ``resource.method`` of every operation of the package, by operation id.
    """
    description = prose(resource.description or f"Operations of `{resource.tag}`.", width=docstrings.WIDTH)
    imports = {
        ("typing", "Unpack"),
        ("._runtime.request_options", "RequestOptions"),
        ("._runtime.raw", "async_raw"),
        ("._runtime.raw", "raw"),
        *(("._runtime.raw", name) for name in ("AsyncRawSender", "RawSender")),
        *(("._runtime.send", name) for name in ("AsyncSender", "Sender")),
        *(line for operation in resource.operations for line in operation.signature_imports),
    }
    hides_list = any(operation.method_name == "list" for operation in resource.operations)
    if hides_list and any("list[" in declared for declared in map(_annotations, resource.operations)):
        imports.add(("builtins", ""))
    for pages in (operation.pages for operation in resource.operations if operation.pages is not None):
        imports |= {("._runtime.paging", name) for name in ("AsyncPaginator", "Page", "first_page")}
        imports |= pages.item_imports
    if any(operation.deprecation is not None for operation in resource.operations):
        imports.add(("._runtime.deprecation", "deprecated"))
    modules = [
        Code(f"from ..operations.{resource.attribute} import {operation.module} as _{operation.module}")
        for operation in resource.operations
    ]
    return {
        "resource": resource,
        "variable": names.variable,
        "imports": [*import_lines(imports, ".."), *modules],
        "methods": [
            method
            for operation in resource.operations
            for method in _methods(operation, methods, names.base_error, hides_list=hides_list)
        ],
        "flavours": [
            {
                "name": resource.name,
                "docstring": description,
                "raw_name": Code(f"{resource.name}WithRawResponse"),
                "sender": Code("Sender"),
                "raw_sender": Code("RawSender"),
                "raw": Code("raw"),
                "page": Code("Page"),
                "list": Code("first_page"),
                "define": Code("def"),
                "define_list": Code("def"),
                "wait": Code(""),
            },
            {
                "name": resource.async_name,
                "docstring": Code(f"The async version of :class:`{resource.name}`."),
                "raw_name": Code(f"{resource.async_name}WithRawResponse"),
                "sender": Code("AsyncSender"),
                "raw_sender": Code("AsyncRawSender"),
                "raw": Code("async_raw"),
                "page": Code("AsyncPaginator"),
                "list": Code("AsyncPaginator"),
                "define": Code("async def"),
                "define_list": Code("def"),
                "wait": Code("await "),
            },
        ],
    }


def _annotations(operation: OperationFact) -> str:
    item = operation.pages.item if operation.pages is not None else ""
    return f"{accepted_parameters(operation)} -> {operation.result} {item}"


_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_LIST = re.compile(r"(?<![\w.])list\[")


def spelled_out(source: Code) -> Code:
    """``builtins.list[…]``: in a class with a method ``list`` the bare name means the method, for type checkers."""
    pieces = _QUOTED.split(source)
    return Code(
        "".join(piece if index % 2 else _LIST.sub("builtins.list[", piece) for index, piece in enumerate(pieces))
    )


_OPTIONS = Code("**options: Unpack[RequestOptions]")
"""The last argument of every method."""


def _methods(
    operation: OperationFact, methods: Mapping[str, str], base_error: Code, *, hides_list: bool
) -> Iterator[dict[str, Any]]:
    """The method of an operation; an operation that returns pages of a table has two."""
    deprecation = operation.deprecation.text(methods) if operation.deprecation is not None else ""

    def method(name: Code, docstring: Code, pages: PagesFact | None) -> dict[str, Any]:
        signature = accepted_parameters(operation, _OPTIONS, LIST_ARGUMENTS if pages is not None else ())
        result = operation.result if pages is None else Code(f"{pages.item}, {operation.result}")
        return {
            "name": name,
            "signature": spelled_out(signature) if hides_list else signature,
            "result": spelled_out(result) if hides_list else result,
            "docstring": docstring,
            "is_list": pages is not None,
            "deprecation": literal_lines(deprecation, width=108) if deprecation else Code(""),
            "module": Code(f"_{operation.module}"),
            "passed": _passed(operation),
        }

    pages, docstring = operation.pages, docstrings.method_docstring(operation, base_error, deprecation)
    if pages is None or pages.method_name is None:
        yield method(operation.method_name, docstring, pages)
    else:
        yield method(operation.method_name, docstring, None)
        yield method(pages.method_name, docstrings.pages_docstring(operation, deprecation), pages)


def _passed(operation: OperationFact) -> Code:
    """The arguments of the request builder."""
    passed = [parameter.python for parameter in operation.positional]
    body = operation.body_argument
    if body is not None and body.required:
        passed.append(Code("body"))
    passed += [Code(f"{parameter.python}={parameter.python}") for parameter in operation.keyword_only]
    if body is not None and not body.required:
        passed.append(Code("body=body"))
    return joined(", ", passed)
