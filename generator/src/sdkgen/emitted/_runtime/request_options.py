"""The options of one call, which every method takes as keywords."""

from __future__ import annotations

import difflib
import json
import math
import threading
from collections.abc import Mapping
from typing import Any, TypedDict, cast
from urllib.parse import unquote_plus

import httpx
from attrs import evolve, frozen
from auth_core.contract import http_classes

from ..errors import InvalidArgument, WrongArgumentType
from .http_library import AnyTimeout, timeout_of_httpx
from .kinds import kind_of
from .request import RequestParts, header_fields, json_bytes, query_members, query_string


class RequestOptions(TypedDict, total=False):
    """The keywords that every method takes besides its own, for one call."""

    timeout: float | AnyTimeout | None
    """Seconds to connect, to send a part, to wait for a part and to wait for a free connection, each; ``None``: no
    limit. A server that sends part after part can exceed it: see ``total_timeout``. Default: that of the client."""
    total_timeout: float | None
    """Seconds for the whole call: tokens, retries, pauses between them and the body included; of a list, for each page.
    ``None``: no limit. Default: that of the client."""
    max_retries: int
    """How often the call is tried again after a failure that may pass, if its request can be sent again. Default: that
    of the client."""
    max_retry_after: float
    """Seconds by which a server that asks for it (``Retry-After``) extends the pause before a retry at most. Default:
    that of the client."""
    extra_headers: Mapping[str, str]
    """Headers on top of the client's and the method's."""
    extra_query: Mapping[str, Any]
    """Query parameters that replace those of the same name; a list is sent as several, ``None`` removes one."""
    extra_body: Mapping[str, Any]
    """Members of the body, of a JSON object or a form, that replace those of the same name."""


_KNOWN = tuple(RequestOptions.__annotations__)
_FORM = "application/x-www-form-urlencoded"


@frozen
class CallOptions:
    """The checked options of one call."""

    timeout: httpx.Timeout | None = None
    """``None``: that of the client."""
    total_timeout: float | None = None
    """``None``: that of the client; infinite without a limit."""
    max_retries: int | None = None
    max_retry_after: float | None = None
    headers: Mapping[str, str] | None = None
    query: Mapping[str, object] | None = None
    body: Mapping[str, object] | None = None

    def with_extras(self, parts: RequestParts) -> RequestParts:
        """Return the request with the additional query parameters and members of the body.

        Raises:
            InvalidArgument: The body is neither a JSON object nor a form.
        """
        if self.query:
            parts = evolve(parts, query=_replaced(parts.query, self.query))
        return _with_members(parts, self.body) if self.body else parts


NO_OPTIONS = CallOptions()


def merged(defaults: Mapping[str, Any], options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return options on top of others; mappings such as ``extra_headers`` are merged by name."""
    if not defaults or not options:
        return options or defaults
    found = {**defaults, **options}
    for name in found.keys() & _MAPPINGS:
        before, after = defaults.get(name), options.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found[name] = {**before, **after}
    return found


def resuming(options: Mapping[str, Any], headers: Mapping[str, str], seconds_left: float | None) -> Mapping[str, Any]:
    """Return the options with which a call is continued: other headers, and what is left of the total timeout."""
    limit = {} if seconds_left is None else {"total_timeout": max(seconds_left, 0.001)}
    return merged(options, {"extra_headers": headers, **limit})


_MAPPINGS = frozenset({"extra_headers", "extra_query", "extra_body"})


def call_options(options: Mapping[str, Any]) -> CallOptions:
    """Check the options of a call.

    Raises:
        WrongArgumentType: There is no option of that name, or it has another type.
        InvalidArgument: An option has a value that cannot be sent.
    """
    if not options:
        return NO_OPTIONS
    for name in options:
        if name not in _KNOWN:
            similar = difflib.get_close_matches(name, _KNOWN, n=1)
            hint = f"; did you mean `{similar[0]}`?" if similar else ""
            message = f"unexpected keyword argument `{name}`{hint} (every call also takes {', '.join(_KNOWN)})"
            raise WrongArgumentType(message)
    headers = options.get("extra_headers")
    check_headers("extra_headers", headers)
    return CallOptions(
        timeout=as_timeout(options["timeout"]) if "timeout" in options else None,
        total_timeout=as_total_timeout(options["total_timeout"]) if "total_timeout" in options else None,
        max_retries=as_count("max_retries", options["max_retries"]) if "max_retries" in options else None,
        max_retry_after=as_seconds("max_retry_after", options["max_retry_after"])
        if "max_retry_after" in options
        else None,
        headers=header_fields(headers) if headers else None,
        query=_mapping("extra_query", options.get("extra_query")),
        body=_mapping("extra_body", options.get("extra_body")),
    )


def as_timeout(timeout: object) -> httpx.Timeout:
    """Convert seconds, or the timeout of httpx2, to an ``httpx.Timeout``; ``None`` means no limit.

    Raises:
        InvalidArgument: The number is not above 0, or too large.
        WrongArgumentType: The argument is not a number.
    """
    if isinstance(timeout, http_classes("Timeout")):
        return timeout_of_httpx(timeout)
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int | float)):
        message = f"`timeout` must be a number of seconds or an httpx.Timeout, not {kind_of(timeout)}"
        raise WrongArgumentType(message)
    if timeout is not None and not 0 < timeout <= threading.TIMEOUT_MAX:
        message = f"`timeout` must be a number of seconds above 0, not {timeout}"
        raise InvalidArgument(message)
    return httpx.Timeout(timeout)


def as_total_timeout(seconds: object) -> float:
    """Check the seconds of a whole call; ``None`` means no limit, which is infinite.

    Raises:
        InvalidArgument: The number is not above 0, or too large.
        WrongArgumentType: The argument is not a number.
    """
    if seconds is None:
        return math.inf
    found = as_seconds("total_timeout", seconds)
    if not 0 < found <= threading.TIMEOUT_MAX:
        message = f"`total_timeout` must be a number of seconds above 0, not {found}"
        raise InvalidArgument(message)
    return found


def as_seconds(argument: str, seconds: object) -> float:
    """Check a number of seconds.

    Raises:
        InvalidArgument: It is below 0.
        WrongArgumentType: The argument is not a number.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        message = f"`{argument}` must be a number of seconds, not {kind_of(seconds)}"
        raise WrongArgumentType(message)
    if math.isnan(seconds) or seconds < 0:
        message = f"`{argument}` must be a number of seconds from 0, not {seconds}"
        raise InvalidArgument(message)
    return float(seconds)


def as_count(argument: str, count: object) -> int:
    """Check how often something is done.

    Raises:
        InvalidArgument: It is below 0.
        WrongArgumentType: The argument is not a whole number.
    """
    if isinstance(count, bool) or not isinstance(count, int):
        message = f"`{argument}` must be a whole number, not {kind_of(count)}"
        raise WrongArgumentType(message)
    if count < 0:
        message = f"`{argument}` must be 0 or more, not {count}"
        raise InvalidArgument(message)
    return count


_HEADER_VALUES = (str, int, float, type(None))


def check_headers(argument: str, headers: object, *kinds: type) -> None:
    """Check the type of additional headers.

    Args:
        argument: The name of the argument that has them.
        headers: The headers of one call, or of a client's options.
        kinds: The possible types of a value; default: text, numbers and ``None``.

    Raises:
        WrongArgumentType: They are not a mapping of names to such values.
    """
    if headers is None:
        return
    if not isinstance(headers, Mapping):
        message = f'`{argument}` must be a dict such as {{"X-Name": "value"}}, not {kind_of(headers)}'
        raise WrongArgumentType(message)
    for name, value in cast("Mapping[object, object]", headers).items():
        if not isinstance(name, str):
            message = f"a name in `{argument}` must be a str, not {kind_of(name)}"
            raise WrongArgumentType(message)
        if not isinstance(value, kinds or _HEADER_VALUES):
            message = f"the value of {name} in `{argument}` must be a str, not {kind_of(value)}"
            raise WrongArgumentType(message)


def _mapping(argument: str, given: object) -> Mapping[str, object] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        message = f'`{argument}` must be a dict such as {{"name": "value"}}, not {kind_of(given)}'
        raise WrongArgumentType(message)
    for name in cast("Mapping[object, object]", given):
        if not isinstance(name, str):
            message = f"a name in `{argument}` must be a str, not {kind_of(name)}"
            raise WrongArgumentType(message)
    return cast("Mapping[str, object]", given)


def _replaced(encoded: str, members: Mapping[str, object]) -> str:
    """Return a query or form with other values of some names; the rest is unchanged."""
    kept = [part for part in encoded.split("&") if unquote_plus(part.partition("=")[0]) not in members]
    return query_string(*kept, query_members(members))


def _with_members(parts: RequestParts, members: Mapping[str, object]) -> RequestParts:
    kind = (parts.content_type or "").partition(";")[0].strip().lower()
    if parts.file is None and parts.files is None:
        if kind == _FORM:
            form = (parts.content or b"").decode()
            return evolve(parts, content=_replaced(form, members).encode())
        if parts.content is None or kind == "application/json" or kind.endswith("+json"):
            body: object = json.loads(parts.content or b"{}")
            if isinstance(body, dict):
                content_type = parts.content_type or "application/json"
                content = json_bytes({**cast("dict[str, object]", body), **members})
                return evolve(parts, content=content, content_type=content_type)
    message = "`extra_body` adds members to a JSON object or a form; the body of this call is neither"
    raise InvalidArgument(message)
