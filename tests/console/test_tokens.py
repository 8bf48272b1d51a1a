"""Tokens with what is left of their life, and the time line of how they came."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import expect

from console.window import Window
from sandbox.support import NOON, login
from vendor_sandbox import Sandbox
from vendor_sandbox.faults import ErrorStatus

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("console"),
    pytest.mark.parametrize("sandbox", [("athena-crm", "cinchy")], indirect=True),
]


def renew(sandbox: Sandbox, client: httpx.Client, refresh_token: str) -> httpx.Response:
    """A refresh at Athena's CRM, as its documentation has it."""
    credentials = sandbox["athena-crm"].credentials["password"]
    kept = {name: value for name, value in credentials.items() if name not in ("username", "password")}
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **kept}
    return client.post(f"{sandbox['athena-crm'].servers['crm_url']}/oauth/token", data=form)


async def expect_bar(window: Window, words: str, *, now: str, width: str) -> None:
    """The one bar of the page says so, to eyes and to screen readers."""
    bar = window.page.get_by_role("meter")
    await expect(bar).to_have_attribute("aria-valuetext", words)
    await expect(bar).to_have_attribute("aria-valuenow", now)
    await expect(bar.locator(".fill")).to_have_attribute("style", f"width: {width};")


async def test_a_bar_shrinks_when_the_clock_is_advanced(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox["cinchy"].configure(token_lifetime=600)
    login(sandbox["cinchy"], client)
    await window.open("tokens")
    await expect_bar(window, "10 min of 10 min", now="600", width="100%")
    client.post(f"{sandbox.url}/_sandbox/clock", json={"advance": 300}).raise_for_status()
    await expect_bar(window, "5 min of 10 min", now="300", width="50%")
    client.post(f"{sandbox.url}/_sandbox/clock", json={"advance": 299}).raise_for_status()
    await expect_bar(window, "1 s of 10 min", now="1", width="0.166667%")
    client.post(f"{sandbox.url}/_sandbox/clock", json={"advance": 1}).raise_for_status()
    await expect_bar(window, "none", now="0", width="0%")
    await expect(window.page.locator("#token-rows .token-row td").first).to_have_text("expired")


async def test_a_bar_shrinks_as_time_goes_by_without_any_event(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    sandbox["cinchy"].configure(token_lifetime=600)
    login(sandbox["cinchy"], client)
    await window.open("tokens")
    await expect_bar(window, "10 min of 10 min", now="600", width="100%")
    await window.page.clock.set_fixed_time(NOON + 61)
    await expect_bar(window, "8 min 59 s of 10 min", now="539", width="89.8333%")
    await window.page.get_by_label("Show expired and revoked tokens").uncheck()
    await window.page.clock.set_fixed_time(NOON + 600)
    await expect(window.page.get_by_text("No valid tokens.")).to_be_visible()


async def test_a_bar_follows_the_clock_of_its_vendor(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox["cinchy"].configure(token_lifetime=600, clock_skew=-300)
    login(sandbox["cinchy"], client)
    await window.open("tokens")
    await expect_bar(window, "10 min of 10 min", now="600", width="100%")
    sandbox["cinchy"].configure(clock_skew=-60)
    await expect_bar(window, "6 min of 10 min", now="360", width="60%")


async def test_the_expire_button_expires_access_tokens_and_reports_it(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    login(sandbox["athena-crm"], client)
    await window.open("tokens")
    rows = window.page.locator("#token-rows .token-row")
    await expect(rows).to_have_count(2)
    await window.page.get_by_role("button", name="Expire access tokens").click()

    await expect(rows.filter(has_text="access")).to_contain_text("expired")
    await expect(rows.filter(has_text="refresh")).to_contain_text("valid")
    await expect(window.page.get_by_text("The access tokens of all vendors have expired.")).to_be_visible()
    await window.page.get_by_label("Show expired and revoked tokens").uncheck()
    await expect(rows).to_have_count(1)


async def test_a_refresh_appears_among_tokens_and_on_the_timeline(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    await window.open("timeline")
    await expect(window.page.get_by_text("No events yet.")).to_be_visible()
    refresh_token = login(sandbox["athena-crm"], client)["refresh_token"]
    assert renew(sandbox, client, refresh_token).status_code == 200
    client.post(f"{sandbox.url}/_sandbox/clock", json={"advance": 4000}).raise_for_status()

    listed = window.page.locator("#timeline-list li")
    await expect(listed).to_have_count(3)
    await expect(listed.nth(0)).to_contain_text("clock advanced by 1 h 6 min")
    await expect(listed.nth(1)).to_contain_text("athena-crm")
    await expect(listed.nth(1)).to_contain_text("refresh")
    await expect(listed.nth(2)).to_contain_text("login (password)")
    picture = window.page.get_by_role("img")
    await expect(picture).to_have_attribute(
        "aria-label", re.compile("^3 events from .* the list below contains all of them")
    )
    for kind in ("login", "refresh", "clock"):
        await expect(picture.locator(f".kind-{kind}")).to_have_count(1)
    await expect(picture.locator(".gap-name")).to_have_text("1 h 6 min")
    await window.page.get_by_role("link", name="Tokens").click()
    await expect(window.page.locator("#token-rows .token-row", has_text="spent")).to_have_count(1)


async def test_repeated_events_are_listed_once_with_their_count(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    sandbox["cinchy"].faults.add(ErrorStatus(503), operation="getHealth", times=None)
    login(sandbox["cinchy"], client)
    await window.open("timeline")
    for _ in range(5):
        client.get(f"{sandbox['cinchy'].servers['base_url']}/healthcheck")
    listed = window.page.locator("#timeline-list li")
    await expect(listed).to_have_count(3)
    await expect(listed.nth(0)).to_have_text("08:00:00cinchyerror status at getHealth, responded with 503, 5 times")


async def test_a_refused_login_is_told_apart_on_the_time_line(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    await window.open("timeline")
    assert renew(sandbox, client, "never-issued").status_code >= 400
    await expect(window.page.locator("#timeline-list li[data-kind='refused']")).to_contain_text("refresh refused: 4")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_bars_glide_only_for_those_who_like_motion(
    window: Window, sandbox: Sandbox, client: httpx.Client, motion: str
) -> None:
    login(sandbox["cinchy"], client)
    await window.page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    await window.open("tokens")
    fill = window.page.locator(".life-bar .fill").first
    await expect(fill).to_have_css("transition-duration", "0s" if motion == "reduce" else "0.4s")
    await expect(window.page.get_by_role("meter").first).to_have_attribute("aria-valuetext", re.compile(" of "))
