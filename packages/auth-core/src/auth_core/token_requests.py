"""Build token requests: from a lifecycle and credential values to an HTTP request. Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast
from urllib.parse import quote, quote_plus, urlencode, urlsplit, urlunsplit

from attrs import evolve, field, frozen

from .errors import ConfigurationError, InvalidCredentials
from .expressions import ABSENT
from .lifecycle import (
    NOTHING,
    BasicAuthentication,
    ExtraValue,
    FromCredential,
    FromToken,
    Placement,
    RequestValue,
    TokenRequest,
)
from .placement import add_cookie, is_cookie_value, show_token
from .token import is_visible_ascii
from .wire import TokenHttpRequest


@frozen(kw_only=True)
class Inputs:
    """The inputs of a token request. ``credentials`` and ``parts`` are in clear text."""

    servers: Mapping[str, str]
    credentials: Mapping[str, str] = field(default=NOTHING, repr=False)
    parts: Mapping[str, ExtraValue] = field(default=NOTHING, repr=False)
    """Values from the token, or from the responses so far."""
    member_names: Mapping[str, str] = NOTHING
    """Renames members of token requests: ``{"username": "email"}``."""
    encoding: Literal["json", "form"] | None = None
    """Encoding of every body; ``None``: as each request declares."""


def build_request(request: TokenRequest, inputs: Inputs, *, timeout_seconds: float = 30.0) -> TokenHttpRequest:
    """Build the HTTP request of one step. Raises :class:`ConfigurationError` if a value or server is missing."""
    if request.server not in inputs.servers:
        message = f"{request.operation_id} needs the URL of {request.server}, which was not given"
        raise ConfigurationError(message)
    path = request.path
    for name, value in request.path_parameters.items():
        path = path.replace(f"{{{name}}}", quote(_text(_value(value, inputs), name), safe=""))
    base = inputs.servers[request.server].rstrip("/")
    query = urlencode(_flat(_members(request.query, inputs), "query"))
    headers: dict[str, str] = {}
    for name, value in _members(request.headers, inputs, rename=False).items():
        headers[name] = _checked(value, name, "header", is_visible_ascii)
    for name, value in _members(request.cookies, inputs, rename=False).items():
        headers["Cookie"] = add_cookie(headers.get("Cookie"), name, _checked(value, name, "cookie", is_cookie_value))
    headers.setdefault("Accept", "application/json")
    if request.basic is not None and _value(request.basic.username, inputs) is not ABSENT:
        headers["Authorization"] = f"Basic {basic_token(request.basic, inputs)}"
    content, encoding = b"", request.encoding and (inputs.encoding or request.encoding)
    if encoding == "json":
        content = json.dumps(_members(request.body, inputs), separators=(",", ":")).encode("ascii")
        headers["Content-Type"] = "application/json"
    elif encoding == "form":
        content = urlencode(_flat(_members(request.body, inputs), "form")).encode("ascii")
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return TokenHttpRequest(
        operation_id=request.operation_id,
        method=request.method.upper(),
        url=f"{base}{path}" + (f"?{query}" if query else ""),
        shown_url=f"{base}{request.path}",
        headers=tuple(headers.items()),
        content=content,
        timeout_seconds=timeout_seconds,
    )


def basic_token(basic: BasicAuthentication, inputs: Inputs) -> str:
    """The base64 text of HTTP Basic authentication (RFC 7617, UTF-8). Raises :class:`InvalidCredentials`."""
    username = _text(_value(basic.username, inputs), "username")
    password = _text(_value(basic.password, inputs), "password")
    if not username and not password:
        names = ", ".join(sorted(basic_names(basic)))
        message = f"the credential {names} is empty: HTTP Basic authentication has nothing to send"
        raise InvalidCredentials(message)
    if basic.form_encoded:
        username, password = quote_plus(username), quote_plus(password)
    if ":" in username:
        message = "HTTP Basic authentication cannot send a user name with a colon (RFC 7617 section 2)"
        raise InvalidCredentials(message)
    return base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def place_token(request: TokenHttpRequest, placement: Placement, token: str) -> TokenHttpRequest:
    """Add the token to a token request as to any other request of the API (a logout)."""
    headers, url = dict(request.headers), urlsplit(request.url)
    query, content = show_token(placement, token, headers, url.query.encode("ascii"), request.content)
    shown = urlunsplit(url._replace(query=query.decode("ascii")))
    return evolve(request, url=shown, headers=tuple(headers.items()), content=content)


def credential_names(request: TokenRequest) -> frozenset[str]:
    """Names of the credentials that a token request uses."""
    values = (request.body, request.query, request.headers, request.cookies, request.path_parameters)
    return _names_in(values) | basic_names(request.basic)


def basic_names(basic: BasicAuthentication | None) -> frozenset[str]:
    """Names of the credentials in HTTP Basic authentication."""
    return _names_in((basic.username, basic.password) if basic else ())


def _names_in(value: RequestValue) -> frozenset[str]:
    match value:
        case FromCredential(name):
            return frozenset({name})
        case Mapping():
            return frozenset[str]().union(*(_names_in(entry) for entry in value.values()))
        case str() | int() | float() | None | FromToken():
            return frozenset()
        case _:
            return frozenset[str]().union(*(_names_in(entry) for entry in value))


def _members(values: Mapping[str, RequestValue], inputs: Inputs, *, rename: bool = True) -> dict[str, Any]:
    """The members that have a value, renamed by ``member_names``."""
    names: Mapping[str, str] = inputs.member_names if rename else {}
    found = {names.get(name, name): _value(value, inputs) for name, value in values.items()}
    return {name: value for name, value in found.items() if value is not ABSENT}


def _value(value: RequestValue, inputs: Inputs) -> Any:
    match value:
        case FromCredential(name):
            return inputs.credentials.get(name, ABSENT)
        case FromToken(name):
            return inputs.parts.get(name, ABSENT)
        case Mapping():
            return _members(value, inputs)
        case str() | int() | float() | None:
            return value
        case _:
            return [item for item in (_value(entry, inputs) for entry in value) if item is not ABSENT]


def _flat(members: Mapping[str, Any], where: str) -> list[tuple[str, str]]:
    """Members as form or query pairs: a list repeats its name, ``null`` is omitted."""
    pairs: list[tuple[str, str]] = []
    for name, value in members.items():
        entries = cast("Sequence[Any]", value) if isinstance(value, list) else (value,)
        if any(isinstance(entry, (Mapping, list)) for entry in entries):
            message = f"the member {name!r} of a token request is an object, which a {where} cannot hold"
            raise ConfigurationError(message)
        pairs += [(name, _text(entry, name)) for entry in entries if entry is not None]
    return pairs


def _text(value: Any, name: str) -> str:
    if value is ABSENT or value is None:
        message = f"the token request needs a value for {name!r}"
        raise ConfigurationError(message)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _checked(value: Any, name: str, location: str, fits: Callable[[str], bool]) -> str:
    """The value, unencoded; :class:`InvalidCredentials` if a header or cookie cannot hold it."""
    text = _text(value, name)
    if not fits(text):
        message = (
            f"the value for the {location} {name} has characters that a {location} cannot hold (a trailing line break?)"
        )
        raise InvalidCredentials(message)
    return text
