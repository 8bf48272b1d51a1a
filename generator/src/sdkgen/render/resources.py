"""The module of one resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from sdkgen.code import Code, joined, literal_lines, prose
from sdkgen.facts.names import ClientNames
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import ResourceFact
from sdkgen.facts.parameters import LIST_ARGUMENTS
from sdkgen.render import docstrings
from sdkgen.render.example_calls import Kind, example_lines
from sdkgen.render.source import accepted_parameters, import_lines, overloads

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
    if any(overloads(operation, _OPTIONS) for operation in resource.operations):
        imports.add(("typing", "overload"))
    streams = [operation.stream for operation in resource.operations if operation.stream is not None]
    if any(stream.items is None for stream in streams):
        imports |= {("._runtime.streams", "AsyncStreamedCall"), ("._runtime.streams", "StreamedCall")}
    if any(stream.items is not None for stream in streams):
        imports |= {("._runtime.item_streams", "AsyncItemStream"), ("._runtime.item_streams", "ItemStream")}
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
            for method in _methods(resource, operation, names, methods, hides_list=hides_list)
        ],
        "flavours": [
            {
                "name": resource.name,
                "docstring": description,
                "raw_name": Code(f"{resource.name}WithRawResponse"),
                "sender": Code("Sender"),
                "raw_sender": Code("RawSender"),
                "raw": Code("raw"),
                "list": Code("first_page"),
                "is_async": False,
                "define": Code("def"),
                "define_other": Code("def"),
                "wait": Code(""),
            },
            {
                "name": resource.async_name,
                "docstring": Code(f"The async version of :class:`{resource.name}`."),
                "raw_name": Code(f"{resource.async_name}WithRawResponse"),
                "sender": Code("AsyncSender"),
                "raw_sender": Code("AsyncRawSender"),
                "raw": Code("async_raw"),
                "list": Code("AsyncPaginator"),
                "is_async": True,
                "define": Code("async def"),
                "define_other": Code("def"),
                "wait": Code("await "),
            },
        ],
    }


def _annotations(operation: OperationFact) -> str:
    item = operation.pages.item if operation.pages is not None else ""
    items = operation.stream.items if operation.stream is not None else None
    return f"{accepted_parameters(operation)} -> {operation.result} {item} {items.annotation if items else ''}"


_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_LIST = re.compile(r"(?<![\w.])list\[")


def spelled_out(source: Code) -> Code:
    """``builtins.list[…]``: in a class with a method ``list`` the bare name means the method, for type checkers."""
    pieces = _QUOTED.split(source)
    return Code(
        "".join(piece if index % 2 else _LIST.sub("builtins.list[", piece) for index, piece in enumerate(pieces))
    )


_OPTIONS = Code("**request_options: Unpack[RequestOptions]")
"""The last argument of every method."""


def _methods(
    resource: ResourceFact,
    operation: OperationFact,
    names: ClientNames,
    methods: Mapping[str, str],
    *,
    hides_list: bool,
) -> Iterator[dict[str, Any]]:
    """The methods of an operation: the call, the pages of a table, the response as it arrives."""
    deprecation = operation.deprecation.text(methods) if operation.deprecation is not None else ""
    called = Code(f"{names.variable}.{resource.attribute}")

    def spelled(source: Code) -> Code:
        return spelled_out(source) if hides_list else source

    def method(
        name: Code, kind: Kind, results: tuple[Code, Code], docstring: Callable[[Code, bool], Code]
    ) -> dict[str, Any]:
        additional = LIST_ARGUMENTS if kind == "list" else ()
        example = partial(example_lines, called, name, operation, kind, width=docstrings.EXAMPLE_WIDTH)
        return {
            "name": name,
            "kind": kind,
            "signature": spelled(accepted_parameters(operation, _OPTIONS, additional)),
            "overloads": [spelled(way) for way in overloads(operation, _OPTIONS, additional)],
            "result": tuple(spelled(result) for result in results),
            "docstring": tuple(docstring(example(is_async=is_async), is_async) for is_async in (False, True)),
            "deprecation": literal_lines(deprecation, width=108) if deprecation else Code(""),
            "module": Code(f"_{operation.module}"),
            "passed": _passed(operation),
        }

    def of_operation(example: Code, _is_async: bool) -> Code:
        return docstrings.method_docstring(operation, names.base_error, example, deprecation)

    def of_pages(example: Code, _is_async: bool) -> Code:
        return docstrings.pages_docstring(operation, example, deprecation)

    def of_stream(example: Code, is_async: bool) -> Code:
        return docstrings.stream_docstring(operation, names.base_error, example, deprecation, is_async=is_async)

    pages, stream = operation.pages, operation.stream
    inside = f"[{pages.item}, {operation.result}]" if pages is not None else ""
    lists = Code(f"Page{inside}"), Code(f"AsyncPaginator{inside}")
    if pages is not None and pages.method_name is None:
        yield method(operation.method_name, "list", lists, of_operation)
    elif not operation.only_streams:
        yield method(operation.method_name, "call", (operation.result, operation.result), of_operation)
    if pages is not None and pages.method_name is not None:
        yield method(pages.method_name, "list", lists, of_pages)
    if stream is not None:
        read = "StreamedCall" if stream.items is None else f"ItemStream[{stream.items.annotation}]"
        kind: Kind = "stream" if stream.items is None else "items"
        yield method(stream.method_name, kind, (Code(read), Code(f"Async{read}")), of_stream)


def _passed(operation: OperationFact) -> Code:
    """The arguments of the request builder."""
    passed = [parameter.python for parameter in operation.positional]
    body = operation.body_argument
    if body is not None and body.required:
        passed.append(Code("body"))
    passed += [Code(f"{parameter.python}={parameter.python}") for parameter in operation.keyword_only]
    if overloads(operation, _OPTIONS) or (body is not None and not body.required):
        passed.append(Code("body=body"))
    return joined(", ", passed)
