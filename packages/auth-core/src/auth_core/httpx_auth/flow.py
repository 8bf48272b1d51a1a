"""The flow of one call: show the tokens, send, recover once from "expired".

It yields and sends and decides nothing: when a token is renewed is the business of ``source.py``. No lock is held and
no resource is open at a ``yield``, so a flow may be abandoned anywhere.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Self

import httpx
from attrs import frozen

from ..conditions import matches, possible_statuses
from ..errors import ForeignOrigin
from ..events import EventKind
from ..expressions import ResponseView
from ..placement import placement_for
from ..source import TokenSource
from ..token import MASK, Token
from .masking import mask_urls_in_logs, overwrite
from .placing import is_authorization, show_in_a_copy
from .replay import rewinding

SHOWN_TOKENS = "auth_core.tokens"
"""Extension of a request that was sent: the tokens it showed, each a :class:`Secret`."""


class HttpxAuth(httpx.Auth):
    """Authenticates the requests of one operation; holds no state and may be shared by threads, tasks and clients.

    Args:
        sources: of the tokens that the operation wants, all of them; none for an anonymous call.
        operation_id: of the operation, for telling a forbidden one from an expired token.
        json_response: the response is JSON and may be read to see whether it means "expired"; others keep streaming.
    """

    def __init__(self, sources: tuple[TokenSource, ...], *, operation_id: str, json_response: bool) -> None:
        self._sources = sources
        self._operation = _Operation(
            operation_id,
            sources,
            origins=frozenset(origin(httpx.URL(url)) for source in sources for url in source.servers),
            expired_statuses=possible_statuses(condition for source in sources for condition in source.expired),
            reads_body=json_response and any(condition.body for source in sources for condition in source.expired),
        )
        if any(placement.location == "query" for source in sources for placement in source.placements):
            mask_urls_in_logs()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not self._sources:
            yield request
            return
        with _Call(self._operation, request) as call:
            response = yield call.first([s.ready() or s.token(replayable=call.replayable) for s in self._sources])
            if call.requires_body(response):
                response.read()
            if (refused := call.refused(response)) is None:
                return
            renewed = refused.renewed(call.refused_token, self._operation.id)
            if renewed is None:
                return
            response = yield call.second(renewed)
            if call.requires_body(response):
                response.read()
            call.settle(response)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if not self._sources:
            yield request
            return
        with _Call(self._operation, request) as call:
            response = yield call.first(
                [s.ready() or await s.token_async(replayable=call.replayable) for s in self._sources]
            )
            if call.requires_body(response):
                await response.aread()
            if (refused := call.refused(response)) is None:
                return
            renewed = await refused.renewed_async(call.refused_token, self._operation.id)
            if renewed is None:
                return
            response = yield call.second(renewed)
            if call.requires_body(response):
                await response.aread()
            call.settle(response)


@frozen
class _Operation:
    """What all calls of an operation have in common: whose tokens are shown, where, what a response says of them."""

    id: str
    sources: tuple[TokenSource, ...]
    origins: frozenset[str]
    expired_statuses: frozenset[int]
    reads_body: bool


class _Call:
    """What one flow has sent and received so far. Waits for nothing, so that both flows share it.

    Leaving it conceals the tokens, however the flow ends.
    """

    def __init__(self, operation: _Operation, request: httpx.Request) -> None:
        target = origin(request.url)
        if target not in operation.origins:
            for source in operation.sources:
                source.recorder.record(EventKind.FOREIGN_ORIGIN, f"{operation.id} would have gone to {target}")
            message = f"{operation.id} would go to {target}, none of the client's servers; tokens are not shown there"
            raise ForeignOrigin(message)
        self._operation = operation
        self._request = request
        self._rewind = rewinding(request)  # the body has its offset now, and may not afterwards
        self.replayable = self._rewind is not None
        """Whether the request can be sent again."""
        self._tokens: list[Token] = []
        self._outgoing: httpx.Request | None = None
        self._response: httpx.Response | None = None
        self._refused = 0
        """The index of the token that was refused."""
        self._sent_again = False

    @property
    def refused_token(self) -> Token:
        return self._tokens[self._refused]

    def first(self, tokens: list[Token]) -> httpx.Request:
        """The request to be sent."""
        self._tokens = tokens
        return self._shown()

    def requires_body(self, response: httpx.Response) -> bool:
        """Take note of a response; whether its body must be read for it to be understood."""
        self._response = response
        return (
            self._operation.reads_body
            and response.status_code in self._operation.expired_statuses
            and "json" in response.headers.get("content-type", "")
        )

    def refused(self, response: httpx.Response) -> TokenSource | None:
        """The source of the token that the response refuses, if the request can be sent again with another."""
        index = self._refusing(response)
        if index is None:
            return None
        self._refused, source = index, self._operation.sources[index]
        if self.replayable:
            return source
        source.renew_soon(self.refused_token, self._operation.id)
        return None

    def second(self, renewed: Token) -> httpx.Request:
        """The request to be sent again, with the renewed token."""
        self._conceal()
        self._tokens[self._refused] = renewed
        self._sent_again, self._response = True, None
        if self._rewind is not None:
            self._rewind()
        return self._shown()

    def settle(self, response: httpx.Response) -> None:
        """The response to the second request ends the call; the token may be refused once more."""
        if self._refusing(response) == self._refused:
            self._operation.sources[self._refused].refused_again(self.refused_token, self._operation.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sent_again and self._response is None:
            self._operation.sources[self._refused].accepted(self.refused_token, self._operation.id)
        self._conceal()

    def _refusing(self, response: httpx.Response) -> int | None:
        """The index of the source whose token was refused; ``None`` when the response means something else."""
        if response.status_code in self._operation.expired_statuses:
            body_known = self.requires_body(response)
            content = response.content if body_known else b""
            view = ResponseView(response.status_code, response.headers, content)
            for index, source in enumerate(self._operation.sources):
                if matches((c for c in source.expired if body_known or not c.body), view):
                    return index
        for source, token in zip(self._operation.sources, self._tokens, strict=True):
            source.accepted(token, self._operation.id)
        return None

    def _shown(self) -> httpx.Request:
        """The request with all tokens: the same one where the token stands in ``Authorization``, else a copy."""
        outgoing = self._request
        for source, token in zip(self._operation.sources, self._tokens, strict=True):
            placement = placement_for(source.placements, outgoing.method)
            if is_authorization(placement):
                outgoing.headers["Authorization"] = placement.prefix + token.access_token.reveal()
            else:
                outgoing = show_in_a_copy(outgoing, placement, token)
        self._outgoing = outgoing
        return outgoing

    def _conceal(self) -> None:
        """Nothing that outlives the flow shows a token: not the response's request, nor that of an exception.

        The tokens stay at hand as secrets, for whoever has to mask what a server repeats.
        """
        request, outgoing = self._request, self._outgoing
        if outgoing is None:
            return
        request.extensions[SHOWN_TOKENS] = tuple(token.access_token for token in self._tokens)
        for source in self._operation.sources:
            placement = placement_for(source.placements, request.method)
            if is_authorization(placement):
                request.headers["Authorization"] = placement.prefix + MASK
        if outgoing is not request:
            overwrite(outgoing, request)
            if self._response is not None:
                self._response.request = request


def origin(url: httpx.URL) -> str:
    """Scheme, host and port (RFC 6454); the port only where it is not the scheme's own."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
