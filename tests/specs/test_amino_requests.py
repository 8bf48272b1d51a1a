"""What the generated Amino client sends and reads, by the vendor's documents."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from amino_client.models.channel_lock_configuration_document import ChannelLockConfigurationDocument
from amino_client.models.channel_service import decode_channel_service
from amino_client.models.device_attributes import DeviceAttributes
from amino_client.models.device_relationships import DeviceRelationships
from amino_client.models.device_to_save import DeviceToSave
from amino_client.models.devices_document import DevicesDocument
from amino_client.models.legacy_login import LegacyLogin
from amino_client.models.license_status import LicenseStatus
from amino_client.models.licenses_document import LicensesDocument
from amino_client.models.managed_channels_document import ManagedChannelsDocument
from amino_client.models.managed_user_meta import ManagedUserMeta
from amino_client.models.managed_user_security import ManagedUserSecurity
from amino_client.models.managed_user_to_save import ManagedUserToSave
from amino_client.models.managed_users_document import ManagedUsersDocument
from amino_client.models.recording_service import RecordingService
from amino_client.models.relationship import Relationship
from amino_client.models.resource_identifier import ResourceIdentifier
from amino_client.models.streams_document import StreamsDocument
from amino_client.models.third_party_token_request import ThirdPartyTokenRequest
from amino_client.operations.authentication import create_access_token
from amino_client.operations.channel_lock import get_channel_lock_configuration, update_channel_lock
from amino_client.operations.favourite_channel_lists import add_favourite_channel
from amino_client.operations.legacy import exchange_session_cookies, exchange_third_party_token, list_legacy_licenses
from amino_client.operations.licenses import purchase_license
from amino_client.operations.managed_devices import create_device, list_devices
from amino_client.operations.managed_users import create_managed_user
from amino_client.operations.metadata import list_broadcast_slots
from amino_client.operations.recordings import list_recording_groups


def sent(content: bytes | None) -> Any:
    return json.loads(content or b"")


def test_a_device_is_created_by_a_list_of_one() -> None:
    owner = Relationship(data=ResourceIdentifier(type_="User", id="41"))
    device = DeviceToSave(
        attributes=DeviceAttributes(serial_number="84-0000009", player_id=None),
        relationships=DeviceRelationships(user=owner),
    )

    request = create_device.build_request(data=[device])

    assert request.content_type == "application/vnd.api+json"
    assert sent(request.content) == {
        "data": [
            {
                "type": "Device",
                "attributes": {"serial_number": "84-0000009", "player_id": None},
                "relationships": {"user": {"data": {"id": "41", "type": "User"}}},
            }
        ]
    }


def test_a_device_is_read_from_a_list_of_one() -> None:
    response = {
        "data": [
            {
                "id": "41",
                "type": "Device",
                "attributes": {"serial_number": None, "player_id": "60000000009"},
                "relationships": {"user": {"data": {"id": "41", "type": "User"}}},
            }
        ]
    }

    (device,) = DevicesDocument.from_dict(response).data

    assert isinstance(device.attributes, DeviceAttributes)
    assert (device.id, device.attributes.serial_number) == ("41", None)
    assert DevicesDocument.from_dict(response).to_dict(exclude_unset=True) == response


def test_new_users_passwords_are_in_meta_and_no_repr() -> None:
    user = ManagedUserToSave(meta=ManagedUserMeta(security=ManagedUserSecurity(user_password="moon landing")))

    request = create_managed_user.build_request(data=[user])

    assert sent(request.content) == {
        "data": [{"type": "User", "meta": {"security": {"user_password": "moon landing"}}}]
    }
    assert "moon landing" not in repr(user)


@pytest.mark.parametrize("external_id", ["C-1", 17])
def test_a_users_external_id_is_kept_as_it_comes(external_id: str | int) -> None:
    response = {"data": [{"type": "User", "id": "41", "attributes": {"external_id": external_id}}]}

    assert ManagedUsersDocument.from_dict(response).to_dict(exclude_unset=True) == response


def test_a_license_is_read_with_its_price_in_hundredths() -> None:
    attributes = {
        "status": "ACTIVE",
        "start_date": 1_750_000_000,
        "stop_date": 1_750_003_600,
        "order_id": "order-1",
        "renew_record": {"recurring": True, "expiry_date": 1_750_003_600},
        "purchase_record": {
            "price_currency_amount": 1223,
            "price_currency_iso4217": "EUR",
            "purchase_timestamp": 1_750_000_000,
            "payment_method": "credit card",
        },
    }
    relationships = {
        "user": {"data": {"id": "41", "type": "User"}},
        "product": {"data": {"id": "41", "type": "Product"}},
    }
    response = {"data": [{"id": "42", "type": "License", "attributes": attributes, "relationships": relationships}]}

    document = LicensesDocument.from_dict(response)

    assert document.data[0].attributes.status is LicenseStatus.ACTIVE  # type: ignore[union-attr]
    assert document.to_dict(exclude_unset=True) == response


def test_a_channel_keeps_its_services_and_one_that_are_undocumented() -> None:
    services = [{"type": "nPVR", "retention_time": 30, "watch_ongoing": True}, {"type": "Hologram", "depth": 3}]
    response = {
        "data": [
            {
                "type": "Channel",
                "id": "42",
                "attributes": {"enabled_services": services, "channel_number": {"default": 1}},
            }
        ]
    }

    recording, unknown = (decode_channel_service(service) for service in services)

    assert isinstance(recording, RecordingService)
    assert (recording.watch_ongoing, unknown) == (True, {"type": "Hologram", "depth": 3})
    assert ManagedChannelsDocument.from_dict(response).to_dict(exclude_unset=True) == response


def test_legacy_login_tokens_are_pairs_that_no_repr_shows() -> None:
    response = {
        "userStat": {
            "maxAllowedSession": 1000,
            "streamingOver3G": True,
            "emailSubscription": {"all": "email"},
            "accessToken": ["an.access.token", 1_750_000_000],
            "refreshToken": ["a.refresh.token", 1_752_592_000],
        }
    }

    login = LegacyLogin.from_dict(response)

    assert login.user_stat.refresh_token == ("a.refresh.token", 1_752_592_000)
    assert ".token" not in repr(login)
    assert login.to_dict(exclude_unset=True) == response


def test_the_cookies_of_a_legacy_session_are_sent_as_cookies() -> None:
    request = exchange_session_cookies.build_request("ada@tv.example", service="demo", ssid="s-1", usid="u-1")

    assert (request.path, request.query) == ("/api/user/ada%40tv.example/login", "service=demo")
    assert dict(request.headers) == {"Cookie": "ssid=s-1; usid=u-1"}


def test_a_third_party_token_is_exchanged_by_a_form() -> None:
    request = exchange_third_party_token.build_request(access_token="a b", service="demo")

    assert request.content_type == "application/x-www-form-urlencoded"
    assert request.content == b"access_token=a+b&service=demo"


def test_legacy_parameters_keep_the_vendors_capitals() -> None:
    request = list_legacy_licenses.build_request("ada@tv.example", service="demo", pg=0, status="expired")

    assert request.query == "Service=demo&pg=0&Status=expired"


def test_the_key_of_a_purchase_is_a_header() -> None:
    request = purchase_license.build_request(42, {"payment_method": "billing"}, idempotency_key="key-1")

    assert dict(request.headers) == {"Idempotency-Key": "key-1"}
    assert sent(request.content) == {"payment_method": "billing"}


def test_a_channel_becomes_a_favourite_by_its_relationship() -> None:
    request = add_favourite_channel.build_request("profile-1", "list-1", "100")

    assert request.path == ("/api/users/v1/users/profile-1/favourite_channel_lists/list-1/relationships/channels/100")
    assert request.content is None


def test_the_lock_of_an_account_is_plain_json() -> None:
    request = update_channel_lock.build_request(42, account_channel_lock_status=False)

    assert request.content_type == "application/json"
    assert sent(request.content) == {"account_channel_lock_status": False}


def test_group_filters_use_brackets_and_paging_takes_any_name() -> None:
    groups = list_recording_groups.build_request("profile-1", group_by="channel_id", filter_starts_after=1)
    devices = list_devices.build_request(parameters={"page[number]": "2"})

    assert groups.query == "group_by=channel_id&filter%5Bstarts_after%5D=1"
    assert devices.query == "page%5Bnumber%5D=2"


def test_the_configuration_of_the_lock_keeps_attributes_that_are_undocumented() -> None:
    response = {
        "data": {
            "type": "UserChannelLockingConfiguration",
            "id": "configuration-1",
            "attributes": {"locked_channels": ["100"], "locked_at": 1_750_000_000},
        }
    }

    assert get_channel_lock_configuration.build_request(42).path == "/users/42/channel_lock_configuration"
    assert ChannelLockConfigurationDocument.from_dict(response).to_dict(exclude_unset=True) == response


def test_a_stream_of_another_type_is_read_and_written_back() -> None:
    """Its type is assumed for the list with a token."""
    document = {"data": [{"type": "ChannelStream", "id": "1", "attributes": {"type": "cmaf"}}]}

    assert StreamsDocument.from_dict(document).to_dict(exclude_unset=True) == document


def test_the_body_of_a_login_is_that_of_its_grant() -> None:
    request = create_access_token.build_request(body=ThirdPartyTokenRequest(credentials="theirs"))

    assert sent(request.content) == {"grant_type": "third_party_token_exchange", "credentials": "theirs"}


@pytest.mark.parametrize("day", [datetime.date(2026, 3, 2), "2026-03-02"])
def test_a_day_is_a_date_or_what_the_deployment_takes(day: datetime.date | str) -> None:
    assert list_broadcast_slots.build_request("100", day).path.endswith("/100/2026-03-02")
