"""Tokens: issued by every grant, verified by another library than the one that signs, ended, rotated, refused."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import jwt
import pytest

from sandbox.support import (
    CALLS,
    accepted,
    get_amino,
    get_athena,
    get_cinchy,
    get_crmcom,
    judge,
    login,
    operations,
    stopped_clock,
)
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.document import Document
from vendor_sandbox.lifecycle import grant_of
from vendor_sandbox.messages import Request

OPERATIONS = {(operation.vendor, operation.node["operationId"]): operation for operation in operations()}


def key_of(vendor: Vendor) -> jwt.PyJWK:
    """The key of a vendor's tokens, as PyJWT reads it."""
    return jwt.PyJWKSet.from_dict(vendor.token_issuer.jwks()).keys[0]


def verified(vendor: Vendor, token: str) -> dict[str, Any]:
    """The claims of a token, its signature verified by PyJWT; its time is the vendor's clock's business."""
    algorithm = vendor.token_issuer.algorithm
    return jwt.decode(
        token,
        key_of(vendor),
        algorithms=[algorithm],
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
    )


every_vendor = pytest.mark.parametrize("name", CALLS)


@every_vendor
def test_a_fresh_token_is_accepted(name: str, client: httpx.Client) -> None:
    with Sandbox(name) as sandbox:
        vendor = sandbox[name]
        token = login(vendor, client)["access_token"]
        assert accepted(CALLS[name](vendor, client, token))
        assert vendor.refused == 0


@every_vendor
def test_missing_foreign_and_forged_tokens_are_refused(name: str, client: httpx.Client) -> None:
    with Sandbox(name) as sandbox, Sandbox(name) as other:
        vendor = sandbox[name]
        token = login(vendor, client)["access_token"]
        foreign = login(other[name], client)["access_token"]
        for wrong in ("nonsense", foreign, token[:-4] + "AAAA"):
            assert not accepted(CALLS[name](vendor, client, wrong)), wrong
        assert vendor.refused == 3


@every_vendor
def test_a_token_ends_when_its_life_is_over(name: str, client: httpx.Client) -> None:
    with Sandbox(name, token_lifetime=60, clock=stopped_clock()) as sandbox:
        vendor = sandbox[name]
        token = login(vendor, client)["access_token"]
        sandbox.clock.advance(59.5)
        assert accepted(CALLS[name](vendor, client, token))
        sandbox.clock.advance(0.5)
        assert not accepted(CALLS[name](vendor, client, token))
        assert vendor.refused == 1


@every_vendor
def test_expire_tokens_ends_those_issued_so_far_and_no_others(name: str, client: httpx.Client) -> None:
    with Sandbox(name) as sandbox:
        vendor = sandbox[name]
        old = login(vendor, client)["access_token"]
        vendor.expire_tokens()
        assert not accepted(CALLS[name](vendor, client, old))
        assert accepted(CALLS[name](vendor, client, login(vendor, client)["access_token"]))


@every_vendor
def test_another_library_verifies_the_signature(name: str, client: httpx.Client) -> None:
    with Sandbox(name, token_lifetime=60) as sandbox:
        vendor = sandbox[name]
        token = login(vendor, client)["access_token"]
        claims = verified(vendor, token)
        assert int(claims["exp"]) - int(claims["iat"]) == 60
        with pytest.raises(jwt.InvalidSignatureError):
            verified(vendor, token[:-8] + "AAAAAAAA")


def test_another_library_verifies_aminos_refresh_token_too(client: httpx.Client) -> None:
    with Sandbox("amino") as sandbox:
        vendor = sandbox["amino"]
        token = login(vendor, client)["refresh_token"]
        assert verified(vendor, token)["iss"] == "AminoTV API"
        with pytest.raises(jwt.InvalidSignatureError):
            verified(vendor, token[:-8] + "AAAAAAAA")


@pytest.mark.parametrize(
    ("name", "algorithm", "lifetime"),
    [
        ("amino", "HS256", 7 * 24 * 3600),
        ("athena-cognito", "RS256", 3600),
        ("athena-crm", "RS256", 86399),
        ("cinchy", "RS256", 3600),
        ("crmcom", "HS256", 7200),
    ],
)
def test_tokens_have_the_vendors_algorithm_and_life(
    name: str, algorithm: str, lifetime: int, client: httpx.Client
) -> None:
    with Sandbox(name) as sandbox:
        token = login(sandbox[name], client)["access_token"]
        claims = verified(sandbox[name], token)
        assert jwt.get_unverified_header(token)["alg"] == algorithm
        assert int(claims["exp"]) - int(claims["iat"]) == lifetime


def test_cinchys_claims(client: httpx.Client) -> None:
    with Sandbox("cinchy") as sandbox:
        vendor = sandbox["cinchy"]
        claims = verified(vendor, login(vendor, client)["access_token"])
        assert claims["aud"] == [f"{claims['iss']}/resources", "js_api"]
        assert claims["client_id"] == vendor.credentials["password"]["client_id"]
        assert claims["scope"] == ["js_api"]
        assert claims["amr"] == ["custom"]


def test_cognitos_access_and_id_tokens_tell_their_use(client: httpx.Client) -> None:
    with Sandbox("athena-cognito") as sandbox:
        vendor = sandbox["athena-cognito"]
        response = login(vendor, client)
        access, identity = (verified(vendor, response[name]) for name in ("access_token", "id_token"))
        client_id = vendor.credentials["password"]["client_id"]
        assert (access["token_use"], access["client_id"]) == ("access", client_id)
        assert "aud" not in access
        assert (identity["token_use"], identity["aud"]) == ("id", client_id)
        assert response["refresh_token"].count(".") != 2


def test_crmcoms_times_are_texts_and_its_account_claim_is_ari(client: httpx.Client) -> None:
    with Sandbox("crmcom") as sandbox:
        vendor = sandbox["crmcom"]
        url = f"{vendor.servers['base_url']}/authentication/consumer_application_key/token"
        given = vendor.credentials["authentication_code"]
        body = {"access_token_identifier": {"authentication_code": given["authentication_code"]}}
        response = client.post(url, json=body).json()
        claims = verified(vendor, response["data"]["token"])
        assert isinstance(claims["exp"], str)
        assert int(claims["exp"]) - int(claims["iat"]) == 7200
        assert {"usr", "org", "oun", "cii", "ari", "jti"} <= set(claims)
        assert "acr" not in claims


def test_aminos_end_is_an_epoch_and_its_claims_are_odd(client: httpx.Client) -> None:
    with Sandbox("amino") as sandbox:
        vendor = sandbox["amino"]
        response = login(vendor, client)
        assert response["expires_at_timestamp"] - response["login_timestamp"] == 7 * 24 * 3600
        assert verified(vendor, response["access_token"])["profile_id"] == response["user_profile_id"] * 2
        assert verified(vendor, response["refresh_token"])["exp"] > response["expires_at_timestamp"]


# --- every grant, with the credentials the sandbox names


def send_grant(vendor: Vendor, operation_id: str, client: httpx.Client, **body: Any) -> httpx.Response:
    """A token request, its response judged by the document."""
    operation = OPERATIONS[vendor.name, operation_id]
    response = client.request(operation.method, f"{vendor.servers[operation.server]}{operation.path}", **body)
    assert judge(operation, response) == [], response.text
    return response


@pytest.mark.parametrize("grant", ["password", "third_party_token", "set_top_box"])
def test_every_grant_of_amino_gets_tokens(grant: str, client: httpx.Client) -> None:
    with Sandbox("amino") as sandbox:
        vendor = sandbox["amino"]
        given = vendor.credentials[grant]
        grant_type = {"third_party_token": "third_party_token_exchange", "set_top_box": "stb_pwless"}.get(grant, grant)
        body = given if grant == "password" else {"credentials": next(iter(given.values()))}
        response = send_grant(vendor, "createAccessToken", client, json={"grant_type": grant_type, **body})
        assert accepted(get_amino(vendor, client, response.json()["data"][0]["attributes"]["access_token"]))
        assert vendor.token_requests == {grant: 1}


@pytest.mark.parametrize("grant", ["authentication_code", "pass_code", "jwt", "web_api_key", "password"])
def test_every_grant_of_crmcom_gets_a_token(grant: str, client: httpx.Client) -> None:
    with Sandbox("crmcom") as sandbox:
        vendor = sandbox["crmcom"]
        given = dict(vendor.credentials[grant])
        key = given.pop("key", None)
        body: dict[str, Any] = {"access_token_identifier": given} if grant.endswith("_code") else given
        operation_id = {"web_api_key": "createWebApiToken", "password": "createUserToken"}.get(
            grant, "createConsumerToken"
        )
        extra = {"auth": (key, "")} if key else {}
        response = send_grant(vendor, operation_id, client, json=body, **extra)
        assert accepted(get_crmcom(vendor, client, response.json()["data"]["token"]))
        assert vendor.token_requests == {grant: 1}


@pytest.mark.parametrize("grant", ["password", "saml2"])
def test_every_grant_of_cinchy_gets_a_token(grant: str, client: httpx.Client) -> None:
    with Sandbox("cinchy") as sandbox:
        vendor = sandbox["cinchy"]
        given = dict(vendor.credentials[grant])
        if grant == "saml2":
            given["token"] = given.pop("assertion")
        form = {"grant_type": grant, "scope": "js_api", **given}
        response = send_grant(vendor, "createToken", client, data=form)
        assert set(response.json()) == {"access_token", "expires_in", "token_type"}
        assert accepted(get_cinchy(vendor, client, response.json()["access_token"]))
        assert vendor.token_requests == {grant: 1}


def test_a_login_of_two_steps_counts_two(client: httpx.Client) -> None:
    with Sandbox("athena-cognito") as sandbox:
        login(sandbox["athena-cognito"], client)
        assert sandbox["athena-cognito"].token_requests == {"password": 2}


def test_required_credentials_are_there_for_every_grant() -> None:
    with Sandbox() as sandbox:
        for vendor in sandbox.vendors.values():
            for scheme in vendor.document.schemes.values():
                grants: dict[str, Any] = (scheme.lifecycle or {}).get("grants", {})
                for grant, node in grants.items():
                    needed = {name for name, value in node["credentials"].items() if value.get("required", True)}
                    assert set(vendor.credentials[grant]) == needed, (vendor.name, grant)


# --- refresh, rotation, reuse


def refresh_crm(vendor: Vendor, client: httpx.Client, token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": "sandbox-application", "refresh_token": token}
    return send_grant(vendor, "createToken", client, data=form)


def test_a_refresh_of_the_crm_rotates(client: httpx.Client) -> None:
    with Sandbox("athena-crm") as sandbox:
        vendor = sandbox["athena-crm"]
        first = login(vendor, client)
        second = refresh_crm(vendor, client, first["refresh_token"]).json()
        assert second["refresh_token"] != first["refresh_token"]
        assert accepted(get_athena(vendor, client, second["access_token"]))
        assert vendor.token_requests == {"password": 1, "refresh": 1}


def test_a_spent_refresh_token_revokes_all_tokens_of_its_login(client: httpx.Client) -> None:
    with Sandbox("athena-crm") as sandbox:
        vendor = sandbox["athena-crm"]
        first, other = login(vendor, client), login(vendor, client)
        second = refresh_crm(vendor, client, first["refresh_token"]).json()
        reused = refresh_crm(vendor, client, first["refresh_token"])
        assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
        assert refresh_crm(vendor, client, second["refresh_token"]).status_code == 400
        assert not accepted(get_athena(vendor, client, second["access_token"]))
        assert accepted(get_athena(vendor, client, other["access_token"])), "another login is not touched"


def test_an_expired_refresh_token_of_the_crm_is_told_apart(client: httpx.Client) -> None:
    with Sandbox("athena-crm", refresh_token_lifetime=100) as sandbox:
        vendor = sandbox["athena-crm"]
        token = login(vendor, client)["refresh_token"]
        sandbox.clock.advance(101)
        response = refresh_crm(vendor, client, token)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize(("way", "member"), [("likely", "token"), ("documented", "refresh_token")])
def test_cognitos_refresh_responds_in_either_form(way: str, member: str, client: httpx.Client) -> None:
    with Sandbox("athena-cognito") as sandbox:
        vendor = sandbox["athena-cognito"]
        vendor.choose("refresh_response", way)
        refresh_token = login(vendor, client)["refresh_token"]
        for _ in range(2):  # it does not rotate
            body = {"refresh_token": refresh_token, "client_id": "sandbox-application"}
            response = send_grant(vendor, "refreshAccessToken", client, json=body).json()
            assert set(response) == {member, "id_token"}
            assert verified(vendor, response[member])["token_use"] == "access"
            assert accepted(get_athena(vendor, client, response[member]))


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with Sandbox("athena-cognito") as sandbox, pytest.raises(ValueError, match="likely, documented"):
        sandbox["athena-cognito"].choose("refresh_response", "other")


def test_aminos_spent_refresh_token_fails_while_access_tokens_stay_valid(client: httpx.Client) -> None:
    with Sandbox("amino") as sandbox:
        vendor = sandbox["amino"]
        first = login(vendor, client)
        url = f"{vendor.servers['base_url']}/api/auth/v1/access_tokens"
        body = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = client.post(url, json=body).json()["data"][0]["attributes"]
        assert second["refresh_token"] != first["refresh_token"]
        assert client.post(url, json=body).status_code == 401
        assert accepted(get_amino(vendor, client, first["access_token"]))
        assert accepted(get_amino(vendor, client, second["access_token"]))


def test_an_expired_device_jwt_is_refused(client: httpx.Client) -> None:
    with Sandbox("amino") as sandbox:
        vendor = sandbox["amino"]
        device_jwt = vendor.credentials["set_top_box"]["device_jwt"]
        claims = jwt.decode(device_jwt, options={"verify_signature": False})
        assert (claims["iss"], claims["exp"] - claims["iat"]) == ("EntoneAPI", 600)
        sandbox.clock.advance(601)
        body = {"grant_type": "stb_pwless", "credentials": device_jwt}
        assert client.post(f"{vendor.servers['base_url']}/api/auth/v1/access_tokens", json=body).status_code == 401


def test_a_revoked_token_of_athena_is_refused(client: httpx.Client) -> None:
    with Sandbox("athena-cognito") as sandbox:
        vendor = sandbox["athena-cognito"]
        token = login(vendor, client)["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        response = client.post(f"{vendor.servers['base_url']}/api/logout", json={"token": token}, headers=headers)
        assert response.status_code == 200
        assert get_athena(vendor, client, token).status_code == 401


def test_authenticate_token_tells_the_claims_of_a_good_token_only(client: httpx.Client) -> None:
    with Sandbox("athena-cognito") as sandbox:
        vendor = sandbox["athena-cognito"]
        token = login(vendor, client)["access_token"]
        claims = verified(vendor, token)
        body = {"token": token, "pool_url": claims["iss"], "client_id": claims["client_id"]}
        assert send_grant(vendor, "authenticateToken", client, json=body).json() == claims
        vendor.expire_tokens()
        url = f"{vendor.servers['auth_url']}/auth/authenticate-token"
        assert client.post(url, json=body).status_code == 401
        pool_id = {**body, "pool_url": "ap-southeast-1_Sandbox"}
        assert client.post(url, json=pool_id).status_code == 400, "it wants the URL, not the id"


@pytest.mark.parametrize(("encoded", "name"), [(True, "client"), (False, "unknown")])
def test_a_grant_is_recognised_by_form_encoded_basic_authentication(encoded: bool, name: str) -> None:
    basic: dict[str, object] = {"username": "app:1", "password": {"credential": "secret"}}
    request = {"operationId": "createToken", "basic": {**basic, **({"form_encoded": True} if encoded else {})}}
    scheme = {"type": "http", "scheme": "bearer", "x-token-lifecycle": {"grants": {"client": {"requests": [request]}}}}
    own = Document("harbour", {"components": {"securitySchemes": {"bearer": scheme}}})
    sent = "Basic " + base64.b64encode(b"app%3A1:p%2Bq").decode()

    assert grant_of(own, "createToken", Request("POST", "", "/token", "", (("authorization", sent),), b"")) == name
