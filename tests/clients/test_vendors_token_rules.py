"""What a vendor's authentication page allows or excludes, as a user of its client meets it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from auth_core import MissingCredentials

from clients.vendors import SUBJECTS
from vendor_sandbox import Sandbox, Vendor


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox("amino", "athena-crm", "crmcom") as sandbox:
        yield sandbox


def client_of(vendor: Vendor, grant: str, **options: Any) -> Any:
    """A client with the sandbox's credentials for a grant, and others on top."""
    subject = SUBJECTS[vendor.name]
    credentials = subject.credentials(vendor, grant, **options.pop("more", {}))
    return subject.client(**vendor.servers, credentials=credentials, **options)


@pytest.mark.parametrize("more", [{"key": "sandbox-consumer-application-key"}, {}])
def test_a_direct_token_call_carries_the_key_of_the_credentials(running: Sandbox, more: dict[str, str]) -> None:
    vendor = running["crmcom"]
    with client_of(vendor, "authentication_code", more=more) as client:
        models = importlib.import_module("crmcom_client.models")
        identifier = models.ConsumerAccessTokenIdentifier(authentication_code="CARD-0001")
        assert client.authentication.create_consumer_token(access_token_identifier=identifier).token
    sent = vendor.requests[-1]
    assert sent.operation_id == "createConsumerToken"
    assert ("authorization" in dict(sent.headers)) is bool(more)


def test_a_consumers_key_is_not_sent_where_a_web_api_key_is_needed(running: Sandbox) -> None:
    vendor = running["crmcom"]
    before = vendor.request_count
    with client_of(vendor, "pass_code") as client, pytest.raises(MissingCredentials, match="createWebApiToken"):
        client.authentication.create_web_api_token()
    assert vendor.request_count == before


def test_logins_and_renewals_are_json_if_the_user_chooses_it(running: Sandbox) -> None:
    vendor = running["athena-crm"]
    with client_of(vendor, "password", token_encoding="json") as client:
        for _ in range(2):
            SUBJECTS[vendor.name].call(client)
            vendor.expire_tokens()
    logins = [sent for sent in vendor.requests if sent.operation_id == "createToken"]
    assert [(sent.grant, dict(sent.headers)["content-type"]) for sent in logins] == [
        ("password", "application/json"),
        ("refresh", "application/json"),
    ]


def test_aminos_token_can_be_used_for_what_takes_a_key_and_for_what_takes_nothing(running: Sandbox) -> None:
    vendor = running["amino"]
    with client_of(vendor, "password") as client:
        for call in (client.streams.list_live, client.managed_devices.list, client.metadata.list_channels):
            call()
            assert dict(vendor.requests[-1].headers)["authorization"].startswith("Bearer ")
    with client_of(vendor, "api_key") as client:
        client.streams.list_live()
        assert dict(vendor.requests[-1].headers)["authorization"].startswith("Apikey ")
        client.metadata.list_channels()
        assert "authorization" not in dict(vendor.requests[-1].headers)
