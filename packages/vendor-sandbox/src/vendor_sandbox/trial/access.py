"""A login with the sandbox's own account, as the document's ``x-token-lifecycle`` declares it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

from auth_core_testing import TokenProblem

from vendor_sandbox.document import Operation, SecurityScheme
from vendor_sandbox.json_values import JsonObject, array_of, at, is_object, object_of, read_json
from vendor_sandbox.trial.outgoing import FORM, NoResponse, Outgoing
from vendor_sandbox.vendor import Vendor

__all__ = ["Logins"]

PARTS = ("body", "query", "headers", "basic")
BODY_EXPRESSION = "$response.body#"


class Logins:
    """Puts tokens into requests to one vendor. Each token is used until the vendor no longer accepts it."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._tokens: dict[str, str] = {}

    def authorize(self, operation: Operation, outgoing: Outgoing) -> bool:
        """Add what the first security alternative requires for which there are credentials; ``False``: for none."""
        for alternative in operation.security:
            tokens = {name: self._token(self._vendor.document.schemes[name]) for name in alternative}
            if None not in tokens.values():
                for name, token in tokens.items():
                    _place(self._vendor.document.schemes[name], str(token), outgoing)
                return True
        return not operation.security

    def _token(self, scheme: SecurityScheme) -> str | None:
        known = self._tokens.get(scheme.name)
        if known is not None and self._is_valid(known):
            return known
        self._tokens.pop(scheme.name, None)
        for grant, credentials in self._grants(scheme):
            if "requests" not in grant:
                return _static(grant, credentials)
            token = self._log_in(scheme, grant, credentials)
            if token is not None:
                self._tokens[scheme.name] = token
            return token
        return None

    def _is_valid(self, token: str) -> bool:
        try:
            self._vendor.token_issuer.verify(token)
        except TokenProblem:
            return False
        return True

    def _grants(self, scheme: SecurityScheme) -> Iterator[tuple[JsonObject, Mapping[str, str]]]:
        """The grants for which the sandbox has all credentials; an API key or password without a lifecycle is one."""
        known = self._vendor.credentials
        if scheme.lifecycle is None:
            name = "basic" if scheme.scheme == "basic" else "api_key" if scheme.type == "apiKey" else "token"
            if known.get(name):
                yield {}, known[name]
            return
        for name, node in object_of(scheme.lifecycle.get("grants")).items():
            grant = object_of(node)
            required = [
                credential
                for credential, declared in object_of(grant.get("credentials")).items()
                if object_of(declared).get("required", True)
            ]
            if all(credential in known.get(name, {}) for credential in required):
                yield grant, known[name]

    def _log_in(self, scheme: SecurityScheme, grant: JsonObject, credentials: Mapping[str, str]) -> str | None:
        """The access token of the first request of a login that returns one."""
        places = object_of(grant.get("token")) or object_of(object_of(scheme.lifecycle).get("token"))
        expression = places.get("access_token")
        for request in map(object_of, array_of(grant.get("requests"))):
            try:
                _, content = self._login_request(request, credentials).send()
                body = read_json(content)
            except (NoResponse, ValueError):
                continue
            for each in [expression] if isinstance(expression, str) else array_of(expression):
                pointer = str(each).removeprefix(BODY_EXPRESSION)
                token = at(body, pointer) if str(each).startswith(BODY_EXPRESSION) else None
                if isinstance(token, str):
                    return token
        return None

    def _login_request(self, request: JsonObject, credentials: Mapping[str, str]) -> Outgoing:
        operation = self._vendor.document.operation(str(request["operationId"]))
        parts = {part: object_of(_filled(request.get(part), credentials)) for part in PARTS}
        media_type = FORM if FORM in operation.body else next(iter(operation.body), None)
        outgoing = Outgoing(
            operation.method,
            f"{self._vendor.servers[operation.server.argument]}{operation.path}",
            query=[(name, str(value)) for name, value in parts["query"].items()],
            headers={name: str(value) for name, value in parts["headers"].items()},
            body=parts["body"] if media_type is not None else None,
            media_type=media_type,
        )
        basic = parts["basic"]
        if "username" in basic:  # without an optional key there is none
            pair = [str(basic.get(name, "")) for name in ("username", "password")]
            encode = quote_plus if object_of(request["basic"]).get("form_encoded") is True else str
            outgoing.headers["authorization"] = f"Basic {_basic(*map(encode, pair))}"
        return outgoing


def _filled(value: Any, credentials: Mapping[str, str]) -> Any:
    """The declared part of a request with the credentials in it, and without what is not given."""
    if not is_object(value):
        return value
    if len(value) == 1:
        kind, of = next(iter(value.items()))
        if kind == "credential":
            return credentials.get(str(of))
        if kind == "constant":
            return of
    members = {name: _filled(member, credentials) for name, member in value.items() if name != "form_encoded"}
    return {name: member for name, member in members.items() if member is not None}


def _static(grant: JsonObject, credentials: Mapping[str, str]) -> str:
    """The credential that is itself the token; of HTTP Basic, both encoded."""
    declared = object_of(grant.get("access_token"))
    if "basic" in declared or "username" in credentials:
        filled = object_of(_filled(declared.get("basic"), credentials)) or credentials
        return _basic(str(filled.get("username", "")), str(filled.get("password", "")))
    return str(_filled(declared, credentials) or next(iter(credentials.values())))


def _basic(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def _place(scheme: SecurityScheme, token: str, outgoing: Outgoing) -> None:
    """Put a token where the lifecycle or the scheme declares it."""
    declared = [object_of(each) for each in array_of(object_of(scheme.lifecycle).get("placements"))]
    fitting = (each for each in declared if outgoing.method in array_of(each.get("methods", [outgoing.method])))
    placement = next(fitting, None)
    if placement is None:
        prefix = {"basic": "Basic ", "bearer": "Bearer "}.get(
            scheme.scheme, "" if scheme.type == "apiKey" else "Bearer "
        )
        placement = {"in": scheme.location, "name": scheme.parameter, "prefix": prefix}
    name, value = str(placement["name"]), f"{placement.get('prefix', '')}{token}"
    match placement["in"]:
        case "query":
            outgoing.query.append((name, value))
        case "cookie":
            before = outgoing.headers.get("cookie")
            outgoing.headers["cookie"] = f"{before}; {name}={value}" if before else f"{name}={value}"
        case "body":
            outgoing.body = {**object_of(outgoing.body), name: value}
        case _:
            outgoing.headers[name.lower()] = value
