"""The names of a vendor's client: of its package and class, of methods and arguments. The generator writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from attrs import field, frozen

from vendor_sandbox.json_values import JsonObject, object_of

__all__ = ["Argument", "ClientCalls", "Method", "client_calls_of"]


TEXTS = frozenset({"str", "datetime.datetime", "datetime.date", "FileInput", "Sequence[FileInput]"})


@frozen
class Argument:
    """One argument of a method."""

    name: str
    location: str
    """``path``, ``query``, ``header``, ``cookie`` or ``body``."""
    wire: str
    """The name in the request; empty for a whole body, and for all additional members or parameters."""
    type: str
    """The annotation in the signature."""
    required: bool
    positional: bool
    whole: bool
    """It is the whole body."""
    style: str
    """Empty, or ``json`` or an OpenAPI style other than the default."""

    @property
    def takes_text(self) -> bool:
        """Whether a text is a value of the type: one of ``str``, of an enumeration, a time or a file."""
        return not TEXTS.isdisjoint(self.type.split(" | "))


@frozen
class Method:
    """The method of one operation."""

    name: str
    """``queries.run``."""
    media_type: str | None
    """The media type of the body that it sends."""
    arguments: tuple[Argument, ...]
    constants: tuple[tuple[str, str, str], ...]
    """Parameters without an argument: location, name and the one value."""


@frozen
class ClientCalls:
    """The client of one vendor."""

    raw: JsonObject = field(repr=False)
    package: str
    client: str
    variable: str
    environment: str
    """The prefix of environment variables."""
    command: str
    """The command for its tokens."""
    options: tuple[str, ...]
    """The keyword arguments that every method has besides its own."""
    methods: Mapping[str, Method] = field(repr=False)
    """By operation id."""


@cache
def client_calls_of(vendor: str) -> ClientCalls | None:
    """The client of a bundled vendor; ``None`` for a document that a program passed to the sandbox."""
    file = resources.files("vendor_sandbox") / "clients" / f"{vendor}.json"
    if "/" in vendor or not file.is_file():
        return None
    raw: JsonObject = json.loads(file.read_text(encoding="utf-8"))
    methods = {name: _method(object_of(node)) for name, node in object_of(raw["operations"]).items()}
    names = {name: str(raw[name]) for name in ("package", "client", "variable", "environment", "command")}
    return ClientCalls(raw=raw, options=tuple(raw["options"]), methods=methods, **names)


def _method(node: JsonObject) -> Method:
    return Method(
        name=str(node["method"]),
        media_type=node["body"],
        arguments=tuple(map(_argument, node["arguments"])),
        constants=tuple((one["in"], one["wire"], one["value"]) for one in node["constants"]),
    )


def _argument(node: JsonObject) -> Argument:
    return Argument(
        name=str(node["name"]),
        location=str(node["in"]),
        wire=str(node["wire"]),
        type=str(node["type"]),
        required=bool(node["required"]),
        positional=bool(node.get("positional")),
        whole=bool(node.get("whole")),
        style=str(node.get("style", "")),
    )
