"""How one logs in at Athena through the CRM."""

from __future__ import annotations

import pytest
from auth_core.errors import LoginRefused, TokenUnavailable

from specs.reading import Script, ScriptedResponse, document, lifecycle, operation, schema

VENDOR = "athena-crm"
SERVERS = {"base_url": "https://athena.example", "crm_url": "https://crm.example"}
CREDENTIALS = {"client_id": "app", "username": "ada", "password": "secret"}


def members(number: int) -> dict[str, object]:
    """The members of the vendor's sample."""
    return {
        "access_token": f"access-{number}",
        "token_type": "bearer",
        "refresh_token": f"refresh-{number}",
        "expires_in": 86399,
        "scope": "read,write",
        "sub": "",
        "iss": "https://crm",
        "identifier_provider": "CRM",
        "jti": "",
    }


def tokens(number: int) -> ScriptedResponse:
    return ScriptedResponse(members(number))


def test_tokens_come_from_the_crm_without_credentials_in_headers() -> None:
    found = operation(VENDOR, "createToken")

    assert (found.method, found.path, found.server, found.security) == ("POST", "/oauth/token", "crm", [[]])


def test_the_crm_defaults_to_the_host_of_the_api() -> None:
    (server,) = (each for each in document(VENDOR)["servers"] if each.get("x-name") == "crm")

    assert server["x-default"] == "{base_url}"


def test_a_token_request_is_a_form_and_json_can_be_chosen() -> None:
    """The vendor shows both."""
    found = operation(VENDOR, "createToken")

    assert list(found.body) == ["application/x-www-form-urlencoded"]
    assert 'token_encoding="json"' in found.reported


def test_what_cynopsis_advises_is_said_of_each_argument() -> None:
    grants = document(VENDOR)["components"]["securitySchemes"]["bearerAuth"]["x-token-lifecycle"]["grants"]
    members = schema(VENDOR, "PasswordTokenRequest")["properties"]

    said = [*grants["password"]["credentials"].values(), *members.values()]
    assert [each["description"] for each in said if "Cynopsis advises it" not in each["description"]] == []
    assert "both provide secure access" in document(VENDOR)["info"]["description"]


def test_a_login_sends_four_members_and_no_client_secret() -> None:
    script = Script((tokens(1),))

    script.renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert script.sent[0].url == "https://crm.example/oauth/token"
    assert script.sent[0].form == {"grant_type": "password", **CREDENTIALS}


def test_the_response_says_how_long_the_token_lives() -> None:
    token = Script((tokens(1),)).renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert (token.part("access_token"), token.lifetime) == ("access-1", 86399)


def test_each_renewal_shows_the_refresh_token_of_the_response_before() -> None:
    script = Script((tokens(1), tokens(2), tokens(3)))
    renewer = script.renewer(VENDOR, "password", CREDENTIALS, SERVERS)

    renewer.renew(renewer.renew(renewer.renew(0).generation).generation)

    assert [sent.form for sent in script.sent[1:]] == [
        {"grant_type": "refresh_token", "client_id": "app", "refresh_token": "refresh-1"},
        {"grant_type": "refresh_token", "client_id": "app", "refresh_token": "refresh-2"},
    ]


def test_the_refresh_token_is_spent_when_it_is_used() -> None:
    refresh = lifecycle(VENDOR).refresh

    assert refresh is not None
    assert refresh.rotates


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "unauthorized_client"])
def test_a_login_is_refused_by_its_error_code(status: int, code: str) -> None:
    script = Script((ScriptedResponse({"error": code}, status=status),))

    with pytest.raises(LoginRefused) as caught:
        script.renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "response",
    [ScriptedResponse({"error": "server_error"}, 500), ScriptedResponse({}, 404), ScriptedResponse({}, 503)],
)
def test_any_other_failure_of_a_login_means_try_later(response: ScriptedResponse) -> None:
    with pytest.raises(TokenUnavailable):
        Script((response,)).renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_token"])
def test_a_refused_refresh_token_is_followed_by_a_login(code: str) -> None:
    script = Script((tokens(1), ScriptedResponse({"error": code}, 401), tokens(2)))
    renewer = script.renewer(VENDOR, "password", CREDENTIALS, SERVERS)

    token = renewer.renew(renewer.renew(0).generation)

    assert (token.part("access_token"), token.grant) == ("access-2", "password")


def test_401_and_nothing_else_means_expired() -> None:
    assert [(each.status, each.body, each.headers) for each in lifecycle(VENDOR).expired] == [((401,), {}, {})]


def test_to_log_out_is_to_forget() -> None:
    assert lifecycle(VENDOR).logout is None


def test_the_message_of_an_error_is_its_detail() -> None:
    assert document(VENDOR)["x-responses"]["message"][0] == "$response.body#/detail"


def test_the_members_of_a_token_are_spelled_like_the_vendors() -> None:
    assert schema(VENDOR, "TokenResponse")["properties"].keys() == members(1).keys()
