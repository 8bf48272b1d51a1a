"""A client's servers and options become a request, ready to send but for its token."""

from __future__ import annotations

import ssl

import httpx
import pytest
from auth_core.contract import ConfigurationError, http_library

from generator.emitted.shop import API, connection
from sdkgen.emitted._runtime.connection import Connection, tls, user_agent
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.request_options import call_options

OPERATION = Operation("sendThing", "POST", "/things", accept="text/plain")


def request(
    parts: RequestParts,
    *,
    made_by: Connection | None = None,
    operation: Operation = OPERATION,
    defaults: dict[str, str] | None = None,
    **options: object,
) -> httpx.Request:
    made_by = made_by or connection()
    plan = made_by.plan(operation, httpx.Client(headers=defaults).headers)
    return made_by.request(plan, operation, parts, call_options(options))


def test_a_request_combines_the_servers_address_with_the_calls_arguments() -> None:
    sent = request(RequestParts("/things/7", query="q=%20x", content=b"{}", content_type="application/json"))
    assert (sent.method, str(sent.url), sent.content) == ("POST", "https://a.example/things/7?q=%20x", b"{}")
    assert (sent.headers["accept"], sent.headers["content-type"]) == ("text/plain", "application/json")
    elsewhere = Operation("getFile", "GET", "/f", server="files_url")
    assert str(request(RequestParts("/f"), operation=elsewhere).url) == "https://a.example/files/f"


def test_the_nearer_header_wins() -> None:
    defaults = {"X-A": "httpx", "X-B": "httpx", "X-C": "httpx", "X-D": "httpx"}
    made_by = connection(headers={"X-B": "client", "X-C": "client", "X-D": "client"})
    parts = RequestParts("/", headers={"X-C": "operation", "X-D": "operation"})
    sent = request(parts, made_by=made_by, defaults=defaults, extra_headers={"X-D": "call"})
    assert [sent.headers[f"X-{name}"] for name in "ABCD"] == ["httpx", "client", "operation", "call"]


def test_a_call_leaves_no_header_behind() -> None:
    made_by = connection()
    request(RequestParts("/", headers={"X-C": "operation"}), made_by=made_by, extra_headers={"X-D": "call"})
    assert {"x-c", "x-d"}.isdisjoint(request(RequestParts("/"), made_by=made_by).headers)


@pytest.mark.parametrize(("given", "seconds"), [({}, 7.0), ({"timeout": 2.0}, 2.0), ({"timeout": None}, None)])
def test_a_call_may_have_a_time_of_its_own(given: dict[str, object], seconds: float | None) -> None:
    sent = request(RequestParts("/"), made_by=connection(timeout=7.0), **given)
    assert sent.extensions["timeout"] == httpx.Timeout(seconds).as_dict()


def test_the_user_agent_has_the_distribution_and_version_unless_overridden() -> None:
    assert user_agent(API, http_library("httpx")).startswith("shop-client/1.2.3 python/3.")
    assert request(RequestParts("/")).headers["user-agent"] == user_agent(API, http_library("httpx"))
    assert request(RequestParts("/"), defaults={"User-Agent": "mine"}).headers["user-agent"] == "mine"


def test_what_is_asked_for_first_is_planned_once() -> None:
    made_by = connection()
    assert made_by.plan(OPERATION, httpx.Headers()) is made_by.plan(OPERATION, httpx.Headers())


def test_the_trust_store_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tls(True) is tls(True)
    assert tls(True) is not tls(False)
    own = ssl.create_default_context()
    assert tls(own) is own
    before = tls(False)
    monkeypatch.setenv("SSL_CERT_DIR", "/somewhere/else")
    assert tls(False) is not before


def test_a_client_without_an_address_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_BASE_URL", raising=False)
    with pytest.raises(ConfigurationError, match="URL is missing"):
        connection(None)
