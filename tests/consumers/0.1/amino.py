"""A program that was written for amino-client 0.1."""

from __future__ import annotations

import datetime
from uuid import uuid4

from amino_client import Amino, AminoError, ApiKeyCredentials, AsyncAmino, LoginRefused, PasswordCredentials
from amino_client.models import Channel, UserLicensesDocument


def client() -> Amino:
    credentials = [PasswordCredentials(username="ada", password="secret"), ApiKeyCredentials(api_key="key")]
    return Amino(base_url="https://amino.example", credentials=credentials)


def channels(amino: Amino) -> dict[str, str]:
    found: list[Channel] = amino.metadata.list_channels(language="nb")
    return {channel.id: str((channel.attributes or {}).get("name")) for channel in found}


def today(amino: Amino, channel: str) -> list[str]:
    slots = amino.metadata.list_broadcast_slots(channel, datetime.date(2026, 3, 2))
    return [resource.id for resource in slots.data]


def buy(amino: Amino, user: int) -> UserLicensesDocument:
    order = {"product_id": "41", "payment_method": "billing"}
    return amino.licenses.purchase(user, order, idempotency_key=str(uuid4()), max_retries=3)


def products(amino: Amino) -> int:
    response = amino.managed_products.with_raw_response.list()
    return response.status_code


async def record(profile: str) -> bool:
    try:
        async with AsyncAmino() as amino:
            await amino.recordings.create(profile, {"broadcast_slot_id": "7"})
            await amino.recordings.delete(profile, "7")
    except LoginRefused as error:
        print(error.status, error.code)
        return False
    except AminoError as error:
        return error.retryable
    return True
