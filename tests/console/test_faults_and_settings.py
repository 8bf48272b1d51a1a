"""Faults and settings: what the page says is what the sandbox does, and its objections are shown."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import expect

from console.window import Window
from sandbox.support import login
from vendor_sandbox import Sandbox

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("console")]


async def test_a_fault_is_added_by_keyboard_alone_and_applies(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    await window.open()
    keyboard = window.page.keyboard
    await window.tab_to(lambda focus: focus["text"] == "Faults")
    assert (await window.focused())["outline"] == "solid"
    await keyboard.press("Enter")
    await window.tab_to(lambda focus: focus["name"] == "vendor")
    await keyboard.type("cinchy")
    await window.tab_to(lambda focus: focus["name"] == "operation")
    await keyboard.type("runQuery")
    await window.tab_to(lambda focus: focus["name"] == "status")
    await keyboard.press("Control+a")
    await keyboard.type("429")
    await keyboard.press("Tab")
    await keyboard.type("7")
    await window.tab_to(lambda focus: focus["name"] == "times")
    await keyboard.type("1")
    await window.tab_to(lambda focus: focus["text"] == "Add")
    await keyboard.press("Enter")

    rule = window.page.locator("#rules li")
    await expect(rule).to_contain_text("error status 429, Retry-After 7")
    await expect(rule).to_contain_text("cinchy: runQuery")
    struck = client.get(f"{sandbox.url}/cinchy/API/HR/Employees")
    assert (struck.status_code, struck.headers["retry-after"]) == (429, "7")
    await expect(rule).to_contain_text("applied 1 time, used up")
    assert client.get(f"{sandbox.url}/cinchy/API/HR/Employees").status_code != 429
    await window.page.get_by_role("link", name="Requests").click()
    await expect(window.rows().nth(1)).to_contain_text("fault: error status")


async def test_a_rejected_fault_shows_the_reason_at_its_field(window: Window) -> None:
    await window.open("faults")
    form = window.page.locator("#fault-form")
    await form.get_by_role("combobox", name="Vendor").select_option("cinchy")
    await form.get_by_role("combobox", name="Operation").fill("noSuchOperation")
    await form.get_by_role("button", name="Add").click()

    await expect(form.get_by_role("alert")).to_contain_text("noSuchOperation")
    await expect(form.get_by_role("combobox", name="Operation")).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_role("combobox", name="Operation")).to_be_focused()
    window.problems = [problem for problem in window.problems if "Failed to load resource" not in problem]


async def test_a_number_out_of_range_is_not_sent(window: Window) -> None:
    await window.open("faults")
    form = window.page.locator("#fault-form")
    await form.get_by_role("spinbutton", name="Status").fill("200")
    await form.get_by_role("button", name="Add").click()
    assert await form.locator("input:invalid").get_attribute("name") == "status"
    await expect(window.page.get_by_text("No active faults")).to_be_visible()


async def test_faults_are_removed_one_by_one_and_all_at_once(window: Window, sandbox: Sandbox) -> None:
    await window.open("faults")
    form = window.page.locator("#fault-form")
    for kind in ("slow response", "connection reset, unprocessed", "HTML error page"):
        await form.get_by_role("combobox", name="Kind of fault").select_option(kind)
        await form.get_by_role("button", name="Add").click()
        await expect(window.page.locator("#rules li", has_text=kind)).to_be_visible()
    await expect(window.page.locator("#rules li").last).to_contain_text("status 502")

    await window.page.get_by_role("button", name=re.compile("^Remove: slow response")).click()
    await expect(window.page.locator("#rules li")).to_have_count(2)
    await window.page.get_by_role("button", name="Remove all").click()
    await expect(window.page.get_by_text("No active faults")).to_be_visible()
    listed = httpx.get(f"{sandbox.url}/_sandbox/faults", trust_env=False).json()
    assert listed == []


async def test_the_sandbox_accepts_every_kind_that_the_page_offers(window: Window) -> None:
    await window.open("faults")
    form = window.page.locator("#fault-form")
    kinds = await form.get_by_role("combobox", name="Kind of fault").locator("option").all_text_contents()
    assert len(kinds) > 5
    for number, kind in enumerate(kinds, start=1):
        await form.get_by_role("combobox", name="Kind of fault").select_option(kind)
        await form.get_by_role("button", name="Add").click()
        await expect(window.page.locator("#rules li")).to_have_count(number)
        await expect(form.get_by_role("alert")).to_have_text("")


async def test_a_request_leads_to_a_fault_for_its_operation(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    client.get(f"{sandbox.url}/cinchy/API/HR/Employees")
    await window.open()
    await window.rows().first.click()
    await window.page.get_by_role("link", name="Add a fault for this operation").click()
    form = window.page.locator("#fault-form")
    await expect(form.get_by_role("combobox", name="Vendor")).to_have_value("cinchy")
    await expect(form.get_by_role("combobox", name="Operation")).to_have_value("runQuery")


async def test_settings_are_changed_and_told_apart_from_objections(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    await window.open("settings")
    card = window.page.locator("form[data-vendor='cinchy']")
    lifetime = card.get_by_label("Access token lifetime")
    await lifetime.fill("77")
    await card.get_by_role("button", name="Save").click()
    await expect(card.get_by_text("Saved.")).to_be_visible()
    assert login(sandbox["cinchy"], client)["expires_in"] == 77

    await lifetime.fill("-5")
    await card.get_by_role("button", name="Save").click()
    await expect(card.get_by_role("alert")).to_contain_text("token_lifetime")
    await expect(lifetime).to_have_attribute("aria-invalid", "true")
    window.problems = [problem for problem in window.problems if "Failed to load resource" not in problem]


async def test_the_page_advances_the_clock_and_resets_the_sandbox(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    login(sandbox["cinchy"], client)
    before = sandbox.clock.time()
    await window.open("settings")
    await window.page.get_by_role("button", name="+ 1 h").click()
    await expect(window.page.get_by_text("Advanced by 1 h.")).to_be_visible()
    assert sandbox.clock.time() - before >= 3600

    await window.page.get_by_role("button", name="Reset", exact=True).click()
    await window.page.get_by_role("dialog").get_by_role("button", name="Reset").click()
    await expect(window.page.get_by_text("All vendors: reset to the initial state.")).to_be_visible()
    await window.page.get_by_role("link", name="Tokens").click()
    await expect(window.page.get_by_text("No tokens yet.")).to_be_visible()
