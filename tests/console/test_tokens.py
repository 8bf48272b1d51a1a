"""Tokens with what is left of their life, and the time line of how they came."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import expect

from console.window import Window
from sandbox.support import login
from vendor_sandbox import Sandbox

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


async def test_a_bar_shrinks_when_the_clock_is_advanced(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox["cinchy"].configure(token_lifetime=600)
    login(sandbox["cinchy"], client)
    await window.open("tokens")
    bar = window.page.get_by_role("meter")
    await expect(bar).to_have_attribute("aria-valuetext", re.compile("of 10 min$"))
    before = await bar.get_attribute("aria-valuenow")
    fill = bar.locator(".fill")
    width = await fill.evaluate("(bar) => parseFloat(bar.style.width)")
    client.post(f"{sandbox.url}/_sandbox/clock", json={"advance": 300}).raise_for_status()

    await expect(bar).to_have_attribute("aria-valuetext", re.compile("^(4 min|5 min of)"))
    assert int(before or 0) - int(await bar.get_attribute("aria-valuenow") or 0) >= 300
    assert await fill.evaluate("(bar) => parseFloat(bar.style.width)") < width - 49
    client.post(f"{sandbox.url}/_sandbox/clock", json={"advance": 301}).raise_for_status()
    await expect(window.page.locator("#token-rows tr td").first).to_have_text("expired")
    await expect(bar).to_have_attribute("aria-valuetext", "none")


async def test_a_bar_follows_the_clock_of_its_vendor(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox["cinchy"].configure(token_lifetime=600, clock_skew=-300)
    login(sandbox["cinchy"], client)
    await window.open("tokens")
    bar = window.page.get_by_role("meter")
    await expect(bar).to_have_attribute("aria-valuetext", re.compile("^(10 min|9 min .*) of 10 min"))


async def test_tokens_are_expired_by_a_button_and_say_so_in_words(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    login(sandbox["athena-crm"], client)
    await window.open("tokens")
    rows = window.page.locator("#token-rows tr")
    await expect(rows).to_have_count(2)
    await window.page.get_by_role("button", name="Expire access tokens").click()

    await expect(rows.filter(has_text="access")).to_contain_text("expired")
    await expect(rows.filter(has_text="refresh")).to_contain_text("valid")
    await expect(window.page.get_by_text("The access tokens of all vendors have ended.")).to_be_visible()
    await window.page.get_by_label("Show those that have ended").uncheck()
    await expect(rows).to_have_count(1)


async def test_a_refresh_shows_up_in_tokens_and_on_the_time_line(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    await window.open("timeline")
    await expect(window.page.get_by_text("Nothing yet.")).to_be_visible()
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
    await expect(picture).to_have_attribute("aria-label", re.compile("^3 events from .* the list below has them all"))
    for kind in ("login", "refresh", "clock"):
        await expect(picture.locator(f".kind-{kind}")).to_have_count(1)
    await expect(picture.locator(".gap-name")).to_have_text("1 h 6 min")
    await window.page.get_by_role("link", name="Tokens").click()
    await expect(window.page.locator("#token-rows tr", has_text="spent")).to_have_count(1)


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
