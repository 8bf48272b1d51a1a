"""The examples of a document become calls of its methods: values have the types that the methods take."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import Any

import pytest

from generator.surface.support import client_of
from support.http_server import Reply, Server
from support.packages import Package, generate

SPEC = """
paths:
  /things/{day}/{id}:
    post:
      operationId: sendThing
      x-method: send
      tags: [things]
      parameters:
        - {name: day, in: path, required: true, schema: {type: string, format: date}, example: "2026-01-02"}
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}, example: UUID}
        - {name: state, in: query, required: true, schema: {$ref: "#/components/schemas/State"}, example: open}
        - {name: more, in: query, schema: {type: string}, example: left out}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [at, parts, factor]
              properties:
                at: {type: string, format: date-time}
                parts: {type: array, items: {type: object, properties: {partName: {type: string}}}}
                factor: {type: [number, "null"]}
                note: {type: string}
            example:
              {at: "2026-01-02T03:04:05Z", parts: [{partName: "a \\"b\\" \\\\ '''c'''"}], factor: 2, note: left out}
      responses: {'204': {description: Nothing.}}
  /choices:
    post:
      operationId: choose
      tags: [things]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Choice"}, examples: {a: {value: {right: 1}}}}}
      responses: {'204': {description: Nothing.}}
  /files:
    post:
      operationId: upload
      tags: [things]
      requestBody: {required: true, content: {application/octet-stream: {schema: {format: binary}, example: "a\\nb"}}}
      responses: {'204': {description: Nothing.}}
  /unknown/{place}:
    put:
      operationId: put
      tags: [things]
      parameters: [{name: place, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {type: array, items: {type: integer}}}}}
      responses: {'204': {description: Nothing.}}
components:
  schemas:
    State: {type: string, enum: [open, shut]}
    Choice:
      type: object
      properties: {left: {type: integer}, right: {type: integer}}
      oneOf: [{required: [left]}, {required: [right]}]
""".replace("UUID", "0e4f6d3a-4c1b-4f0e-8d57-6a1f6a2b9c22")
LONG = "0e4f6d3a-4c1b-4f0e-8d57-6a1f6a2b9c22"


@pytest.fixture(scope="module")
def package() -> Package:
    return generate(SPEC)


@pytest.fixture(scope="module")
def examples(package: Package) -> dict[str, str]:
    """The example of each method in the reference."""
    text = (package.folder / "reference.md").read_text("utf-8").partition("\n## Operations\n")[2]
    names = re.findall(r"^### `things\.(\w+)`$", text, re.MULTILINE)
    first, *blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return {"": first, **dict(zip(names, blocks, strict=True))}


@pytest.mark.parametrize(
    ("method", "target", "content"),
    [
        (
            "send",
            f"POST /things/2026-01-02/{LONG}?state=open",
            b'{"at":"2026-01-02T03:04:05Z","parts":[{"partName":"a \\"b\\" \\\\ \'\'\'c\'\'\'"}],"factor":2}',
        ),
        ("choose", "POST /choices", b'{"right":1}'),
        ("upload", "POST /files", b"a\nb"),
    ],
)
def test_an_example_sends_the_examples_of_the_document(
    package: Package, examples: dict[str, str], server: Server, method: str, target: str, content: bytes
) -> None:
    server.response = Reply(204, b"")
    with client_of(package, server) as client:
        names: dict[str, Any] = {"shop": client}
        exec(examples[""], names)
        exec(examples[method].replace(package.name.removesuffix("_client"), "shop"), names)
    assert (f"{server.last.method} {server.last.target}", server.last.content) == (target, content)


def test_an_argument_without_an_example_stands_there_by_its_name(examples: dict[str, str]) -> None:
    assert examples["put"].rstrip().endswith(".things.put(place, body=body)")


def test_a_long_example_is_broken_at_its_arguments(package: Package, examples: dict[str, str]) -> None:
    assert max(map(len, examples["send"].splitlines())) <= 100
    assert examples["send"].count("\n") == 2 + len(["day", "id", "at", "parts", "factor", "state"])
    documented = inspect.getdoc(package.module("resources.things").Things.send)
    shown = re.search(r"^Example:\n((?:    .*\n)+)", documented or "", re.MULTILINE)
    assert shown is not None
    assert ast.dump(ast.parse(textwrap.dedent(shown[1]))) == ast.dump(ast.parse(examples["send"]))
