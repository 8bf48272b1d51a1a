"""What holds for every method of every client, whatever the server does."""

from __future__ import annotations

import importlib
import re
import traceback
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from clients.examples import operations_of
from clients.methods import METHODS, Method, methods_of
from clients.responses import client_of
from clients.vendors import SUBJECTS
from support.http_library import httpx
from support.repository import VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox

AWAITED = re.compile(r"^( *Example:\n +)await ", re.MULTILINE)
HTML = "<!doctype html><title>502 Bad Gateway</title>"


every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def operations(vendor: str) -> dict[str, Any]:
    """The operations of a bundled document, by their ids."""
    return {operation.operation_id: operation.definition for operation in operations_of(vendor)}


@every_vendor
def test_every_operation_has_a_method(vendor: str) -> None:
    assert set(operations(vendor)) == {method.operation_id for method in methods_of(vendor)}


@every_vendor
def test_an_html_page_of_a_proxy_is_a_server_error(vendor: str, vendors: Sandbox) -> None:
    package = SUBJECTS[vendor].package
    page = partial(httpx.Response, 502, headers={"content-type": "text/html"}, text=HTML)
    with client_of(vendor, vendors, lambda _: page()) as client, all_pass() as check:
        for method in methods_of(vendor):
            with check(method):
                with pytest.raises(package.ServerError) as caught:
                    method.call(client)
                assert (caught.value.status_code, caught.value.operation_id) == (502, method.operation_id)
                assert "Bad Gateway" in caught.value.excerpt


@every_vendor
@pytest.mark.parametrize("status", [299, 418, 520, 561])
def test_a_status_that_nobody_documents_is_an_api_error(vendor: str, vendors: Sandbox, status: int) -> None:
    package = SUBJECTS[vendor].package
    documented = operations(vendor)
    with client_of(vendor, vendors, lambda _: httpx.Response(status, json={})) as client, all_pass() as check:
        for method in methods_of(vendor):
            if f"{status // 100}XX" in documented[method.operation_id]["responses"]:
                continue  # Amino documents no status of its successes: each 2XX is one
            with check(method):
                with pytest.raises((package.ApiError, package.DecodeError)) as caught:
                    method.call(client)
                assert caught.value.status_code == status


@every_vendor
@pytest.mark.parametrize("content", [b"", b"null", b"[", b'"text"', b"7", b"\xff\xfe"])
def test_a_nonconforming_success_is_a_value_or_a_decode_error(vendor: str, vendors: Sandbox, content: bytes) -> None:
    """Never a JSONDecodeError, KeyError, TypeError or AttributeError; never None where a model is promised."""
    package = SUBJECTS[vendor].package
    response = partial(httpx.Response, 200, headers={"content-type": "application/json"}, content=content)
    with client_of(vendor, vendors, lambda _: response()) as client, all_pass() as check:
        for method in methods_of(vendor):
            with check(method), suppress(package.DecodeError, package.ApiError):
                value = method.call(client)
                returns = str(method.of(client).__annotations__["return"])
                assert value is not None or "None" in returns or "Any" in returns


@every_vendor
def test_a_broken_connection_is_a_transport_error_without_the_token(vendor: str, vendors: Sandbox) -> None:
    package = SUBJECTS[vendor].package
    shown: set[str] = set()

    def fail(request: httpx.Request) -> httpx.Response:
        shown.update(request.headers.get("authorization", "").split()[1:])
        shown.update(value for name, value in request.url.params.items() if name == "token")
        raise httpx.ReadError("connection reset", request=request)

    with client_of(vendor, vendors, fail) as client, all_pass() as check:
        for method in methods_of(vendor):
            with check(method):
                with pytest.raises(package.TransportError) as caught:
                    method.call(client)
                assert caught.value.request_sent
                text = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=False).format())
                assert not [token for token in shown if token in text + repr(caught.value) + str(vars(caught.value))]
    assert shown


@every_vendor
def test_blocking_and_awaited_methods_are_the_same(vendor: str) -> None:
    with all_pass() as check:
        for method in methods_of(vendor):
            with check(method):
                sync, async_ = resources_of(method)
                one, other = (dict(getattr(kind, method.name).__annotations__) for kind in (sync, async_))
                assert other["return"] in {one["return"], re.sub(r"^Page\b", "AsyncPaginator", one["return"])}
                assert {**one, "return": None} == {**other, "return": None}
                documented = str(getattr(async_, method.name).__doc__)
                assert getattr(sync, method.name).__doc__ == re.sub(AWAITED, r"\1", documented)


def resources_of(method: Method) -> tuple[type, type]:
    """The classes that have the method, sync and async."""
    module = importlib.import_module(f"{SUBJECTS[method.vendor].package.__name__}.resources.{method.resource}")
    classes = {n: c for n, c in vars(module).items() if isinstance(c, type) and c.__module__ == module.__name__}
    sync = next(c for n, c in classes.items() if f"Async{n}" in classes and not n.endswith("WithRawResponse"))
    return sync, classes[f"Async{sync.__name__}"]


def test_path_parameters_cannot_climb(vendors: Sandbox) -> None:
    method = next(m for m in METHODS if (m.vendor, m.name) == ("cinchy", "run"))
    with client_of(method.vendor, vendors, lambda _: httpx.Response(200, json={})) as client:
        for value in ("..", ".", ""):
            with pytest.raises(ValueError, match="domain"):
                client.queries.run(value, "Employees")


def test_a_path_parameter_is_one_segment_whatever_it_holds(vendors: Sandbox) -> None:
    method = next(m for m in METHODS if (m.vendor, m.name) == ("cinchy", "run"))
    seen: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, json={})

    with client_of(method.vendor, vendors, respond) as client:
        client.queries.run("a/b?c#d", "é %2F")
    assert seen[0].startswith(b"/cinchy/API/a%2Fb%3Fc%23d/%C3%A9%20%252F?")
