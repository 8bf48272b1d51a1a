"""The methods of a fake client: what a test configures them to do, and the calls that they record. No I/O."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar

import httpx
from attrs import Factory, define, frozen

from .item_streams import AsyncItemStream, ItemStream
from .paging import AsyncPaginator, Page
from .streams import AsyncStreamedCall, StreamedCall

Result = TypeVar("Result", covariant=True)
Value = TypeVar("Value")
Item = TypeVar("Item")
Body = TypeVar("Body")


class UnconfiguredCall(AssertionError):
    """A method of a fake client was called, and the test has not configured what it does."""


@define(eq=False)
class RecordedCall:
    """One call of a method of a fake client, whose arguments were accepted.

    Attributes:
        arguments: The arguments that were given, by name, with the options of the call.
        requests: The requests that the real client would have sent; more than one for the further pages of a list.
    """

    arguments: Mapping[str, Any]
    requests: list[httpx.Request] = Factory(list[httpx.Request])

    @property
    def request(self) -> httpx.Request:
        """The first request."""
        return self.requests[0]


@frozen
class Returned:
    """A call that returns a value, which is not decoded."""

    value: Any


@frozen
class Raised:
    """A call that raises an error."""

    error: Exception


@frozen
class Responded:
    """A call that gets a response, which is read as one of the server."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes | None = None
    json: Any = None

    def response(self) -> httpx.Response:
        """Return a new response."""
        if self.content is None and self.json is not None:
            return httpx.Response(self.status_code, headers=dict(self.headers), json=self.json)
        return httpx.Response(self.status_code, headers=dict(self.headers), content=self.content)


@frozen
class FakePages:
    """A call that returns a list: the items of each page, or its body."""

    items: tuple[list[Any], ...] = ()
    bodies: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self.bodies or self.items)


Outcome = Returned | Raised | Responded | FakePages


class Script:
    """What one method does, and which calls it got. All objects of a fake client that stand for the method share it.

    Args:
        name: ``FakeCinchy.queries.run``, for messages.
        hints: What the method can be configured with, for messages.
    """

    def __init__(self, name: str, hints: str) -> None:
        self.name = name
        self.hints = hints
        self.calls: list[RecordedCall] = []
        self._outcomes: deque[Outcome] | None = None
        self._outcome: Callable[[RecordedCall], Outcome] | None = None

    def always(self, outcome: Callable[[RecordedCall], Outcome]) -> None:
        self._outcome, self._outcomes = outcome, None

    def each(self, outcomes: Iterable[Outcome]) -> None:
        self._outcome, self._outcomes = None, deque(outcomes)

    def next(self, call: RecordedCall) -> Outcome:
        """Return the outcome of a call.

        Raises:
            UnconfiguredCall: There is none.
        """
        if self._outcome is not None:
            return self._outcome(call)
        if self._outcomes:
            return self._outcomes.popleft()
        given = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
        reason = "nothing is configured" if self._outcomes is None else "all configured outcomes are used up"
        message = f"{self.name}({given}) was called, but {reason}: use {self.name}.{self.hints}"
        raise UnconfiguredCall(message)


class Turn:
    """One call of a method: its outcome is taken when the first request would be sent."""

    def __init__(self, script: Script, arguments: Mapping[str, Any]) -> None:
        self.script = script
        self._call = RecordedCall(arguments)
        self._pages: FakePages | None = None

    def outcome(self, request: httpx.Request) -> Outcome:
        """Record a request, and return what becomes of it."""
        if not self._call.requests:
            self.script.calls.append(self._call)
        self._call.requests.append(request)
        if self._pages is not None:
            return self._pages
        found = self.script.next(self._call)
        if isinstance(found, FakePages):
            self._pages = found
        return found


class FakeMethod(Generic[Result]):
    """A method of a fake client.

    Calling it checks the arguments and builds the request as the real method does; then the configured outcome follows.
    """

    hints = "raises(...), fails(404, ...) or responds(200, ...)"

    def __init__(self, script: Script, method: Callable[..., Any], call: Callable[[Turn], Callable[..., Any]]) -> None:
        self._script = script
        self.__wrapped__ = method
        self._bound = call

    def __call__(self, *args: Any, **kwargs: Any) -> Result:
        given = Turn(self._script, given_arguments(self.__wrapped__, args, kwargs))
        result: Result = self._bound(given)(*args, **kwargs)
        return result

    def on(self, call: Callable[[Turn], Callable[..., Any]]) -> FakeMethod[Any]:
        """Return the same method of another object."""
        return type(self)(self._script, self.__wrapped__, call)

    @property
    def calls(self) -> list[RecordedCall]:
        """The calls so far. Calls with arguments that the real client rejects are not among them."""
        return self._script.calls

    @property
    def called(self) -> bool:
        """Whether it was called."""
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        """How often it was called."""
        return len(self.calls)

    def raises(self, error: Exception) -> None:
        """Raise an error with each call.

        Args:
            error: Any error. One of httpx, such as ``httpx.ReadTimeout("")``, becomes the client's own
                (``TransportTimeoutError``), as when the network fails.
        """
        self._script.always(lambda _: Raised(error))

    def fails(
        self, status_code: int = 500, json: Any = None, *, content: bytes | None = None, headers: Headers | None = None
    ) -> None:
        """Fail each call with a response, from which the client makes its error: status 404 raises ``NotFoundError``.

        Args:
            status_code: A status from 400 to 599.
            json: The body as a JSON value.
            content: The body as bytes, in place of `json`.
            headers: Headers of the response.

        Raises:
            ValueError: It is another status.
        """
        if not 400 <= status_code <= 599:
            message = f"status {status_code} is no failure; use responds({status_code}, ...)"
            raise ValueError(message)
        self.responds(status_code, json, content=content, headers=headers)

    def responds(
        self, status_code: int = 200, json: Any = None, *, content: bytes | None = None, headers: Headers | None = None
    ) -> None:
        """Respond to each call, with a body that the client decodes as one from the server.

        Args:
            status_code: HTTP status.
            json: The body as a JSON value.
            content: The body as bytes, in place of `json`.
            headers: Headers of the response.
        """
        found = Responded(status_code, headers or {}, content, json)
        self._script.always(lambda _: found)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._script.name}: {self.call_count} calls>"


Headers = Mapping[str, str]


def given_arguments(method: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by name.

    Raises:
        TypeError: They do not fit the method's signature.
    """
    bound = inspect.signature(method).bind(*args, **kwargs).arguments
    options = bound.pop("request_options", {})
    return {**bound, **options}


class _Returns(FakeMethod[Result], Generic[Result, Value]):
    """Configuration of a method that returns one value."""

    hints = "returns(...), returns_each(...), answers(...), raises(...), fails(404, ...) or responds(200, ...)"

    def returns(self, value: Value) -> None:
        """Return a value from each call."""
        self._script.always(lambda _: Returned(value))

    def returns_each(self, *outcomes: Value | Exception) -> None:
        """Return one value after the other, one per call. An exception among them is raised."""
        self._script.each(Raised(one) if isinstance(one, Exception) else Returned(one) for one in outcomes)

    def answers(self, function: Callable[..., Value]) -> None:
        """Return what a function returns, which is called with the given arguments, by name. It may raise errors."""
        self._script.always(lambda call: Returned(function(**call.arguments)))


class FakeCall(_Returns[Value, Value]):
    """A method that returns a value."""


class AsyncFakeCall(_Returns[Coroutine[Any, Any, Value], Value]):
    """An async method that returns a value."""


class _Lists(FakeMethod[Result], Generic[Result, Item, Body]):
    """Configuration of a method that returns a list."""

    hints = (
        "returns_items([...]), returns_pages([...], ...), returns(...), answers(...), raises(...) or fails(404, ...)"
    )

    def returns_items(self, items: Iterable[Item]) -> None:
        """Return a list of one page with each call. It has no `body`."""
        self.returns_pages(items)

    def returns_pages(self, *pages: Iterable[Item]) -> None:
        """Return a list of several pages with each call, each of some items. They have no `body`."""
        found = FakePages(items=tuple(map(list[Any], pages)))
        self._script.always(lambda _: found)

    def returns(self, *bodies: Body) -> None:
        """Return a list of one or more pages with each call, by their bodies. What they say about pages is not read."""
        found = FakePages(bodies=bodies)
        self._script.always(lambda _: found)

    def answers(self, function: Callable[..., Iterable[Item]]) -> None:
        """Return a page of the items that a function returns, which is called with the given arguments, by name."""
        self._script.always(lambda call: FakePages(items=(list(function(**call.arguments)),)))


class FakeList(_Lists[Page[Item, Body], Item, Body]):
    """A method that returns a page, which iterates over all items."""


class AsyncFakeList(_Lists[AsyncPaginator[Item, Body], Item, Body]):
    """A method that returns a list to await, or to iterate over."""


class _Streams(FakeMethod[Result]):
    """Configuration of a method whose response is read as it arrives."""

    hints = 'returns_body(b"..."), answers(...), raises(...), fails(404, ...) or responds(200, ...)'

    def returns_body(self, content: bytes, *, headers: Headers | None = None) -> None:
        """Respond to each call with status 200 and a body.

        Args:
            content: The body.
            headers: Headers of the response, such as ``{"Content-Type": "text/csv"}``.
        """
        self.responds(200, content=content, headers=headers)

    def answers(self, function: Callable[..., bytes]) -> None:
        """Respond with the body that a function returns, which is called with the given arguments, by name."""
        self._script.always(lambda call: Responded(200, {}, function(**call.arguments)))


class FakeStream(_Streams[StreamedCall]):
    """A method whose response is read in a ``with`` block."""


class AsyncFakeStream(_Streams[AsyncStreamedCall]):
    """A method whose response is read in an ``async with`` block."""


class FakeItems(_Streams[ItemStream[Item]]):
    """A method that returns the items of a response, which arrive one after the other."""


class AsyncFakeItems(_Streams[AsyncItemStream[Item]]):
    """The async version of :class:`FakeItems`."""


_KINDS: Mapping[str, type[FakeMethod[Any]]] = {
    kind.__name__: kind
    for kind in (
        FakeCall,
        AsyncFakeCall,
        FakeList,
        AsyncFakeList,
        FakeStream,
        AsyncFakeStream,
        FakeItems,
        AsyncFakeItems,
    )
}


class FakeResource:
    """Base class of fake resources. The methods that a subclass annotates take the place of those of its other base."""

    _sender: Any

    def __init_subclass__(cls) -> None:
        real: Any = cls.__bases__[1]
        readers: dict[str, Callable[[FakeResource], Any]] = {"with_raw_response": partial(_with_raw_response, real)}
        for name, annotation in inspect.get_annotations(cls).items():
            readers[name] = partial(_method, _KINDS[annotation.partition("[")[0]], real, name)
        for name, read in readers.items():
            setattr(cls, name, property(read))


def _method(kind: type[FakeMethod[Any]], real: Any, name: str, resource: FakeResource) -> FakeMethod[Any]:
    sender = resource._sender  # pyright: ignore[reportPrivateUsage]
    method = getattr(real(sender), name)
    script = sender.script(f"{real.__module__.rpartition('.')[2]}.{name}", kind.hints)
    return kind(script, method, lambda turn: getattr(real(sender.in_turn(turn)), name))


def _with_raw_response(real: Any, resource: FakeResource) -> object:
    """Return the real methods with whole responses, each with the outcomes of the fake one."""
    sender = resource._sender  # pyright: ignore[reportPrivateUsage]
    raw: object = real(sender).with_raw_response
    attributes = vars(raw)

    def call(name: str, turn: Turn) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(real(sender.in_turn(turn)).with_raw_response, name)
        return method

    for name in list(attributes):
        fake: FakeMethod[Any] = getattr(resource, name)
        attributes[name] = fake.on(partial(call, name))
    return raw
