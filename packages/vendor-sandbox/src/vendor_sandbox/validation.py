"""Validation of requests against the document: parameters and bodies, by JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from attrs import field, frozen
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from vendor_sandbox.document import Document, Media, Operation, Parameter
from vendor_sandbox.form_entries import with_objects
from vendor_sandbox.json_values import JsonObject, array_of, object_of, read_json
from vendor_sandbox.messages import Request
from vendor_sandbox.schemas import types_of

__all__ = ["Checked", "RequestValidator", "Violation"]

DOCUMENT_URI = "urn:document"


@frozen
class Violation:
    """One violation of the document by a request."""

    location: str
    """``path``, ``query``, ``header``, ``cookie`` or ``body``."""
    name: str
    """The parameter, or the top-level member of the body; empty for the body itself."""
    rule: str
    """The violated JSON Schema keyword (``required``, ``type``, ``enum`` …), or ``media type``."""
    message: str


@frozen
class Checked:
    """A request's values, decoded by their schemas, and their violations."""

    parameters: Mapping[str, Any]
    """Parameters by name; free-form query members under their own names."""
    body: Any = field(repr=False)
    violations: tuple[Violation, ...] = ()


class RequestValidator:
    """Validates requests against one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        resource: Resource[Any] = DRAFT202012.create_resource(document.raw)
        empty: Registry[Any] = Registry()
        self._registry: Registry[Any] = empty.with_resource(DOCUMENT_URI, resource)
        self._validators: dict[str, Draft202012Validator] = {}

    def check(self, operation: Operation, request: Request, path_parameters: Mapping[str, str]) -> Checked:
        """Decode and validate the parameters and the body of a request to ``operation``."""
        violations: list[Violation] = []
        parameters = self._parameters(operation, request, path_parameters, violations)
        body = self._body(operation, request, violations)
        return Checked(parameters, body, tuple(violations))

    def violations_of(self, pointer: str, value: Any, location: str, name: str = "") -> Iterable[Violation]:
        """The violations of the schema at ``pointer`` by ``value``."""
        errors: Iterable[ValidationError] = self._validator(pointer).iter_errors(value)  # pyright: ignore[reportUnknownMemberType]
        for error in errors:
            yield Violation(
                location, name or _member(error.absolute_path, error.message), str(error.validator), error.message
            )

    def _validator(self, pointer: str) -> Draft202012Validator:
        validator = self._validators.get(pointer)
        if validator is None:
            validator = Draft202012Validator(
                {"$ref": f"{DOCUMENT_URI}#{pointer}"}, registry=self._registry, format_checker=FormatChecker()
            )
            self._validators[pointer] = validator
        return validator

    def _parameters(
        self, operation: Operation, request: Request, path_parameters: Mapping[str, str], violations: list[Violation]
    ) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        query = request.query
        declared = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
        for parameter in operation.parameters:
            if parameter.takes_any_name:
                rest = {name: value for name, value in query if name not in declared}
                found |= rest
                violations.extend(self.violations_of(parameter.pointer, rest, "query", parameter.name))
                continue
            texts = _texts(parameter, request, query, path_parameters)
            if not texts:
                if parameter.required:
                    violations.append(Violation(parameter.location, parameter.name, "required", "a value is required"))
                continue
            value = found[parameter.name] = self._decode_all(parameter.schema, texts)
            violations.extend(self.violations_of(parameter.pointer, value, parameter.location, parameter.name))
        return found

    def _body(self, operation: Operation, request: Request, violations: list[Violation]) -> Any:
        if not operation.body:
            return None
        if not request.body:
            if operation.body_required:
                violations.append(Violation("body", "", "required", "a request body is required"))
            return None
        media = operation.body.get(request.media_type)
        if media is None:
            expected = " or ".join(operation.body)
            message = f"{request.media_type or 'no media type'} instead of {expected}"
            violations.append(Violation("body", "", "media type", message))
            return None
        body = self._decode_body(media, request, violations)
        if body is not _UNREADABLE:
            violations.extend(self.violations_of(media.pointer, body, "body"))
            return body
        return None

    def _decode_body(self, media: Media, request: Request, violations: list[Violation]) -> Any:
        if request.media_type == "application/x-www-form-urlencoded":
            fields = with_objects(request.form or (), media.entries)
            return {
                name: self._decode(self._property(media.schema, name), value) if isinstance(value, str) else value
                for name, value in fields.items()
            }
        if request.media_type == "multipart/form-data":
            return {
                name: self._part(self._property(media.schema, name), values) for name, values in request.parts.items()
            }
        if "json" not in request.media_type:
            return request.body.decode("utf-8", "replace")
        try:
            return read_json(request.body)
        except ValueError as error:
            violations.append(Violation("body", "", "json", f"the body is not JSON: {error}"))
            return _UNREADABLE

    def _property(self, schema: JsonObject, name: str) -> JsonObject:
        """The schema of a form field, also where the body is one of several objects."""
        schema = self._document.resolve(schema)
        if name in object_of(schema.get("properties")):
            return self._document.resolve(schema["properties"][name])
        for keyword in ("oneOf", "anyOf", "allOf"):
            for part in array_of(schema.get(keyword)):
                if found := self._property(object_of(part), name):
                    return found
        return self._document.resolve(schema.get("additionalProperties"))

    def _part(self, schema: JsonObject, values: Sequence[str]) -> Any:
        """A part of a multipart body: objects are sent as JSON (OpenAPI 3.1, Encoding Object), files by their names."""
        if "array" in types_of(schema):
            return list(values)
        if "object" in types_of(schema) or "$ref" in schema:
            try:
                return read_json(values[0].encode("utf-8", "surrogatepass"))
            except ValueError:
                return values[0]
        return self._decode(schema, values[0])

    def _decode_all(self, schema: JsonObject, texts: list[str]) -> Any:
        if "array" in types_of(schema):
            items = self._document.resolve(schema.get("items"))
            parts = texts if len(texts) > 1 else texts[0].split(",")
            return [self._decode(items, part) for part in parts]
        return self._decode(schema, texts[0])

    def _decode(self, schema: JsonObject, text: str) -> Any:
        """A text converted to its schema's type; the text itself if it cannot be converted."""
        types = types_of(schema)
        if "boolean" in types and text.lower() in ("true", "false"):
            return text.lower() == "true"
        for name, convert in (("integer", int), ("number", float)):
            if name in types:
                try:
                    return convert(text)
                except ValueError:
                    continue
        return text


_UNREADABLE = object()


def _member(path: Iterable[str | int], message: str) -> str:
    """The top-level member that an error concerns; the name of a missing member is only in the message."""
    first = next(iter(path), None)
    if first is not None:
        return str(first)
    return message.split("'")[1] if message.endswith("is a required property") else ""


def _texts(
    parameter: Parameter, request: Request, query: list[tuple[str, str]], path_parameters: Mapping[str, str]
) -> list[str]:
    match parameter.location:
        case "path":
            return [path_parameters[parameter.name]] if parameter.name in path_parameters else []
        case "query":
            names = (parameter.name, f"{parameter.name}[]")
            return [value for name, value in query if name in names]
        case "header":
            return [value for name, value in request.headers if name == parameter.name.lower()]
        case _:
            pairs = (piece.strip().partition("=") for piece in (request.header("cookie") or "").split(";"))
            return [unquote(value) for name, _, value in pairs if name == parameter.name]
