"""The tokens of the Amino package: each grant, what a response holds, when a token ends, and what follows."""

from __future__ import annotations

import pytest
from auth_core.errors import LoginRequired
from auth_core.lifecycle import ExpiresAt, FromCredential, JwtClaim, Placement

from specs.reading import Script, ScriptedResponse, grant, jwt, lifecycle

VENDOR = "amino"
SERVERS = {"base_url": "https://tv.example"}
PASSWORD = {"username": "ada", "password": "secret"}
NOW = 1_750_000_000


def tokens(number: int, *, ends: int = NOW + 600) -> ScriptedResponse:
    """A response with the members of the vendor's sample; the tokens claim another end than the response."""
    attributes = {
        "login_timestamp": NOW,
        "user_id": 42,
        "user_profile_id": "profile-1",
        "access_token": jwt({"exp": NOW + 999, "number": number}),
        "expires_at_timestamp": ends,
        "refresh_token": f"refresh-{number}",
    }
    return ScriptedResponse({"data": [{"type": "AuthenticationTokens", "id": "1", "attributes": attributes}]})


@pytest.mark.parametrize(
    ("name", "credentials", "sent"),
    [
        ("password", PASSWORD, {"grant_type": "password", "username": "ada", "password": "secret"}),
        (
            "third_party_token",
            {"third_party_token": "theirs"},
            {"grant_type": "third_party_token_exchange", "credentials": "theirs"},
        ),
        ("set_top_box", {"device_jwt": "box"}, {"grant_type": "stb_pwless", "credentials": "box"}),
        ("refresh_token", {"refresh_token": "theirs"}, {"grant_type": "refresh_token", "refresh_token": "theirs"}),
    ],
)
def test_every_grant_is_json_to_one_operation(name: str, credentials: dict[str, str], sent: dict[str, str]) -> None:
    script = Script((tokens(1),))

    script.renewer(VENDOR, name, credentials, SERVERS).renew(0)

    assert script.sent[0].url == "https://tv.example/api/auth/v1/access_tokens"
    assert script.sent[0].json == sent


def test_a_login_gives_the_tokens_the_user_and_the_profile() -> None:
    token = Script((tokens(1),)).renewer(VENDOR, "password", PASSWORD, SERVERS).renew(0)

    assert token.part("access_token") == jwt({"exp": NOW + 999, "number": 1})
    assert token.part("refresh_token") == "refresh-1"
    assert token.extras == {"user_id": 42, "user_profile_id": "profile-1"}


def test_the_response_and_not_the_token_gives_the_expiry() -> None:
    token = Script((tokens(1),)).renewer(VENDOR, "password", PASSWORD, SERVERS).renew(0)
    expires = lifecycle(VENDOR).grants[0].requests[0].response.expires

    assert token.lifetime == 600
    assert [type(source) for source in expires] == [ExpiresAt]
    assert not any(isinstance(source, JwtClaim) for source in expires)


def test_an_expiry_at_the_moment_of_login_is_unknown() -> None:
    """The vendor's sample has such an expiry; the token has not expired."""
    token = Script((tokens(1, ends=NOW),)).renewer(VENDOR, "password", PASSWORD, SERVERS).renew(0)

    assert token.lifetime is not None
    assert token.lifetime > 0


def test_each_renewal_shows_the_refresh_token_of_the_response_before() -> None:
    script = Script((tokens(1), tokens(2), tokens(3)))
    renewer = script.renewer(VENDOR, "password", PASSWORD, SERVERS)

    renewer.renew(renewer.renew(renewer.renew(0).generation).generation)

    assert [sent.json for sent in script.sent[1:]] == [
        {"grant_type": "refresh_token", "refresh_token": "refresh-1"},
        {"grant_type": "refresh_token", "refresh_token": "refresh-2"},
    ]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_an_expired_refresh_token_is_followed_by_a_login(status: int) -> None:
    script = Script((tokens(1), ScriptedResponse({}, status), tokens(2)))
    renewer = script.renewer(VENDOR, "password", PASSWORD, SERVERS)

    token = renewer.renew(renewer.renew(0).generation)

    assert (token.part("refresh_token"), token.grant) == ("refresh-2", "password")


@pytest.mark.parametrize(
    ("name", "credential"),
    [
        ("third_party_token", "third_party_token"),
        ("set_top_box", "device_jwt"),
        ("refresh_token", "refresh_token"),
    ],
)
def test_a_single_use_credential_is_not_used_twice(name: str, credential: str) -> None:
    script = Script((tokens(1), ScriptedResponse({}, 401)))
    renewer = script.renewer(VENDOR, name, {credential: "once"}, SERVERS)
    token = renewer.renew(0)

    with pytest.raises(LoginRequired, match=credential):
        renewer.renew(token.generation)

    assert len(script.sent) == 2


def test_only_age_decides_as_no_response_is_documented_for_expiry() -> None:
    assert lifecycle(VENDOR).expired == ()


def test_to_log_out_is_to_forget() -> None:
    assert lifecycle(VENDOR).logout is None


def test_an_api_key_is_sent_unchanged_after_the_word_apikey() -> None:
    assert lifecycle(VENDOR, "apiKeyAuth").placements == (Placement("header", "Authorization", "Apikey "),)
    assert grant(VENDOR, "api_key", "apiKeyAuth").static == FromCredential("api_key")


def test_secrets_are_declared_and_names_are_not() -> None:
    lifecycles = (lifecycle(VENDOR), lifecycle(VENDOR, "apiKeyAuth"))
    definitions = [credential for each in lifecycles for grant_ in each.grants for credential in grant_.credentials]

    assert {each.name for each in definitions if each.secret} == {
        "password",
        "third_party_token",
        "device_jwt",
        "refresh_token",
        "api_key",
    }
    assert {each.name for each in definitions if not each.secret} == {"username"}
