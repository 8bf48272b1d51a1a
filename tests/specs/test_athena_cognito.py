"""How one logs in at Athena through Amazon Cognito."""

from __future__ import annotations

import pytest
from auth_core.errors import LoginRefused
from auth_core.lifecycle import DefaultLifetime, JwtClaim

from specs.reading import Script, ScriptedResponse, document, jwt, lifecycle, operation, schema

VENDOR = "athena-cognito"
SERVERS = {"base_url": "https://athena.example", "auth_url": "https://auth.example"}
CREDENTIALS = {"username": "ada", "password": "secret", "user_pool_id": "pool", "client_id": "app"}
NOW = 1_750_000_000
ACCESS = jwt({"token_use": "access", "exp": NOW + 1800})
NEWER = jwt({"token_use": "access", "exp": NOW + 3600})
OPAQUE = "header.encrypted-key.iv.ciphertext.tag"
"""A refresh token as Cognito makes them: encrypted, five parts."""
LOGIN = (
    ScriptedResponse({"token": ACCESS, "id_token": "id.1"}),
    ScriptedResponse({"refresh_token": OPAQUE, "id_token": "id.2"}),
)


@pytest.mark.parametrize(
    ("operation_id", "method", "path"),
    [
        ("checkAuthenticationService", "GET", "/auth/healthCheck"),
        ("createAccessToken", "POST", "/auth/get-access-token-by-username"),
        ("createRefreshToken", "POST", "/auth/get-refresh-token"),
        ("refreshAccessToken", "POST", "/auth/get-access-token-by-refresh-token"),
        ("authenticateToken", "POST", "/auth/authenticate-token"),
    ],
)
def test_the_authentication_service_has_five_calls_without_credentials_in_headers(
    operation_id: str, method: str, path: str
) -> None:
    found = operation(VENDOR, operation_id)

    assert (found.method, found.path, found.server, found.security) == (method, path, "auth", [[]])


def test_the_authentication_service_defaults_to_the_host_of_the_api() -> None:
    (server,) = (each for each in document(VENDOR)["servers"] if each.get("x-name") == "auth")

    assert server["x-default"] == "{base_url}"


def test_a_login_is_two_requests_without_a_client_secret() -> None:
    """Both have the same four members."""
    script = Script(LOGIN)

    script.renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert [sent.url for sent in script.sent] == [
        "https://auth.example/auth/get-access-token-by-username",
        "https://auth.example/auth/get-refresh-token",
    ]
    assert [sent.json for sent in script.sent] == [CREDENTIALS, CREDENTIALS]


def test_a_login_combines_tokens_of_its_two_responses() -> None:
    """The access token of the first and the refresh token of the second."""
    token = Script(LOGIN).renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert token.part("access_token") == ACCESS
    assert token.part("refresh_token") == OPAQUE
    assert token.extras == {}


def test_a_login_without_refresh_token_is_still_good() -> None:
    script = Script((LOGIN[0], ScriptedResponse({"message": "not today"}, status=500)))

    token = script.renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert token.part("access_token") == ACCESS
    assert token.part("refresh_token") is None


def test_a_refused_first_request_ends_the_login() -> None:
    script = Script((ScriptedResponse({}, status=400),))

    with pytest.raises(LoginRefused):
        script.renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert len(script.sent) == 1


def test_the_token_itself_says_when_it_ends() -> None:
    token = Script(LOGIN).renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert token.lifetime == 1800


def test_a_token_that_does_not_say_lives_an_hour() -> None:
    script = Script((ScriptedResponse({"token": "unreadable"}), LOGIN[1]))

    token = script.renewer(VENDOR, "password", CREDENTIALS, SERVERS).renew(0)

    assert token.lifetime == 3600
    assert lifecycle(VENDOR).grants[0].requests[0].response.expires == (JwtClaim("exp"), DefaultLifetime(3600))


def test_a_renewal_sends_only_the_refresh_token_and_client_id() -> None:
    script = Script((*LOGIN, ScriptedResponse({"token": NEWER, "id_token": "id.3"})))
    renewer = script.renewer(VENDOR, "password", CREDENTIALS, SERVERS)

    renewer.renew(renewer.renew(0).generation)

    assert script.sent[2].path == "/auth/get-access-token-by-refresh-token"
    assert script.sent[2].json == {"refresh_token": OPAQUE, "client_id": "app"}


@pytest.mark.parametrize(
    "response",
    [
        pytest.param({"token": NEWER, "id_token": "id.3"}, id="named as in the login"),
        pytest.param({"refresh_token": NEWER, "id_token": "id.3"}, id="named as the vendor shows it"),
    ],
)
def test_a_renewal_reads_both_names_and_keeps_the_refresh_token(response: object) -> None:
    """The response has the access token under either name."""
    renewer = Script((*LOGIN, ScriptedResponse(response))).renewer(VENDOR, "password", CREDENTIALS, SERVERS)

    token = renewer.renew(renewer.renew(0).generation)

    assert token.part("access_token") == NEWER
    assert token.part("refresh_token") == OPAQUE
    assert token.lifetime == 3600


def test_a_renewal_with_both_tokens_keeps_both() -> None:
    response = ScriptedResponse({"token": NEWER, "refresh_token": "other.encrypted-key.iv.ciphertext.tag"})
    renewer = Script((*LOGIN, response)).renewer(VENDOR, "password", CREDENTIALS, SERVERS)

    token = renewer.renew(renewer.renew(0).generation)

    assert token.part("refresh_token") == "other.encrypted-key.iv.ciphertext.tag"


def test_an_id_token_is_never_taken_for_an_access_token() -> None:
    id_token = jwt({"token_use": "id", "exp": NOW + 3600})
    renewer = Script((*LOGIN, ScriptedResponse({"refresh_token": id_token}), *LOGIN)).renewer(
        VENDOR, "password", CREDENTIALS, SERVERS
    )

    token = renewer.renew(renewer.renew(0).generation)

    assert (token.part("access_token"), token.grant) == (ACCESS, "password")


def test_the_refresh_token_stays_valid_when_it_is_used() -> None:
    refresh = lifecycle(VENDOR).refresh

    assert refresh is not None
    assert not refresh.rotates


def test_401_and_nothing_else_means_expired() -> None:
    assert [(each.status, each.body, each.headers) for each in lifecycle(VENDOR).expired] == [((401,), {}, {})]


def test_logout_sends_the_token_in_the_body_and_the_header() -> None:
    script = Script((*LOGIN, ScriptedResponse({})))
    renewer = script.renewer(VENDOR, "password", CREDENTIALS, SERVERS)

    renewer.revoke(renewer.renew(0))

    assert script.sent[2].url == "https://athena.example/api/logout"
    assert script.sent[2].json == {"token": ACCESS}
    assert script.sent[2].headers["Authorization"] == f"Bearer {ACCESS}"


def test_nothing_is_certain_in_the_response_to_a_renewal() -> None:
    assert "required" not in schema(VENDOR, "RefreshResponse")


def test_a_check_names_the_pool_by_url() -> None:
    assert sorted(schema(VENDOR, "TokenCheck")["required"]) == ["client_id", "pool_url", "token"]


def test_the_claims_that_are_numbers_may_come_as_text() -> None:
    properties = schema(VENDOR, "TokenClaims")["properties"]

    assert all(properties[name]["type"] == ["integer", "string"] for name in ("exp", "iat", "auth_time"))


def test_what_cynopsis_advises_is_said_of_each_argument() -> None:
    grants = document(VENDOR)["components"]["securitySchemes"]["bearerAuth"]["x-token-lifecycle"]["grants"]
    checked = schema(VENDOR, "TokenCheck")["properties"]

    said = [*grants["password"]["credentials"].values(), *schema(VENDOR, "LoginRequest")["properties"].values()]
    said += [checked["pool_url"], checked["client_id"], schema(VENDOR, "RefreshRequest")["properties"]["client_id"]]
    assert [each["description"] for each in said if "Cynopsis advises it" not in each["description"]] == []
