"""The bytes of every style, exploded or not, for every shape of value in every place, against RFC 6570 and OpenAPI 3.1.

``expanded`` is the algorithm of RFC 6570, section 3.2.1; the tables of OpenAPI's "Style Examples" stand next to it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from generator.surface.support import client_of
from support.http_server import Reply, Server, serve
from support.packages import Package, generate

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
OPERATORS = {  # of RFC 6570, section 3.2.1: first, separator, named, what follows the name of an empty value
    "simple": ("", ",", False, ""),
    "label": (".", ".", False, ""),
    "matrix": (";", ";", True, ""),
    "form": ("", "&", True, "="),
}
DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}

Value = str | int | float | bool | list[Any] | dict[str, Any]


def percent(value: object) -> str:
    """RFC 3986, section 2.1, of everything that is not unreserved."""
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return "".join(chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in text.encode())


def expanded(style: str, explode: bool, name: str, value: Value) -> str:
    """A defined value, expanded."""
    first, separator, named, if_empty = OPERATORS[style]

    def assigned(text: str) -> str:
        return f"{name}={text}" if text else f"{name}{if_empty}"

    if isinstance(value, list):
        items = [percent(item) for item in value]
        if explode:
            return first + separator.join(assigned(item) if named else item for item in items)
        return first + (assigned(",".join(items)) if named else ",".join(items))
    if isinstance(value, dict):
        members = [(percent(key), percent(item)) for key, item in value.items()]
        if explode:
            empty = if_empty if named else "="
            return first + separator.join(f"{key}={item}" if item else f"{key}{empty}" for key, item in members)
        joined = ",".join(part for member in members for part in member)
        return first + (assigned(joined) if named else joined)
    return first + (assigned(percent(value)) if named else percent(value))


COLOURS: list[tuple[str, bool, str, str, str, str]] = [
    ("matrix", False, ";c", ";c=blue", ";c=blue,black,brown", ";c=R,100,G,200,B,150"),
    ("matrix", True, ";c", ";c=blue", ";c=blue;c=black;c=brown", ";R=100;G=200;B=150"),
    ("label", False, ".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
    ("label", True, ".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
    ("simple", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("simple", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ("form", False, "c=", "c=blue", "c=blue,black,brown", "c=R,100,G,200,B,150"),
    ("form", True, "c=", "c=blue", "c=blue&c=black&c=brown", "R=100&G=200&B=150"),
]
"""OpenAPI 3.1.1, section 4.8.12.4."""

VALUES: dict[str, list[Value]] = {
    "string": ["blue", "", "a b/c?d&e=f;g,h|i%j+k:@!*'()[]#", "Größe €😀", "x~y-z_0."],
    "number": [0, 1.5, -3],
    "boolean": [True, False],
    "array": [["blue", "black", "brown"], ["a,b", "c d|e", "ä;="], ["one"]],
    "object": [{"R": 100, "G": 200, "B": 150}, {"a b": "c=d", "ä&": "e,f"}, {"k": ""}],
}
SCHEMAS = {
    **{name: f"{{type: {name}}}" for name in ("string", "number", "boolean")},
    "array": "{type: array, items: {type: string}}",
    "object": "{type: object, additionalProperties: {type: [string, integer]}}",
}
PLACES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}


def operation_id(place: str, style: str, explode: bool, shape: str) -> str:
    return f"{place}_{style}_{'exploded' if explode else 'joined'}_{shape}".lower()


def document() -> str:
    """One operation for each place, style, explode and shape."""
    paths = []
    for place, styles in PLACES.items():
        for style, explode, shape in product(styles, (False, True), SCHEMAS):
            name = operation_id(place, style, explode, shape)
            path = f"/{name}/x{{c}}" if place == "path" else f"/{name}"
            parameter = (
                f"{{name: c, in: {place}, required: true, style: {style},"
                f" explode: {str(explode).lower()}, schema: {SCHEMAS[shape]}}}"
            )
            paths.append(
                f"  {path}:\n    get:\n      operationId: {name}\n      tags: [t]\n"
                f"      parameters: [{parameter}]\n      responses: {{'204': {{description: Nothing.}}}}\n"
            )
    return "tags: [{name: t}]\npaths:\n" + "".join(paths)


@pytest.fixture(scope="module")
def styles() -> Package:
    made = generate(document())
    assert made.problems == ()
    return made


def test_the_reference_agrees_with_the_examples_of_openapi() -> None:
    colours: list[Value] = ["", "blue", ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}]
    for style, explode, *expected in COLOURS:
        assert [expanded(style, explode, "c", colour) for colour in colours] == expected


def expected_query(style: str, explode: bool, value: Value) -> str:
    """The query; where OpenAPI leaves it open, what docs/spec-extensions.md promises."""
    if not isinstance(value, list | dict):
        return expanded("form", True, "c", value)
    if style == "deepObject":
        members = value.items() if isinstance(value, dict) else enumerate(value)
        return "&".join(f"{percent(f'c[{key}]')}={percent(item)}" for key, item in members)
    if style == "form" or explode:
        return expanded("form", explode, "c", value)
    flat = value if isinstance(value, list) else [part for member in value.items() for part in member]
    return f"c={DELIMITERS[style].join(percent(item) for item in flat)}"


def cases() -> Iterator[tuple[str, Value, str, str]]:
    """Operation, value, what is sent where it is not the query, and the query."""
    for place, styles in PLACES.items():
        for style, explode, shape in product(styles, (False, True), SCHEMAS):
            for value in VALUES[shape]:
                name = operation_id(place, style, explode, shape)
                if place == "path" and not (value == "" and style == "simple"):
                    yield name, value, f"/{name}/x{expanded(style, explode, 'c', value)}", ""
                elif place == "query":
                    yield name, value, f"/{name}", expected_query(style, explode, value)


def test_path_and_query_are_the_bytes_of_rfc_6570(styles: Package, server: Server) -> None:
    server.response = Reply(204, b"")
    wrong, tried = list[str](), 0
    with client_of(styles, server) as client:
        for name, value, path, query in cases():
            method = getattr(client.t, name)
            method(value) if name.startswith("path") else method(c=value)
            expected = f"{path}?{query}" if query else path
            tried += 1
            if server.last.target != expected:
                wrong.append(f"{name}({value!r}): {server.last.target} instead of {expected}")
    assert wrong == []
    assert tried > 200


HEADERS: list[tuple[bool, Value, str]] = [
    (False, "a b/c?d&e=f;g", "a b/c?d&e=f;g"),
    (False, ["blue", "a b", "c;d=e"], "blue,a b,c;d=e"),
    (True, ["blue", "black"], "blue,black"),
    (False, {"R": 100, "G": "x y"}, "R,100,G,x y"),
    (True, {"R": 100, "G": "x y"}, "R=100,G=x y"),
]
COOKIES: list[tuple[bool, Value, str]] = [
    (False, "blue", "c=blue"),
    (False, "a b;ä", "c=a%20b%3B%C3%A4"),
    (False, ["blue", "a,b"], "c=blue,a%2Cb"),
    (True, ["blue", "a,b"], "c=blue; c=a%2Cb"),
    (False, {"R": 100, "G": "x y"}, "c=R,100,G,x%20y"),
    (True, {"R": 100, "a b": "x y"}, "R=100; a%20b=x%20y"),
]


def shape_of(value: Value) -> str:
    return {str: "string", list: "array", dict: "object"}[type(value)]


def test_headers_and_cookies(styles: Package, server: Server) -> None:
    server.response = Reply(204, b"")
    with client_of(styles, server) as client:
        for place, style, rows in (("header", "simple", HEADERS), ("cookie", "form", COOKIES)):
            for explode, value, expected in rows:
                getattr(client.t, operation_id(place, style, explode, shape_of(value)))(c=value)
                assert server.last.headers["c" if place == "header" else "cookie"] == expected


def test_an_empty_array_or_object_is_undefined_and_not_sent(styles: Package, server: Server) -> None:
    """RFC 6570, section 2.3; a path cannot do without its parameter."""
    server.response = Reply(204, b"")
    with client_of(styles, server) as client:
        for place, names in PLACES.items():
            for style, explode, (shape, empty) in product(names, (False, True), (("array", []), ("object", {}))):
                name = operation_id(place, style, explode, shape)
                if place == "path":
                    with pytest.raises(styles.InvalidArgument, match="`c` is a path parameter"):
                        getattr(client.t, name)(empty)
                    continue
                getattr(client.t, name)(c=empty)
                assert server.last.target == f"/{name}"
                assert not {"c", "cookie"} & server.last.headers.keys()


# --- what a parameter can hold besides --------------------------------------------------------------------------------

SHOP = """
tags: [{name: t}]
paths:
  /classes:
    get:
      operationId: classes
      tags: [t]
      parameters:
        - {name: flat, in: query, explode: false, schema: {$ref: '#/components/schemas/Rgb'}}
        - {name: nil, in: query, explode: false, schema: {anyOf: [{$ref: '#/components/schemas/Rgb'}, {type: 'null'}]}}
        - {name: loose, in: query, schema: {$ref: '#/components/schemas/Rgb'}}
        - {name: either, in: query, explode: false, schema: {$ref: '#/components/schemas/Shape'}}
        - {name: deep, in: query, style: deepObject, schema: {$ref: '#/components/schemas/Deep'}}
        - name: range
          in: query
          style: deepObject
          schema: {anyOf: [{type: integer}, {$ref: '#/components/schemas/Rgb'}]}
        - {name: some, in: query, schema: {anyOf: [{type: string}, {type: array, items: {type: string}}]}}
        - {name: any, in: query, schema: {}}
        - {name: key, in: query, schema: {type: string, format: byte}}
        - {name: note, in: query, content: {text/plain: {schema: {type: string}}}}
        - {name: X-Rgb, in: header, explode: true, schema: {$ref: '#/components/schemas/Rgb'}}
        - {name: prefs, in: cookie, explode: false, schema: {$ref: '#/components/schemas/Rgb'}}
        - {name: tabs, in: cookie, schema: {type: array, items: {type: string}}}
      responses: {'204': {description: Nothing.}}
  /c/x{l}{m}:
    get:
      operationId: constants
      tags: [t]
      parameters:
        - {name: l, in: path, required: true, style: label, schema: {const: a b}}
        - {name: m, in: path, required: true, style: matrix, schema: {const: ''}}
        - {name: q, in: query, required: true, schema: {type: array, items: {type: integer}, const: [1, 2]}}
        - {name: X-J, in: header, content: {application/json: {schema: {type: object}}}}
      responses: {'204': {description: Nothing.}}
  /j/{where}/{l}:
    get:
      operationId: paths
      tags: [t]
      parameters:
        - {name: where, in: path, required: true, content: {application/json: {schema: {type: object}}}}
        - {name: l, in: path, required: true, style: label, schema: {type: string}}
      responses: {'204': {description: Nothing.}}
components:
  schemas:
    Rgb: {type: object, properties: {r: {type: integer}, g: {type: [integer, 'null']}}}
    Square: {type: object, required: [kind, side], properties: {kind: {const: square}, side: {type: integer}}}
    Circle: {type: object, required: [kind, radius], properties: {kind: {const: circle}, radius: {type: integer}}}
    Shape:
      oneOf: [{$ref: '#/components/schemas/Square'}, {$ref: '#/components/schemas/Circle'}]
      discriminator:
        propertyName: kind
        mapping: {square: '#/components/schemas/Square', circle: '#/components/schemas/Circle'}
    Deep:
      type: object
      properties:
        size: {$ref: '#/components/schemas/Rgb'}
        tags: {type: array, items: {type: string}}
        parts: {type: array, items: {$ref: '#/components/schemas/Rgb'}}
"""


@pytest.fixture(scope="module")
def shop() -> Package:
    made = generate(SHOP)
    assert made.problems == ()
    return made


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with serve() as server:
        server.response = Reply(204, b"")
        yield server


def test_models_unions_and_open_types_are_written_in_their_style(shop: Package, running: Server) -> None:
    models = shop.module("models")
    rgb = models.Rgb(r=1, g=2)
    deep = models.Deep(size=rgb, tags=["a", "b"], parts=[models.Rgb(r=3), models.Rgb(g=None)])
    rows: list[tuple[dict[str, Any], str]] = [
        ({"flat": rgb}, "flat=r,1,g,2"),
        ({"flat": models.Rgb(r=1, g=None)}, "flat=r,1"),
        ({"nil": rgb}, "nil=r,1,g,2"),
        ({"nil": None}, ""),
        ({"loose": rgb}, "r=1&g=2"),
        ({"either": models.Circle(radius=3)}, "either=kind,circle,radius,3"),
        (
            {"deep": deep},
            "deep%5Bsize%5D%5Br%5D=1&deep%5Bsize%5D%5Bg%5D=2&deep%5Btags%5D%5B0%5D=a&deep%5Btags%5D%5B1%5D=b"
            "&deep%5Bparts%5D%5B0%5D%5Br%5D=3",
        ),
        ({"range_": 5}, "range=5"),
        ({"range_": rgb}, "range%5Br%5D=1&range%5Bg%5D=2"),
        ({"some": "abc"}, "some=abc"),
        ({"some": ["a", "b"]}, "some=a&some=b"),
        ({"any_": {"a": 1, "b": ["x", "y"]}}, "a=1&b=x&b=y"),
        ({"any_": ["x", None, "y"]}, "any=x&any=y"),
        ({"any_": True}, "any=true"),
        ({"key": b"\xff\xfe"}, f"key={percent(base64.b64encode(bytes([255, 254])).decode())}"),
        ({"note": 'a "b"'}, "note=a%20%22b%22"),
    ]
    with client_of(shop, running) as client:
        for arguments, query in rows:
            client.t.classes(**arguments)
            assert running.last.target.partition("?")[2] == query, arguments
        client.t.classes(x_rgb=rgb, prefs=rgb, tabs=["1", "2"])
        assert running.last.headers["x-rgb"] == "r=1,g=2"
        assert running.last.headers["cookie"] == "prefs=r,1,g,2; tabs=1; tabs=2"
        client.t.paths({"a": [1]}, "x")
        assert running.last.target == "/j/%7B%22a%22%3A%5B1%5D%7D/.x"
        client.t.constants(q=[1, 2], x_j={"ä": 1})
        assert (running.last.target, running.last.headers["x-j"]) == ("/c/x.a%20b;m?q=1&q=2", '{"\\u00e4":1}')


def test_what_openapi_defines_no_form_for_is_refused_before_sending(shop: Package, running: Server) -> None:
    sent = len(running.requests)
    with client_of(shop, running) as client:
        for nested in ({"a": {"b": 1}}, {"a": [[1]]}, [[1]], [{"a": 1}]):
            with pytest.raises(shop.InvalidArgument, match="OpenAPI defines no form"):
                client.t.classes(any_=nested)
        for segment in ("", "."):
            with pytest.raises(shop.InvalidArgument, match="`l` is a path parameter"):
                client.t.paths({}, segment)
    assert len(running.requests) == sent


NO_FORM = "objects or arrays inside a parameter's value, for which OpenAPI defines no form"
UNWRITABLE = """
tags: [{name: t}]
paths:
  /a:
    get:
      operationId: withoutForm
      tags: [t]
      parameters:
        - name: p
          in: query
          required: true
          schema: {type: array, items: {type: array, items: {type: string}}}
      responses: {'204': {description: Nothing.}}
  /b:
    get:
      operationId: withForm
      tags: [t]
      parameters:
        - {name: x, in: query, content: {application/xml: {schema: {type: object}}}}
        - {name: p, in: query, schema: {type: object, properties: {a: {type: string}, o: {type: object}}}}
        - name: q
          in: header
          schema: {type: object, required: [o], properties: {o: {type: array, items: {type: string}}}}
      responses: {'204': {description: Nothing.}}
"""


def test_an_operation_that_no_request_can_be_right_for_has_no_method(running: Server) -> None:
    package = generate(UNWRITABLE)
    reported = [(problem.pointer, f"{problem.what}. {problem.next_step}") for problem in package.problems]
    assert reported == [
        (
            "/paths/~1a/get",
            f"the required parameter `p` needs {NO_FORM}. The operation has no method.",
        ),
        (
            "/paths/~1b/get",
            "the optional parameter `x` needs a value in the media type `application/xml`. It is left out.",
        ),
        (
            "/paths/~1b/get",
            "the member `o` of the parameter `p` has no form in its style. A call with it raises InvalidArgument.",
        ),
        (
            "/paths/~1b/get",
            f"the optional parameter `q` needs {NO_FORM}. It is left out.",
        ),
    ]
    with client_of(package, running) as client:
        assert not hasattr(client.t, "without_form")
        client.t.with_form(p=package.module("models").WithFormP(a="1"))
    assert running.last.target == "/b?a=1"


# --- forms ------------------------------------------------------------------------------------------------------------

FORM = """
tags: [{name: t}]
paths:
  /m:
    post:
      operationId: postM
      tags: [t]
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                spaces: {type: array, items: {type: string}}
                pipes: {type: array, items: {type: string}}
                commas: {type: array, items: {type: string}}
                each: {type: array, items: {type: string}}
                plain: {type: array, items: {type: string}}
                deep: {type: object, additionalProperties: true}
                flat: {type: object, additionalProperties: {type: string}}
                loose: {type: object, additionalProperties: {type: string}}
                object: {type: object, additionalProperties: {type: string}}
                json: {type: array, items: {type: integer}}
                text: {type: string}
            encoding:
              spaces: {style: spaceDelimited, explode: false}
              pipes: {style: pipeDelimited}
              commas: {style: form, explode: false}
              each: {explode: true}
              deep: {style: deepObject, explode: true}
              flat: {explode: false}
              loose: {style: form}
              json: {contentType: application/json}
              text: {style: deepObject}
      responses: {'204': {description: Nothing.}}
"""
FORM_ROWS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"spaces": ["a", "b"]}, "spaces=a%20b"),
    ({"pipes": ["a", "b|c"]}, "pipes=a%7Cb%7Cc"),
    ({"commas": ["a", "b,ä"]}, "commas=a,b%2C%C3%A4"),
    ({"each": ["a", "b"]}, "each=a&each=b"),
    ({"plain": ["a", "b&"]}, "plain=a&plain=b%26"),
    (
        {"deep": {"a": {"b": 1}, "c": ["x", {"y": True}]}},
        "deep%5Ba%5D%5Bb%5D=1&deep%5Bc%5D%5B0%5D=x&deep%5Bc%5D%5B1%5D%5By%5D=true",
    ),
    ({"flat": {"a": "1", "b": "2"}}, "flat=a,1,b,2"),
    ({"loose": {"a": "1", "b": "2"}}, "a=1&b=2"),
    ({"object_": {"a": "1"}}, "object=%7B%22a%22%3A%221%22%7D"),
    ({"json": [1, 2]}, "json=%5B1%2C2%5D"),
    ({"text": "a b"}, "text=a+b"),
]


def test_a_form_is_encoded_as_its_encoding_says(running: Server) -> None:
    package = generate(FORM)
    assert package.problems == ()
    with client_of(package, running) as client:
        for arguments, body in FORM_ROWS:
            client.t.post_m(**arguments)
            assert running.last.content.decode() == body, arguments
            assert running.last.headers.get("content-type") == ("application/x-www-form-urlencoded" if body else None)
