"""What the Amino package says about its API."""

from __future__ import annotations

import re

import pytest

from specs.reading import document, each_operation, operation, schema

VENDOR = "amino"
SECURITY = {
    "none": [[]],
    "bearer or none": [["bearerAuth"], []],
    "key or bearer": [["apiKeyAuth"], ["bearerAuth"]],
}


@pytest.mark.parametrize(
    ("method", "path", "security"),
    [
        ("POST", "/api/auth/v1/access_tokens", "none"),
        ("GET", "/api/metadata/v1/channels", "bearer or none"),
        ("GET", "/api/metadata/v1/channels/{channel_id}", "bearer or none"),
        ("GET", "/api/metadata/v1/broadcast_slots/{channel_id}/{date}", "bearer or none"),
        ("GET", "/api/metadata/v1/series/{series_id}", "bearer or none"),
        ("GET", "/api/metadata/v1/programs/{program_id}", "bearer or none"),
        ("GET", "/api/metadata/v1/seasons/{season_id}", "bearer or none"),
        ("GET", "/channels/{channel_id}/relationships/streams", "bearerAuth"),
        ("GET", "/api/streams/v4/live", "key or bearer"),
        ("GET", "/api/streams/v4/recording", "key or bearer"),
        ("GET", "/api/users/v1/users/{user_id}/user_profiles", "bearerAuth"),
        ("POST", "/api/users/v1/users/{user_id}/user_profiles", "bearerAuth"),
        ("GET", "/api/users/v1/users/{user_profile_id}/favourite_channel_lists", "bearerAuth"),
        ("POST", "/api/users/v1/users/{user_profile_id}/favourite_channel_lists", "bearerAuth"),
        (
            "PUT",
            "/api/users/v1/users/{user_profile_id}/favourite_channel_lists/{favourite_channel_list_id}",
            "bearerAuth",
        ),
        (
            "DELETE",
            "/api/users/v1/users/{user_profile_id}/favourite_channel_lists/{favourite_channel_list_id}",
            "bearerAuth",
        ),
        (
            "POST",
            ""
            "/api/users/v1/users/{user_profile_id}/favourite_channel_lists/{favourite_channel_list_id}/relationships/channels/{channel_id}",
            "bearerAuth",
        ),
        (
            "DELETE",
            ""
            "/api/users/v1/users/{user_profile_id}/favourite_channel_lists/{favourite_channel_list_id}/relationships/channels/{channel_id}",
            "bearerAuth",
        ),
        ("PUT", "/users/{user_id}/channel_lock", "bearerAuth"),
        ("GET", "/users/{user_id}/channel_lock_configuration", "bearerAuth"),
        ("PUT", "/users/{user_id}/pin_code", "bearerAuth"),
        ("GET", "/api/recordings/v4/user_profiles/{user_profile_id}/recordings", "bearerAuth"),
        ("POST", "/api/recordings/v4/user_profiles/{user_profile_id}/recordings", "bearerAuth"),
        ("DELETE", "/api/recordings/v4/user_profiles/{user_profile_id}/recordings/{recording_id}", "bearerAuth"),
        ("PATCH", "/api/recordings/v4/user_profiles/{user_profile_id}/recordings/{recording_id}", "bearerAuth"),
        ("GET", "/api/recordings/v4/user_profiles/{user_profile_id}/recorded_broadcast_slots", "bearerAuth"),
        ("POST", "/api/recordings/v4/user_profiles/{user_profile_id}/recordings/batch_delete_recordings", "bearerAuth"),
        ("GET", "/api/recordings/v4/user_profiles/{user_profile_id}/recordings/recording_groups", "bearerAuth"),
        (
            "GET",
            ""
            "/api/recordings/v4/user_profiles/{user_profile_id}/recordings/recording_groups/{recording_group_id}/recordings",
            "bearerAuth",
        ),
        (
            "GET",
            "/api/recordings/v4/user_profiles/{user_profile_id}/recordings/recording_groups/ungrouped/recordings",
            "bearerAuth",
        ),
        ("GET", "/api/recordings/v4/user/{user_id}/storage_quota", "bearerAuth"),
        ("GET", "/api/recordings/v4/most_popular/{period}", "bearerAuth"),
        ("GET", "/api/v1/media/users/{user_id}/media_play_sessions", "bearerAuth"),
        ("POST", "/api/v1/media/users/{user_id}/media_play_sessions", "bearerAuth"),
        ("PUT", "/api/v1/media/users/{user_id}/media_play_sessions/{media_play_session_id}", "bearerAuth"),
        ("DELETE", "/api/v1/media/users/{user_id}/media_play_sessions/{media_play_session_id}", "bearerAuth"),
        ("PATCH", "/api/v1/media/users/{user_id}/media_play_sessions/{media_play_session_id}", "bearerAuth"),
        ("POST", "/api/license/v4/users/{user_id}/licenses", "bearerAuth"),
        ("GET", "/api/user/management/v4/users", "key or bearer"),
        ("POST", "/api/user/management/v4/users", "key or bearer"),
        ("GET", "/api/user/management/v4/users/{user_id}", "key or bearer"),
        ("DELETE", "/api/user/management/v4/users/{user_id}", "key or bearer"),
        ("PATCH", "/api/user/management/v4/users/{user_id}", "key or bearer"),
        ("GET", "/api/device/management/v4/devices", "key or bearer"),
        ("POST", "/api/device/management/v4/devices", "key or bearer"),
        ("GET", "/api/device/management/v4/{device_id}", "key or bearer"),
        ("DELETE", "/api/device/management/v4/{device_id}", "key or bearer"),
        ("PATCH", "/api/device/management/v4/{device_id}", "key or bearer"),
        ("GET", "/api/license/management/v4/licenses", "key or bearer"),
        ("POST", "/api/license/management/v4/licenses", "key or bearer"),
        ("GET", "/api/license/management/v4/licenses/{license_id}", "key or bearer"),
        ("DELETE", "/api/license/management/v4/licenses/{license_id}", "key or bearer"),
        ("POST", "/api/license/management/v4/licenses/batch_create", "key or bearer"),
        ("POST", "/api/license/management/v4/licenses/batch_delete", "key or bearer"),
        ("GET", "/api/license/management/v4/users/{user_id}/licenses", "key or bearer"),
        ("GET", "/api/license/management/v4/products", "key or bearer"),
        ("POST", "/api/license/management/v4/products", "key or bearer"),
        ("GET", "/api/license/management/v4/products/{product_id}", "key or bearer"),
        ("GET", "/api/channel/management/v4/channels", "key or bearer"),
        ("POST", "/api/channel/management/v4/channels", "key or bearer"),
        ("GET", "/api/channel/management/v4/channels/{channel_id}", "key or bearer"),
        ("DELETE", "/api/channel/management/v4/channels/{channel_id}", "key or bearer"),
        ("PATCH", "/api/channel/management/v4/channels/{channel_id}", "key or bearer"),
        ("POST", "/api/user/{email}/login", "none"),
        ("POST", "/api/oauth/login_with_token", "none"),
        ("POST", "/api/stb/auth", "none"),
        ("POST", "/api/stb/logout", "bearerAuth"),
        ("GET", "/api/user/{email}/license", "bearerAuth"),
        ("GET", "/api/user/{email}/product", "bearerAuth"),
        ("POST", "/api/management/user", "bearer or none"),
        ("DELETE", "/api/management/user", "bearer or none"),
        ("POST", "/api/management/stb/link_user", "bearer or none"),
    ],
)
def test_each_operation_has_the_vendors_path_and_the_right_credential(method: str, path: str, security: str) -> None:
    (found,) = (each for each in each_operation(VENDOR) if (each.method, each.path) == (method, path))

    assert found.security == SECURITY.get(security, [[security]])


def test_there_is_one_server_that_the_user_must_name() -> None:
    (server,) = document(VENDOR)["servers"]

    assert "{" in server["url"]
    assert "x-name" not in server


def test_the_lock_operations_have_a_server_the_user_can_set() -> None:
    locks = [each for each in each_operation(VENDOR) if each.server == "locks"]

    assert [each.path for each in locks] == [
        "/users/{user_id}/channel_lock",
        "/users/{user_id}/channel_lock_configuration",
        "/users/{user_id}/pin_code",
    ]
    assert document(VENDOR)["paths"]["/users/{user_id}/pin_code"]["servers"][0]["x-default"] == "{base_url}"


def test_a_token_can_be_used_for_all_operations_but_those_that_make_one() -> None:
    """By the vendor's authentication page: for all new and legacy APIs."""
    makes_a_token = {each.path for each in each_operation(VENDOR) if ["bearerAuth"] not in each.security}

    assert makes_a_token == {
        "/api/auth/v1/access_tokens",
        "/api/oauth/login_with_token",
        "/api/stb/auth",
        "/api/user/{email}/login",
    }
    assert "cache-control: no-cache" in operation(VENDOR, "listChannelStreams").reported


def test_only_the_back_office_and_streams_take_the_key() -> None:
    with_key = {each.path for each in each_operation(VENDOR) if ["apiKeyAuth"] in each.security}

    assert with_key == {
        path for path in document(VENDOR)["paths"] if "/management/v4/" in path or path.startswith("/api/streams/v4/")
    }


def test_all_legacy_operations_and_the_contents_of_groups_are_deprecated() -> None:
    deprecated = {
        each.definition["operationId"] for each in each_operation(VENDOR) if each.definition.get("deprecated")
    }
    legacy = {
        each.definition["operationId"] for each in each_operation(VENDOR) if each.definition["tags"] == ["legacy"]
    }

    assert deprecated == legacy | {"listGroupedRecordings", "listUngroupedRecordings"}


def test_undocumented_names_are_marked_as_inferred() -> None:
    requests = [schema(VENDOR, f"{name}TokenRequest") for name in ("Password", "Refresh", "ThirdParty", "SetTopBox")]
    members = [member for each in requests for member in each["properties"].items()]
    inferred = {name for name, value in members if value.get("x-source", {}).get("kind") == "inferred"}

    assert inferred == {"username", "password", "refresh_token"}


def test_all_five_documented_grants_can_be_named() -> None:
    assert sorted(schema(VENDOR, "AccessTokenRequest")["discriminator"]["mapping"]) == [
        "device_code",
        "password",
        "refresh_token",
        "stb_pwless",
        "third_party_token_exchange",
    ]


def test_only_a_type_that_a_page_shows_is_a_constant() -> None:
    """Any other type is assumed: it is a string, with a default where a request has to send it."""
    schemas = document(VENDOR)["components"]["schemas"]
    types = {name: each.get("properties", {}).get("type", {}) for name, each in schemas.items()}

    assert {name for name, kind in types.items() if "const" in kind} == {
        *("AuthenticationTokens", "UserProfile", "PlaySession", "License", "Device", "DeviceToSave"),
        *("Series", "Season", "Episode", "LiveService", "CatchupService", "RecordingService"),
    }
    assert {name: kind["default"] for name, kind in types.items() if "default" in kind} == {
        "ManagedUserToSave": "User",
        "LicenseToCreate": "License",
        "ProductToCreate": "Product",
        "ManagedChannelToSave": "Channel",
    }


def test_one_resource_comes_as_a_list_too() -> None:
    assert schema(VENDOR, "AuthenticationTokensDocument")["properties"]["data"]["type"] == "array"
    assert schema(VENDOR, "UserProfilesDocument")["properties"]["data"]["type"] == "array"


@pytest.mark.parametrize("name", ["ChannelDocument", "SeriesDocument", "ProgramDocument", "SeasonDocument"])
def test_one_metadata_resource_comes_alone_or_as_a_list(name: str) -> None:
    alone, listed = schema(VENDOR, name)["properties"]["data"]["anyOf"]

    assert listed == {"type": "array", "items": alone}


def test_what_a_program_belongs_to_is_distinguished_by_type() -> None:
    related = schema(VENDOR, "RelatedResource")

    assert related["discriminator"]["propertyName"] == "type"
    assert sorted(related["discriminator"]["mapping"]) == ["Episode", "Season", "Series"]


def test_the_title_of_a_season_is_text_and_no_number() -> None:
    assert schema(VENDOR, "SeasonAttributes")["properties"]["title"]["type"] == "string"


def test_a_user_has_a_number_and_a_profile_has_text() -> None:
    attributes = schema(VENDOR, "AuthenticationTokensAttributes")["properties"]

    assert attributes["user_id"]["type"] == "integer"
    assert attributes["user_profile_id"]["type"] == "string"


def test_too_many_play_sessions_is_a_bare_error_with_details() -> None:
    """The error is not in a list, and its text is in ``details``."""
    forbidden = operation(VENDOR, "createPlaySession").definition["responses"]["403"]
    error = schema(VENDOR, "PlaySessionError")["properties"]

    assert forbidden["$ref"].endswith("/TooManyPlaySessions")
    assert set(error) == {"id", "code", "title", "details"}
    assert error["id"]["type"] == "integer"


def test_named_play_sessions_may_belong_to_another_user_or_device() -> None:
    assert {"403", "404", "409"} <= operation(VENDOR, "putPlaySession").definition["responses"].keys()


@pytest.mark.parametrize(
    ("operation_id", "name", "kind"),
    [
        ("listLiveStreams", "filter[tv_channel_id]", "integer"),
        ("listRecordingStreams", "filter[external_epg_id]", "integer"),
        ("listRecordings", "filter[series.id]", "string"),
    ],
)
def test_filters_are_written_in_brackets(operation_id: str, name: str, kind: str) -> None:
    assert operation(VENDOR, operation_id).parameter(name)["schema"]["type"] == kind


def test_a_new_profile_is_plain_json_and_no_document() -> None:
    (body,) = operation(VENDOR, "createUserProfile").body.items()

    assert body[0] == "application/json"
    assert set(body[1]["example"]) == {"name", "user_id", "is_child_profile", "age_limit", "is_default"}


def test_a_stream_may_be_of_a_kind_that_nobody_listed() -> None:
    assert schema(VENDOR, "StreamType")["enum"] == ["hls", "mss", "dash"]
    assert schema(VENDOR, "StreamType").get("x-open", True)


def test_a_purchase_requires_a_key_whose_header_is_undocumented() -> None:
    key = operation(VENDOR, "purchaseLicense").parameter("Idempotency-Key")

    assert (key["in"], key["required"]) == ("header", True)
    assert key["x-source"]["kind"] == "inferred"


def test_a_device_is_created_with_201_at_the_documented_path() -> None:
    """The path has no ``devices``."""
    assert list(operation(VENDOR, "createDevice").definition["responses"]) == ["201"]
    assert operation(VENDOR, "getDevice").path == "/api/device/management/v4/{device_id}"


@pytest.mark.parametrize("name", ["serial_number", "player_id"])
def test_a_device_may_have_no_serial_number_and_no_player(name: str) -> None:
    assert schema(VENDOR, "DeviceAttributes")["properties"][name]["type"] == ["string", "null"]


def test_licenses_have_seven_states_and_two_end_date_names() -> None:
    assert schema(VENDOR, "LicenseStatus")["enum"] == [
        "PROCESSING",
        "CHECK_INVALID",
        "ORDER_ERROR",
        "ACTIVE",
        "EXPIRED",
        "SUSPENDED",
        "SUSPENDEDADMIN",
    ]
    assert "stop_date" in schema(VENDOR, "LicenseAttributes")["properties"]
    assert "end_date" in schema(VENDOR, "UserLicenseAttributes")["properties"]


def test_a_license_cannot_be_changed() -> None:
    methods = {each.method for each in each_operation(VENDOR) if each.path.endswith("/licenses/{license_id}")}

    assert methods == {"GET", "DELETE"}


def test_services_of_a_channel_are_distinguished_by_the_vendors_spelling() -> None:
    assert list(schema(VENDOR, "ChannelService")["discriminator"]["mapping"]) == ["Live", "Catchup", "nPVR"]


@pytest.mark.parametrize(
    ("operation_id", "status", "codes"),
    [
        ("listLegacyLicenses", "default", [300, 301, 305, 307, 312, 334]),
        ("createLegacyUser", "default", [1403, 1405, 1412, 1413]),
        ("linkSetTopBox", "400", [1414, 1426, 1427, 1428, 1433, 1434, 1435, 1436]),
    ],
)
def test_documented_codes_of_legacy_errors_are_reported(operation_id: str, status: str, codes: list[int]) -> None:
    text = operation(VENDOR, operation_id).definition["responses"][status]["description"]

    assert [code for code in codes if str(code) not in text] == []


def test_deprecated_operations_name_a_replacement_and_no_release() -> None:
    reported = [
        each.definition["x-deprecation"] for each in each_operation(VENDOR) if each.definition.get("deprecated")
    ]

    assert len(reported) == 11
    assert {each["since"] for each in reported} == {"unknown"}


def test_the_one_list_whose_pages_are_documented_counts_them() -> None:
    paged = {each.definition["operationId"]: each.definition.get("x-pagination") for each in each_operation(VENDOR)}
    known = {name: pages for name, pages in paged.items() if pages}

    assert known == {
        "listLegacyLicenses": {
            "style": "offset",
            "items": "$response.body#/license/licenseList/licenses",
            "offset": "$request.query.pg",
            "first": 0,
            "unit": "pages",
            "limit": "$request.query.ipp",
            "total": "$response.body#/license/resultSet/totalItems",
        }
    }


def test_every_other_list_says_that_its_pages_are_not_documented() -> None:
    silent = {
        each.definition["operationId"]
        for each in each_operation(VENDOR)
        if each.definition["operationId"].startswith("list") and not re.search(r"\bpag(e|es|ing)\b", each.reported)
    }

    assert silent == set()


def test_the_lock_configuration_is_one_resource_and_no_list() -> None:
    data = schema(VENDOR, "ChannelLockConfigurationDocument")["properties"]["data"]

    assert data["$ref"].endswith("/ChannelLockConfiguration")


def test_a_purchase_may_be_repeated_with_its_key() -> None:
    assert operation(VENDOR, "purchaseLicense").definition["x-idempotency"] == {
        "key": "$request.header.Idempotency-Key"
    }
