"""The flow of one call: show the tokens, send, recover once from "expired".

It yields and sends and decides nothing: when a token is renewed is the business of ``source.py``. No lock is held and
no resource is open at a ``yield``, so a flow may be abandoned anywhere.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from typing import Self

import httpx

from ..conditions import matches, plain_headers
from ..errors import ForeignOrigin
from ..expressions import Answer
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
        json_answer: the response is JSON and may be read to see whether it means "expired"; others keep streaming.
    """

    def __init__(self, sources: tuple[TokenSource, ...], *, operation_id: str, json_answer: bool) -> None:
        self._sources = sources
        self._operation = _Operation(sources, operation_id, json_answer=json_answer)
        if any(placement.location == "query" for source in sources for placement in source.placements):
            mask_urls_in_logs()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not self._sources:
            yield request
            return
        with _Call(self._operation, request) as call:
            response = yield call.first([s.ready() or s.token(replayable=call.replayable) for s in self._sources])
            if call.wants_body(response):
                response.read()
            if (refused := call.refused(response)) is None:
                return
            renewed = refused.renewed(call.refused_token, self._operation.id)
            if renewed is None:
                return
            response = yield call.second(renewed)
            if call.wants_body(response):
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
            if call.wants_body(response):
                await response.aread()
            if (refused := call.refused(response)) is None:
                return
            renewed = await refused.renewed_async(call.refused_token, self._operation.id)
            if renewed is None:
                return
            response = yield call.second(renewed)
            if call.wants_body(response):
                await response.aread()
            call.settle(response)


class _Operation:
    """What all calls of an operation have in common: whose tokens are shown, where, what a response says of them."""

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
        return (
            self.reads_body
            and response.status_code in self.expired_statuses
            and "json" in response.headers.get("content-type", "")
        )

    def refusing(self, response: httpx.Response, tokens: Sequence[Token]) -> int | None:
        """The index of the source whose token was refused; ``None`` when the response means something else."""
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
            if is_authorization(placement):
                outgoing.headers["Authorization"] = placement.prefix + token.access_token.reveal()
            else:
                outgoing = show_in_a_copy(outgoing, placement, token)
        return outgoing

    def conceal(
        self, outgoing: httpx.Request, request: httpx.Request, response: httpx.Response | None, tokens: Sequence[Token]
    ) -> None:
        """Nothing that outlives the flow shows a token: not the response's request, nor that of an exception.

        The tokens stay at hand as secrets, for whoever has to mask what a server repeats.
        """
        request.extensions[SHOWN_TOKENS] = tuple(token.access_token for token in tokens)
        for source in self.sources:
            placement = placement_for(source.placements, request.method)
            if is_authorization(placement):
                request.headers["Authorization"] = placement.prefix + MASK
        if outgoing is not request:
            overwrite(outgoing, request)
            if response is not None:
                response.request = request


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
        self._refused = 0
        """The index of the token that was refused."""
        self._sent_again = False

    @property
    def replayable(self) -> bool:
        """Whether the request can be sent again."""
        return self._rewind is not None

    @property
    def refused_token(self) -> Token:
        return self._tokens[self._refused]

    def first(self, tokens: list[Token]) -> httpx.Request:
        """The request to be sent."""
        self._tokens = tokens
        self._outgoing = outgoing = self._operation.show(self._request, tokens)
        return outgoing

    def wants_body(self, response: httpx.Response) -> bool:
        """Take note of a response; whether its body must be read for it to be understood."""
        self._response = response
        return self._operation.wants_body(response)

    def refused(self, response: httpx.Response) -> TokenSource | None:
        """The source of the token that the response refuses, if the request can be sent again with another."""
        index = self._operation.refusing(response, self._tokens)
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
        self._outgoing = outgoing = self._operation.show(self._request, self._tokens)
        return outgoing

    def settle(self, response: httpx.Response) -> None:
        """The response to the second request ends the call; the token may be refused once more."""
        if self._operation.refusing(response, self._tokens) == self._refused:
            self._operation.sources[self._refused].refused_again(self.refused_token, self._operation.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sent_again and self._response is None:
            self._operation.sources[self._refused].replay_lost(self.refused_token, self._operation.id)
        self._conceal()

    def _conceal(self) -> None:
        if self._outgoing is not None:
            self._operation.conceal(self._outgoing, self._request, self._response, self._tokens)


def origin(url: httpx.URL) -> str:
    """Scheme, host and port (RFC 6454); the port only where it is not the scheme's own."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
