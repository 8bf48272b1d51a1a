"""The FastAPI application, as its author tests it: with the sandbox's fixture."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from amino_service import create_app
from vendor_sandbox.faults import ErrorStatus, ResetConnection
from vendor_sandbox.testing import VendorSandbox

ORDER = {"product_id": "41", "payment_method": "billing"}


@pytest.fixture
async def service(amino_sandbox: VendorSandbox) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(amino_sandbox.async_client())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.example") as client:
            yield client


async def test_channels_are_those_of_amino(service: httpx.AsyncClient, amino_sandbox: VendorSandbox) -> None:
    response = await service.get("/channels", params={"language": "nb"})
    assert response.json() == [channel.to_dict() for channel in amino_sandbox.client().metadata.list_channels()]
    schemas = (await service.get("/openapi.json")).json()
    shown = schemas["paths"]["/channels"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert set(shown["items"]["properties"]) >= {"id", "type", "attributes"}


async def test_a_license_is_bought_once_per_key(service: httpx.AsyncClient, amino_sandbox: VendorSandbox) -> None:
    amino_sandbox.faults.add(ResetConnection(processed=True), operation="purchaseLicense")
    key = {"Idempotency-Key": "order-1"}
    first = await service.post("/users/7/licenses", json=ORDER, headers=key)
    again = await service.post("/users/7/licenses", json=ORDER, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await service.post("/users/7/licenses", json=ORDER, headers={"Idempotency-Key": "order-2"})
    assert other.json()["data"][0]["id"] != first.json()["data"][0]["id"]
    sent = [one.header("Idempotency-Key") for one in amino_sandbox.requests if one.operation_id == "purchaseLicense"]
    assert sent == ["order-1", "order-1", "order-1", "order-2"]


@pytest.mark.parametrize(("status", "shown"), [(404, 404), (503, 503), (400, 502)])
async def test_an_error_of_amino_is_translated(
    service: httpx.AsyncClient, amino_sandbox: VendorSandbox, status: int, shown: int
) -> None:
    amino_sandbox.faults.add(ErrorStatus(status), operation="listChannels", times=None)
    assert (await service.get("/channels")).status_code == shown
