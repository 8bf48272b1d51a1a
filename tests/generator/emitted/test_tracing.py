"""Spans follow the semantic conventions of HTTP clients, and OpenTelemetry is imported only when it is asked for."""

from __future__ import annotations

import sys
from typing import Any

import httpx
import pytest

from sdkgen.emitted._runtime.observers import Watch
from sdkgen.emitted._runtime.request import Operation
from sdkgen.emitted._runtime.tracing import OpenTelemetryHooks
from sdkgen.emitted.errors import ConfigurationError

OPERATION = Operation("getThing", "GET", "/things/{id}")


async def test_each_request_has_a_span_within_the_current_one() -> None:
    trace = pytest.importorskip("opentelemetry.trace", reason="the oldest versions are tried without it")
    pytest.importorskip("opentelemetry.sdk", reason="the oldest versions are tried without it")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    watch = Watch([OpenTelemetryHooks(provider)], OPERATION)
    request = httpx.Request("GET", "https://a.example/things/7?token=s3cret")
    with provider.get_tracer("test").start_as_current_span("outer") as outer:
        with watch.sending(request):
            assert trace.get_current_span() is not outer
            watch.retries_in(0.0, after=httpx.ReadError("gone"))
        async with watch.sending(request):
            watch.responded(httpx.Response(503, request=request))
        assert trace.get_current_span() is outer
    first, second, _ = exporter.get_finished_spans()
    common: dict[str, Any] = {
        "http.request.method": "GET",
        "url.full": "https://a.example/things/7?token=****",
        "url.template": "/things/{id}",
        "server.address": "a.example",
        "server.port": 443,
    }
    assert dict(first.attributes or {}) == {**common, "error.type": "ReadError"}
    assert dict(second.attributes or {}) == {
        **common,
        "http.request.resend_count": 1,
        "http.response.status_code": 503,
        "error.type": "503",
    }
    for span in (first, second):
        assert (span.name, span.kind, span.status.is_ok) == ("getThing", trace.SpanKind.CLIENT, False)
        assert span.parent is not None
        assert span.parent.span_id == outer.get_span_context().span_id


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ConfigurationError, match="the extra `opentelemetry`"):
        OpenTelemetryHooks()
