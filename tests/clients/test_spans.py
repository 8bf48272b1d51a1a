"""OpenTelemetry's spans show no token that goes into a query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from auth_core_testing import Canary

from cinchy_client import AsyncCinchy, Cinchy, WebhookKeyCredentials
from support.http_library import LIBRARY, httpx
from support.http_server import Recorded, Reply, Server, serve


@pytest.fixture
def spans() -> Iterator[Any]:
    if LIBRARY != "httpx":
        pytest.skip("the instrumentation is for httpx")
    pytest.importorskip("opentelemetry.instrumentation.httpx", reason="the oldest versions are tried without it")
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    HTTPXClientInstrumentor().instrument(tracer_provider=provider)
    yield exporter
    HTTPXClientInstrumentor().uninstrument()


def redirecting(request: Recorded) -> Reply:
    """A redirect that repeats the query, and then the response."""
    again = "again=" in request.target
    return Reply(200, {}) if again else Reply(307, "", {"Location": f"{request.target}&again=1"})


async def test_a_key_in_the_query_is_in_no_span(spans: Any) -> None:
    canary = Canary()
    key = canary.secret("key")
    with serve() as server, httpx.Client() as own:
        server.response = redirecting
        given: dict[str, Any] = {
            "base_url": server.url,
            "sso_url": server.url,
            "connections_url": server.url,
            "credentials": WebhookKeyCredentials(webhook_key=key),
        }
        own_clients: list[dict[str, Any]] = [{}, {"http_client": own}]
        for options in own_clients:
            with Cinchy(**given, **options) as client:
                client.webhooks.deliver({"a": 1})
        async with AsyncCinchy(**given) as async_client:
            await async_client.webhooks.deliver({"a": 1})
        sent(server, key)
    finished = spans.get_finished_spans()
    for span in finished:
        canary.record("a span", f"{span.name} {dict(span.attributes or {})} {span.events}")
    assert len(finished) == len(server.requests) == 6
    assert "key=****" in canary.seen()
    assert canary.leaks() == []


def sent(server: Server, key: str) -> None:
    assert all(dict(request.query)["key"] == key for request in server.requests)


def test_a_transport_of_another_library_gets_the_whole_url() -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={})

    with httpx.Client(transport=httpx.MockTransport(handle)) as own:
        credentials = WebhookKeyCredentials(webhook_key="the-key")
        Cinchy(base_url="https://a.example", credentials=credentials, http_client=own).webhooks.deliver({"a": 1})
    assert seen[0].endswith("key=the-key")
