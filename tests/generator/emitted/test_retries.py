"""Whether a failed attempt is followed by another one, by values alone; then what a call that is tried again sends."""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from attrs import evolve
from auth_core.contract import ResponseCondition, ResponseDetails

from generator.emitted import test_errors as samples
from generator.emitted.shop import API, connection
from sdkgen.emitted._readers import OnceReadable
from sdkgen.emitted._runtime import retries
from sdkgen.emitted._runtime.connection import Connection
from sdkgen.emitted._runtime.options import Options
from sdkgen.emitted._runtime.repetition import Repetition
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.retries import (
    Failure,
    Retry,
    RetryQuota,
    failure_of_response,
    failure_of_transport,
    retry,
)
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import (
    InvalidArgument,
    NotFoundError,
    RateLimitError,
    ServerError,
    TransportError,
    TransportTimeoutError,
    WrongArgumentType,
)
from support.raw_server import RawRequest, response, serve_raw

NOW = 1_700_000_000.0
TRANSIENT, THROTTLED = Failure(), Failure(throttled=True)
ALWAYS, AT_ONCE, NEVER = Repetition.ALWAYS, Repetition.ENDED_AT_ONCE, Repetition.NEVER


@pytest.mark.parametrize(
    ("status", "headers", "declared", "expected"),
    [
        *((status, {}, "", TRANSIENT) for status in (408, 500, 502, 503, 504, 520, 524)),
        *((status, {}, "", None) for status in (200, 400, 401, 403, 404, 409, 413, 422, 501, 505, 511, 525, 599)),
        (425, {}, "", Failure(processed=False)),
        (429, {}, "", THROTTLED),
        (429, {"retry-after": "7"}, "", Failure(throttled=True, hint=7.0)),
        (429, {"retry-after": "7", "retry-after-ms": "250"}, "", Failure(throttled=True, hint=0.25)),
        (429, {"retry-after": "7", "retry-after-ms": "soon"}, "", Failure(throttled=True, hint=7.0)),
        (503, {"retry-after": "0"}, "", Failure(throttled=True, hint=0.0)),
        (502, {"retry-after": "1"}, "", Failure(hint=1.0)),
        (503, {"retry-after": "later"}, "", TRANSIENT),
        # a date counts from the server's clock, whatever this machine's shows
        (
            503,
            {"retry-after": "Tue, 14 Nov 2023 10:00:09 GMT", "date": "Tue, 14 Nov 2023 10:00:00 GMT"},
            "",
            Failure(throttled=True, hint=9.0),
        ),
        (503, {"retry-after": "Tue, 14 Nov 2023 22:13:25 GMT"}, "", Failure(throttled=True, hint=5.0)),
        # what the description says of a response counts more than its status
        (200, {}, "throttled", Failure(throttled=True, processed=False)),
        (429, {}, "throttled", Failure(throttled=True, processed=False)),
        (400, {"retry-after": "2"}, "throttled", Failure(throttled=True, processed=False, hint=2.0)),
    ],
)
def test_a_response_is_classified_by_status_hint_and_description(
    status: int, headers: dict[str, str], declared: str, expected: Failure | None
) -> None:
    found = failure_of_response(status, httpx.Headers(headers), throttled=declared == "throttled", now=NOW)

    assert found == expected


def test_an_error_is_retryable_after_the_statuses_that_are_tried_again() -> None:
    for status in range(400, 600):
        tried = failure_of_response(status, httpx.Headers(), throttled=False, now=NOW) is not None
        assert samples.failure(status, repeatable=True).retryable is tried, status


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("refused"), Failure(processed=False)),
        (httpx.ConnectTimeout("late"), Failure(processed=False)),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] no"), None),
        (httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] no"), None),
        (httpx.ReadError("reset"), TRANSIENT),
        (httpx.WriteError("reset"), TRANSIENT),
        (httpx.ReadTimeout("late"), TRANSIENT),
        (httpx.WriteTimeout("late"), TRANSIENT),
        (httpx.RemoteProtocolError("half a body"), TRANSIENT),
        (httpx.RemoteProtocolError("Invalid URL in location header: ..."), None),
        (httpx.PoolTimeout("busy"), None),
        (httpx.ProxyError("407"), None),
        (httpx.UnsupportedProtocol("ftp"), None),
        (httpx.LocalProtocolError("header"), None),
        (httpx.DecodingError("gzip"), None),
        (httpx.InvalidURL("url"), None),
    ],
    ids=str,
)
def test_a_missing_response_is_classified_by_its_error(error: Exception, expected: Failure | None) -> None:
    assert failure_of_transport(error) == expected


@pytest.mark.parametrize(
    ("failure", "repetition", "retries", "options", "expected"),
    [
        (None, ALWAYS, 0, {}, None),
        (TRANSIENT, ALWAYS, 0, {}, Retry(0.05, 14)),
        (TRANSIENT, ALWAYS, 1, {}, Retry(0.1, 14)),
        (TRANSIENT, ALWAYS, 2, {}, None),
        (TRANSIENT, ALWAYS, 0, {"max_retries": 0}, None),
        (TRANSIENT, AT_ONCE, 0, {}, None),
        (TRANSIENT, NEVER, 0, {}, None),
        (Failure(processed=False), NEVER, 0, {}, Retry(0.05, 14)),
        (THROTTLED, ALWAYS, 0, {}, Retry(1.0, 5)),
        (THROTTLED, ALWAYS, 1, {"random": 0.25}, Retry(0.5, 5)),
        (THROTTLED, NEVER, 0, {}, None),
        # the limit of a pause comes before the jitter, so that late retries are spread too
        (THROTTLED, ALWAYS, 9, {"max_retries": 10, "random": 0.5}, Retry(10.0, 5)),
        (TRANSIENT, ALWAYS, 5000, {"max_retries": 9999}, Retry(20.0, 14)),
        # a hint replaces the drawn pause, and adds at most what the caller allows
        (Failure(throttled=True, hint=3.0), ALWAYS, 0, {"random": 0.0}, Retry(3.0, 5)),
        (Failure(throttled=True, hint=60.0), ALWAYS, 0, {"random": 0.5}, Retry(5.5, 5)),
        (Failure(throttled=True, hint=60.0), ALWAYS, 0, {"max_retry_after": 90.0}, Retry(60.0, 5)),
        (Failure(throttled=True, hint=0.0), ALWAYS, 0, {"random": 0.5}, Retry(0.5, 5)),
        # a retry that could not begin in time is not waited for
        (THROTTLED, ALWAYS, 0, {"seconds_left": 1.0}, None),
        (THROTTLED, ALWAYS, 0, {"seconds_left": 1.5}, Retry(1.0, 5)),
    ],
)
def test_another_attempt_needs_permission_time_and_a_failure_that_passes(
    failure: Failure | None, repetition: Repetition, retries: int, options: dict[str, float], expected: Retry | None
) -> None:
    given: dict[str, float] = {"random": 1.0, "max_retries": 2, **options}

    assert retry(failure, repetition, retries=retries, **given) == expected  # type: ignore[arg-type]


def requests_in_an_outage(calls: int, failure: Failure, quota: RetryQuota | None) -> int:
    """How many requests a server that fails all the time gets for so many calls."""
    requests = 0
    for _ in range(calls):
        retried = 0
        while True:
            requests += 1
            again = retry(failure, ALWAYS, retries=retried, max_retries=retries.MAX_RETRIES, random=1.0)
            if again is None or (quota is not None and not quota.take(again.cost)):
                break
            retried += 1
    return requests


def test_the_quota_keeps_an_outage_from_being_amplified() -> None:
    for failure, with_quota in ((TRANSIENT, 1_035), (THROTTLED, 1_100)):
        assert requests_in_an_outage(1_000, failure, None) == 3_000
        quota = RetryQuota()
        assert requests_in_an_outage(1_000, failure, quota) == with_quota

        for _ in range(retries.QUOTA):
            quota.give_back(0)
        assert quota.tokens == retries.QUOTA  # after the outage, each success gives one back


def test_a_success_gives_back_what_its_retries_took() -> None:
    quota = RetryQuota(30)
    assert quota.take(14)
    assert quota.take(14)
    assert not quota.take(14)
    quota.give_back(28)
    assert quota.tokens == 30
    quota.give_back(0)
    assert quota.tokens == 30


# --- calls ---------------------------------------------------------------------------------------------------------

READ = Operation("readThing", "GET", "/things")
CREATE = Operation("createThing", "POST", "/things")
BUY = Operation("buyThing", "POST", "/things", idempotency_key="$request.header.Key", makes_key=True)
Outcome = httpx.Response | Exception


class Retried:
    """A sender whose attempts have scripted outcomes, and what it did."""

    def __init__(self, *outcomes: Outcome, responses: ResponseDetails | None = None, **options: Any) -> None:
        self._outcomes = iter(outcomes)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        api = evolve(API, responses=responses or ResponseDetails())
        client = httpx.Client(transport=httpx.MockTransport(self._respond))
        self.connection = Connection(
            api, Options(base_urls={"base_url": "https://a.example"}, **options), token_client=client
        )
        self.connection.random = lambda: 1.0
        self.sender = Sender(self.connection, client)
        self.sender.sleep = self.pauses.append

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def send(self, operation: Operation, **options: Any) -> int:
        parts = RequestParts("/things", content=b"{}" if operation.method == "POST" else None)
        return self.sender.exchange(operation, parts, options).status_code


def status(code: int, **headers: str) -> httpx.Response:
    return httpx.Response(code, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
async def test_retries_send_the_same_key_and_the_same_bytes(sync: bool) -> None:
    def respond(request: RawRequest) -> list[bytes]:
        number = sum(one.line == request.line for one in server.requests)
        return [response(status="503 Service Unavailable" if number < 3 else "200 OK")]

    async def pause(seconds: float) -> None: ...

    with serve_raw(respond) as server:
        sender: Any = (Sender if sync else AsyncSender)(connection(server.url), None)
        sender.sleep = (lambda _: None) if sync else pause
        for path, headers in (("/a", None), ("/b", None), ("/c", {"Key": "mine"})):
            called = sender.exchange(BUY, RequestParts(path, headers=headers, content=b'{"n": 1.50}'), {})
            await called if not sync else None
        closing = sender.close()
        await closing if not sync else None
        sent = {request.line.split()[1]: (request.headers["key"], request.body) for request in server.requests}

        assert len(server.requests) == 9
        assert len({(request.line, *sent[request.line.split()[1]]) for request in server.requests}) == 3
        assert {request.headers["key"] for request in server.requests} == {key for key, _ in sent.values()}
        assert len({key for key, _ in sent.values()}) == 3
        assert sent["/c"] == ("mine", b'{"n": 1.50}')


def test_what_was_certainly_not_processed_is_sent_again_whatever_it_does() -> None:
    refused = httpx.ConnectError("refused")
    calls = Retried(refused, refused, status(201))
    assert calls.send(CREATE) == 201
    assert calls.pauses == [0.05, 0.1]

    calls = Retried(status(429), responses=ResponseDetails())
    with pytest.raises(RateLimitError):
        calls.send(CREATE)

    documented = ResponseDetails(throttled=(ResponseCondition(status=(429,)),))
    calls = Retried(status(429, retry_after="0"), status(201), responses=documented)
    assert calls.send(CREATE) == 201


def test_an_error_counts_all_attempts_and_whether_any_may_have_arrived() -> None:
    calls = Retried(httpx.ReadError("reset"), status(503), httpx.ConnectError("refused"))
    with pytest.raises(TransportError, match="refused") as failure:
        calls.send(READ)
    assert failure.value.request_sent is True, "an earlier attempt may have arrived"
    assert vars(failure.value)["attempts"] == 3
    assert vars(failure.value)["elapsed_seconds"] >= 0

    with pytest.raises(NotFoundError) as missing:
        Retried(status(503), status(404)).send(READ)
    assert vars(missing.value)["attempts"] == 2


def test_options_of_a_call_come_before_those_of_the_client() -> None:
    for client, call, attempts in (
        ({}, {}, 3),
        ({"max_retries": 0}, {}, 1),
        ({"max_retries": 0}, {"max_retries": 1}, 2),
        ({}, {"max_retries": 0}, 1),
        ({"total_timeout": None, "max_retries": 4}, {}, 5),
    ):
        calls = Retried(*[status(500)] * 9, **client)
        with pytest.raises(ServerError):
            calls.send(READ, **call)
        assert len(calls.requests) == attempts, (client, call)


def test_a_hint_beyond_the_time_that_is_left_is_not_waited_for() -> None:
    for options, pauses in (
        ({}, [6.0]),
        ({"max_retry_after": 60.0}, [30.0]),
        ({"total_timeout": 5.0}, []),
        ({"total_timeout": 5.0, "max_retry_after": 1.0}, [2.0]),
    ):
        calls = Retried(status(429, retry_after="30"), status(200))
        if pauses:
            assert calls.send(READ, **options) == 200
        else:
            with pytest.raises(RateLimitError) as failure:
                calls.send(READ, **options)
            assert failure.value.retry_after_seconds == 30
        assert calls.pauses == pauses, options


def test_a_client_whose_calls_fail_stops_to_retry() -> None:
    calls = Retried(*[status(500)] * 100, status(500), status(200), status(200))
    calls.connection.quota.tokens = 30
    for _ in range(3):
        with pytest.raises(ServerError):
            calls.send(READ)
    assert len(calls.requests) == 5
    assert calls.connection.quota.tokens == 2

    calls = Retried(status(500), status(200), status(200))
    calls.connection.quota.tokens = 30
    calls.send(READ)
    assert calls.connection.quota.tokens == 30
    calls.send(READ)
    assert calls.connection.quota.tokens == 31


def test_a_body_that_can_be_read_once_is_sent_once() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    calls = Retried(status(503))
    parts = RequestParts("/things", file=OnceReadable(Pipe(b"x")), headers={"Key": "1"})
    with pytest.raises(ServerError):
        calls.sender.exchange(BUY, parts, {})


def test_a_redirect_is_no_attempt_and_its_target_is_tried_again() -> None:
    moved = status(307, location="/moved")
    calls = Retried(moved, status(502), httpx.ReadTimeout("late"), status(200))
    assert calls.send(READ) == 200
    assert [request.url.path for request in calls.requests] == ["/things", "/moved", "/moved", "/moved"]


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
async def test_a_silent_server_ends_with_the_total_timeout(sync: bool) -> None:
    asked = threading.Event()

    def respond(_: RawRequest) -> Iterator[bytes]:
        asked.wait(30)
        yield response()

    with serve_raw(respond) as server:
        sender: Any = (Sender if sync else AsyncSender)(connection(server.url, total_timeout=0.1), None)

        async def send() -> None:
            called = sender.exchange(READ, RequestParts("/things"), {})
            await called if not sync else None

        with pytest.raises(
            TransportTimeoutError, match=r"no complete response from .* within the total timeout of 0.1 s"
        ) as failure:
            await send()
        asked.set()
        closing = sender.close()
        await closing if not sync else None

    assert vars(failure.value)["attempts"] == 1


async def test_a_timeout_of_a_users_hook_is_left_alone() -> None:
    own = TimeoutError("a hook")

    async def fail(_: httpx.Request) -> None:
        raise own

    async with httpx.AsyncClient(event_hooks={"request": [fail]}) as client:
        with pytest.raises(TimeoutError) as caught:
            await AsyncSender(connection(), client).exchange(READ, RequestParts("/"), {})
    assert caught.value is own


@pytest.mark.parametrize(
    ("option", "value", "error", "text"),
    [
        ("max_retries", -1, InvalidArgument, "`max_retries` must be 0 or more, not -1"),
        ("max_retries", True, WrongArgumentType, "`max_retries` must be a whole number, not bool"),
        ("max_retries", 2.0, WrongArgumentType, "`max_retries` must be a whole number, not float"),
        ("max_retry_after", math.nan, InvalidArgument, "`max_retry_after` must be a number of seconds from 0, not nan"),
        ("max_retry_after", "5", WrongArgumentType, "`max_retry_after` must be a number of seconds, not str"),
        ("total_timeout", 0, InvalidArgument, "`total_timeout` must be a number of seconds above 0, not 0.0"),
        ("total_timeout", math.inf, InvalidArgument, "`total_timeout` must be a number of seconds above 0, not inf"),
        (
            "total_timeout",
            httpx.Timeout(5),
            WrongArgumentType,
            "`total_timeout` must be a number of seconds, not httpx.Timeout",
        ),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_sent(
    option: str, value: object, error: type[Exception], text: str
) -> None:
    checks: list[Callable[[], object]] = [
        lambda: Retried().send(READ, **{option: value}),
        lambda: connection(**{option: value}),
    ]
    for check in checks:
        with pytest.raises(error) as failure:
            check()
        assert str(failure.value) == text
