"""Observers are called for each request of a call, in sync and in async clients, whatever becomes of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.observers import LOGGER, RequestContext, Watch
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import ClientError
from support.http_server import Recorded, Reply, serve

OPERATION = Operation("getThing", "GET", "/things/{id}")
PARTS = RequestParts("/things/7", query="api_key=s3cret")


class Recorder:
    """Keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, RequestContext, Any]] = []

    def started(self, context: RequestContext) -> object:
        self.calls.append(("started", context, None))
        return context.attempt

    def finished(self, context: RequestContext, state: object) -> None:
        self.calls.append(("finished", context, state))

    def retrying(self, context: RequestContext) -> None:
        self.calls.append(("retrying", context, None))

    def named(self) -> list[tuple[Any, ...]]:
        return [
            (name, context.attempt, state, context.status_code, context.error_type)
            for name, context, state in self.calls
        ]


class AsyncRecorder(Recorder):
    """The same, with async methods."""

    async def started(self, context: RequestContext) -> object:
        return super().started(context)

    async def finished(self, context: RequestContext, state: object) -> None:
        super().finished(context, state)


async def both(reply: Callable[[Recorded], Reply] | Reply) -> tuple[Recorder, Recorder]:
    """What is observed of a call that is sync, and of one that is async."""
    recorders = Recorder(), AsyncRecorder()
    with serve() as server:
        server.response = reply
        with suppress(ClientError), httpx.Client() as client:
            Sender(connection(server.url, hooks=recorders[0]), client).exchange(OPERATION, PARTS, {"max_retries": 1})
        async with httpx.AsyncClient() as async_client:
            with suppress(ClientError):
                sender = AsyncSender(connection(server.url, hooks=[recorders[1]]), async_client)
                await sender.exchange(OPERATION, PARTS, {"max_retries": 1})
    return recorders


def moved(request: Recorded) -> Reply:
    return Reply(200 if request.path == "/moved" else 307, {}, {"Location": "/moved?api_key=s3cret", "X-Secret": "s"})


@pytest.mark.parametrize(
    ("reply", "observed"),
    [
        (Reply(200), [("started", 1, None, None, None), ("finished", 1, 1, 200, None)]),
        (Reply(404), [("started", 1, None, None, None), ("finished", 1, 1, 404, "404")]),
        (
            moved,
            [
                ("started", 1, None, None, None),
                ("finished", 1, 1, 307, None),
                ("started", 2, None, None, None),
                ("finished", 2, 2, 200, None),
            ],
        ),
        (
            Reply(missing=9),
            [
                ("started", 1, None, None, None),
                ("finished", 1, 1, None, "RemoteProtocolError"),
                ("retrying", 1, None, None, "RemoteProtocolError"),
                ("started", 2, None, None, None),
                ("finished", 2, 2, None, "TransportError"),
            ],
        ),
    ],
    ids=["success", "failure", "redirect", "half a body"],
)
async def test_each_request_is_observed(reply: Any, observed: list[Any]) -> None:
    for recorder in await both(reply):
        assert recorder.named() == observed
        last = recorder.calls[-1][1]
        assert (last.operation_id, last.method, last.path_template) == ("getThing", "GET", "/things/{id}")
        assert (last.duration_seconds or -1) >= 0
        assert (last.error is None) is (last.error_type is None)
        assert last.url.endswith("?api_key=****")
        assert "s3cret" not in f"{recorder.calls} {dict(last.request_headers)} {dict(last.response_headers)}"
        assert "x-secret" not in last.response_headers


async def test_a_request_that_is_sent_again_is_a_retry() -> None:
    recorder = Recorder()
    watch = Watch([recorder], OPERATION, clock=iter([1.0, 1.5, 2.0, 4.0]).__next__)
    for failure in (httpx.ReadError("the request"), None):
        with watch.sending(httpx.Request("GET", "https://a.example")):
            if failure:
                watch.retries_in(0.25, after=failure)
            else:
                watch.responded(httpx.Response(200, request=httpx.Request("GET", "https://a.example")))
    assert recorder.named() == [
        ("started", 1, None, None, None),
        ("finished", 1, 1, None, "ReadError"),
        ("retrying", 1, None, None, "ReadError"),
        ("started", 2, None, None, None),
        ("finished", 2, 2, 200, None),
    ]
    assert [context.duration_seconds for _, context, _ in recorder.calls] == [None, 0.5, 0.5, None, 2.0]
    assert [context.retry_delay_seconds for _, context, _ in recorder.calls] == [None, None, 0.25, None, None]


class Failing(Recorder):
    """Every method fails."""

    def started(self, context: RequestContext) -> object:
        raise ZeroDivisionError

    finished = retrying = started  # type: ignore[assignment]


async def test_an_exception_of_an_observer_is_logged_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    before, after = Recorder(), Recorder()
    watch = Watch([before, Failing(), after], OPERATION)
    request = httpx.Request("GET", "https://a.example")
    with caplog.at_level(logging.ERROR, LOGGER.name):
        with watch.sending(request):
            watch.retries_in(0.0)
        async with watch.sending(request):
            pass
    assert [record.getMessage() for record in caplog.records] == ["a hook failed: Failing.started"] * 5
    assert before.named() == after.named() != []


async def test_an_interrupted_request_is_finished_too() -> None:
    recorder = Recorder()
    with suppress(KeyboardInterrupt), Watch([recorder], OPERATION).sending(httpx.Request("GET", "https://a.example")):
        raise KeyboardInterrupt
    assert recorder.named()[-1] == ("finished", 1, 1, None, "KeyboardInterrupt")
