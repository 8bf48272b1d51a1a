"""A lifecycle put to work: values in, token requests out; answers in, parts of a token out. Pure.

An answer of a token endpoint is one of three: accepted (:class:`TokenParts`), *refused* (:class:`LoginRefused`: the
credentials or the refresh token are wrong) or *failed* (:class:`TokenUnavailable`: try later).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote, quote_plus, urlencode, urlsplit, urlunsplit

from attrs import field, frozen

from . import conditions
from .clock import Moment
from .errors import ConfigurationError, InvalidCredentials, LoginRefused, MalformedTokenAnswer, TokenUnavailable
from .expressions import ABSENT, Answer, evaluate, jwt_claims
from .http_dates import http_date, retry_after_seconds
from .lifecycle import (
    NOTHING,
    AnswerCondition,
    AnswerDetails,
    BasicAuthentication,
    Candidate,
    DefaultLifetime,
    ExpiresAt,
    ExpiresIn,
    ExpirySource,
    ExtraValue,
    FromCredential,
    FromToken,
    JwtClaim,
    Placement,
    RequestValue,
    TokenAnswer,
    TokenRequest,
)
from .placement import add_cookie, add_query_parameter, is_cookie_value, splice_json_member
from .token import MASK, Secret, is_visible_ascii
from .wire import TokenHttpRequest, TokenHttpResponse

__all__ = [
    "Inputs",
    "TokenParts",
    "basic_token",
    "build_request",
    "check_answer",
    "credential_names",
    "place_token",
    "read_parts",
]

CODE_LENGTH, MESSAGE_LENGTH = 64, 200
"""Characters of a vendor's code and message that go into an error: enough for RFC 6749, too little for a web page."""

ELSEWHERE = frozenset({301, 302, 303, 307, 308, 404, 405})
"""Statuses of a server that has no token endpoint at this address (redirects are not followed)."""

MILLISECONDS = 1000.0


# --- requests -------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Inputs:
    """What a token request may be made of. ``credentials`` and ``parts`` are in clear text."""

    servers: Mapping[str, str]
    credentials: Mapping[str, str] = field(default=NOTHING, repr=False)
    parts: Mapping[str, ExtraValue] = field(default=NOTHING, repr=False)
    """Parts of the token, or of the answers so far."""
    member_names: Mapping[str, str] = NOTHING
    """A user's names for members of token requests: ``{"username": "email"}``."""


def build_request(request: TokenRequest, inputs: Inputs, *, timeout_seconds: float = 30.0) -> TokenHttpRequest:
    """The HTTP request of one step. :class:`ConfigurationError` if a value or server for it is missing."""
    if request.server not in inputs.servers:
        message = f"{request.operation_id} needs the URL of {request.server}, which was not given"
        raise ConfigurationError(message)
    path = request.path
    for name, value in request.path_parameters.items():
        path = path.replace(f"{{{name}}}", quote(_text(_value(value, inputs), name), safe=""))
    base = inputs.servers[request.server].rstrip("/")
    query = urlencode(_flat(_members(request.query, inputs), "query"))
    headers = {name: _header(name, value) for name, value in _members(request.headers, inputs, rename=False).items()}
    for name, value in _members(request.cookies, inputs, rename=False).items():
        headers["Cookie"] = add_cookie(headers.get("Cookie"), name, _cookie(name, value))
    headers.setdefault("Accept", "application/json")
    if request.basic is not None and _value(request.basic.username, inputs) is not ABSENT:
        headers["Authorization"] = f"Basic {basic_token(request.basic, inputs)}"
    content = b""
    if request.encoding == "json":
        content = json.dumps(_members(request.body, inputs), separators=(",", ":")).encode("ascii")
        headers["Content-Type"] = "application/json"
    elif request.encoding == "form":
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
    """The base64 text of HTTP Basic authentication (RFC 7617, UTF-8)."""
    username = _text(_value(basic.username, inputs), "username")
    password = _text(_value(basic.password, inputs), "password")
    if ":" in username:
        message = "a user name with a colon cannot be sent by HTTP Basic authentication (RFC 7617 section 2)"
        raise InvalidCredentials(message)
    return base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def place_token(request: TokenHttpRequest, placement: Placement, token: str) -> TokenHttpRequest:
    """The token request with the token shown like in any other request of the API (a logout)."""
    headers, url, content = dict(request.headers), request.url, request.content
    value = placement.prefix + token
    match placement.location:
        case "header":
            headers[placement.name] = value
        case "cookie":
            headers["Cookie"] = add_cookie(headers.get("Cookie"), placement.name, value)
        case "query":
            parts = urlsplit(url)
            query = add_query_parameter(parts.query.encode("ascii"), placement.name, value).decode("ascii")
            url = urlunsplit(parts._replace(query=query))
        case "body":
            content = splice_json_member(content, placement.name, value)
            headers["Content-Type"] = "application/json"
    return TokenHttpRequest(
        operation_id=request.operation_id,
        method=request.method,
        url=url,
        shown_url=request.shown_url,
        headers=tuple(headers.items()),
        content=content,
        timeout_seconds=request.timeout_seconds,
    )


def credential_names(request: TokenRequest) -> frozenset[str]:
    """The credentials that a token request is made of."""
    basic = request.basic
    values = (request.body, request.query, request.headers, request.cookies, request.path_parameters)
    return _names_in((*values, *((basic.username, basic.password) if basic else ())))


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
    """The members that have a value, under the names the user wants."""
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
    """Members as a form or a query has them: a list repeats its name, ``null`` is left out."""
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


def _header(name: str, value: Any) -> str:
    text = _text(value, name)
    if not is_visible_ascii(text):
        message = f"the value for the header {name} holds characters that a header cannot (a line break at its end?)"
        raise InvalidCredentials(message)
    return text


def _cookie(name: str, value: Any) -> str:
    """The value as the server set it, nothing encoded."""
    text = _text(value, name)
    if not is_cookie_value(text):
        message = f"the value for the cookie {name} holds characters that a cookie cannot (a line break at its end?)"
        raise InvalidCredentials(message)
    return text


# --- answers --------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class TokenParts:
    """What the answers of one login, or of one refresh, have brought so far."""

    access_token: Secret | None = None
    refresh_token: Secret | None = None
    extras: Mapping[str, ExtraValue | Secret] = NOTHING
    issued: Moment
    """When the request was sent whose answer says how long the token lives."""
    lifetime: float | None = None
    """Seconds from ``issued``; ``None``: no answer said so."""
    server_offset: float | None = None
    """Seconds that the server's clock is ahead of this machine's; ``None``: no answer had a ``Date``."""

    def clear(self) -> dict[str, ExtraValue]:
        """The parts as :class:`FromToken` wants them: in clear text, those that are there."""
        everything = {"access_token": self.access_token, "refresh_token": self.refresh_token, **self.extras}
        return {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in everything.items()
            if value is not None
        }


def check_answer(
    response: TokenHttpResponse,
    *,
    what: str,
    url: str,
    refused: Sequence[AnswerCondition],
    answers: AnswerDetails,
    secrets: Sequence[str],
    now_wall: float,
) -> None:
    """Nothing for a success; :class:`LoginRefused` or :class:`TokenUnavailable` otherwise.

    Args:
        what: the request, for the error's text: ``"crmcom: createToken"``.
        url: where it went, with nothing secret in it; told where the address is likely to be wrong.
        secrets: texts to be masked should the server repeat them.
    """
    answer = Answer.of(response)
    is_refusal = conditions.matches(refused, answer)
    if 200 <= response.status < 300 and not is_refusal and not conditions.matches(answers.failed, answer):
        return
    code = _excerpt(answer, (*answers.code, "$response.body#/error"), CODE_LENGTH, secrets)
    text = _excerpt(answer, (*answers.message, "$response.body#/error_description"), MESSAGE_LENGTH, secrets)
    told = " ".join(part for part in (f"HTTP {response.status}", code, f"({text})" if text else None) if part)
    kind = LoginRefused if is_refusal else TokenUnavailable
    message = f"{what} was refused: {told}" if is_refusal else f"{what} failed: {told}"
    if not is_refusal and response.status in ELSEWHERE:
        message = f"{message} from {url}; check the address of the server"
    raise kind(
        message,
        request_sent=True,
        status=response.status,
        code=code,
        retry_after_seconds=retry_after_seconds(response.headers, now_wall),
    )


def read_parts(
    answer_map: TokenAnswer,
    response: TokenHttpResponse,
    *,
    sent: Moment,
    received: Moment | None = None,
    so_far: TokenParts | None = None,
) -> TokenParts:
    """The parts in an accepted answer, on top of those so far; a value in the later answer wins.

    Args:
        sent: just before the request was sent; life is counted from there.
        received: when the answer was there; default: at once.
    """
    answer = Answer.of(response)
    before = so_far or TokenParts(issued=sent)
    access = _first(answer_map.access_token, answer)
    refresh = _first(answer_map.refresh_token, answer)
    extras = dict(before.extras)
    for name, extra in answer_map.extras.items():
        value = _first_scalar(extra.candidates, answer)
        if value is not None:
            extras[name] = Secret(str(value)) if extra.secret else value
    newest = access or (before.access_token.reveal() if before.access_token else None)
    offset = clock_offset(response, sent, received or sent)
    server_time = sent.wall + (offset or 0.0)
    lifetime = _lifetime(answer_map.expires, answer, newest, server_time, has_access_token=access is not None)
    if lifetime is None and offset:  # a clock by which every token is dead on arrival is not believed
        lifetime = _lifetime(answer_map.expires, answer, newest, sent.wall, has_access_token=access is not None)
    keeps_lifetime = lifetime is None and access is None
    return TokenParts(
        access_token=Secret(access) if access else before.access_token,
        refresh_token=Secret(refresh) if refresh else before.refresh_token,
        extras=extras,
        issued=before.issued if keeps_lifetime else sent,
        lifetime=before.lifetime if keeps_lifetime else lifetime,
        server_offset=before.server_offset if offset is None else offset,
    )


def require_access_token(parts: TokenParts | None, what: str) -> TokenParts:
    """The parts, if they hold an access token; else :class:`MalformedTokenAnswer`."""
    if parts is None or parts.access_token is None:
        message = f"{what} answered success without a usable access token where the spec expects one"
        raise MalformedTokenAnswer(message, request_sent=True)
    return parts


def clock_offset(response: TokenHttpResponse, sent: Moment, received: Moment) -> float | None:
    """Seconds that the server's clock is ahead of this machine's, by the answer's ``Date`` (RFC 9110 section 6.6.1).

    0 where the two agree as far as whole seconds and the time on the way can tell; else rounded up, so that a lifetime
    reckoned with it is rather too short. ``None`` when there is no readable ``Date``.
    """
    date = http_date(response.headers.get("date", ""))
    if date is None:
        return None
    agrees = sent.wall - 1 <= date <= received.wall
    return 0.0 if agrees else date + 1 - sent.wall


def _first(candidates: Sequence[Candidate], answer: Answer) -> str | None:
    """The first candidate that is a usable token."""
    for candidate in candidates:
        value = evaluate(candidate.expression, answer)
        if isinstance(value, str) and is_visible_ascii(value) and _fits(candidate, value):
            return value
    return None


def _first_scalar(candidates: Sequence[Candidate], answer: Answer) -> ExtraValue | None:
    """The first candidate that is a JSON scalar, with its type: a number goes back as a number."""
    for candidate in candidates:
        value: object = evaluate(candidate.expression, answer)
        if not isinstance(value, (str, int, float)) or value == "":
            continue
        if isinstance(value, str):
            value = value.encode("utf-8", "replace").decode("utf-8")
        if _fits(candidate, str(value)):
            return value
    return None


def _fits(candidate: Candidate, value: str) -> bool:
    if candidate.not_jwt:
        return jwt_claims(value) is None
    if candidate.jwt_claims is None:
        return True
    claims = jwt_claims(value)
    return claims is not None and all(claims.get(name) == wanted for name, wanted in candidate.jwt_claims.items())


def _lifetime(
    sources: Sequence[ExpirySource],
    answer: Answer,
    access_token: str | None,
    server_time: float,
    *,
    has_access_token: bool,
) -> float | None:
    """Seconds since the server's clock showed ``server_time``, by the first source that is readable and positive."""
    for source in sources:
        match source:
            case ExpiresIn(expression, unit):
                seconds = _scaled(_number(evaluate(expression, answer)), unit)
            case ExpiresAt(expression, unit):
                moment = evaluate(expression, answer)
                epoch = _scaled(_number(moment), unit)
                seconds = _minus(_rfc3339(moment) if epoch is None else epoch, server_time)
            case JwtClaim(claim):
                claims = (jwt_claims(access_token) if access_token else None) or NOTHING
                ends, issued_at = _number(claims.get(claim)), _number(claims.get("iat"))
                seconds = _minus(ends, server_time)
                if seconds is not None and ends is not None and issued_at is not None and ends > issued_at:
                    seconds = min(seconds, ends - issued_at)  # a wrong clock makes no token live longer than it is
            case DefaultLifetime(default):
                seconds = default if has_access_token else None
        if seconds is not None and seconds > 0:
            return seconds
    return None


def lifetime_seconds(value: object) -> float | None:
    """A life that is a number of seconds, also as text; ``None`` for one that is none, or not positive."""
    seconds = _number(value)
    return seconds if seconds is not None and seconds > 0 else None


def _scaled(value: float | None, unit: str) -> float | None:
    return value / MILLISECONDS if value is not None and unit == "milliseconds" else value


def _minus(value: float | None, start: float) -> float | None:
    return None if value is None else value - start


def _number(value: object) -> float | None:
    """A finite number, also as a numeric string; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _rfc3339(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _excerpt(answer: Answer, expressions: Sequence[str], length: int, secrets: Sequence[str]) -> str | None:
    """The first text there, on one line, cut, without the secrets that were sent."""
    for expression in expressions:
        value = evaluate(expression, answer)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            text = str(value)
            for secret in sorted(_spellings(secrets), key=len, reverse=True):
                text = text.replace(secret, MASK)
            return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]
    return None


def _spellings(secrets: Sequence[str]) -> set[str]:
    """The texts, and as they stand in a form, a URL or a JSON document, which a server may repeat as it got it."""
    found: set[str] = set()
    for text in filter(None, secrets):
        found |= {text, quote_plus(text), quote(text), quote(text, safe=""), json.dumps(text)[1:-1]}
    return found
