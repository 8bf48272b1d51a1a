"""The adapter to httpx, the only module that imports it: shows the token, recovers once from "expired".

The flow yields and sends and decides nothing: when a token is renewed is the business of ``source.py``. No lock is held
and no resource is open at a ``yield``, so a flow may be abandoned anywhere.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from functools import partial
from typing import Any, NamedTuple, Self, TypeAlias

import httpx

from .conditions import matches, plain_headers
from .errors import ConfigurationError, ForeignOrigin
from .expressions import Answer
from .lifecycle import Placement
from .placement import (
    add_cookie,
    add_query_parameter,
    placement_for,
    splice_json_member,
    without_query_parameter,
)
from .source import TokenSource
from .token import MASK, Token
from .wire import TokenHttpRequest, TokenHttpResponse, TokenSendError, transport_failure

__all__ = ["SHOWN_TOKENS", "HttpxAuth", "HttpxTokenSender", "can_be_sent_again", "origin", "request_was_sent"]

MAX_TOKEN_ANSWER_BYTES = 1_048_576
"""A token answer is a few kilobytes; whatever is larger is none."""
CONNECT_TIMEOUT_SECONDS = 5.0
"""A server that does not take the connection by then will not."""
SHOWN_TOKENS = "auth_core.tokens"
"""Extension of a request that was sent: the tokens it showed, each a :class:`Secret`."""
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)

Rewind: TypeAlias = Callable[[], object]


class MaskedUrl(httpx.URL):
    """A URL with a secret in it: whole for whoever sends it, masked in reprs and in httpx's log record."""

    show: Callable[[], str]

    def __repr__(self) -> str:
        return f"URL({self.show()!r})"


def masked_url(url: httpx.URL, show: Callable[[], str], **parts: Any) -> MaskedUrl:
    masked = MaskedUrl(url, **parts)
    masked.show = show
    return masked


class _MaskUrlFilter(logging.Filter):
    """Masks URLs with secrets in httpx's own log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and any(isinstance(part, MaskedUrl) for part in record.args):
            record.args = tuple(part.show() if isinstance(part, MaskedUrl) else part for part in record.args)
        return True


_MASK_URLS = _MaskUrlFilter()
_HTTPX_LOGGER = logging.getLogger(httpx.__name__)


def _mask_urls_in_logs() -> None:
    if _MASK_URLS not in _HTTPX_LOGGER.filters:
        _HTTPX_LOGGER.addFilter(_MASK_URLS)


class HttpxAuth(httpx.Auth):
    """Authenticates the requests of one operation; holds no state and may be shared by threads, tasks and clients.

    Args:
        sources: of the tokens that the operation wants, all of them; none for an anonymous call.
        operation_id: of the operation, for telling a forbidden one from an expired token.
        json_answer: the answer is JSON and may be read to see whether it means "expired"; others keep streaming.
    """

    def __init__(self, sources: tuple[TokenSource, ...], *, operation_id: str, json_answer: bool) -> None:
        self._sources = sources
        self._operation = _Operation(sources, operation_id, json_answer=json_answer)
        if any(placement.location == "query" for source in sources for placement in source.placements):
            _mask_urls_in_logs()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not self._sources:
            yield request
            return
        with _Call(self._operation, request) as call:
            response = yield call.first([s.ready() or s.token(sent_once=call.sent_once) for s in self._sources])
            if call.wants_body(response):
                response.read()
            if (refusal := call.refusal(response)) is None:
                return
            renewed = refusal.source.renewed(refusal.token, self._operation.id)
            if renewed is None:
                return
            response = yield call.second(refusal, renewed)
            if call.wants_body(response):
                response.read()
            call.settle(response)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if not self._sources:
            yield request
            return
        with _Call(self._operation, request) as call:
            response = yield call.first(
                [s.ready() or await s.token_async(sent_once=call.sent_once) for s in self._sources]
            )
            if call.wants_body(response):
                await response.aread()
            if (refusal := call.refusal(response)) is None:
                return
            renewed = await refusal.source.renewed_async(refusal.token, self._operation.id)
            if renewed is None:
                return
            response = yield call.second(refusal, renewed)
            if call.wants_body(response):
                await response.aread()
            call.settle(response)


class _Operation:
    """What all calls of an operation have in common: whose tokens are shown, where, and what an answer says of them."""

    def __init__(self, sources: tuple[TokenSource, ...], id_: str, *, json_answer: bool) -> None:
        self.sources = sources
        self.id = id_
        self.origins = frozenset(origin(httpx.URL(url)) for source in sources for url in source.servers)
        self.expired_statuses = frozenset[int]().union(*(source.expired_statuses for source in sources))
        self.reads_body = json_answer and any(source.expired_reads_body for source in sources)

    def refuse_foreign_origin(self, request: httpx.Request) -> None:
        target = origin(request.url)
        if target in self.origins:
            return
        for source in self.sources:
            source.foreign_origin(self.id, target)
        message = f"{self.id} would go to {target}, which is none of the client's servers; tokens are not shown there"
        raise ForeignOrigin(message)

    def wants_body(self, response: httpx.Response) -> bool:
        return self.reads_body and response.status_code in self.expired_statuses and _is_json(response)

    def refusing(self, response: httpx.Response, tokens: Sequence[Token]) -> int | None:
        """The index of the source whose token was refused; ``None`` when the answer means something else."""
        if response.status_code in self.expired_statuses:
            body_known = self.wants_body(response)
            content = response.content if body_known else b""
            answer = Answer(response.status_code, plain_headers(response.headers.items()), content)
            for index, source in enumerate(self.sources):
                if matches((c for c in source.expired if body_known or not c.body), answer):
                    return index
        for source, token in zip(self.sources, tokens, strict=True):
            source.accepted(token, self.id)
        return None

    def show(self, request: httpx.Request, tokens: Sequence[Token]) -> httpx.Request:
        """The request with all tokens: the same one where the token stands in ``Authorization``, else a copy."""
        outgoing = request
        for source, token in zip(self.sources, tokens, strict=True):
            placement = placement_for(source.placements, request.method)
            if _is_authorization(placement):
                outgoing.headers["Authorization"] = placement.prefix + token.access_token.reveal()
            else:
                outgoing = _shown_in_a_copy(outgoing, placement, token)
        return outgoing

    def conceal(
        self, outgoing: httpx.Request, request: httpx.Request, response: httpx.Response | None, tokens: Sequence[Token]
    ) -> None:
        """Nothing that outlives the flow shows a token: not the answer's request, nor that of an exception.

        The tokens stay at hand as secrets, for whoever has to mask what a server repeats.
        """
        request.extensions[SHOWN_TOKENS] = tuple(token.access_token for token in tokens)
        for source in self.sources:
            placement = placement_for(source.placements, request.method)
            if _is_authorization(placement):
                request.headers["Authorization"] = placement.prefix + MASK
        if outgoing is not request:
            vars(outgoing).update(vars(request))  # URL, headers and body; an event hook may have kept it
            if response is not None:
                response.request = request


class _Refusal(NamedTuple):
    """A token that the API refused, and which of the call's tokens it is."""

    place: int
    source: TokenSource
    token: Token


class _Call:
    """What one flow has sent and received so far. Waits for nothing, so that both flows share it.

    Leaving it conceals the tokens, however the flow ends.
    """

    def __init__(self, operation: _Operation, request: httpx.Request) -> None:
        operation.refuse_foreign_origin(request)
        self._operation = operation
        self._request = request
        self._rewind = rewinding(request)  # the body has its offset now, and may not afterwards
        self._tokens: list[Token] = []
        self._outgoing: httpx.Request | None = None
        self._response: httpx.Response | None = None
        self._replay: _Refusal | None = None

    @property
    def sent_once(self) -> bool:
        """Whether the request cannot be sent again."""
        return self._rewind is None

    def first(self, tokens: list[Token]) -> httpx.Request:
        """The request to be sent."""
        self._tokens = tokens
        self._outgoing = outgoing = self._operation.show(self._request, tokens)
        return outgoing

    def wants_body(self, response: httpx.Response) -> bool:
        """Take note of an answer; whether its body must be read for it to be understood."""
        self._response = response
        return self._operation.wants_body(response)

    def refusal(self, response: httpx.Response) -> _Refusal | None:
        """The token that the answer refuses, if the request can be sent again with another."""
        place = self._operation.refusing(response, self._tokens)
        if place is None:
            return None
        refusal = _Refusal(place, self._operation.sources[place], self._tokens[place])
        if self._rewind is None:
            refusal.source.renew_soon(refusal.token, self._operation.id)
            return None
        return refusal

    def second(self, refusal: _Refusal, renewed: Token) -> httpx.Request:
        """The request to be sent again, with the renewed token."""
        self._conceal()
        self._tokens[refusal.place] = renewed
        self._replay, self._response = refusal._replace(token=renewed), None
        if self._rewind is not None:
            self._rewind()
        self._outgoing = outgoing = self._operation.show(self._request, self._tokens)
        return outgoing

    def settle(self, response: httpx.Response) -> None:
        """The answer to the second request ends the call; the token may be refused once more."""
        replay = self._replay
        if replay is not None and self._operation.refusing(response, self._tokens) == replay.place:
            replay.source.refused_again(replay.token, self._operation.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._replay is not None and self._response is None:
            self._replay.source.replay_lost(self._replay.token, self._operation.id)
        self._conceal()

    def _conceal(self) -> None:
        if self._outgoing is not None:
            self._operation.conceal(self._outgoing, self._request, self._response, self._tokens)


def _is_authorization(placement: Placement) -> bool:
    return placement.location == "header" and placement.name == "Authorization"


# --- showing the token ----------------------------------------------------------------------------------------------


def origin(url: httpx.URL) -> str:
    """Scheme, host and port (RFC 6454); the port only where it is not the scheme's own."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _shown_in_a_copy(request: httpx.Request, placement: Placement, token: Token) -> httpx.Request:
    headers = httpx.Headers(request.headers)
    url: httpx.URL = request.url
    value = placement.prefix + token.access_token.reveal()
    content: bytes | None = None
    match placement.location:
        case "header":
            headers[placement.name] = value
        case "cookie":
            headers["Cookie"] = add_cookie(headers.get("Cookie"), placement.name, value)
        case "query":
            kept = without_query_parameter(url.query, placement.name)
            if kept != url.query:  # a redirect repeats the query of the request before, with its token
                request.url = url = url.copy_with(query=kept or None)
            query = add_query_parameter(url.query, placement.name, MASK)
            show = partial(_text_of, url, query)
            url = masked_url(url, show, query=add_query_parameter(url.query, placement.name, value))
        case "body":
            content = splice_json_member(_content(request, placement), placement.name, value)
            headers["Content-Length"] = str(len(content))
            headers.setdefault("Content-Type", "application/json")
    stream = request.stream if content is None else httpx.ByteStream(content)
    outgoing = httpx.Request(request.method, url, headers=headers, stream=stream, extensions=request.extensions)
    outgoing.url = url  # the constructor makes a plain URL of a masked one
    if isinstance(stream, httpx.ByteStream):
        outgoing.read()
    return outgoing


def _text_of(url: httpx.URL, query: bytes) -> str:
    return str(url.copy_with(query=query))


def _content(request: httpx.Request, placement: Placement) -> bytes:
    try:
        return request.content
    except httpx.RequestNotRead:
        message = f"the token goes into the body as the member {placement.name!r}, but the body is a stream"
        raise ConfigurationError(message) from None


def _is_json(response: httpx.Response) -> bool:
    return "json" in response.headers.get("content-type", "")


# --- sending a body twice -------------------------------------------------------------------------------------------


def request_was_sent(error: Exception) -> bool:
    """``False`` if the request certainly did not reach the server; it can be sent again then, whatever it does.

    A violation of the protocol is none of these: it may be found when half of the body has been sent.
    """
    return not isinstance(error, _NOT_SENT)


def can_be_sent_again(request: httpx.Request) -> bool:
    """Whether the body is still there after it was sent once."""
    return rewinding(request) is not None


def rewinding(request: httpx.Request) -> Rewind | None:
    """How to make the body ready for being sent again; ``None``: it can be sent once only.

    httpx keeps what a body is made of to itself, so this looks at private names; where they are missing the body
    counts as one that can be sent once.
    """
    stream = request.stream
    if isinstance(stream, httpx.ByteStream):
        return _nothing
    fields: Any = getattr(stream, "fields", None)
    if fields is not None:  # multipart: httpx itself winds each file back to its start, for the first time too
        return _nothing if all(_field_is_replayable(field) for field in fields) else None
    source: Any = getattr(stream, "_stream", None)
    if isinstance(source, (list, tuple)):
        return _nothing
    if isinstance(stream, httpx.SyncByteStream) and _is_seekable(source):
        offset = source.tell()
        return lambda: source.seek(offset)
    return None


def _nothing() -> None:
    return None


def _field_is_replayable(field: Any) -> bool:
    file = getattr(field, "file", None)
    return file is None or isinstance(file, (str, bytes)) or _is_seekable(file)


def _is_seekable(file: Any) -> bool:
    try:
        return bool(file.seekable()) and file.tell() >= 0
    except (AttributeError, OSError, ValueError, TypeError):
        return False


# --- token requests -------------------------------------------------------------------------------------------------


class HttpxTokenSender:
    """Sends token requests with a synchronous httpx client: no redirects, one time limit for the whole exchange."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(self, request: TokenHttpRequest) -> TokenHttpResponse:
        _mask_urls_in_logs()
        if self._client.is_closed:
            message = "the HTTP client for token requests was closed"
            raise TokenSendError(message, request_sent=False)
        deadline = time.monotonic() + request.timeout_seconds
        http_request: httpx.Request | None = None
        try:
            http_request = self._client.build_request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content or None,
                timeout=httpx.Timeout(
                    request.timeout_seconds, connect=min(CONNECT_TIMEOUT_SECONDS, request.timeout_seconds)
                ),
            )
            http_request.url = masked_url(http_request.url, lambda: request.shown_url)
            response = self._client.send(http_request, auth=None, follow_redirects=False, stream=True)
            try:
                content = _read_bounded(response, deadline)
            finally:
                response.close()
        except TokenSendError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            raise TokenSendError(transport_failure(error), request_sent=request_was_sent(error)) from None
        finally:
            if http_request is not None:  # an event hook may have kept it
                vars(http_request).update(vars(httpx.Request(request.method, request.shown_url)))
        return TokenHttpResponse(
            status=response.status_code, headers=plain_headers(response.headers.items()), content=content
        )


def _read_bounded(response: httpx.Response, deadline: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_TOKEN_ANSWER_BYTES:
            message = f"the answer is larger than {MAX_TOKEN_ANSWER_BYTES} bytes"
            raise TokenSendError(message)
        if time.monotonic() > deadline:
            message = "the answer did not end in time"
            raise TokenSendError(message)
    return bytes(content)
