"""A vendor's bundled OpenAPI document, parsed for the server: operations, servers, schemes, examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from attrs import field, frozen

from vendor_sandbox.form_entries import Entries
from vendor_sandbox.json_values import JsonObject, array_of, at, object_of, shortened, text_of

__all__ = [
    "DeclaredResponse",
    "Document",
    "Media",
    "Operation",
    "Parameter",
    "SecurityScheme",
    "Server",
    "UnknownVendor",
    "bundled_vendors",
    "load_document",
]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class UnknownVendor(LookupError):
    """Raised when the package bundles no document of a vendor, or the sandbox does not serve it."""

    def __init__(self, vendor: str, served: Iterable[str] | None = None) -> None:
        what, known = ("serves", served) if served is not None else ("knows", bundled_vendors())
        super().__init__(f"the sandbox {what} no vendor {shortened(vendor)!r}; it {what} {', '.join(known)}")


@frozen
class Server:
    """One server of the document. ``argument`` is the constructor argument of a client: ``base_url``, ``sso_url``."""

    argument: str
    follows: str | None = None
    """``x-default``: a template that derives the URL from the others, ``{base_url}SSO``."""


@frozen
class Parameter:
    """A parameter of an operation, with the location of its schema in the document."""

    name: str
    location: str
    required: bool
    pointer: str
    """JSON Pointer to the schema."""
    schema: JsonObject = field(repr=False)
    examples: tuple[object, ...] = field(default=(), repr=False)

    @property
    def takes_any_name(self) -> bool:
        """A free-form object, sent exploded: every undeclared query member belongs to it (Cinchy's ``@name``)."""
        return self.location == "query" and self.schema.get("type") == "object"


@frozen
class Media:
    """One media type of a body: the location of its schema, and an example."""

    media_type: str
    pointer: str
    schema: JsonObject = field(repr=False)
    examples: tuple[object, ...] = field(repr=False)
    entries: Mapping[str, Entries] = field(factory=dict[str, Entries], repr=False)
    """Of a form: the members that are written as several fields each (``x-entries``)."""


@frozen
class DeclaredResponse:
    """One documented response."""

    status: str
    media: Mapping[str, Media] = field(repr=False)


@frozen
class Operation:
    """One operation of the document."""

    operation_id: str
    method: str
    path: str
    server: Server
    security: tuple[tuple[str, ...], ...]
    """Security alternatives in order; an empty one means anonymous access, and none at all an open operation."""
    parameters: tuple[Parameter, ...] = field(repr=False)
    body: Mapping[str, Media] = field(repr=False)
    body_required: bool = field(repr=False)
    pagination: JsonObject = field(repr=False)
    """``x-pagination``; empty if the response is not paginated."""
    responses: Mapping[str, DeclaredResponse] = field(repr=False)

    @property
    def success(self) -> DeclaredResponse | None:
        """The first documented response of class 2xx."""
        return next((self.responses[status] for status in sorted(self.responses) if status.startswith("2")), None)

    @property
    def success_status(self) -> int:
        """The status of :attr:`success`; 200 where only a class or nothing is documented."""
        success = self.success
        return int(success.status) if success is not None and success.status.isdecimal() else 200

    @property
    def success_media(self) -> Media | None:
        """The JSON body of :attr:`success`, or its first body of another type."""
        if self.success is None:
            return None
        media = self.success.media
        return next((media[name] for name in media if "json" in name), next(iter(media.values()), None))


@frozen
class SecurityScheme:
    """A Security Scheme Object with its ``x-token-lifecycle``, if any."""

    name: str
    type: str
    scheme: str
    location: str
    parameter: str
    lifecycle: JsonObject | None = field(repr=False)


class Document:
    """One bundled document. Raises ``KeyError`` or ``ValueError`` if it is not valid."""

    def __init__(self, vendor: str, raw: JsonObject) -> None:
        self.vendor = vendor
        self.raw = raw
        self.servers: dict[str, Server] = {}
        self._declare_servers(array_of(raw.get("servers")))
        items = [
            (path, *self._follow(value, f"/paths/{_escape(path)}"))
            for path, value in object_of(raw.get("paths")).items()
        ]
        self.operations: tuple[Operation, ...] = tuple(
            self._operation(path, item, method, object_of(item[method]), pointer)
            for path, item, pointer in items
            for method in METHODS
            if method in item
        )
        self.schemes: Mapping[str, SecurityScheme] = {
            name: self._scheme(name, object_of(value))
            for name, value in object_of(at(raw, "/components/securitySchemes")).items()
        }

    def operation(self, operation_id: str) -> Operation:
        """The operation with this id. Raises ``KeyError`` if there is none."""
        for operation in self.operations:
            if operation.operation_id == operation_id:
                return operation
        raise KeyError(operation_id)

    def resolve(self, value: object) -> JsonObject:
        """``value`` with its ``$ref`` resolved."""
        return self._follow(value, "")[0]

    def _follow(self, value: object, pointer: str) -> tuple[JsonObject, str]:
        node = object_of(value)
        while isinstance(reference := node.get("$ref"), str):
            pointer = reference.removeprefix("#")
            node = object_of(at(self.raw, pointer))
        return node, pointer

    def _declare_servers(self, values: list[object]) -> list[Server]:
        found: list[Server] = []
        for value in values:
            node = object_of(value)
            name = text_of(node.get("x-name"))
            argument = f"{name.replace('-', '_')}_url" if name else "base_url"
            server = Server(argument, text_of(node.get("x-default")))
            if argument not in self.servers or self.servers[argument].follows is None:
                self.servers[argument] = server  # one declaration with the default is enough
            found.append(server)
        return found

    def _server_of(self, *levels: JsonObject) -> Server:
        for level in levels:
            if servers := self._declare_servers(array_of(level.get("servers"))):
                return next((server for server in servers if server.argument == "base_url"), servers[0])
        return self.servers.setdefault("base_url", Server("base_url"))

    def _operation(self, path: str, item: JsonObject, method: str, node: JsonObject, pointer: str) -> Operation:
        here = f"{pointer}/{method}"
        body, body_pointer = self._follow(node.get("requestBody"), f"{here}/requestBody")
        security = node.get("security", self.raw.get("security"))
        parameters: dict[tuple[str, str], Parameter] = {}
        for base, values in ((pointer, item.get("parameters")), (here, node.get("parameters"))):
            for index, value in enumerate(array_of(values)):
                parameter = self._parameter(value, f"{base}/parameters/{index}")
                parameters[parameter.location, parameter.name] = parameter
        return Operation(
            operation_id=str(node.get("operationId") or f"{method} {path}"),
            method=method.upper(),
            path=path,
            server=self._server_of(node, item),
            security=tuple(tuple(object_of(alternative)) for alternative in array_of(security)),
            parameters=tuple(parameters.values()),
            body=self._media(body, body_pointer),
            body_required=bool(body.get("required")),
            pagination=object_of(node.get("x-pagination")),
            responses={
                str(status): DeclaredResponse(
                    str(status), self._media(*self._follow(value, f"{here}/responses/{status}"))
                )
                for status, value in object_of(node.get("responses")).items()
            },
        )

    def _parameter(self, value: object, pointer: str) -> Parameter:
        node, pointer = self._follow(value, pointer)
        schema, schema_pointer = self._follow(node.get("schema"), f"{pointer}/schema")
        return Parameter(
            name=str(node["name"]),
            location=str(node["in"]),
            required=bool(node.get("required")),
            pointer=schema_pointer,
            schema=schema,
            examples=self._examples(node, schema),
        )

    def _media(self, node: JsonObject, pointer: str) -> Mapping[str, Media]:
        found: dict[str, Media] = {}
        for name, value in object_of(node.get("content")).items():
            media = object_of(value)
            place = f"{pointer}/content/{_escape(name)}/schema"
            schema, schema_pointer = self._follow(media.get("schema"), place)
            found[name.lower()] = Media(name, schema_pointer, schema, self._examples(media, schema), _entries_of(media))
        return found

    def _examples(self, media: JsonObject, schema: JsonObject) -> tuple[object, ...]:
        if "example" in media:
            return (media["example"],)
        named = [self.resolve(value) for value in object_of(media.get("examples")).values()]
        values = [value["value"] for value in named if "value" in value]
        return tuple(values or array_of(schema.get("examples")))

    def _scheme(self, name: str, node: JsonObject) -> SecurityScheme:
        node = self.resolve(node)
        lifecycle = node.get("x-token-lifecycle")
        return SecurityScheme(
            name=name,
            type=str(node.get("type")),
            scheme=str(node.get("scheme", "")).lower(),
            location=str(node.get("in", "header")),
            parameter=str(node.get("name", "Authorization")),
            lifecycle=object_of(lifecycle) if lifecycle is not None else None,
        )


def bundled_vendors() -> list[str]:
    """The vendors whose documents this package bundles."""
    folder = resources.files("vendor_sandbox") / "specs"
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))


@cache
def load_document(vendor: str) -> Document:
    """The bundled document of a vendor, parsed once and cached; copy its values before changing them.

    Raises:
        UnknownVendor: this package bundles no document with that name.
    """
    if vendor not in bundled_vendors():
        raise UnknownVendor(vendor)
    text = (resources.files("vendor_sandbox") / "specs" / f"{vendor}.json").read_text(encoding="utf-8")
    return Document(vendor, json.loads(text))


def _entries_of(media: JsonObject) -> Mapping[str, Entries]:
    declared = {name: Entries.of(object_of(value)) for name, value in object_of(media.get("encoding")).items()}
    return {name: entries for name, entries in declared.items() if entries is not None}


def _escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")
