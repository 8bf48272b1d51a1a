"""Every example in the reference of every client is a call that works, and the docstrings have the same ones."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from clients.calls import accepted
from clients.examples import Operation, examples_of, operations_of
from clients.methods import Method, methods_of
from clients.responses import client_of
from clients.test_every_method import resources_of
from clients.test_examples import response_of
from support.http_library import httpx
from support.http_server import Recorded, Reply, serve
from support.repository import ROOT, VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox

every_vendor = pytest.mark.parametrize("vendor", VENDORS)
SECTION = re.compile(r"^### `(\w+\.\w+)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^Example:\n((?:    .*(?:\n|\Z))+)", re.MULTILINE)


def reference(vendor: str) -> str:
    """The part of the reference that describes the operations."""
    text = (ROOT / "packages" / f"{vendor}-client" / "reference.md").read_text("utf-8")
    return text[text.index("\n## Operations\n") :]


def sections(vendor: str) -> dict[str, str]:
    """What the reference says of each operation, by its method."""
    return dict(SECTION.findall(reference(vendor)))


def variable_of(vendor: str) -> str:
    """The name of the client in its examples."""
    found = {name for name, _ in re.findall(r"^## (\w+)\.(\w+)$", reference(vendor), re.MULTILINE)}
    (variable,) = found
    return variable


class ToServer(httpx.HTTPTransport):
    """Takes every request to one server, wherever it would go."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._server = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http", host=self._server.host, port=self._server.port)
        moved = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
        moved.extensions = request.extensions
        return super().handle_request(moved)


class Examples:
    """Responds to the one operation with the spec's example."""

    def __init__(self, vendor: str) -> None:
        self._responses = {
            one.operation_id: response_of(one)
            for one in reversed(examples_of(vendor))
            if one.status.startswith("2") and not one.name.startswith("failure")
        }
        self.operation: Operation

    def __call__(self, _request: Recorded) -> Reply:
        found = self._responses.get(self.operation.operation_id)
        if found is not None:
            return Reply(found.status_code, found.content, {"content-type": found.headers["content-type"]})
        status = next(one for one in self.operation.definition["responses"] if one.startswith("2"))
        return Reply(int(status.replace("XX", "00")), b"", {"content-type": min(accepted(self.operation))})


@every_vendor
def test_the_examples_of_the_reference_are_calls_of_their_operations(
    vendor: str, vendors: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some examples write a file
    operations = {operation.operation_id: operation for operation in operations_of(vendor)}
    documented = sections(vendor)
    examples = Examples(vendor)
    names: dict[str, Any] = {}
    exec("".join(CODE.findall(reference(vendor).partition("\n### ")[0])), names)
    with serve() as server, client_of(vendor, vendors, ToServer(server.url)) as client, all_pass() as check:
        server.response = examples
        names[variable_of(vendor)] = client
        for method in methods_of(vendor):
            examples.operation = operation = operations[method.operation_id]
            with check(method):
                blocks = CODE.findall(documented.pop(f"{method.resource}.{method.name}"))
                assert blocks
                for block in blocks:
                    before = len(server.requests)
                    exec(block, names)
                    (sent,) = server.requests[before:]
                    assert sent.method == operation.method.upper()
                    path = re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(operation.path))
                    assert re.search(f"{path}$", sent.path)
    assert documented == {}


def docstrings(method: Method) -> Iterator[tuple[str, str]]:
    """The docstrings of each method of an operation, sync and async."""
    sync, is_async = resources_of(method)
    pages, stream = f"{method.name}_pages", f"{method.name}_stream"
    for name in (method.name, pages, stream):
        with suppress(AttributeError):
            yield inspect.getdoc(getattr(sync, name)) or "", inspect.getdoc(getattr(is_async, name)) or ""


@every_vendor
def test_every_docstring_has_the_example_of_the_reference(vendor: str) -> None:
    documented = sections(vendor)
    with all_pass() as check:
        for method in methods_of(vendor):
            with check(method):
                blocks = CODE.findall(documented[f"{method.resource}.{method.name}"])
                for block, (sync, is_async) in zip(blocks, docstrings(method), strict=True):
                    ((example,), (awaited,)) = EXAMPLE.findall(sync), EXAMPLE.findall(is_async)
                    assert ast.dump(ast.parse(textwrap.dedent(example))) == ast.dump(ast.parse(block))
                    assert re.match(r"    (await|async (with|for)) ", awaited)
                    assert re.sub(r"\b(await|async) (?=\w+[. ])", "", awaited) == example
