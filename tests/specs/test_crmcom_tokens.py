"""What the spec says of CRM.COM's tokens: five grants, a token in the query or the body, failures under status 200."""

from __future__ import annotations

import base64

import pytest
from auth_core.conditions import matches
from auth_core.errors import InvalidCredentials, LoginRefused, LoginRequired, TokenUnavailable
from auth_core.expressions import ResponseView

from sdkgen.facts.lifecycle import response_details
from specs.reading import Script, ScriptedResponse, document, each_operation, grant, jwt, lifecycle, operation, schema

VENDOR = "crmcom"
SCHEME = "apiToken"
SERVERS = {"base_url": "https://crm.example/crmapi/rest/v2"}
OK = {"code": "OK", "description": "", "message": ""}

GRANTS = {
    "authentication_code": {"key": "K", "authentication_code": "CARD", "unit": "1"},
    "pass_code": {"key": "K", "identifier": "ada", "pass_code": "4711", "unit": "1"},
    "jwt": {"jwt": "identity", "organisation": "O", "key": "K"},
    "web_api_key": {"key": "K", "unit": "1"},
    "password": {"username": "ada", "password": "secret", "organisation": "O", "unit": "1"},
}
CONSUMER = "/crmapi/rest/v2/authentication/consumer_application_key/token"


def tokens(token: str = "token") -> ScriptedResponse:
    return ScriptedResponse({"status": OK, "data": {"token": token}})


def login(name: str, response: ScriptedResponse | None = None, **changes: str | None) -> Script:
    """Log in by a grant; a changed credential of None is not given."""
    credentials = {key: value for key, value in {**GRANTS[name], **changes}.items() if value is not None}
    script = Script((response or tokens(),))
    script.renewer(VENDOR, name, credentials, SERVERS, scheme=SCHEME).renew(0)
    return script


def basic(username: str) -> str:
    """The header of HTTP Basic authentication with an empty password."""
    return f"Basic {base64.b64encode(f'{username}:'.encode()).decode()}"


# --- logging in ------------------------------------------------------------------------------------------------------


def test_there_are_five_grants() -> None:
    assert {each.name for each in lifecycle(VENDOR, SCHEME).grants} == set(GRANTS)


def test_an_authentication_code_is_an_identifier_in_the_body() -> None:
    sent = login("authentication_code").sent[0]

    assert (sent.method, sent.path) == ("POST", CONSUMER)
    assert sent.json == {"access_token_identifier": {"authentication_code": "CARD"}, "unit": "1"}


def test_a_pass_code_comes_with_its_identifier() -> None:
    sent = login("pass_code").sent[0]

    assert sent.path == CONSUMER
    assert sent.json == {"access_token_identifier": {"identifier": "ada", "pass_code": "4711"}, "unit": "1"}


def test_an_identity_token_comes_with_its_organisation() -> None:
    sent = login("jwt").sent[0]

    assert sent.path == CONSUMER
    assert sent.json == {"jwt": "identity", "organisation": "O"}


def test_a_web_api_key_needs_nothing_in_the_body() -> None:
    sent = login("web_api_key", unit=None).sent[0]

    assert sent.path == "/crmapi/rest/v2/authentication/web_api_key/token"
    assert sent.json == {}


def test_a_user_needs_name_password_and_organisation() -> None:
    sent = login("password").sent[0]

    assert sent.path == "/crmapi/rest/v2/authentication/token"
    assert sent.json == {"username": "ada", "password": "secret", "organisation": "O", "unit": "1"}


@pytest.mark.parametrize("name", ["authentication_code", "pass_code", "web_api_key", "jwt"])
def test_basic_authentication_has_the_key_as_user_without_a_password(name: str) -> None:
    assert login(name).sent[0].headers["Authorization"] == basic("K")


@pytest.mark.parametrize("name", ["authentication_code", "jwt"])
@pytest.mark.parametrize("key", [None, ""])
def test_only_identifier_and_pass_code_require_the_key(name: str, key: str | None) -> None:
    """From R16.2.0 on; an empty key is one that was not given."""
    assert "Authorization" not in login(name, key=key).sent[0].headers


@pytest.mark.parametrize("name", ["pass_code", "web_api_key"])
def test_an_empty_key_is_refused_before_anything_is_sent(name: str) -> None:
    with pytest.raises(InvalidCredentials, match="the credential key is empty"):
        login(name, key="")


def test_what_depends_on_the_release_is_said_of_each_credential() -> None:
    grants = document(VENDOR)["components"]["securitySchemes"][SCHEME]["x-token-lifecycle"]["grants"]
    said = [
        (name, credential)
        for name, grant in grants.items()
        for credential, definition in grant["credentials"].items()
        if "R16.2.0" in definition["description"]
    ]

    assert said == [("authentication_code", "key"), ("pass_code", "pass_code"), ("jwt", "jwt")]
    assert "Before R16.2.0 the key is mandatory" in " ".join(grants["authentication_code"]["description"].split())


def test_a_user_sends_no_basic_authentication() -> None:
    assert "Authorization" not in login("password").sent[0].headers


@pytest.mark.parametrize("name", GRANTS)
def test_the_unit_is_optional_with_every_grant(name: str) -> None:
    assert login(name, unit="7").sent[0].json["unit"] == "7"
    assert "unit" not in login(name, unit=None).sent[0].json


def test_an_identity_token_is_good_for_one_login() -> None:
    script = Script((tokens(), tokens()))
    renewer = script.renewer(VENDOR, "jwt", GRANTS["jwt"], SERVERS, scheme=SCHEME)
    token = renewer.renew(0)

    with pytest.raises(LoginRequired):
        renewer.renew(token.generation)


def test_no_two_grants_are_complete_by_the_same_variables() -> None:
    required = {
        each.name: {credential.environment for credential in each.credentials if credential.required}
        for each in lifecycle(VENDOR, SCHEME).grants
    }

    assert all(not one <= other for name, one in required.items() for also, other in required.items() if name != also)


# --- the token -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expiry", ["1800", 1800])
def test_the_token_gives_its_expiry_as_a_number_or_text(expiry: object) -> None:
    script = Script((tokens(jwt({"exp": expiry})),))
    now = script.clock.wall()
    claims = int(now) + int(str(expiry))
    script.responses = (tokens(jwt({"exp": str(claims) if isinstance(expiry, str) else claims})),)

    token = script.renewer(VENDOR, "password", GRANTS["password"], SERVERS, scheme=SCHEME).renew(0)

    assert token.lifetime == pytest.approx(1800, abs=1)


def test_a_token_that_does_not_say_lives_two_hours() -> None:
    script = Script((tokens("0123456789"),))

    assert script.renewer(VENDOR, "password", GRANTS["password"], SERVERS, scheme=SCHEME).renew(0).lifetime == 7200


def test_an_expired_token_leads_to_a_login() -> None:
    """There is no refresh token."""
    script = Script((tokens(), tokens()))
    renewer = script.renewer(VENDOR, "web_api_key", GRANTS["web_api_key"], SERVERS, scheme=SCHEME)

    renewer.renew(renewer.renew(0).generation)

    assert [sent.path for sent in script.sent] == ["/crmapi/rest/v2/authentication/web_api_key/token"] * 2
    assert lifecycle(VENDOR, SCHEME).refresh is None


def test_nothing_is_known_to_mean_expired_so_age_decides() -> None:
    assert lifecycle(VENDOR, SCHEME).expired == ()


def test_logout_only_forgets_as_release_does_not_end_a_jwt() -> None:
    assert lifecycle(VENDOR, SCHEME).logout is None
    assert operation(VENDOR, "releaseToken").definition["deprecated"] is True


def test_the_token_is_in_gets_query_and_in_posts_body() -> None:
    placements = lifecycle(VENDOR, SCHEME).placements

    assert [(each.methods, each.location, each.name, each.prefix) for each in placements] == [
        (("GET",), "query", "token", ""),
        (("POST",), "body", "token", ""),
    ]


def test_every_body_has_and_requires_the_token_member() -> None:
    for each in each_operation(VENDOR):
        if each.method == "POST" and each.security == [[SCHEME]]:
            name = each.body["application/json"]["schema"]["$ref"].rpartition("/")[2]

            assert "token" in schema(VENDOR, name)["required"]
            assert schema(VENDOR, name)["properties"]["token"] == {"$ref": "#/components/schemas/ApiToken"}


# --- success and failure ---------------------------------------------------------------------------------------------

FAILURE = ScriptedResponse({"status": {"code": "COM.CRM.EXCEPTION.EXAMPLE", "description": "No.", "message": None}})


def test_a_refused_login_comes_with_status_200() -> None:
    with pytest.raises(LoginRefused) as caught:
        login("web_api_key", FAILURE)

    assert caught.value.code == "COM.CRM.EXCEPTION.EXAMPLE"


def test_a_server_in_trouble_does_not_refuse_a_login() -> None:
    with pytest.raises(TokenUnavailable):
        login("web_api_key", ScriptedResponse(FAILURE.body, 503))


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (b'{"status": {"code": "OK"}, "data": {}}', False),
        (b'{"data": {}, "status": {"message": "Thank you", "code": "OK"}}', False),
        (b'{"status": {"code": "COM.CRM.EXCEPTION.EXAMPLE"}}', True),
    ],
)
def test_only_the_envelope_code_decides_whether_a_call_failed(body: bytes, failed: bool) -> None:
    assert matches(response_details(document(VENDOR)).failed, ResponseView(200, {}, body)) is failed


def test_every_response_is_an_envelope_whose_data_may_be_missing() -> None:
    for each in each_operation(VENDOR):
        response = each.definition["responses"]["200"]
        if "$ref" in response:
            response = document(VENDOR)["components"]["responses"][response["$ref"].rpartition("/")[2]]
        envelope = schema(VENDOR, response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])

        without_data = each.definition["operationId"] in ("requestPassCode", "changePassCode")
        assert envelope["required"] == ["status"]
        assert envelope["properties"].keys() == ({"status"} if without_data else {"status", "data"})


def test_every_method_may_fail_with_the_same_envelope() -> None:
    failures = {each.definition["responses"]["default"]["$ref"] for each in each_operation(VENDOR)}

    assert failures == {"#/components/responses/Failure"}


def test_the_key_of_a_direct_call_is_a_static_credential() -> None:
    (key,) = lifecycle(VENDOR, "applicationKey").grants

    assert key.requests == ()
    assert operation(VENDOR, "createConsumerToken").security == [["applicationKey"], []]
    assert operation(VENDOR, "createWebApiToken").security == [["applicationKey"]]
    assert operation(VENDOR, "createUserToken").security == []


def test_secrets_are_never_shown() -> None:
    secret = {
        credential.name
        for name in GRANTS
        for credential in grant(VENDOR, name, SCHEME).credentials
        if credential.secret
    }

    assert secret == {"key", "authentication_code", "pass_code", "jwt", "password"}
