"""Whatever is sent, the response is the vendor's: never a server error, never a traceback."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.support import Operation, authorized, example_requests, login, operations, schemes
from vendor_sandbox import Sandbox, bundled_vendors
from vendor_sandbox.document import Document
from vendor_sandbox.json_values import at, read_json, write_json
from vendor_sandbox.routing import Router

BODIES: list[tuple[str, bytes]] = [
    ("application/json", b""),
    ("application/json", b"{"),
    ("application/json", b"[]"),
    ("application/json", b'"text"'),
    ("application/json", b"null"),
    ("application/json", b'{"token": 1, "name": {"a": []}}'),
    ("application/json", b'{"amount": NaN}'),
    ("application/json", b'{"amount": 1e999}'),
    ("application/json", b"[" * 100_000),
    ("application/json", b'{"name": "\\ud800", "subject_name": "\\u0000"}'),
    ("application/json", b"\xff\xfe"),
    ("application/x-www-form-urlencoded", b"grant_type=password&grant_type=password"),
    ("application/x-www-form-urlencoded", b"%zz=%ff&Query=%00%0d%0a&ResultFormat=JSON&CompressJSON=true"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
    ("text/plain; charset=none", b"text"),
    ("", b"text"),
]


QUERY_VALUES = ("", "\x00", "-1", "1e9", "9" * 4400, "=", "number=", "é☃", "null", "[]")
SHARES = [pytest.param(8, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
"""In the ordinary run each operation gets every eighth wrong value, the next operation the ones after these."""


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", bundled_vendors())
def test_no_body_makes_a_server_error(name: str, share: int, client: httpx.Client) -> None:
    with Sandbox(name) as sandbox:
        vendor = sandbox[name]
        token = login(vendor, client)["access_token"]
        sent = 0
        for number, operation in enumerate(operations()):
            if operation.vendor != name or operation.method == "GET":
                continue
            for content_type, body in BODIES[number % share :: share]:
                request = request_with(operation, vendor.servers[operation.server], body, content_type)
                if schemes(operation) and name != "crmcom":
                    request = authorized(vendor, request, next(iter(schemes(operation))), token)
                response = client.send(request)
                assert response.status_code < 500, (operation.name, content_type, body[:40], response.text)
                sent += 1
        assert sent >= len(BODIES) / share


def request_with(operation: Operation, server: str, body: bytes, content_type: str) -> httpx.Request:
    url = example_requests(operation, server)[0].url
    return httpx.Request(operation.method, url, content=body, headers={"content-type": content_type})


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", bundled_vendors())
def test_no_query_makes_a_server_error(name: str, share: int, client: httpx.Client) -> None:
    with Sandbox(name) as sandbox:
        vendor = sandbox[name]
        token = login(vendor, client)["access_token"]
        for number, operation in enumerate(operations()):
            if operation.vendor != name or operation.method != "GET":
                continue
            names = [p["name"] for p in operation.parameters if p["in"] == "query"] or ["x"]
            for value in QUERY_VALUES[number % share :: share]:
                request = example_requests(operation, vendor.servers[operation.server])[0]
                request = httpx.Request("GET", request.url.copy_merge_params(dict.fromkeys(names, value)))
                if schemes(operation):
                    request = authorized(vendor, request, next(iter(schemes(operation))), token)
                response = client.send(request)
                assert response.status_code < 500, (operation.name, value[:20], response.text)


@pytest.mark.parametrize("path", ["", "/", "//", "/API/%2e%2e/x", "/API//", "/%00", "/API/HR"])
def test_a_path_that_is_none_is_not_found(path: str, client: httpx.Client) -> None:
    with Sandbox("cinchy") as sandbox:
        request = client.build_request("GET", sandbox.url)
        request.url = request.url.copy_with(raw_path=f"/cinchy{path}".encode())
        response = client.send(request)
        assert response.status_code in (400, 401, 404, 405), response.text


JSON_TEXTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON_TEXTS)
@settings(max_examples=30, derandomize=True, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert read_json(write_json(value)) == value


@pytest.mark.parametrize("text", [b"NaN", b"-Infinity", b"1e999", b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError):
        read_json(text)


# --- finding the operation


def router(*paths: str, ignore_case: bool = False) -> Router:
    raw: dict[str, Any] = {"paths": {path: {"get": {"operationId": path, "responses": {}}} for path in paths}}
    return Router(Document("test", raw).operations, ignore_case=ignore_case)


def matched(found: Router, path: str) -> str | None:
    match = found.match("GET", path)
    return match.operation.operation_id if match is not None and match.operation is not None else None


def test_a_literal_segment_wins_over_a_template() -> None:
    found = router("/cases/{id}", "/cases/active", "/v{version}/{name}", "/cases/{id}/alert")
    assert matched(found, "/cases/active") == "/cases/active"
    assert matched(found, "/cases/41") == "/cases/{id}"
    assert matched(found, "/cases/41/alert") == "/cases/{id}/alert"
    assert matched(found, "/v1.0/x") == "/v{version}/{name}"
    assert matched(found, "/cases/") is None


def test_an_exactly_matching_path_wins_over_another_letter_case() -> None:
    found = router("/API/ExecuteCQL", "/api/executecql", ignore_case=True)
    assert matched(found, "/API/ExecuteCQL") == "/API/ExecuteCQL"
    assert matched(found, "/api/executecql") == "/api/executecql"
    assert matched(found, "/Api/EXECUTECQL") is not None
    assert matched(router("/API/x"), "/api/x") is None


def test_path_parameters_are_decoded_after_matching() -> None:
    match = router("/subjects/{id}").match("GET", "/subjects/a%2Fb%20c")
    assert match is not None
    assert match.path_parameters == {"id": "a/b c"}
    assert matched(router("/subjects/{id}"), "/subjects/a/b") is None


def test_an_unknown_method_names_those_there_are() -> None:
    match = router("/x").match("POST", "/x")
    assert match is not None
    assert (match.operation, match.allowed_methods) == (None, ("GET",))


def test_a_pointer_to_nothing_is_none() -> None:
    node = {"a": [{"b/c": 1}]}
    assert at(node, "/a/0/b~1c") == 1
    assert at(node, "/a/1") is None
    assert at(node, "/a/x") is None
    assert at(node, "/z/y") is None
