"""Calls made of the examples of a spec, and the request that the spec says each of them is."""

from __future__ import annotations

import datetime
import inspect
import json
import re
import typing
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from clients.examples import Operation, bodies_of, document, operations_of, resolve
from clients.methods import METHODS, Method, way_to_call
from support.form_fields import form_fields
from support.http_library import httpx
from support.repository import VENDORS

REQUESTS = [
    (operation, *body)
    for vendor in VENDORS
    for operation in operations_of(vendor)
    for body in (bodies_of(operation) or [("", "", None)])
]
"""Each example of a request: operation, media type, name and body; operations without a body have one."""
BY_OPERATION = {(method.vendor, method.operation_id): method for method in METHODS}


def plain(name: str) -> str:
    """A name as both Python and the API have it."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def convert(annotation: Any, value: Any) -> Any:
    """A JSON value as the argument of a method requires it."""
    if isinstance(value, list):
        items = next((kind for kind in _kinds(annotation) if typing.get_origin(kind) is list), list[Any])
        return [convert(typing.get_args(items)[0], item) for item in value]
    files = [kind for kind in _kinds(annotation) if getattr(kind, "__name__", "") == "File"]
    if files:
        return files[0](value.encode())
    models = [kind for kind in _kinds(annotation) if hasattr(kind, "from_dict")]
    if isinstance(value, dict) and len(models) == 1:
        return models[0].from_dict(value)
    files = [kind for kind in _kinds(annotation) if getattr(kind, "__name__", "") == "File"]
    return files[0](value.encode()) if files and isinstance(value, str) else value


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return typing.get_args(annotation) if "|" in str(annotation) else (annotation,)


TEXTS = {"date-time": "2024-02-01T12:00:00+01:00", "date": "2024-02-01", "uuid": "1a2b3c4d-0000-4000-8000-000000000001"}
RESERVED = "!$'()*,/:;=?@"
SAMPLES = {"string": "a b&c=d/é", "integer": 7, "number": 1.5, "boolean": True}


def synthetic(vendor: str, schema: Any) -> Any:
    """A value of a parameter that has no example."""
    schema = resolve(vendor, schema)
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "array":
        return [synthetic(vendor, schema["items"])] * 2
    if kind == "object":
        return {"one": "1", "other": "a&b"}
    if "x-format" in schema:
        return datetime.datetime(2024, 2, 1, 12).strftime(schema["x-format"])
    return schema["enum"][-1] if "enum" in schema else TEXTS.get(schema.get("format"), SAMPLES[kind])


def _example(operation: Operation, parameter: Mapping[str, Any]) -> Any:
    """What a parameter is in a call, by the spec; ``None`` where it says nothing."""
    return resolve(operation.vendor, parameter.get("schema", {})).get("const", parameter.get("example"))


def lacks_examples(operation: Operation) -> bool:
    """Whether some of its parameters are in no call that is made of its examples."""
    return any(_example(operation, parameter) is None for parameter in operation.parameters)


class Call:
    """One call, made of the examples of a spec, and the request that the spec says it is.

    Args:
        everything: parameters without an example are given too, with a synthetic value.
        whole: the body is passed whole where it may be passed member by member.
    """

    def __init__(
        self,
        operation: Operation,
        media_type: str,
        body: Any,
        method: Method,
        client: Any,
        *,
        everything: bool = False,
        whole: bool = False,
    ) -> None:
        self.operation = operation
        self.everything = everything
        self.media_type = media_type
        self.function = method.of(client)
        self.signature, self.hints = way_to_call(self.function, whole=whole)
        self.names = {plain(name): name for name in self.signature}
        self.path = operation.path
        self.query: list[tuple[str, str]] = []
        self.unescaped: list[str] = []
        """Parts of the query in which reserved characters stay as they are."""
        self.headers: dict[str, str] = {}
        self.cookies: dict[str, str] = {}
        self.given: dict[str, Any] = {}
        self.rest: dict[str, Any] = {}
        for parameter in operation.parameters:
            self._parameter(parameter)
        self.body = body
        if body is not None:
            self._body(body)

    def make(self) -> Any:
        """Call the method."""
        positional = [
            self.given.pop(name)
            for name, parameter in self.signature.items()
            if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]
        return self.function(*positional, **self.given)

    def _parameter(self, parameter: Mapping[str, Any]) -> None:
        schema = resolve(self.operation.vendor, parameter.get("schema", {}))
        value = _example(self.operation, parameter)
        if value is None and self.everything:
            value = synthetic(self.operation.vendor, schema)
        if "const" not in schema and value is not None:
            name = self.names[plain(parameter["name"])]
            self.given[name] = self._aware(self.hints[name], value)
        if value is None:
            return
        if parameter["in"] == "path":
            self.path = self.path.replace(f"{{{parameter['name']}}}", quote(_text(value), safe=""))
        elif parameter["in"] == "header":
            self.headers[parameter["name"]] = _text(value)
        elif parameter["in"] == "cookie":
            self.cookies[parameter["name"]] = quote(_text(value), safe="")
        elif isinstance(value, dict):
            self.query += [(name, _text(item)) for name, item in value.items()]
        elif parameter.get("allowReserved"):
            self.query.append((parameter["name"], _text(value)))
            self.unescaped.append(f"{parameter['name']}={quote(_text(value), safe=RESERVED)}")
        elif parameter["in"] == "query":
            items = value if isinstance(value, list) else [value]
            self.query += [(parameter["name"], _text(item)) for item in items]

    def _aware(self, annotation: Any, value: Any) -> Any:
        """Dates and times from their texts."""
        for kind in _kinds(annotation):
            if getattr(kind, "__module__", "") == "datetime":
                return kind.fromisoformat(value)
        return value

    def _body(self, body: Any) -> None:
        if "body" in self.signature:
            own = placed(self.operation) if isinstance(body, dict) else ()
            members = {name: one for name, one in body.items() if name not in own} if own else body
            self.given["body"] = convert(self.hints["body"], members)
            return
        for member, value in body.items():
            name = self.names.get(plain(member))
            if f"{name}_body" in self.signature:
                name = f"{name}_body"  # the path has a parameter of that name too
            if name is not None:
                self.given[name] = convert(self.hints[name], value)
            elif "parameters" in self.signature and member[0] == "@":  # Cinchy: members that only a query can name
                self.given.setdefault("parameters", {})[member] = value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def placed(operation: Operation) -> set[str]:
    """Where the client puts the operation's token, if not in a header: query parameters and members of bodies."""
    whole = document(operation.vendor)
    schemes = whole["components"]["securitySchemes"]
    security = operation.definition.get("security", whole.get("security", []))
    wanted = [schemes[name] for alternative in security for name in alternative]
    return {scheme["name"] for scheme in wanted if scheme.get("in") == "query"}


def requires_a_token(operation: Operation) -> bool:
    """Whether the first of the operation's security alternatives is not the anonymous one."""
    security = operation.definition.get("security", document(operation.vendor).get("security", []))
    return bool(security and security[0])


def is_authenticated(operation: Operation, request: httpx.Request) -> bool:
    """Whether the request shows a token or a password in the header, or a token where the operation has it."""
    names = {name for name, _ in request.url.params.multi_items()}
    if request.method != "GET" and "json" in request.headers.get("content-type", ""):
        names |= set(json.loads(request.content))
    return "authorization" in request.headers or bool(placed(operation) & names)


def accepted(operation: Operation) -> set[str]:
    """The media types of the operation's successes."""
    responses = operation.definition["responses"]
    successes = [resolve(operation.vendor, responses[status]) for status in responses if status.startswith("2")]
    return {media_type for response in successes for media_type in response.get("content", {})} or {"*/*"}


def server_of(operation: Operation) -> str:
    """The argument of a client's constructor for the server of an operation."""
    whole = document(operation.vendor)
    levels = (operation.definition, whole["paths"][operation.path], whole)
    server = next(level["servers"][0] for level in levels if "servers" in level)
    return f"{server['x-name']}_url" if "x-name" in server else "base_url"


def check(call: Call, request: httpx.Request, servers: Mapping[str, str]) -> None:
    """Whether the request is the one that the spec shows; ``servers``: URL by argument."""
    operation = call.operation
    assert request.method == operation.method.upper()
    path = urlsplit(servers[server_of(operation)]).path + call.path
    assert request.url.raw_path.partition(b"?")[0].decode() == path
    assert set(request.headers["accept"].split(", ")) == accepted(operation)
    assert {name: request.headers.get(name) for name in call.headers} == call.headers
    assert dict(re.findall(r"([^=; ]+)=([^;]*)", request.headers.get("cookie", ""))) == call.cookies
    assert is_authenticated(operation, request) == requires_a_token(operation)
    own = placed(operation)
    sent = [pair for pair in request.url.params.multi_items() if pair[0] not in own]
    assert sorted(sent) == sorted(call.query)
    assert set(call.unescaped) <= set(request.url.query.decode().split("&"))
    if call.body is None:
        assert request.content in (b"", b"{}") or own
        return
    kind = request.headers["content-type"]
    assert kind.partition(";")[0] == call.media_type
    if "json" in kind:
        members = json.loads(request.content)
        assert {**members, **dict.fromkeys(own)} == {**call.body, **dict.fromkeys(own)}
    elif "form" in kind and "urlencoded" in kind:
        media = resolve(operation.vendor, operation.definition["requestBody"])["content"][call.media_type]
        assert sorted(parse_qsl(request.content.decode())) == sorted(form_fields(media, call.body))
    else:
        message = message_from_bytes(b"content-type: " + kind.encode() + b"\n\n" + request.content)
        parts = {part.get_param("name", header="content-disposition"): part for part in message.get_payload()}
        members = {name: v if isinstance(v, dict | list) else _text(v) for name, v in call.body.items()}
        assert {name: _content(part) for name, part in parts.items()} == members
        files = {plain(name) for name, hint in call.hints.items() if "File" in str(hint)}
        named = {plain(name) for name, part in parts.items() if part.get_filename()}
        assert named == files & {plain(name) for name in parts}


def _content(part: Message) -> Any:
    text = str(part.get_payload())
    return json.loads(text) if part.get_content_type() == "application/json" else text
