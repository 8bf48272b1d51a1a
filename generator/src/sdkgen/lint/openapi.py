"""Validation of a document as OpenAPI with openapi-spec-validator, with the line of each problem."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast
from urllib.parse import quote

from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from jsonschema_path import SchemaPath
from openapi_schema_validator import OAS30Validator, OAS31Validator, oas30_format_checker, oas31_format_checker
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import (
    DuplicateOperationIDError,
    ExtraParametersError,
    ParameterDuplicateError,
)
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

from sdkgen.bundle import Bundle
from sdkgen.keywords import KEYWORDS
from sdkgen.lint.json_schema import faults, shown
from sdkgen.lint.registry import Finding
from sdkgen.pointers import as_list, as_object, child, split
from sdkgen.problems import did_you_mean
from sdkgen.references import object_at
from sdkgen.structure import child_kind, walk
from sdkgen.unfolding import Unfolding

__all__ = ["openapi_findings", "version_findings"]

_DOCUMENT = "urn:sdkgen:document"
MAX_UNFOLDED = 50_000

_VERSION = re.compile(r"3\.([01])\.\d+(-.+)?")
_IN_OPERATION = re.compile(r"'(?P<name>[^']*)' for '(?P<method>\w+)'(?: operation)? in '(?P<path>.*)' (?P<rest>\w.*)")
_PATTERNED: Mapping[str, tuple[str, str]] = {
    "paths": ("not a path", "Start it with a slash."),
    "responses": ("not a status", "Write a code (200), a class (2XX) or `default`."),
}


def version_findings(whole: Bundle) -> Iterator[Finding]:
    """Check that the generator can read the document: OpenAPI 3.0 or 3.1."""
    document = whole.document
    if "swagger" in document:
        step = "Convert it to OpenAPI 3 first; several free converters do that."
        yield "/swagger", f"Swagger {shown(document['swagger'])} is not supported", step
    elif "openapi" not in document:
        near = [key for key in document if did_you_mean(key, ["openapi"]).startswith("Did")]
        what = "`openapi` is missing: this is not an OpenAPI document"
        step = f"`{near[0]}` looks like it." if near else "Start the document with `openapi: 3.1.0`."
        yield child("", *near[:1]), what, step
    elif not _VERSION.fullmatch(str(document["openapi"])):
        written = str(document["openapi"])
        step = "Write `openapi: 3.1.0`." if written in ("3", "3.0", "3.1") else "Supported versions: 3.0.x and 3.1.x."
        yield "/openapi", f"{shown(written)} is not a supported version of OpenAPI", step
    elif not isinstance(document.get("paths"), dict) and not any(map(document.get, ("webhooks", "components"))):
        empty = ["paths"] if "paths" in document else []
        near = [key for key in document if key not in empty and did_you_mean(key, ["paths"]).startswith("Did")]
        what = "it describes nothing: it has none of `paths`, `webhooks` and `components`"
        step = f"`{near[0]}` looks like `paths`." if near else "Describe operations under `paths`."
        yield child("", *(empty or near)[:1]), what, step


def openapi_findings(whole: Bundle) -> Iterator[Finding]:
    """All violations of OpenAPI."""
    found = list(_structure(whole))
    if not found and (found := list(_keywords(whole))):
        # The validator reports the location inside a wrong schema, but not which schema: validate each of them.
        placed = list(_schemas(whole))
        found = placed + [finding for finding in found if not placed or "/schema" not in finding[0] != ""]
    yield from found


def _is_30(whole: Bundle) -> bool:
    return str(whole.document.get("openapi", "")).startswith("3.0")


def _structure(whole: Bundle) -> Iterator[Finding]:
    """The document against the JSON Schema of OpenAPI."""
    validator = cast(Any, OpenAPIV30SpecValidator.schema_validator) if _is_30(whole) else _validator_of_31()
    errors = validator.iter_errors(whole.document)
    leaves = [leaf for error in errors for leaf in _leaves(error) if not _is_reference(leaf)]
    for leaf in leaves:
        kind = _kind_at(leaf.absolute_path)
        for fault in faults([leaf], f"the {kind.replace('-', ' ')}"):
            surplus = leaf.validator in ("additionalProperties", "unevaluatedProperties")
            if surplus and str(fault.path[-1]) in KEYWORDS.get(kind, ()) and len(leaves) > 1:
                continue  # the key is valid in OpenAPI and misplaced only because of another fault
            if (kind, leaf.validator) == ("responses", "required"):
                continue  # its members are not responses, which is reported for each
            pointer = child("", *fault.path)
            yield (
                _patterned(pointer, kind)
                if surplus and kind in _PATTERNED
                else (
                    pointer,
                    fault.what,
                    (_suggestion(fault.path, kind) if surplus else "") or fault.next_step,
                )
            )


@cache
def _validator_of_31() -> Validator:
    """openapi-spec-validator's validator, with the schema's anchors indexed once instead of at each reference."""
    schema = cast(Any, OpenAPIV31SpecValidator.schema_validator).schema
    resource = Resource[Any].from_contents(schema)
    registry = Registry[Any]().with_resource(schema["$id"], resource).crawl()
    return validator_for(schema)(schema, registry=registry)


def _patterned(pointer: str, kind: str) -> Finding:
    key = split(pointer)[-1]
    what, step = _PATTERNED[kind]
    return pointer, f"`{key}` is {what}", step


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """The errors of a union's best matching branch; with ``$ref``, of the reference branch."""
    context = list(error.context or ())
    if error.validator not in ("anyOf", "oneOf") or not context:
        yield error
        return
    is_reference = "$ref" in as_object(error.instance)
    branches: dict[object, list[ValidationError]] = {}
    for inner in context:
        branches.setdefault(inner.schema_path[0], []).append(inner)

    def score(errors: list[ValidationError]) -> tuple[bool, int]:
        requires_reference = any(inner.validator == "required" and "$ref" in str(inner.message) for inner in errors)
        return requires_reference and not is_reference, len(errors)

    for inner in min(branches.values(), key=score):
        yield from _leaves(inner)


def _is_reference(error: ValidationError) -> bool:
    """Whether the error is about the text of a reference, which bundling has rewritten and checked."""
    return error.validator == "format" and list(error.absolute_path)[-1:] == ["$ref"]


def _kind_at(path: Any) -> str:
    kind = "openapi"
    for token in path:
        kind = child_kind(kind, str(token))
    return "document" if kind == "openapi" else kind


def _suggestion(path: tuple[str | int, ...], kind: str) -> str:
    key, known = str(path[-1]), KEYWORDS.get(kind, ())
    return "OpenAPI 3.1 has it." if key in known else did_you_mean(key, known)


def _schemas(whole: Bundle) -> Iterator[Finding]:
    """Every schema against its dialect (3.1 only: the JSON Schema of OpenAPI 3.0 covers its schemas itself)."""
    if _is_30(whole):
        return
    inside = ""
    for node in walk(whole.document):
        if node.kind != "schema" or (inside and node.pointer.startswith(inside)):
            continue
        inside = node.pointer + "/"
        try:
            OAS31Validator.check_schema(cast(Any, node.value))
        except SchemaError as error:
            for leaf in _leaves(cast(ValidationError, error)):
                if _is_reference(leaf):
                    continue
                for fault in faults([leaf], "the schema"):
                    yield child(node.pointer, *fault.path), fault.what, fault.next_step


def _keywords(whole: Bundle) -> Iterator[Finding]:
    """Rules that no JSON Schema can express: parameters in paths, unique names, matching defaults."""
    if (pointer := _too_much(whole)) is not None:
        what = f"`allOf` is made of more schemas than can be checked together (up to here {MAX_UNFOLDED})"
        yield pointer, what, "Use fewer schemas one above the other."
        return
    validator = OpenAPIV30SpecValidator if _is_30(whole) else OpenAPIV31SpecValidator
    try:
        path = SchemaPath.from_dict(cast(Any, whole.document), handlers={})  # no handlers: nothing is fetched
        errors = list(validator(path).root_validator(path))  # its `iter_errors` repeats what `_structure` does
    except Exception as fault:  # the validator fails on some invalid documents: report it
        yield "", f"openapi-spec-validator failed: {type(fault).__name__}: {str(fault)[:120]}", ""
        return
    elsewhere = set[str]()
    for error in errors:
        finding = _locate(whole, error)
        if finding is None:
            elsewhere.add(_message(error))
        else:
            yield finding
    yield from _defaults(whole, elsewhere)


def _too_much(whole: Bundle) -> str | None:
    """The ``allOf`` at which the validator, which does not cache references, would have visited too many schemas."""
    unfolding = Unfolding(whole.document, ("allOf", "anyOf", "oneOf", "items", "not"))
    total = 0
    for node in walk(whole.document):
        if node.kind == "schema" and "allOf" in node.value:
            parts = unfolding.parts(node.value)
            total += MAX_UNFOLDED if parts is None else parts
            if total >= MAX_UNFOLDED:
                return child(node.pointer, "allOf")
    return None


def _message(error: ValidationError) -> str:
    return " ".join(str(error.message).split())


def _locate(whole: Bundle, error: ValidationError) -> Finding | None:
    """The problem with its pointer; ``None`` if it is about a default, whose schema the validator does not report."""
    message = _message(error)
    if match := _IN_OPERATION.search(message):
        pointer = child("/paths", match["path"], match["method"])
        if isinstance(error, DuplicateOperationIDError):
            return child(pointer, "operationId"), f"the operation id `{match['name']}` is used by two operations", ""
        if f"{{{match['name']}}}" in match["path"]:
            step = "Describe it: `in: path`, `required: true`."
            return pointer, f"`{match['name']}` is in the path {match['path']}, but not in `parameters`", step
        step = "Write it in braces in the path, or remove it."
        return pointer, f"the path parameter `{match['name']}` is not in the path {match['path']}", step
    if isinstance(error, ExtraParametersError):
        names = re.findall(r"'([^']*)'", message)
        return _requiring(whole, names), f"{shown(', '.join(names))} is required but not among the properties", ""
    if isinstance(error, ParameterDuplicateError):
        step = "Keep one of them; an operation overrides a parameter of its path by itself."
        return _second_parameter(whole), f"{message[:1].lower()}{message[1:160]}", step
    if (tag := re.fullmatch(r"Duplicate tag name '(.*)'", message)) is not None:
        return _second_tag(whole, tag[1]), f"the tag `{tag[1]}` is described twice", "Keep one of them."
    return None


def _second_parameter(whole: Bundle) -> str:
    holders = [node for node in walk(whole.document) if node.kind in ("operation", "path-item")]
    for holder in holders:
        seen: set[tuple[object, object]] = set()
        for index, _ in enumerate(as_list(holder.value.get("parameters"))):
            pointer = child(holder.pointer, "parameters", index)
            parameter = object_at(whole.document, pointer)
            key = (str(parameter.get("name")), str(parameter.get("in")))
            if key in seen:
                return pointer
            seen.add(key)
    return ""


def _second_tag(whole: Bundle, name: str) -> str:
    tags = as_list(whole.document.get("tags"))
    indexes = [index for index, tag in enumerate(tags) if as_object(tag).get("name") == name]
    return child("/tags", indexes[-1]) if indexes else "/tags"


def _requiring(whole: Bundle, names: list[str]) -> str:
    for node in walk(whole.document):
        if node.kind == "schema" and set(names) <= {str(name) for name in as_list(node.value.get("required"))}:
            return child(node.pointer, "required")
    return ""


def _defaults(whole: Bundle, messages: set[str]) -> Iterator[Finding]:
    """The defaults with one of these problems, each at its pointer; messages without a default have no pointer."""
    registry = EMPTY_REGISTRY.with_resource(_DOCUMENT, Resource.from_contents(whole.document, DRAFT202012))
    kind: Any = OAS30Validator if _is_30(whole) else OAS31Validator
    formats = oas30_format_checker if _is_30(whole) else oas31_format_checker
    left = set(messages)
    for node in walk(whole.document) if messages else ():
        if node.kind != "schema" or "default" not in node.value:
            continue
        reference = {"$ref": f"{_DOCUMENT}#{quote(node.pointer, safe='/~')}"}
        validator = kind(reference, registry=registry, format_checker=formats)
        for error in validator.iter_errors(node.value["default"]):
            if (message := _message(error)) in messages:
                left.discard(message)
                what = f"the default {shown(node.value['default'])} does not match its schema: {message[:120]}"
                yield child(node.pointer, "default"), what, ""
    for message in sorted(left):
        yield "", message[:160], ""
