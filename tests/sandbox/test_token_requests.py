"""Token requests: what is on the wire must be what the vendor documents, or the vendor's error comes back."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sandbox.support import accepted, login
from vendor_sandbox import Sandbox, Vendor


def test_cinchy_takes_a_form_and_nothing_else(cinchy: Vendor, client: httpx.Client) -> None:
    url = f"{cinchy.servers['sso_url']}/identity/connect/token"
    form = {"grant_type": "password", "scope": "js_api", **cinchy.credentials["password"]}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"json": form}, "invalid_request"),
        ({"params": form}, "invalid_request"),
        ({"data": {**form, "scope": "openid"}}, "invalid_scope"),
        ({"data": {name: value for name, value in form.items() if name != "scope"}}, "invalid_scope"),
        ({"data": {**form, "grant_type": "refresh_token"}}, "unsupported_grant_type"),
        ({"data": {**form, "client_secret": "wrong"}}, "invalid_client"),
        ({"data": {**form, "password": "wrong"}}, "invalid_grant"),
        ({"data": {**form, "grant_type": "saml2"}}, "invalid_grant"),
        ({"data": {name.capitalize(): value for name, value in form.items()}}, "invalid_client"),
    ]
    for body, error in wrong:
        response = client.post(url, **body)
        assert (response.status_code, response.json()["error"]) == (400, error), body
    assert client.post(url, data={**form, "scope": "js_api openid"}).status_code == 200


def test_the_crm_takes_a_form_or_json(client: httpx.Client) -> None:
    with Sandbox("athena-crm") as sandbox:
        vendor = sandbox["athena-crm"]
        url = f"{vendor.servers['crm_url']}/oauth/token"
        form = {"grant_type": "password", **vendor.credentials["password"]}
        wrong: list[tuple[dict[str, Any], int, str]] = [
            ({"params": form}, 400, "invalid_request"),
            ({"json": [form]}, 400, "invalid_request"),
            ({"data": {**form, "client_id": "other"}}, 401, "invalid_client"),
            ({"data": {**form, "password": "wrong"}}, 400, "invalid_grant"),
            ({"data": {**form, "grant_type": "client_credentials"}}, 400, "unsupported_grant_type"),
            ({"data": {**form, "grant_type": "refresh_token"}}, 400, "invalid_grant"),
        ]
        for body, status, error in wrong:
            response = client.post(url, **body)
            assert (response.status_code, response.json()["error"]) == (status, error), body
        tokens = client.post(url, json=form).json()
        renewal = {"grant_type": "refresh_token", "client_id": form["client_id"]}
        response = client.post(url, json={**renewal, "refresh_token": tokens["refresh_token"]})
        assert response.json()["refresh_token"] != tokens["refresh_token"]


@pytest.mark.parametrize("member", ["username", "password", "user_pool_id", "client_id"])
def test_cognito_wants_every_member_on_both_steps(member: str, client: httpx.Client) -> None:
    with Sandbox("athena-cognito") as sandbox:
        vendor = sandbox["athena-cognito"]
        given = vendor.credentials["password"]
        for path in ("/auth/get-access-token-by-username", "/auth/get-refresh-token"):
            url = f"{vendor.servers['auth_url']}{path}"
            missing = {name: value for name, value in given.items() if name != member}
            assert client.post(url, json=missing).json() == {member: ["This field is required."]}
            assert client.post(url, json={**given, member: "wrong"}).status_code == 401
            assert client.post(url, data=given).status_code == 415


def test_crmcom_requires_the_key_as_user_name_without_a_password(client: httpx.Client) -> None:
    with Sandbox("crmcom") as sandbox:
        vendor = sandbox["crmcom"]
        key = vendor.credentials["web_api_key"]["key"]
        url = f"{vendor.servers['base_url']}/authentication/web_api_key/token"
        assert accepted(client.post(url, auth=(key, ""))), "the body may be missing"
        for auth in ((key, "secret"), ("", key), ("other", "")):
            refusal = client.post(url, auth=auth)
            assert refusal.status_code == 200
            assert refusal.json()["status"]["code"].startswith("COM.CRM.EXCEPTION.")
        assert not accepted(client.post(url, json={"key": key}))
        consumer = vendor.credentials["pass_code"]["key"]
        assert not accepted(client.post(url, auth=(consumer, ""))), "a consumer application key is no Web API key"


def test_crmcom_takes_a_consumers_login_or_a_jwt_with_its_organisation(client: httpx.Client) -> None:
    """From R16.2.0 on; the unit is the one thing that may accompany either."""
    with Sandbox("crmcom") as sandbox:
        vendor = sandbox["crmcom"]
        url = f"{vendor.servers['base_url']}/authentication/consumer_application_key/token"
        jwt, login = vendor.credentials["jwt"], dict(vendor.credentials["pass_code"])
        key = login.pop("key")
        card = vendor.credentials["authentication_code"]
        unit, organisation = {"unit": "1"}, {"organisation": jwt["organisation"]}
        for body, given_key, taken in [
            (jwt, None, True),
            (jwt | unit, None, True),
            (jwt, key, True),
            (jwt, "other", False),
            ({"jwt": jwt["jwt"]}, None, False),
            (jwt | {"access_token_identifier": card}, key, False),
            ({"access_token_identifier": card}, None, True),
            ({"access_token_identifier": card} | unit, key, True),
            ({"access_token_identifier": card}, "", False),
            ({"access_token_identifier": card} | organisation, key, False),
            ({"access_token_identifier": login}, key, True),
            ({"access_token_identifier": login}, None, False),
            ({"access_token_identifier": login | card}, key, False),
            ({"access_token_identifier": {"identifier": login["identifier"]}}, key, False),
            (organisation, key, False),
            (unit, key, False),
        ]:
            auth: dict[str, Any] = {} if given_key is None else {"auth": (given_key, "")}
            assert accepted(client.post(url, json=body, **auth)) is taken, (body, given_key)


def test_crmcom_takes_the_token_in_gets_query_and_posts_body(client: httpx.Client) -> None:
    with Sandbox("crmcom") as sandbox:
        vendor = sandbox["crmcom"]
        token = login(vendor, client)["access_token"]
        base = vendor.servers["base_url"]
        show = {"product_identifier": "code=BROADBAND"}
        assert accepted(client.get(f"{base}/products/show", params={**show, "token": token}))
        header = {"Authorization": f"Bearer {token}"}
        assert not accepted(client.get(f"{base}/products/show", params=show, headers=header))
        wallet = {"wallet_identifier": {"number": "W0000000001"}}
        assert accepted(client.post(f"{base}/wallets/get_balance", json={**wallet, "token": token}))
        assert not accepted(client.post(f"{base}/wallets/get_balance", json=wallet, params={"token": token}))


def test_amino_takes_a_token_everywhere_and_a_key_where_one_is_documented(client: httpx.Client) -> None:
    with Sandbox("amino") as sandbox:
        vendor = sandbox["amino"]
        token, key = login(vendor, client)["access_token"], vendor.credentials["api_key"]["api_key"]
        base = vendor.servers["base_url"]
        streams, profiles = f"{base}/api/streams/v4/live", f"{base}/api/users/v1/users/4711/user_profiles"
        for url, header, status in [
            (streams, f"Apikey {key}", 200),
            (streams, f"Bearer {token}", 200),
            (streams, f"Bearer {key}", 401),
            (streams, key, 401),
            (profiles, f"Bearer {token}", 200),
            (profiles, f"Apikey {key}", 401),
            (profiles, f"Apikey {token}", 401),
        ]:
            response = client.get(url, headers={"Authorization": header}, params={"filter[tv_channel_id]": "100"})
            assert response.status_code == status, (url, header.partition(" ")[0])


def test_amino_takes_json_and_nothing_else(client: httpx.Client) -> None:
    with Sandbox("amino") as sandbox:
        vendor = sandbox["amino"]
        url = f"{vendor.servers['base_url']}/api/auth/v1/access_tokens"
        body = {"grant_type": "password", **vendor.credentials["password"]}
        assert client.post(url, data=body).status_code == 415
        assert client.post(url, json={**body, "password": "wrong"}).status_code == 401
        assert client.post(url, json={**body, "grant_type": "device_code"}).status_code == 400
        assert client.post(url, content=b"{", headers={"content-type": "application/json"}).status_code == 400


def test_a_wrong_token_request_is_counted_and_recorded(cinchy: Vendor, client: httpx.Client) -> None:
    url = f"{cinchy.servers['sso_url']}/identity/connect/token"
    client.post(url, data={"grant_type": "other"})
    client.post(url, data={"grant_type": "password", "client_id": "x", "scope": "js_api"})
    assert cinchy.token_requests == {"unknown": 1, "password": 1}
    recorded = cinchy.requests[-1]
    assert (recorded.operation_id, recorded.status) == ("createToken", 400)
    assert b"grant_type=password" in recorded.body
    assert "grant_type" not in repr(recorded)
    assert json.dumps(recorded.query) == "[]"
