"""The token operations and credentials of a document's ``x-token-lifecycle``.

Only names are read from it: of operations, grants and credentials. The vendor's module under ``quirks`` checks the
requests from the vendor's documentation, so that a mistake in the lifecycle causes a refusal and is not reproduced.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from vendor_sandbox.document import Document, Operation, SecurityScheme
from vendor_sandbox.json_values import JsonObject, array_of, is_object, object_of
from vendor_sandbox.messages import Request

__all__ = ["WireValue", "credentials_by_grant", "environment_names", "first_grants", "grant_of", "token_operations"]

WireValue = Callable[[Operation, str, Mapping[str, Any]], "str | None"]
"""Returns the account's value at a place of a token request (``body/username``), given the request's constants."""
StaticValue = Callable[[str], "str | None"]
"""Returns the credential that is itself the token, for a place like ``scheme/grant/access_token``."""


def credentials_by_grant(
    document: Document, wire_value: WireValue, static_value: StaticValue
) -> dict[str, dict[str, str]]:
    """The required credentials of each grant, named as in the document, with values that the sandbox accepts."""
    found: dict[str, dict[str, str]] = {}
    for scheme in document.schemes.values():
        if scheme.lifecycle is None:
            found |= _obvious_credentials(scheme, static_value)
            continue
        for name, grant in _grants(scheme):
            values: dict[str, str] = {}
            for request in map(object_of, array_of(grant.get("requests"))):
                constants = dict(_leaves(request, "constant"))
                operation = document.operation(str(request["operationId"]))
                for place, credential in _leaves(request, "credential"):
                    if (value := wire_value(operation, place, constants)) is not None:
                        values[str(credential)] = value
            for place, credential in _leaves({"access_token": grant.get("access_token")}, "credential"):
                if (value := static_value(f"{scheme.name}/{name}/{place}")) is not None:
                    values[str(credential)] = value
            found[name] = {
                key: values[key]
                for key, declared in object_of(grant.get("credentials")).items()
                if key in values and object_of(declared).get("required", True)
            }
    return found


def first_grants(document: Document, schemes: Collection[str]) -> list[str]:
    """The first grant of each of these security schemes."""
    return [
        next(iter(object_of(object_of(scheme.lifecycle).get("grants"))), _obvious_grant(scheme)[0])
        for scheme in document.schemes.values()
        if scheme.name in schemes
    ]


def environment_names(document: Document, grant: str) -> Mapping[str, str]:
    """The suffix of the environment variable of each credential of a grant."""
    for scheme in document.schemes.values():
        for name, node in _grants(scheme):
            if name == grant:
                return {
                    credential: str(object_of(value).get("env", credential)).upper()
                    for credential, value in object_of(node.get("credentials")).items()
                }
    return {}


def token_operations(document: Document) -> frozenset[str]:
    """The operations that return tokens: of logins and of refreshes."""
    return frozenset(
        str(request["operationId"])
        for scheme in document.schemes.values()
        for _, request in _token_requests(scheme)
        if "operationId" in request
    )


def grant_of(document: Document, operation_id: str, request: Request) -> str:
    """The grant of a token request (``refresh`` for a renewal), by its constants and members.

    ``unknown`` if no grant matches.
    """
    fitting: list[tuple[int, str]] = []
    for scheme in document.schemes.values():
        for name, declared in _token_requests(scheme):
            if declared.get("operationId") != operation_id:
                continue
            constants = dict(_leaves(declared, "constant"))
            needed = [place for place, _ in (*_leaves(declared, "credential"), *_leaves(declared, "token"))]
            # an empty HTTP Basic password does not identify the grant
            encoded = object_of(declared.get("basic")).get("form_encoded") is True
            sent = {place: _sent(request, place, encoded=encoded) for place in (*constants, *needed)}
            if all(sent[place] == str(value) for place, value in constants.items() if value != ""):
                present = sum(sent[place] is not None for place in needed)
                fitting.append((present - len(needed), name))
    # on the wire, a login with a refresh token looks like a renewal
    return max(fitting, key=lambda pair: (pair[0], pair[1] == "refresh"))[1] if fitting else "unknown"


def _obvious_credentials(scheme: SecurityScheme, static_value: StaticValue) -> dict[str, dict[str, str]]:
    """The credentials of a scheme without a lifecycle: a bearer token, an API key, or user name and password."""
    grant, credentials = _obvious_grant(scheme)
    values = {name: static_value(f"{scheme.name}/{grant}/{name}") for name in credentials}
    return {grant: {name: value for name, value in values.items() if value is not None}}


def _obvious_grant(scheme: SecurityScheme) -> tuple[str, list[str]]:
    names = {"apiKey": ("api_key", ["api_key"]), "basic": ("basic", ["username", "password"])}
    return names.get(scheme.type) or names.get(scheme.scheme) or ("token", ["token"])


def _grants(scheme: SecurityScheme) -> Iterator[tuple[str, JsonObject]]:
    for name, grant in object_of(object_of(scheme.lifecycle).get("grants")).items():
        yield name, object_of(grant)


def _token_requests(scheme: SecurityScheme) -> Iterator[tuple[str, JsonObject]]:
    for name, grant in _grants(scheme):
        for request in array_of(grant.get("requests")):
            yield name, object_of(request)
    if refresh := object_of(object_of(scheme.lifecycle).get("refresh")):
        yield "refresh", refresh


def _leaves(declared: JsonObject, kind: str) -> Iterator[tuple[str, Any]]:
    """The places of a declared request that contain a ``constant``, ``credential`` or ``token``: ``body/username``."""
    for part in ("body", "query", "headers", "cookies", "path", "basic", "access_token"):
        if part in declared:
            yield from _leaves_of(declared[part], part, kind)


def _leaves_of(value: Any, place: str, kind: str) -> Iterator[tuple[str, Any]]:
    if is_object(value):
        if len(value) == 1 and next(iter(value)) in ("credential", "token", "constant"):
            if kind in value:
                yield place, value[kind]
            return
        for key, member in value.items():
            if f"{place}/{key}" != "basic/form_encoded":  # a flag, not a value to send
                yield from _leaves_of(member, f"{place}/{key}", kind)
    elif value is not None and kind == "constant":
        yield place, value


def _sent(request: Request, place: str, *, encoded: bool) -> str | None:
    """The value at a place of a request, as text. ``encoded``: HTTP Basic is form-encoded (RFC 6749 section 2.3.1)."""
    part, _, path = place.partition("/")
    value: Any = None
    match part:
        case "body" if request.form is not None:
            value = dict(request.form).get(path)
        case "body":
            value = request.json
            for key in path.split("/"):
                value = object_of(value).get(key)
        case "query":
            value = dict(request.query).get(path)
        case "headers":
            value = request.header(path)
        case "cookies":
            value = request.cookie(path)
        case "basic" if request.basic is not None:
            value = request.basic[0 if path == "username" else 1]
            value = unquote_plus(value) if encoded else value
        case _:
            value = None
    return None if value is None else str(value)
