"""Rules for schemas: their names become classes, and their content becomes types and docstrings."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any, cast

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import did_you_mean
from sdkgen.references import destination, object_at
from sdkgen.structure import operations, walk

_PASCAL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*")
_COMPONENTS = "/components/schemas"
RESERVED_NAMES = frozenset(
    {"Any", "AuthenticatedClient", "Client", "File", "HTTPStatus", "Response", "UNSET", "Unset"}  # of every package
)


def _named_schemas(whole: Bundle) -> dict[str, Any]:
    return as_object(as_object(whole.document.get("components")).get("schemas"))


@rule("schema-name")
def schema_name(whole: Bundle) -> Iterator[Finding]:
    """A schema is named like the class it becomes, unlike every other, and not like a class of the package."""
    seen: dict[str, str] = {}
    for name in _named_schemas(whole):
        pointer = child(_COMPONENTS, name)
        if not _PASCAL_CASE.fullmatch(name):
            yield (
                pointer,
                f"the schema name {shown(name)} is not a class name",
                "Write it in Pascal case: `TokenResponse`.",
            )
        if name in RESERVED_NAMES:
            yield pointer, f"the schema name {shown(name)} is taken by the generated package", "Choose another."
        first = seen.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), pointer)
        if first != pointer:
            other = first.rpartition("/")[2]
            yield pointer, f"the schema names {shown(other)} and {shown(name)} become one module", "Rename one of them."


@rule("schema-title")
def schema_title(whole: Bundle) -> Iterator[Finding]:
    """A schema has no ``title``, or its name as title: a title would rename the class."""
    for node in walk(whole.document):
        title = node.value.get("title")
        if node.kind == "schema" and isinstance(title, str) and node.pointer != child(_COMPONENTS, title):
            step = "Remove it, and use `description` instead."
            yield child(node.pointer, "title"), f"the title {shown(title)} would rename the class", step


@rule("named-schema")
def named_schema(whole: Bundle) -> Iterator[Finding]:
    """An object with properties is a named schema; a synthetic class name would change with its surroundings."""
    for node in walk(whole.document):
        if node.kind != "schema" or not as_object(node.value.get("properties")):
            continue
        holder = node.pointer
        while re.search(r"/allOf/\d+$", holder):  # a part of a named schema
            holder = holder.rpartition("/allOf/")[0]
        if holder.rpartition("/")[0] != _COMPONENTS:
            step = "Move it to `components/schemas` and refer to it."
            yield node.pointer, "an object with properties has no name of its own", step


@rule("open-response")
def open_response(whole: Bundle) -> Iterator[Finding]:
    """The schema of a response permits additional members, since a server may add some at any time."""
    waiting = [
        child(node.pointer, "responses", status)
        for _, _, node in operations(whole.document)
        for status in as_object(node.value.get("responses"))
    ]
    seen: set[str] = set()
    while waiting:
        start, value = destination(whole.document, waiting.pop(0))
        if start in seen or not isinstance(value, dict):
            continue
        seen.add(start)
        kind = "schema" if "/schema" in start or start.startswith(_COMPONENTS) else "response"
        for node in walk(as_object(cast(object, value)), kind, start):
            for keyword in ("additionalProperties", "unevaluatedProperties"):
                if node.kind == "schema" and node.value.get(keyword) is False:
                    step = "Remove the keyword: members that are added later would be rejected."
                    yield child(node.pointer, keyword), "the schema of a response forbids additional members", step
            if node.reference and node.reference.startswith("#"):
                waiting.append(node.reference[1:])


@rule("union-tag")
def union_tag(whole: Bundle) -> Iterator[Finding]:
    """A union of objects names its ``discriminator``, whose values the variants require as a ``const``."""
    for node in walk(whole.document):
        for keyword in ("oneOf", "anyOf"):
            variants = as_list(node.value.get(keyword)) if node.kind == "schema" else []
            objects = [
                destination(whole.document, child(node.pointer, keyword, index)) for index, _ in enumerate(variants)
            ]
            objects = [(place, as_object(value)) for place, value in objects if as_object(value).get("properties")]
            if len(objects) < 2:
                continue
            discriminator = as_object(node.value.get("discriminator"))
            name = discriminator.get("propertyName")
            if not isinstance(name, str) or not as_object(discriminator.get("mapping")):
                step = "Add `discriminator` with `propertyName` and `mapping`."
                yield child(node.pointer, keyword), "a union of objects has no discriminator", step
                continue
            for place, value in objects:
                tag = as_object(as_object(value.get("properties")).get(name))
                if name not in as_list(value.get("required")) or not ({"const", "enum"} & tag.keys()):
                    yield place, f"the variant does not require `{name}` with a `const`", "Add both to the variant."


@rule("nullable")
def nullable(whole: Bundle) -> Iterator[Finding]:
    """``null`` is a type of its own (OpenAPI 3.1); ``nullable`` means nothing any more."""
    for node in walk(whole.document):
        if node.kind == "schema" and "nullable" in node.value:
            yield (
                child(node.pointer, "nullable"),
                "`nullable` has no effect in OpenAPI 3.1",
                "Write `type: [string, 'null']`.",
            )


@rule("exact-number")
def exact_number(whole: Bundle) -> Iterator[Finding]:
    """An amount that must be exact is a string: a number would become a float and lose digits."""
    for node in walk(whole.document):
        if node.kind == "schema" and node.value.get("format") == "decimal" and node.value.get("type") != "string":
            yield (
                child(node.pointer, "format"),
                "a decimal would become a float and lose digits",
                "Write `type: string`.",
            )


@rule("table")
def table(whole: Bundle) -> Iterator[Finding]:
    """``x-table`` names members of the object, and of a column."""
    for node in walk(whole.document):
        declared = as_object(node.value.get("x-table")) if node.kind == "schema" else {}
        properties = as_object(node.value.get("properties"))
        for key in ("columns", "rows"):
            name = declared.get(key)
            if isinstance(name, str) and name not in properties:
                what = f"{shown(name)} is not a property of the table"
                yield child(node.pointer, "x-table", key), what, did_you_mean(name, properties)
        columns = declared.get("columns")
        for key in ("name", "type"):
            name = declared.get(key)
            if isinstance(name, str) and isinstance(columns, str) and columns in properties:
                place, _ = destination(whole.document, child(node.pointer, "properties", columns))
                column = object_at(whole.document, child(place, "items"))
                if name not in as_object(column.get("properties")):
                    what = f"{shown(name)} is not a property of a column"
                    step = did_you_mean(name, as_object(column.get("properties")))
                    yield child(node.pointer, "x-table", key), what, step


@rule("enumeration")
def enumeration(whole: Bundle) -> Iterator[Finding]:
    """The values of an enumeration are unique and have its type; ``x-enum-varnames`` has a name for each."""
    for node in walk(whole.document):
        if node.kind != "schema":
            continue
        for key in ("x-enum-varnames", "x-open"):
            if key in node.value and "enum" not in node.value:
                yield child(node.pointer, key), f"`{key}` is used without `enum`", "Remove it."
        values = as_list(node.value.get("enum"))
        names = as_list(node.value.get("x-enum-varnames"))
        if names and values and len(names) != len(values):
            what = f"`x-enum-varnames` has {len(names)} names for {len(values)} values"
            yield child(node.pointer, "x-enum-varnames"), what, "Name each value, in their order."
        kinds = as_list(node.value.get("type")) or [node.value.get("type")]
        for index, value in enumerate(values):
            pointer = child(node.pointer, "enum", index)
            if not any(_is_of_type(value, kind) for kind in kinds):
                step = "Put quotes around it." if "string" in kinds else ""
                yield pointer, f"{shown(value)} is not of the type of the enumeration", step
            if any(value == other and type(value) is type(other) for other in values[:index]):
                yield pointer, f"{shown(value)} occurs twice in the enumeration", "Keep one."


@rule("declared-format")
def declared_format(whole: Bundle) -> Iterator[Finding]:
    """``x-format`` is the only format of a string, and the examples of the string have it."""
    for node in walk(whole.document):
        form = node.value.get("x-format")
        if node.kind != "schema" or not isinstance(form, str):
            continue
        if "string" not in (as_list(node.value.get("type")) or [node.value.get("type")]):
            yield child(node.pointer, "x-format"), "`x-format` is used on a schema that is no string", "Remove it."
        for key in ("format", "enum", "const"):
            if key in node.value:
                yield child(node.pointer, "x-format"), f"`x-format` is used next to `{key}`", "Keep one of them."
        listed = [(child("examples", index), text) for index, text in enumerate(as_list(node.value.get("examples")))]
        for place, text in [("example", node.value.get("example")), *listed]:
            if isinstance(text, str) and not _is_written_as(text, form):
                yield f"{node.pointer}/{place}", f"{shown(text)} is not written as {shown(form)}", "Fix one of them."


def _is_written_as(text: str, form: str) -> bool:
    try:
        return datetime.datetime.strptime(text, form).strftime(form) == text
    except ValueError:
        return False


def _is_of_type(value: object, kind: object) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "null":
            return value is None
        case _:
            return True
