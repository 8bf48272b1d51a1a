"""Members that hold a secret, which is sent or received by a lifecycle. They are masked in a ``repr``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sdkgen.pointers import as_list, as_object, split
from sdkgen.structure import operations

__all__ = ["SECRET", "mark_secret_members"]

SECRET = "x-sdkgen-secret"  # noqa: S105  # the name of a mark
"""Set on the schema of a member that is a secret."""

_BODY = "$response.body#"


def mark_secret_members(document: dict[str, Any], resolve: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Mark the secret members, in place.

    Args:
        document: The document, all classes hoisted, ``allOf`` merged.
        resolve: Returns a schema with its references followed.
    """
    schemes = as_object(as_object(document.get("components")).get("securitySchemes"))
    named = {node.value.get("operationId"): node.value for _, _, node in operations(document)}
    for scheme in schemes.values():
        lifecycle = as_object(as_object(scheme).get("x-token-lifecycle"))
        for request, secrets in _requests(lifecycle):
            operation = as_object(named.get(request.get("operationId")))
            body = as_object(operation.get("requestBody"))
            for schema in _schemas(resolve(body)):
                _mark_sent(schema, as_object(request.get("body")), secrets, resolve)
            places = _places({**as_object(lifecycle.get("token")), **as_object(request.get("token"))})
            for status, response in as_object(operation.get("responses")).items():
                if str(status).startswith("2"):
                    for schema in _schemas(resolve(as_object(response))):
                        for place in places:
                            _mark_at(schema, place, resolve)


def _requests(lifecycle: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Every request of a lifecycle, and its secret credentials."""
    every: set[str] = set()
    for grant in map(as_object, as_object(lifecycle.get("grants")).values()):
        credentials = as_object(grant.get("credentials"))
        secrets = frozenset(name for name, one in credentials.items() if as_object(one).get("secret") is True)
        every |= secrets
        for request in as_list(grant.get("requests")):
            yield as_object(request), secrets
    for name in ("refresh", "logout"):
        if name in lifecycle:
            yield as_object(lifecycle[name]), frozenset(every)


def _schemas(holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [as_object(as_object(media_type).get("schema")) for media_type in as_object(holder.get("content")).values()]


def _variants(schema: dict[str, Any], resolve: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The schema, and its members if it is a union."""
    found = resolve(schema)
    yield found
    for member in [*as_list(found.get("oneOf")), *as_list(found.get("anyOf"))]:
        yield resolve(as_object(member))


def _mark_sent(
    schema: dict[str, Any],
    body: Mapping[str, Any],
    secrets: frozenset[str],
    resolve: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    for found in _variants(schema, resolve):
        for name, member in as_object(found.get("properties")).items():
            sent = body.get(name)
            if not isinstance(sent, dict) or not isinstance(member, dict):
                continue
            value = as_object(body[name])
            if value.get("credential") in secrets or "token" in value:
                as_object(found["properties"][name])[SECRET] = True
            elif not {"credential", "token", "constant"} & set(value):
                _mark_sent(as_object(found["properties"][name]), value, secrets, resolve)


def _places(token: Mapping[str, Any]) -> list[list[str]]:
    """The pointers to secrets in the body of a response."""
    extras = [extra for extra in as_object(token.get("extras")).values() if as_object(extra).get("secret") is not False]
    found: list[list[str]] = []
    for declared in (token.get("access_token"), token.get("refresh_token"), *extras):
        for candidate in as_list(declared) or [declared]:
            expression = as_object(candidate).get("from", candidate)
            for one in as_list(expression) or [expression]:
                if isinstance(one, str) and one.startswith(_BODY):
                    found.append(split(one.removeprefix(_BODY)))
    return found


def _mark_at(schema: dict[str, Any], place: list[str], resolve: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    for found in _variants(schema, resolve):
        name, *rest = place or [""]
        member = as_object(found.get("properties")).get(name)
        if isinstance(member, dict):
            if rest:
                _mark_at(as_object(found["properties"][name]), rest, resolve)
            else:
                as_object(found["properties"][name])[SECRET] = True
        elif "items" in found and rest and name.isdecimal():
            _mark_at(as_object(found["items"]), rest, resolve)
