"""Hooks, logs and spans of a call of every client, sync and async: they name the operation and show no secret."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

import pytest

from clients.watched import Watched
from support.repository import VENDORS


@pytest.mark.parametrize("name", VENDORS)
async def test_a_call_is_observed_without_a_secret(name: str, watch: Callable[..., Watched]) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="the oldest versions are tried without it")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    watched = watch(name)
    package, exporter, provider = watched.subject.package, InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    seen: list[Any] = []
    hooks = [
        package.Hooks(on_request=seen.append, on_response=seen.append),
        package.OpenTelemetryHooks(tracer_provider=provider),
    ]
    logger = logging.getLogger(package.__name__)
    logger.setLevel(logging.DEBUG)
    try:
        with watched.canary.watching():
            for kind in (watched.subject.client, watched.subject.async_client):
                client = kind(**watched.arguments(), hooks=hooks)
                result = watched.call(client)
                if inspect.isawaitable(result):
                    await result
                closed = client.close()
                if inspect.isawaitable(closed):
                    await closed
    finally:
        logger.setLevel(logging.NOTSET)
    spans = exporter.get_finished_spans()
    for context in seen:
        watched.canary.show(context, vars(type(context)), dict(context.request_headers), dict(context.response_headers))
    watched.canary.show(*(span.to_json() for span in spans))

    called = {context.operation_id for context in seen}
    assert len(called) == 1
    assert {span.name for span in spans} == called
    assert [(context.attempt, context.status_code) for context in seen] == [(1, None), (1, 200)] * 2
    assert f"{called.pop()} 200 in " in watched.canary.seen()
    assert watched.leaks() == []
