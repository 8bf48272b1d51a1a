"""The fakes of the clients, without a server: what is configured, what is recorded, what is rejected."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pickle
from typing import Any

import httpx
import pytest

from clients.methods import Method, methods_of
from clients.vendors import SUBJECTS
from support.repository import VENDORS
from support.verdicts import all_pass


def module_of(vendor: str) -> Any:
    return importlib.import_module(f"{SUBJECTS[vendor].package.__name__}.testing")


def fakes_of(vendor: str) -> tuple[Any, Any]:
    """A fake of the sync and of the async client."""
    name, testing = SUBJECTS[vendor].client.__name__, module_of(vendor)
    return getattr(testing, f"Fake{name}")(), getattr(testing, f"AsyncFake{name}")()


async def outcome_of(method: Method, fake: Any) -> Any:
    """What a call on an async fake ends in."""
    found = method.call(fake)
    return await found if inspect.isawaitable(found) else found


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_method_is_configured_called_and_recorded(vendor: str) -> None:
    package, testing = SUBJECTS[vendor].package, module_of(vendor)
    sync, async_ = fakes_of(vendor)
    assert isinstance(sync, SUBJECTS[vendor].client)

    async def calls_of_the_async_client() -> None:
        for method in methods_of(vendor):
            with check(method):
                fake = method.of(async_)
                fake.fails(404, {"message": "gone"})
                with pytest.raises(package.ApiError) as caught:
                    await outcome_of(method, async_)
                assert (caught.value.status_code, fake.call_count) == (404, 1)

    with all_pass() as check:
        for method in methods_of(vendor):
            with check(method):
                fake = method.of(sync)
                with pytest.raises(testing.UnconfiguredCall, match=rf"{method.resource}\.{method.name}\("):
                    method.call(sync)
                value = object()
                if hasattr(fake, "returns_items"):
                    fake.returns_pages([value], [], [value])
                    found = method.call(sync)
                    assert [*found] == [value, value]
                    assert len(fake.calls[-1].requests) == 3
                else:
                    fake.returns(value)
                    assert method.call(sync) is value
                fake.raises(httpx.ReadTimeout("no response"))
                with pytest.raises(package.TransportTimeoutError):
                    method.call(sync)
                fake.fails(404, {"message": "gone"})
                with pytest.raises(package.NotFoundError):
                    method.call(sync, raw=True, extra_headers={"X-Trace": "7"})
                call = fake.calls[-1]
                assert call.arguments["extra_headers"] == {"X-Trace": "7"}
                assert call.request.headers["X-Trace"] == "7"
                assert call.request.url.host.endswith(".example")
                assert fake.called
                assert fake.call_count == 4
        asyncio.run(calls_of_the_async_client())


def test_a_fake_does_one_thing_after_the_other_and_derived_clients_share_it() -> None:
    cinchy, testing = SUBJECTS["cinchy"].package, module_of("cinchy")
    fake, async_fake = fakes_of("cinchy")
    run = fake.queries.run

    run.returns_each("first", ValueError("second"), "third")
    assert fake.with_options(timeout=5).queries.run("HR", query="Employees") == "first"
    with pytest.raises(ValueError, match="second"):
        fake.queries.run("HR", "Employees")
    assert fake.queries.run("HR", "Employees", row_count=5) == "third"
    with pytest.raises(testing.UnconfiguredCall, match="used up"):
        fake.queries.run("HR", "Employees")
    assert run.calls[2].arguments == {"domain": "HR", "query": "Employees", "row_count": 5}
    assert run.calls[2].request.url.params["RowCount"] == "5"

    run.answers(lambda domain, query, **_: f"{domain}/{query}")
    assert fake.queries.run("HR", query="Employees") == "HR/Employees"
    for wrong in ({"row_count": "many"}, {"extra_headers": {"X": "a\nb"}}, {"unknown": 1}):
        with pytest.raises((cinchy.CinchyError, TypeError)):
            fake.queries.run("HR", "Employees", **wrong)
    assert run.call_count == 5

    table = {"schema": [{"columnName": "City", "type": "Text"}], "data": [["Oslo"]]}
    run.responds(200, table)
    assert fake.queries.run("HR", "Employees").rows()[0]["City"] == "Oslo"
    assert fake.queries.with_raw_response.run("HR", "Employees").parsed.rows()[0]["City"] == "Oslo"
    run.responds(200, {"schema": 7})
    with pytest.raises(cinchy.DecodeError):
        fake.queries.run("HR", "Employees")
    run.returns("a value")
    with pytest.raises(testing.UnconfiguredCall, match="responds"):
        fake.queries.with_raw_response.run("HR", "Employees")
    with pytest.raises(ValueError, match="no failure"):
        run.fails(200)

    result = cinchy.models.QueryResult.from_dict(table)
    fake.queries.run_pages.returns(result, result)
    pages = list(fake.queries.run_pages("HR", "Employees").pages())
    assert [page.body for page in pages] == [result, result]
    assert [row["City"] for row in pages[0]] == ["Oslo", "Oslo"]
    fake.queries.run_pages.returns_items([])
    with pytest.raises(testing.UnconfiguredCall, match="has no body"):
        _ = fake.queries.run_pages("HR", "Employees").body.rows

    fake.queries.export_stream.returns_body(b"City\nOslo\n", headers={"Content-Type": "text/csv"})
    with fake.queries.export_stream("HR", "Employees", result_format="CSV") as response:
        assert [row["City"] for row in response.iter_rows()] == ["Oslo"]
    with pytest.raises(testing.UnconfiguredCall, match="MockTransport"):
        fake.request("GET", "/undocumented")
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(fake)

    async def in_async_code() -> None:
        async_fake.queries.run.returns("value")
        async_fake.queries.run_pages.returns_pages([1, 2], [3])
        async_fake.queries.export_stream.returns_body(b"Oslo")
        async with async_fake as client:
            assert await client.queries.run("HR", "Employees") == "value"
            assert [item async for item in client.queries.run_pages("HR", "Employees")] == [1, 2, 3]
            async with client.queries.export_stream("HR", "Employees", result_format="CSV") as response:
                assert [chunk async for chunk in response.iter_bytes()] == [b"Oslo"]
        with pytest.raises(cinchy.ClientClosed):
            await async_fake.queries.run("HR", "Employees")

    asyncio.run(in_async_code())
    fake.close()
    with pytest.raises(cinchy.ClientClosed):
        fake.queries.run("HR", "Employees")
