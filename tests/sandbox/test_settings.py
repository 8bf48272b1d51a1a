"""What can be set about a vendor's tokens and clock, while it runs and from the start."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any

import httpx
import jwt
import pytest
from attrs import fields

from sandbox.support import CALLS, NOON, accepted, get_athena, login, stopped_clock
from support.repository import ROOT
from vendor_sandbox import Sandbox, TokenSettings, UnknownVendor, Vendor, WrongSetting
from vendor_sandbox.cli import main
from vendor_sandbox.settings import parse_settings

every_vendor = pytest.mark.parametrize("name", CALLS)
REFUSED = (AssertionError, KeyError)
"""What the tests' own logins raise for a response without a token: not 200, or an envelope without data."""


def with_wrong_password(vendor: Vendor) -> Any:
    """The vendor to somebody who has mistyped the password."""
    credentials = {"password": {**vendor.credentials["password"], "password": "mistyped"}}
    return SimpleNamespace(name=vendor.name, servers=vendor.servers, credentials=credentials)


def refresh(vendor: Vendor, client: httpx.Client, token: str) -> httpx.Response:
    """A refresh at the CRM."""
    form = {"grant_type": "refresh_token", "client_id": "sandbox-application", "refresh_token": token}
    return client.post(f"{vendor.servers['crm_url']}/oauth/token", data=form)


@every_vendor
def test_a_lifetime_applies_to_tokens_issued_afterwards(name: str, client: httpx.Client) -> None:
    with Sandbox(name, clock=stopped_clock()) as sandbox:
        vendor = sandbox[name]
        before = login(vendor, client)["access_token"]
        vendor.configure(token_lifetime=60)
        after = login(vendor, client)["access_token"]
        claims = jwt.decode(after, options={"verify_signature": False})
        assert int(claims["exp"]) - int(claims["iat"]) == 60
        sandbox.clock.advance(61)
        assert accepted(CALLS[name](vendor, client, before))
        assert not accepted(CALLS[name](vendor, client, after))


@every_vendor
def test_an_account_is_locked_after_consecutive_refused_logins(name: str, client: httpx.Client) -> None:
    with Sandbox(name, settings={name: {"lock_out_after": 2}}) as sandbox:
        vendor = sandbox[name]
        mistyped = with_wrong_password(vendor)
        for _ in range(2):
            with pytest.raises(REFUSED):
                login(mistyped, client)
            token = login(vendor, client)["access_token"]  # the row starts again
        for _ in range(2):
            with pytest.raises(REFUSED):
                login(mistyped, client)
        with pytest.raises(REFUSED):
            login(vendor, client)
        assert accepted(CALLS[name](vendor, client, token)), "who is in stays in"
        vendor.configure(token_lifetime=60)
        with pytest.raises(REFUSED):
            login(vendor, client)
        vendor.configure(lock_out_after=2)
        assert login(vendor, client)["access_token"]


@every_vendor
def test_without_a_lock_out_mistyping_has_no_consequences(name: str, client: httpx.Client) -> None:
    with Sandbox(name) as sandbox:
        for _ in range(5):
            with pytest.raises(REFUSED):
                login(with_wrong_password(sandbox[name]), client)
        assert login(sandbox[name], client)["access_token"]


def test_requests_that_are_no_login_do_not_lock_the_account(client: httpx.Client) -> None:
    with Sandbox("athena-crm", settings={"athena-crm": {"lock_out_after": 1}}) as sandbox:
        vendor = sandbox["athena-crm"]
        url = f"{vendor.servers['crm_url']}/oauth/token"
        assert client.post(url, data={"grant_type": "device"}).status_code == 401
        assert refresh(vendor, client, "unknown").status_code == 400
        assert login(vendor, client)["access_token"]


def test_rotation_and_the_detection_of_reuse_can_be_switched(client: httpx.Client) -> None:
    with Sandbox("athena-crm") as sandbox:
        vendor = sandbox["athena-crm"]
        vendor.configure(rotates=False)
        token = login(vendor, client)["refresh_token"]
        assert [refresh(vendor, client, token).json()["refresh_token"] for _ in range(2)] == [token, token]
        vendor.configure(rotates=True, reuse_revokes=False)
        rotated = refresh(vendor, client, token).json()
        assert refresh(vendor, client, token).status_code == 400
        assert accepted(get_athena(vendor, client, rotated["access_token"])), "reuse revokes nothing"
        vendor.configure(reuse_revokes=True)
        assert refresh(vendor, client, token).status_code == 400
        assert not accepted(get_athena(vendor, client, rotated["access_token"]))


def test_cognito_hands_out_the_next_refresh_token_when_it_rotates(client: httpx.Client) -> None:
    with Sandbox("athena-cognito", settings={"athena-cognito": {"rotates": True}}) as sandbox:
        vendor = sandbox["athena-cognito"]
        url = f"{vendor.servers['auth_url']}/auth/get-access-token-by-refresh-token"
        body = {"refresh_token": login(vendor, client)["refresh_token"], "client_id": "sandbox-application"}
        following = client.post(url, json=body).json()["refresh_token"]
        assert client.post(url, json=body).status_code == 401
        assert following != body["refresh_token"]


def test_a_refresh_token_ends_after_its_lifetime_or_never(client: httpx.Client) -> None:
    with Sandbox("athena-crm", settings={"athena-crm": {"refresh_lifetime": 100}}) as sandbox:
        vendor = sandbox["athena-crm"]
        short = login(vendor, client)["refresh_token"]
        vendor.configure(refresh_lifetime=None)
        endless = login(vendor, client)["refresh_token"]
        sandbox.clock.advance(10**8)
        assert refresh(vendor, client, short).json()["error"] == "invalid_token"
        assert refresh(vendor, client, endless).status_code == 200


@every_vendor
def test_a_single_session_ends_the_one_before(name: str, client: httpx.Client) -> None:
    with Sandbox(name, settings={name: {"single_session": True}}) as sandbox:
        first, second = (login(sandbox[name], client)["access_token"] for _ in range(2))
        assert not accepted(CALLS[name](sandbox[name], client, first))
        assert accepted(CALLS[name](sandbox[name], client, second))


def test_a_clock_is_wrong_by_its_skew(client: httpx.Client) -> None:
    with Sandbox("cinchy", clock=stopped_clock(), settings={"cinchy": {"clock_skew": -300}}) as sandbox:
        response = client.get(f"{sandbox['cinchy'].servers['base_url']}/healthcheck")
        assert parsedate_to_datetime(response.headers["date"]).timestamp() == int(NOON) - 300


def test_settings_can_be_read_and_are_as_given() -> None:
    sandbox = Sandbox("amino", "cinchy", token_lifetime=90, settings={"amino": {"token_lifetime": 60}})
    assert sandbox["cinchy"].settings.token_lifetime == 90
    assert sandbox["amino"].settings == TokenSettings(
        token_lifetime=60,
        refresh_lifetime=98 * 24 * 3600,
        rotates=True,
        reuse_revokes=False,
        single_session=False,
        lock_out_after=None,
        clock_skew=0,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lifetime": 60}, "unknown setting 'lifetime'; the settings are token_lifetime, refresh_lifetime"),
        ({"token_lifetime": 0.5}, "token_lifetime must be at least one second"),
        ({"token_lifetime": True}, "token_lifetime must be"),
        ({"token_lifetime": float("nan")}, "token_lifetime must be"),
        ({"token_lifetime": None}, "token_lifetime must be"),
        ({"token_lifetime": 10**400}, "ten years"),
        ({"refresh_lifetime": 0}, "or null for ever"),
        ({"rotates": 1}, "rotates must be true or false"),
        ({"lock_out_after": 0}, "whole number from 1 to 1000000"),
        ({"lock_out_after": 1.5}, "whole number"),
        ({"lock_out_after": 10**400}, "to 1000000"),
        ({"clock_skew": float("inf")}, "clock_skew must be seconds from"),
    ],
)
def test_what_cannot_be_set_is_refused_and_changes_nothing(changes: dict[str, Any], message: str) -> None:
    vendor = Sandbox("cinchy")["cinchy"]
    before = vendor.settings
    with pytest.raises(WrongSetting, match=message):
        vendor.configure(**{"single_session": True, **changes})
    assert vendor.settings == before


def test_one_invalid_setting_leaves_all_of_them_unchanged(cinchy: Vendor) -> None:
    before = cinchy.settings
    with pytest.raises(WrongSetting, match="rotates"):
        cinchy.configure(token_lifetime=before.token_lifetime + 60, clock_skew=60, rotates="yes")
    assert cinchy.settings == before


def test_a_wrong_value_is_not_repeated() -> None:
    """It may be a token that somebody put into the wrong place."""
    with pytest.raises(WrongSetting) as error:
        Sandbox("cinchy", settings={"cinchy": {"token_lifetime": "eyJhbGciOi"}})
    assert "eyJhbGciOi" not in str(error.value)


def test_settings_of_a_vendor_that_is_not_served_are_refused() -> None:
    with pytest.raises(UnknownVendor, match="serves no vendor 'amino'; it serves cinchy"):
        Sandbox("cinchy", settings={"amino": {"rotates": True}})


def test_a_reset_brings_everything_back_to_the_start(client: httpx.Client) -> None:
    with Sandbox("athena-crm", settings={"athena-crm": {"token_lifetime": 60}}) as sandbox:
        vendor = sandbox["athena-crm"]
        start = vendor.settings
        token = login(vendor, client)["access_token"]
        url, headers = f"{vendor.servers['base_url']}/api/blacklist", {"Authorization": f"Bearer {token}"}
        entry = {"name": "Person", "reference_id": "C-1", "list_name": "RESTRICTED"}
        assert client.post(url, json=entry, headers=headers).status_code == 201
        vendor.configure(token_lifetime=120, clock_skew=7, lock_out_after=1)
        vendor.reset()
        assert (vendor.settings, vendor.requests, vendor.token_requests, vendor.refused) == (start, (), {}, 0)
        assert not accepted(get_athena(vendor, client, token))
        headers = {"Authorization": f"Bearer {login(vendor, client)['access_token']}"}
        assert client.get(url, headers=headers).json()["count"] == 1


# --- as they are written


def test_settings_are_read_from_a_line() -> None:
    assert parse_settings("amino:token_lifetime=60,rotates=false,lock_out_after=null") == (
        "amino",
        {"token_lifetime": 60, "rotates": False, "lock_out_after": None},
    )
    assert parse_settings("*:clock_skew=-1.5") == (None, {"clock_skew": -1.5})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("amino", r"write VENDOR:NAME=VALUE"),
        ("amino:", r"write VENDOR:NAME=VALUE"),
        ("amino:rotates", "'rotates' is not NAME=VALUE"),
        ("amino:rotate=true", "unknown setting 'rotate'; the settings are"),
        ("amino:rotates=true,rotates=false", "rotates is given twice"),
        ("amino:rotates=maybe", "rotates must be true or false"),
        ("cinchi:rotates=true", "serves no vendor 'cinchi'"),
    ],
)
def test_settings_that_are_written_wrong_get_a_clear_message(
    text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "amino", "--setting", text])
    assert message in capsys.readouterr().err


def test_the_page_lists_every_setting() -> None:
    page = (ROOT / "docs/sandbox.md").read_text().partition("## Tokens and clock")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [each.name for each in fields(TokenSettings)]
