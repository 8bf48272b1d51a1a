"""Parse token responses: from an HTTP response to the parts of a token. Pure.

A response is accepted (:class:`TokenParts`), *refused* (:class:`LoginRefused`: the credentials or the
refresh token are wrong, as declared or by ``failures.is_refusal``) or *failed* (:class:`TokenUnavailable`: try later).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from . import conditions
from .clock import Moment
from .errors import LoginRefused, MalformedTokenResponse, TokenUnavailable
from .expressions import ResponseView, evaluate, http_date, jwt_claims, retry_after_seconds
from .failures import Asks, is_refusal
from .lifecycle import (
    NOTHING,
    Candidate,
    DefaultLifetime,
    ExpiresAt,
    ExpiresIn,
    ExpirySource,
    ExtraValue,
    JwtClaim,
    ResponseCondition,
    ResponseDetails,
    TokenResponse,
)
from .masking import mask_secrets
from .token import Secret, TokenParts, is_visible_ascii
from .wire import TokenHttpResponse

CODE_LENGTH, MESSAGE_LENGTH = 64, 200
"""Characters of a vendor's code and message shown in an error: enough for RFC 6749, too few for a web page."""

NO_ENDPOINT = frozenset({301, 302, 303, 307, 308, 404, 405})
"""Statuses that suggest a wrong token URL (redirects are not followed)."""

OTHER_CODES = ("$response.body#/error/code", "$response.body#/code")
OTHER_TEXTS = ("$response.body#/error/message", "$response.body#/message", "$response.body#/detail")
"""Other common places of the code and text of a failure, tried after those of the lifecycle and of RFC 6749."""

UNITS = {"seconds": 1.0, "milliseconds": 1000.0}


def check_response(
    response: TokenHttpResponse,
    *,
    what: str,
    url: str,
    refused: Sequence[ResponseCondition],
    responses: ResponseDetails,
    secrets: Sequence[str],
    now_wall: float,
    asks: Asks = None,
) -> None:
    """Raise :class:`LoginRefused` or :class:`TokenUnavailable` unless the response is a success.

    Args:
        what: the request, for the error message: ``"crmcom: createToken"``.
        asks: what the request exchanges; ``None``: only the declared conditions count.
        url: its URL without secrets; shown if it is likely to be wrong.
        secrets: values to mask if the server repeats them.
    """
    view = ResponseView.of(response)
    refuses = conditions.matches(refused, view)
    if asks is not None and not refuses:
        refuses = is_refusal(response.status, (evaluate(at, view) for at in _codes(responses)), asks)
    if 200 <= response.status < 300 and not refuses and not conditions.matches(responses.failed, view):
        return
    code, details = _details(view, _codes(responses, *OTHER_CODES), _texts(responses, *OTHER_TEXTS), secrets)
    message = f"{what} was refused: {details}" if refuses else f"{what} failed: {details}"
    if asks == "refresh" and refuses:
        message = f"{what}: the refresh token was refused: {details}"
    if response.status in NO_ENDPOINT:
        message = f"{message} from {url}; check the URL of the server"
    if refuses and (advice := conditions.advice(refused, view)):
        message = f"{message}. {advice}"
    kind = LoginRefused if refuses else TokenUnavailable
    raise kind(
        message,
        request_sent=True,
        status=response.status,
        code=code,
        retry_after_seconds=retry_after_seconds(response.headers, now_wall),
    )


def malformed(
    response: TokenHttpResponse, what: str, *, responses: ResponseDetails, secrets: Sequence[str]
) -> MalformedTokenResponse:
    """The error for a success response without an access token; it quotes the declared code and text only.

    Any other member may be the token, at a place where the lifecycle does not expect it.
    """
    code, details = _details(ResponseView.of(response), _codes(responses), _texts(responses), secrets)
    message = f"{what} responded with success, but without a usable access token where the spec expects one: {details}"
    return MalformedTokenResponse(message, request_sent=True, status=response.status, code=code)


def _codes(responses: ResponseDetails, *others: str) -> tuple[str, ...]:
    return (*responses.code, "$response.body#/error", *others)


def _texts(responses: ResponseDetails, *others: str) -> tuple[str, ...]:
    return (*responses.message, "$response.body#/error_description", *others)


def _details(
    view: ResponseView, codes: Sequence[str], texts: Sequence[str], secrets: Sequence[str]
) -> tuple[str | None, str]:
    """The server's code; and status, code and text for an error message."""
    code = _excerpt(view, codes, CODE_LENGTH, secrets)
    text = _excerpt(view, texts, MESSAGE_LENGTH, secrets)
    return code, " ".join(filter(None, (f"HTTP {view.status}", code, f"({text})" if text else None)))


def read_parts(
    response_map: TokenResponse,
    response: TokenHttpResponse,
    *,
    sent: Moment,
    received: Moment | None = None,
    so_far: TokenParts | None = None,
) -> TokenParts:
    """Merge the parts in an accepted response into those so far; values in the later response win.

    Args:
        sent: time just before the request was sent; the lifetime is counted from it.
        received: time of the response; default: ``sent``.
    """
    view = ResponseView.of(response)
    before = so_far or TokenParts(issued=sent)
    access = _first(response_map.access_token, view)
    refresh = _first(response_map.refresh_token, view)
    extras = dict(before.extras)
    for name, extra in response_map.extras.items():
        value = _first_scalar(extra.candidates, view)
        if value is not None:
            extras[name] = Secret(str(value)) if extra.secret else value
    newest = access or (before.access_token.reveal() if before.access_token else None)
    offset = clock_offset(response, sent, received or sent)
    server_time = sent.wall + (offset or 0.0)
    lifetime = _lifetime(response_map.expires, view, newest, server_time, has_access_token=access is not None)
    if lifetime is None and offset:  # ignore a server clock by which every token has expired on arrival
        lifetime = _lifetime(response_map.expires, view, newest, sent.wall, has_access_token=access is not None)
    keeps_lifetime = lifetime is None and access is None
    return TokenParts(
        access_token=Secret(access) if access else before.access_token,
        refresh_token=Secret(refresh) if refresh else before.refresh_token,
        extras=extras,
        issued=before.issued if keeps_lifetime else sent,
        lifetime=before.lifetime if keeps_lifetime else lifetime,
        server_offset=before.server_offset if offset is None else offset,
    )


def require_access_token(parts: TokenParts, what: str) -> TokenParts:
    """Return the parts. Raises :class:`MalformedTokenResponse` if they have no access token."""
    if parts.access_token is None:
        message = f"{what} responded with success, but without a usable access token where the spec expects one"
        raise MalformedTokenResponse(message, request_sent=True)
    return parts


def clock_offset(response: TokenHttpResponse, sent: Moment, received: Moment) -> float | None:
    """Seconds that the server's clock is ahead of this machine's, by the response's ``Date`` (RFC 9110 section 6.6.1).

    0 if the clocks agree within whole seconds and the transit time; else rounded up, so that a lifetime computed with
    it is too short rather than too long. ``None`` without a readable ``Date``.
    """
    date = http_date(response.headers.get("date", ""))
    if date is None:
        return None
    agrees = sent.wall - 1 <= date <= received.wall
    return 0.0 if agrees else date + 1 - sent.wall


def _first(candidates: Sequence[Candidate], response: ResponseView) -> str | None:
    """The first candidate that is a usable token."""
    for candidate in candidates:
        value = evaluate(candidate.expression, response)
        if isinstance(value, str) and is_visible_ascii(value) and _fits(candidate, value):
            return value
    return None


def _first_scalar(candidates: Sequence[Candidate], response: ResponseView) -> ExtraValue | None:
    """The first candidate that is a JSON scalar; its type is preserved."""
    for candidate in candidates:
        value: object = evaluate(candidate.expression, response)
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
    return claims is not None and all(claims.get(name) == value for name, value in candidate.jwt_claims.items())


def _lifetime(
    sources: Sequence[ExpirySource],
    response: ResponseView,
    access_token: str | None,
    server_time: float,
    *,
    has_access_token: bool,
) -> float | None:
    """Lifetime in seconds from ``server_time``, by the first source that is readable and positive."""
    for source in sources:
        match source:
            case ExpiresIn(expression, unit):
                seconds = _number(evaluate(expression, response)) / UNITS[unit]
            case ExpiresAt(expression, unit):
                moment = evaluate(expression, response)
                epoch = _number(moment) / UNITS[unit]
                seconds = (_rfc3339(moment) if math.isnan(epoch) else epoch) - server_time
            case JwtClaim(claim):
                claims = (jwt_claims(access_token) if access_token else None) or NOTHING
                ends, issued_at = _number(claims.get(claim)), _number(claims.get("iat"))
                seconds = ends - server_time
                if ends > issued_at:
                    seconds = min(seconds, ends - issued_at)  # a wrong clock must not extend the lifetime
            case DefaultLifetime(default):
                seconds = default if has_access_token else math.nan
        if seconds > 0:
            return seconds
    return None


def lifetime_seconds(value: object) -> float | None:
    """A lifetime as a number or numeric string; ``None`` if it is neither, or not positive."""
    seconds = _number(value)
    return seconds if seconds > 0 else None


def _number(value: object) -> float:
    """A finite number or numeric string; NaN for anything else, which compares as neither above nor below 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return math.nan
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def _rfc3339(value: object) -> float:
    if not isinstance(value, str):
        return math.nan
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _excerpt(response: ResponseView, expressions: Sequence[str], length: int, secrets: Sequence[str]) -> str | None:
    """The first value present, on one line, truncated, with secrets masked."""
    for expression in expressions:
        value = evaluate(expression, response)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            text = mask_secrets(str(value), secrets)
            return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]
    return None
