"""Rules for the requests of ``x-token-lifecycle`` against the operations they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.lifecycles import Lifecycle, Request, lifecycles
from sdkgen.lint.places import FORM, JSON, parameters, request_schema
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import did_you_mean
from sdkgen.references import destination, object_at
from sdkgen.structure import operations

_LOCATIONS = {"query": "query", "headers": "header", "cookies": "cookie", "path": "path"}


@frozen
class _Operation:
    pointer: str
    path: str
    method: str
    value: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.value.get("operationId", ""))


def _operations(whole: Bundle) -> dict[str, _Operation]:
    found = (_Operation(node.pointer, path, method, node.value) for path, method, node in operations(whole.document))
    known: dict[str, _Operation] = {}
    for operation in found:
        known.setdefault(operation.name, operation)
    return known


def _requests(whole: Bundle) -> Iterator[tuple[Lifecycle, Request, _Operation]]:
    """The requests whose operation exists."""
    known = _operations(whole)
    for lifecycle in lifecycles(whole):
        for request in lifecycle.requests():
            operation = known.get(str(request.value.get("operationId")))
            if operation is not None:
                yield lifecycle, request, operation


@rule("token-operation", any_document=True)
def token_operation(whole: Bundle) -> Iterator[Finding]:
    """A token request names an operation of the spec that does not require the token itself."""
    known = _operations(whole)
    for lifecycle in lifecycles(whole):
        for request in lifecycle.requests():
            name = str(request.value.get("operationId", ""))
            pointer = child(request.pointer, "operationId")
            operation = known.get(name)
            if operation is None:
                yield pointer, f"{shown(name)} is not an operation of this spec", did_you_mean(name, known)
                continue
            alternatives = [as_object(one) for one in as_list(operation.value.get("security"))]
            circular = bool(alternatives) and all(lifecycle.scheme in alternative for alternative in alternatives)
            if circular and request.role == "login" and request.step == 0:
                step = f"State the security of `{name}`: `security: []` if it needs no token."
                yield pointer, f"`{name}` requires the token that it is to obtain", step


@rule("token-parameter", any_document=True)
def token_parameter(whole: Bundle) -> Iterator[Finding]:
    """Query parameters, headers, cookies and path parameters of a token request are those of its operation."""
    for lifecycle, request, operation in _requests(whole):
        optional = lifecycle.optional_credentials(request)
        declared = [value for _, value in parameters(whole.document, operation.pointer)]
        for part, location in _LOCATIONS.items():
            known = {str(parameter.get("name")) for parameter in declared if parameter.get("in") == location}
            given = as_object(request.value.get(part))
            for name in given:
                if not _among(name, known, location):
                    what = f"{shown(name)} is not a {location} parameter of `{operation.name}`"
                    yield child(request.pointer, part, name), what, did_you_mean(name, known)
            for parameter in declared:
                name = str(parameter.get("name"))
                constant = "const" in as_object(parameter.get("schema"))
                required = parameter.get("in") == location and parameter.get("required") is True and not constant
                if required and not _among(name, set(given), location):
                    what = f"`{operation.name}` requires the {location} parameter {shown(name)}"
                    yield request.pointer, what, f"Add it under `{part}`."
                elif required and (sent := _optional_value(given, name, optional)):
                    yield child(request.pointer, part, sent), *_needs(operation, f"the {location} parameter", name)


def _among(name: str, known: set[str], location: str) -> bool:
    if location == "header":
        return name.lower() in {one.lower() for one in known}
    return name in known


@rule("token-member", any_document=True)
def token_member(whole: Bundle) -> Iterator[Finding]:
    """Members of a token request's body are those of the operation's request schema, the required ones among them."""
    for lifecycle, request, operation in _requests(whole):
        body = as_object(request.value.get("body"))
        pointer = child(request.pointer, "body")
        media_type, schema = request_schema(whole.document, operation.pointer)
        if not media_type:
            if body:
                yield pointer, f"`{operation.name}` takes no body", "Use `query` or `headers`, or describe its body."
            continue
        if media_type not in (JSON, FORM):
            yield pointer, f"`{operation.name}` takes {shown(media_type)}", f"Token requests send {JSON} or {FORM}."
            continue
        yield from _members(whole, request, operation, body, pointer, schema, lifecycle.optional_credentials(request))


def _members(
    whole: Bundle,
    request: Request,
    operation: _Operation,
    sent: Mapping[str, Any],
    pointer: str,
    schema: str,
    optional: set[str],
) -> Iterator[Finding]:
    properties, required, open_ended = _object(whole, schema)
    for name, value in sent.items():
        place = child(pointer, name)
        if name not in properties:
            if not open_ended:
                what = f"{shown(name)} is not a member of the body of `{operation.name}`"
                yield place, what, did_you_mean(name, properties)
            continue
        member = properties[name]
        if isinstance(value, dict) and not (
            len(as_object(cast(object, value))) == 1 and _is_reference(cast(object, value))
        ):
            yield from _members(whole, request, operation, as_object(cast(object, value)), place, member[0], optional)
        elif not isinstance(value, dict | list):
            variants = [_allowed(object_at(whole.document, place_of)) for place_of in member]
            allowed = [one for variant in variants if variant is not None for one in variant]
            if None not in variants and value not in allowed:
                what = f"{shown(value)} is not a value of {shown(name)} in `{operation.name}`"
                yield place, what, did_you_mean(str(value), map(str, allowed))
    for name in required:
        values = [object_at(whole.document, one).get("const", name) for one in properties.get(name, [])]
        constant = len(set(map(str, values))) == 1 and values != [name] * len(values)
        if name not in sent and not constant:
            yield (
                pointer if sent else request.pointer,
                f"`{operation.name}` requires {shown(name)} in its body",
                "Send it.",
            )
        elif _optional_value(sent, name, optional):
            yield child(pointer, name), *_needs(operation, "the member", name)


def _optional_value(sent: Mapping[str, Any], name: str, optional: set[str]) -> str:
    """The name under which an optional value is sent; names of headers are case-insensitive."""
    written = next((key for key in sent if key == name or key.lower() == name.lower()), name)
    return written if as_object(sent.get(written)).get("credential") in optional else ""


def _needs(operation: _Operation, what: str, name: str) -> tuple[str, str]:
    step = "Remove `required: false` from the credential, or give the grant without it requests of its own."
    return f"`{operation.name}` requires {what} {shown(name)}, but its credential is optional", step


def _is_reference(value: object) -> bool:
    return bool({"credential", "token", "constant"} & as_object(value).keys())


def _allowed(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    if "enum" in schema and schema.get("x-open") is False:
        return as_list(schema["enum"])
    return None


def _object(whole: Bundle, schema: str) -> tuple[dict[str, list[str]], list[str], bool]:
    """Pointers of the properties (one per variant), names of the required ones, and whether others may be sent."""
    place, value = destination(whole.document, schema)
    node = as_object(value)
    properties = {name: [child(place, "properties", name)] for name in as_object(node.get("properties"))}
    required = [str(name) for name in as_list(node.get("required"))]
    open_ended = isinstance(node.get("additionalProperties"), dict) or node.get("additionalProperties") is True
    for keyword in ("allOf", "oneOf", "anyOf"):
        always: list[set[str]] = []
        for index, _ in enumerate(as_list(node.get(keyword))):
            more, needed, also = _object(whole, child(place, keyword, index))
            for name, places in more.items():
                properties.setdefault(name, []).extend(places)
            always.append(set(needed))
            open_ended = open_ended or also
        required += sorted((set[str].union if keyword == "allOf" else set[str].intersection)(*always)) if always else []
    return properties, required, open_ended or not properties


@rule("token-placement", any_document=True)
def token_placement(whole: Bundle) -> Iterator[Finding]:
    """Every operation that sends the token has a placement for it, and in a JSON body a member."""
    for lifecycle in lifecycles(whole):
        placements = [as_object(placement) for placement in as_list(lifecycle.value.get("placements"))]
        if not placements:
            continue
        for operation in _operations(whole).values():
            alternatives = [as_object(one) for one in as_list(operation.value.get("security"))]
            if not any(lifecycle.scheme in alternative for alternative in alternatives):
                continue
            fitting = [
                p
                for p in placements
                if operation.method.upper() in (as_list(p.get("methods")) or [operation.method.upper()])
            ]
            if not fitting:
                what = f"no placement declares where {operation.method.upper()} {operation.path} sends the token"
                yield child(lifecycle.pointer, "placements"), what, "Add one for its method."
            for placement in fitting[:1]:
                yield from _placed(whole, lifecycle, operation, placement)


def _placed(
    whole: Bundle, lifecycle: Lifecycle, operation: _Operation, placement: Mapping[str, Any]
) -> Iterator[Finding]:
    name, location = str(placement.get("name")), placement.get("in")
    if location == "body":
        media_type, schema = request_schema(whole.document, operation.pointer)
        if media_type != JSON:
            what = f"`{operation.name}` has no JSON body to send the token in"
            yield (
                child(operation.pointer, "requestBody"),
                what,
                f"The scheme `{lifecycle.scheme}` puts it into `{name}`.",
            )
        elif name not in _object(whole, schema)[0]:
            what = f"the body of `{operation.name}` has no member {shown(name)} for the token"
            yield (
                destination(whole.document, schema)[0],
                what,
                "Add it to `properties`; the generator takes it out of the model.",
            )
    elif location in ("query", "header", "cookie"):
        for _, parameter in parameters(whole.document, operation.pointer):
            if parameter.get("in") == location and str(parameter.get("name")).lower() == name.lower():
                step = "Remove the parameter; the lifecycle adds it."
                yield operation.pointer, f"`{operation.name}` declares {shown(name)}, which carries the token", step
