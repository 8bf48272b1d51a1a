"""The log of requests: one line at INFO, headers at DEBUG, and the variable that switches it on."""

from __future__ import annotations

import logging

import pytest
from attrs import evolve

import sdkgen.emitted._runtime.connection
import sdkgen.emitted._runtime.logs
from generator.emitted.shop import connection
from sdkgen.emitted._runtime.logs import RequestLog
from sdkgen.emitted._runtime.observers import LOGGER, RequestContext
from sdkgen.emitted.errors import ConfigurationError

STARTED = RequestContext("runQuery", "GET", "/q", "https://a.example/q", 2, request_headers={"accept": "*/*"})
DONE = evolve(STARTED, duration_seconds=0.0842, status_code=200, response_headers={"etag": "e"})


@pytest.fixture
def logger(monkeypatch: pytest.MonkeyPatch) -> logging.Logger:
    """The package's logger in a process without any configuration, also of pytest's."""
    logger = logging.Logger(LOGGER.name)
    logger.parent = logging.RootLogger(logging.WARNING)
    for module in (sdkgen.emitted._runtime.logs, sdkgen.emitted._runtime.connection):
        monkeypatch.setattr(module, "LOGGER", logger)
    return logger


@pytest.mark.parametrize(
    ("level", "lines"),
    [
        (logging.WARNING, []),
        (
            logging.INFO,
            [
                "runQuery 200 in 84 ms (attempt 2)",
                "runQuery ReadError in 84 ms",
                "runQuery is sent again in 0.25 s",
            ],
        ),
        (
            logging.DEBUG,
            [
                "runQuery GET https://a.example/q {'accept': '*/*'}",
                "runQuery 200 in 84 ms (attempt 2)",
                "runQuery {'etag': 'e'}",
                "runQuery ReadError in 84 ms",
                "runQuery is sent again in 0.25 s",
            ],
        ),
    ],
)
def test_what_is_logged_at_each_level(level: int, lines: list[str], caplog: pytest.LogCaptureFixture) -> None:
    log = RequestLog()
    with caplog.at_level(level, LOGGER.name):
        log.started(STARTED)
        log.finished(DONE, None)
        log.finished(evolve(DONE, attempt=1, status_code=None, error_type="ReadError"), None)
        log.retrying(evolve(DONE, retry_delay_seconds=0.25))
    assert [record.getMessage() for record in caplog.records] == lines


@pytest.mark.parametrize(
    ("value", "level", "handlers"), [(None, logging.NOTSET, 0), ("", logging.NOTSET, 0), ("Debug", logging.DEBUG, 1)]
)
def test_the_variable_sets_the_level_and_adds_one_handler(
    value: str | None,
    level: int,
    handlers: int,
    logger: logging.Logger,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if value is not None:
        monkeypatch.setenv("SHOP_LOG", value)
    made = [connection(), connection()]
    assert (logger.level, len(logger.handlers)) == (level, handlers)
    assert [len(one.observers) for one in made] == [handlers] * 2
    RequestLog().finished(DONE, None)
    assert ("sdkgen: runQuery 200 in 84 ms (attempt 2)\n" in capsys.readouterr().err) is bool(handlers)


def test_logging_that_is_set_up_is_left_as_it_is(logger: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_LOG", "info")
    logger.addHandler(logging.NullHandler())
    connection()
    assert (logger.level, len(logger.handlers)) == (logging.INFO, 1)


def test_another_value_of_the_variable_is_an_error_that_names_it(
    logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_LOG", "verbose")
    with pytest.raises(ConfigurationError, match="SHOP_LOG must be `info` or `debug`"):
        connection()
