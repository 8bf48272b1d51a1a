"""The authentication flow of one call: place the tokens, send, recover once from "expired".

``source.py`` decides when a token is renewed. No lock is held and no resource is open at a ``yield``, so a flow may be
abandoned anywhere.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Self, cast

import httpx
from attrs import frozen

from ..conditions import matches, possible_statuses
from ..errors import ForeignOrigin
from ..events import EventKind
from ..expressions import ResponseView
from ..masking import MASK
from ..placement import placement_for
from ..source import TokenSource
from ..token import Token
from .bounded import Deadline
from .library import HttpLibrary, library_of, with_bases
from .masking import mask_logs, overwrite
from .placing import is_authorization, show_in_a_copy
from .replay import rewinding

SHOWN_TOKENS = "auth_core.tokens"
"""Request extension with the tokens that were sent, each a :class:`Secret`."""
DEADLINE = "auth_core.deadline"
"""Request extension with the :class:`Deadline` of a sync call, which limits how long it waits for tokens."""


if TYPE_CHECKING:
    _Auth = httpx.Auth
else:
    _Auth = object


class _Flow(_Auth):
    """What :class:`HttpxAuth` does, without the base class that a library requires."""

    def __init__(self, sources: tuple[TokenSource, ...], *, operation_id: str, json_response: bool) -> None:
        self._sources = sources
        self._operation = _Operation(
            operation_id,
            sources,
            origins=frozenset(origin(library_of(self).URL(url)) for source in sources for url in source.servers),
            expired_statuses=possible_statuses(condition for source in sources for condition in source.expired),
            json_response=json_response,
            reads_body=any(condition.body for source in sources for condition in source.expired),
        )
        placements = [placement for source in sources for placement in source.placements]
        mask_logs(*(placement.name for placement in placements if placement.location == "header"))

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not self._sources:
            yield request
            return
        with _Call(self._operation, request) as call:
            tokens = [
                s.ready() or s.token(replayable=call.replayable, wait_seconds=call.wait_seconds) for s in self._sources
            ]
            response = yield call.first(tokens)
            if call.requires_body(response):
                response.read()
            if (refused := call.refused(response)) is None:
                return
            renewed = refused.renewed(call.refused_token, self._operation.id, call.wait_seconds)
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


class HttpxAuth(_Flow, httpx.Auth):
    """Authenticates the requests of one operation. Stateless; may be shared by threads, tasks and clients.

    A token in the query is masked in reprs and log records. If a request has the extension :data:`SENT_BY_PARTS`, it is
    also masked in ``str(request.url)``, and so in spans; generated clients set it where the transport permits.

    Args:
        sources: of all tokens that the operation requires; empty for an anonymous call.
        operation_id: distinguishes a forbidden operation from an expired token.
        json_response: successes are JSON and may be read to check for "expired"; otherwise they keep streaming.
    """


def auth_class(library: HttpLibrary) -> type[HttpxAuth]:
    """:class:`HttpxAuth` for the clients of a library."""
    return (
        HttpxAuth if issubclass(HttpxAuth, library.Auth) else cast("type[HttpxAuth]", with_bases(_Flow, library.Auth))
    )


@frozen
class _Operation:
    """The data shared by all calls of an operation."""

    id: str
    sources: tuple[TokenSource, ...]
    origins: frozenset[str]
    expired_statuses: frozenset[int]
    json_response: bool
    reads_body: bool


class _Call:
    """The state of one flow. Does no I/O, so the sync and the async flow share it.

    The end of the block masks the tokens, even if the flow fails.
    """

    def __init__(self, operation: _Operation, request: httpx.Request) -> None:
        target = origin(request.url)
        if target not in operation.origins:
            for source in operation.sources:
                source.recorder.record(EventKind.FOREIGN_ORIGIN, f"{operation.id} was not sent to {target}")
            message = f"{operation.id} was not sent: {target} is not one of the client's servers, so it gets no token"
            raise ForeignOrigin(message)
        self._operation = operation
        self._request = request
        self._rewind = rewinding(request)  # records the offset of the body before it is sent
        self.replayable = self._rewind is not None
        self._tokens: list[Token] = []
        self._outgoing: httpx.Request | None = None
        self._response: httpx.Response | None = None
        self._refused = 0
        """Index of the refused token."""
        self._sent_again = False

    @property
    def refused_token(self) -> Token:
        return self._tokens[self._refused]

    @property
    def wait_seconds(self) -> float | None:
        """How long the call can wait for a token, if it has a deadline."""
        deadline = self._request.extensions.get(DEADLINE)
        return deadline.seconds_left if isinstance(deadline, Deadline) else None

    def first(self, tokens: list[Token]) -> httpx.Request:
        self._tokens = tokens
        return self._shown()

    def requires_body(self, response: httpx.Response) -> bool:
        """Record a response; return whether its body must be read to check for "expired"."""
        self._response = response
        return (
            self._operation.reads_body
            and response.status_code in self._operation.expired_statuses
            and (self._operation.json_response or response.status_code >= 400)  # errors in any case
            and "json" in response.headers.get("content-type", "json")
        )

    def refused(self, response: httpx.Response) -> TokenSource | None:
        """The source of the refused token if the request can be sent again; else start a renewal for the next call."""
        index = self._refusing(response)
        if index is None:
            return None
        self._refused, source = index, self._operation.sources[index]
        if self.replayable:
            return source
        source.renew_soon(self.refused_token, self._operation.id)
        return None

    def second(self, renewed: Token) -> httpx.Request:
        """The request to send again, with the renewed token."""
        self._conceal()
        self._tokens[self._refused] = renewed
        self._sent_again, self._response = True, None
        if self._rewind is not None:
            self._rewind()
        return self._shown()

    def settle(self, response: httpx.Response) -> None:
        """Process the response to the second request: if refused again, the operation is forbidden."""
        if self._refusing(response) == self._refused:
            self._operation.sources[self._refused].refused_again(self.refused_token, self._operation.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sent_again and self._response is None:
            self._operation.sources[self._refused].accepted(self.refused_token, self._operation.id, success=False)
        self._conceal()

    def _refusing(self, response: httpx.Response) -> int | None:
        """Index of the source whose token was refused; ``None`` if the response does not mean "expired"."""
        if response.status_code in self._operation.expired_statuses:
            body_known = self.requires_body(response)
            content = response.content if body_known else b""
            view = ResponseView(response.status_code, response.headers, content)
            for index, source in enumerate(self._operation.sources):
                if matches((c for c in source.expired if body_known or not c.body), view):
                    return index
        for source, token in zip(self._operation.sources, self._tokens, strict=True):
            source.accepted(token, self._operation.id, success=response.status_code < 400)
        return None

    def _shown(self) -> httpx.Request:
        """The request with all tokens: the same object if the token is in ``Authorization``, else a copy."""
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
        """Mask the tokens in all requests that outlive the flow: the response's and that of an exception.

        The extension keeps them as secrets, to mask them in server messages.
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
    """Scheme, host and port (RFC 6454); without the scheme's default port."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
