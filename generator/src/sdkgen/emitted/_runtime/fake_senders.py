"""The senders of a fake client: the real ones, above a transport that responds with what a test configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import Any, TypeVar, cast

import httpx
from attrs import define, evolve, fields
from auth_core.contract import ResponseView, evaluate

from ..types import is_array
from .connection import Api, Connection
from .fakes import FakePages, Outcome, Raised, Responded, Returned, Script, Turn, UnconfiguredCall
from .paging import AsyncPage, Contents, ListCall, Page
from .request import Operation, RequestParts, json_bytes
from .response import ReceivedResponse
from .send import AsyncSender, Sender

T = TypeVar("T")


def fake_urls(api: Api) -> dict[str, Any]:
    """Return the arguments of the constructor for the servers, which are never reached."""
    return {server.argument: f"https://{server.argument.replace('_', '-')}.example" for server in api.servers}


class _Decided(Exception):
    """Ends a call at the transport: its outcome is not a response."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


@define
class _NextPage(RequestParts):
    """The request for a page by its number."""

    page: int = 0


class Decided(ReceivedResponse):
    """Stands for a response: returns what was configured instead of what is decoded.

    Args:
        turn: The call.
        outcome: Its outcome.
        parts: The request.
    """

    __slots__ = ("_outcome", "_parts", "_turn")

    def __init__(self, turn: Turn, outcome: Outcome, parts: RequestParts) -> None:
        self._turn = turn
        self._outcome = outcome
        self._parts = parts

    def __getattr__(self, name: str) -> Any:
        if name != "response":
            raise AttributeError(name)
        message = f"{self._turn.script.name} was called for its response, but has a value only: use responds(200, ...)"
        raise UnconfiguredCall(message)

    def read(self, parse: Callable[[ReceivedResponse], T]) -> T:
        if isinstance(self._outcome, FakePages):
            return cast("T", _page(self._outcome, self._parts, *cast("partial[T]", parse).args[:2]))
        return cast("T", cast("Returned", self._outcome).value)


class _NoBody:
    """The body of a page that was configured by its items."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        message = f"a page that is configured by its items has no body, so no `{name}`: use returns(body)"
        raise UnconfiguredCall(message)


def _page(pages: FakePages, parts: RequestParts, sender: Any, call: ListCall[Any, Any]) -> Any:
    number = parts.page if isinstance(parts, _NextPage) else 0
    if pages.bodies:
        body = pages.bodies[number]
        items = _items(call, body)
    else:
        body = _NoBody()
        items = pages.items[number] if pages.items else []
    following = None
    if number + 1 < len(pages):
        values = {field.name: getattr(parts, field.name) for field in fields(RequestParts)}
        following = _NextPage(**values, page=number + 1)
    contents = Contents[Any, Any](body, items, following, None)
    return AsyncPage(sender, call, contents) if isinstance(sender, AsyncSender) else Page(sender, call, contents)


def _items(call: ListCall[Any, Any], body: Any) -> list[Any]:
    if call.paged.items is not None:
        return call.paged.items(body)
    view = ResponseView(200, {"content-type": "application/json"}, json_bytes(body))
    found: object = evaluate(call.paged.pages.items, view)
    return found if is_array(found) else []


class FakeSender(Sender):
    """A sender that sends nothing."""

    def __init__(self, client: str, connection: Connection) -> None:
        super().__init__(connection, None)
        self._scripts = Scripts(client)
        self._turn: Turn | None = None
        self.sleep = lambda _: None

    def script(self, name: str, hints: str) -> Script:
        """Return what a method does."""
        return self._scripts.get(name, hints)

    def in_turn(self, turn: Turn) -> FakeSender:
        """Return the sender of one call."""
        made = copy(self)
        made._turn = turn
        return made

    def exchange(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> ReceivedResponse:
        turn = self._scripts.current(self._turn, operation)
        try:
            return super().exchange(evolve(operation, security=()), parts, options)
        except _Decided as decided:
            outcome = decided.outcome
        return _decided(turn, outcome, parts)

    def _client(self) -> httpx.Client:
        if self.clients.closed:
            return self.clients.get(None)
        return httpx.Client(transport=_transport(self._turn), trust_env=False)


class AsyncFakeSender(AsyncSender):
    """The async version."""

    def __init__(self, client: str, connection: Connection) -> None:
        super().__init__(connection, None)
        self._scripts = Scripts(client)
        self._turn: Turn | None = None
        self.sleep = _at_once

    def script(self, name: str, hints: str) -> Script:
        """Return what a method does."""
        return self._scripts.get(name, hints)

    def in_turn(self, turn: Turn) -> AsyncFakeSender:
        """Return the sender of one call."""
        made = copy(self)
        made._turn = turn
        return made

    async def exchange(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> ReceivedResponse:
        turn = self._scripts.current(self._turn, operation)
        try:
            return await super().exchange(evolve(operation, security=()), parts, options)
        except _Decided as decided:
            outcome = decided.outcome
        return _decided(turn, outcome, parts)

    def _client(self) -> httpx.AsyncClient:
        if self.clients.closed:
            return self.clients.get(None).http
        return httpx.AsyncClient(transport=_transport(self._turn), trust_env=False)


class Scripts:
    """What the methods of a fake client do. Clients that are derived from it share them."""

    def __init__(self, client: str) -> None:
        self._client = client
        self._scripts: dict[str, Script] = {}

    def get(self, name: str, hints: str) -> Script:
        """Return the script of a method such as ``queries.run``."""
        return self._scripts.setdefault(name, Script(f"{self._client}.{name}", hints))

    def current(self, turn: Turn | None, operation: Operation) -> Turn:
        """Return the call that a request belongs to.

        Raises:
            UnconfiguredCall: It is a call of ``request``.
        """
        if turn is None:
            call = f"{self._client}.request({operation.method!r}, {operation.path!r})"
            message = f"{call} cannot be configured: use a real client with an httpx.MockTransport in its `http_client`"
            raise UnconfiguredCall(message)
        return turn


async def _at_once(_: float) -> None: ...


def _transport(turn: Turn | None) -> httpx.MockTransport:
    def respond(request: httpx.Request) -> httpx.Response:
        outcome = cast("Turn", turn).outcome(request)
        if isinstance(outcome, Responded):
            return outcome.response()
        if isinstance(outcome, Raised) and isinstance(outcome.error, httpx.RequestError):
            raise outcome.error
        raise _Decided(outcome)

    return httpx.MockTransport(respond)


def _decided(turn: Turn, outcome: Outcome, parts: RequestParts) -> ReceivedResponse:
    if isinstance(outcome, Raised):
        raise outcome.error
    return Decided(turn, outcome, parts)
