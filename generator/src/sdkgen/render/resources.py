"""The module of one resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sdkgen.code import Code, joined, literal_lines, prose
from sdkgen.facts.names import ClientNames
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import ResourceFact
from sdkgen.render import docstrings
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
    if any(overloads(operation, _OPTIONS) for operation in resource.operations):
        imports.add(("typing", "overload"))
    if any(operation.pages is not None for operation in resource.operations):
        imports |= {("collections.abc", "AsyncIterator"), ("collections.abc", "Iterator")}
        imports |= {("._runtime.raw", "async_raw_pages"), ("._runtime.raw", "raw_pages")}
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
            _method(operation, methods, names.base_error, hides_list=hides_list) for operation in resource.operations
        ],
        "flavours": [
            {
                "name": resource.name,
                "docstring": description,
                "raw_name": Code(f"{resource.name}WithRawResponse"),
                "sender": Code("Sender"),
                "raw_sender": Code("RawSender"),
                "raw": Code("raw"),
                "raw_pages": Code("raw_pages"),
                "iterator": Code("Iterator"),
                "call": Code("StreamedCall"),
                "stream_of": Code("ItemStream"),
                "is_async": False,
                "define": Code("def"),
                "wait": Code(""),
            },
            {
                "name": resource.async_name,
                "docstring": Code(f"The async version of :class:`{resource.name}`."),
                "raw_name": Code(f"{resource.async_name}WithRawResponse"),
                "sender": Code("AsyncSender"),
                "raw_sender": Code("AsyncRawSender"),
                "raw": Code("async_raw"),
                "raw_pages": Code("async_raw_pages"),
                "iterator": Code("AsyncIterator"),
                "call": Code("AsyncStreamedCall"),
                "stream_of": Code("AsyncItemStream"),
                "is_async": True,
                "define": Code("async def"),
                "wait": Code("await "),
            },
        ],
    }


def _annotations(operation: OperationFact) -> str:
    return f"{accepted_parameters(operation)} -> {operation.result} | {_item(operation, hides_list=False)}"


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


def _method(
    operation: OperationFact, methods: Mapping[str, str], base_error: Code, *, hides_list: bool
) -> dict[str, Any]:
    signature = accepted_parameters(operation, _OPTIONS)
    passed = [parameter.python for parameter in operation.positional]
    body = operation.body_argument
    if body is not None and body.required:
        passed.append(Code("body"))
    passed += [Code(f"{parameter.python}={parameter.python}") for parameter in operation.keyword_only]
    ways = overloads(operation, _OPTIONS)
    if ways or (body is not None and not body.required):
        passed.append(Code("body=body"))
    deprecation = operation.deprecation.text(methods) if operation.deprecation is not None else ""
    return {
        "name": operation.method_name,
        "signature": spelled_out(signature) if hides_list else signature,
        "overloads": [spelled_out(way) if hides_list else way for way in ways],
        "result": spelled_out(operation.result) if hides_list else operation.result,
        "docstring": docstrings.method_docstring(operation, base_error, deprecation),
        "pages": operation.pages.method_name if operation.pages is not None else Code(""),
        "pages_docstring": docstrings.pages_docstring(operation, deprecation),
        "only_streams": operation.only_streams,
        "stream": operation.stream.method_name if operation.stream is not None else Code(""),
        "item": _item(operation, hides_list=hides_list),
        "stream_docstring": {
            is_async: docstrings.stream_docstring(operation, base_error, deprecation, is_async=is_async)
            for is_async in (False, True)
        },
        "deprecation": literal_lines(deprecation, width=108) if deprecation else Code(""),
        "module": Code(f"_{operation.module}"),
        "passed": joined(", ", passed),
    }


def _item(operation: OperationFact, *, hides_list: bool) -> Code:
    items = operation.stream.items if operation.stream is not None else None
    if items is None:
        return Code("")
    return spelled_out(items.annotation) if hides_list else items.annotation
