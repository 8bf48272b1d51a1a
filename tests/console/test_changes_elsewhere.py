"""What is changed elsewhere, by a test or in another tab, is seen at once, and takes nothing away from who types."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import expect

from console.window import Window, many_requests
from sandbox.support import login, until_told
from vendor_sandbox import Sandbox
from vendor_sandbox.faults import ErrorStatus, HtmlErrorPage

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("console")]


async def test_a_reset_elsewhere_empties_the_page(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    login(sandbox["cinchy"], client)
    login(sandbox["crmcom"], client)
    sandbox["cinchy"].faults.add(ErrorStatus(503), times=None)
    await window.open()
    await window.rows().last.click()
    await expect(window.page.get_by_role("complementary")).to_be_visible()

    sandbox.reset("cinchy")
    connection = window.page.get_by_role("status").first
    await expect(connection).to_have_text("Live; cinchy was reset at 08:00:00 UTC")
    await expect(window.rows()).to_have_count(1)
    await expect(window.page.get_by_role("complementary")).to_be_hidden()
    sandbox.reset()
    await expect(connection).to_have_text("Live; everything was reset at 08:00:00 UTC")
    await expect(window.rows()).to_have_count(0)
    await window.show("tokens")
    await expect(window.page.get_by_text("No tokens yet.")).to_be_visible()
    await window.show("faults")
    await expect(window.page.get_by_text("No active faults")).to_be_visible()
    await window.show("timeline")
    await expect(window.page.locator("#timeline-list li")).to_have_text(["08:00:00allreset to the initial state"])
    login(sandbox["crmcom"], client)
    await window.show("requests")
    await expect(window.rows()).to_have_count(1)


async def test_rules_come_count_and_go_as_they_do_elsewhere(window: Window, sandbox: Sandbox) -> None:
    await window.open("faults")
    rules = window.page.locator("#rules li")
    kept = sandbox.faults.add(ErrorStatus(503), vendor="cinchy", times=None)
    taken = sandbox.faults.add(HtmlErrorPage(), vendor="crmcom", times=None)
    await expect(rules).to_have_count(2)
    await rules.nth(0).get_by_role("button").focus()
    sandbox.faults.take("cinchy", "getHealth", token_request=False)
    await expect(rules.nth(0)).to_contain_text("applied 1 time")
    assert (await window.focused())["text"] == "Remove", "a rule that applies does not take the focus away"

    sandbox.faults.remove(taken)
    await expect(rules).to_have_count(1)
    sandbox.faults.remove(kept)
    await expect(window.page.get_by_text("No active faults")).to_be_visible()
    assert (await window.focused())["text"] == "Active faults", "the focus stays near what has gone"


async def test_all_that_are_removed_are_those_that_are_listed(window: Window, sandbox: Sandbox) -> None:
    kept = sandbox.faults.add(ErrorStatus(503), vendor="crmcom", times=None)
    sandbox.faults.add(ErrorStatus(503), vendor="cinchy", times=None)
    sandbox.faults.add(ErrorStatus(503), times=None)
    await window.open("faults")
    await window.page.get_by_role("combobox", name="Vendor").first.select_option("cinchy")
    await expect(window.page.locator("#rules li")).to_have_count(2)
    await window.page.get_by_role("button", name="Remove all").click()
    await expect(window.page.get_by_text("No active faults")).to_be_visible()
    assert sandbox.faults.all() == [kept]


async def test_a_rule_that_somebody_has_removed_already_blames_no_field(window: Window, sandbox: Sandbox) -> None:
    sandbox.faults.add(ErrorStatus(503), vendor="cinchy", times=None)
    await window.open("faults")
    await window.page.route("**/_sandbox/faults/*", lambda route: route.continue_(url=f"{route.request.url}000"))
    await window.page.get_by_role("button", name="Remove: ").click()
    await expect(window.page.locator("#fault-error")).to_have_text("there is no rule with this id")
    await expect(window.page.locator("[aria-invalid]")).to_have_count(0)
    window.problems = [problem for problem in window.problems if "Failed to load resource" not in problem]


async def test_settings_follow_but_what_is_typed_stays(window: Window, sandbox: Sandbox) -> None:
    await window.open("settings")
    card = window.page.locator("form[data-vendor='cinchy']")
    await card.get_by_label("Access token lifetime").fill("77")
    sandbox["cinchy"].configure(token_lifetime=600, single_session=True, lock_out_after=3)
    await expect(card.get_by_label("Refused logins")).to_have_value("3")
    await expect(card.get_by_label("A new login revokes the earlier ones")).to_be_checked()
    await expect(card.get_by_label("Access token lifetime")).to_have_value("77")

    await card.get_by_role("button", name="Save").click()
    await expect(card.get_by_text("Saved.")).to_be_visible()
    now = sandbox["cinchy"].settings
    assert (now.token_lifetime, now.single_session, now.lock_out_after) == (77, True, 3)
    sandbox.reset("cinchy")
    await expect(card.get_by_label("Refused logins")).to_have_value("")
    await expect(card.get_by_label("Access token lifetime")).to_have_value("3600")


async def test_tokens_that_are_ended_elsewhere_are_seen_to_end(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    login(sandbox["cinchy"], client)
    await window.open("tokens")
    state = window.page.locator("#token-rows .token-row td").first
    await expect(state).to_have_text("valid")
    sandbox["cinchy"].expire_tokens()
    await expect(state).to_have_text("expired")


async def test_the_time_line_begins_before_the_page_was_opened(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    sandbox.clock.advance(3600)
    before = sandbox.journal.last_id
    login(sandbox["cinchy"], client)
    until_told(sandbox, client, before)
    sandbox.clock.advance(-1800)
    many_requests(sandbox, 501)
    await window.open("timeline")
    listed = window.page.locator("#timeline-list li")
    await expect(listed.nth(0)).to_contain_text("clock set back by 30 min")
    await expect(listed.nth(1)).to_contain_text("login (password)")
    await expect(listed.nth(2)).to_contain_text("clock advanced by 1 h")
    await expect(window.page.get_by_role("img").locator(".gap-name")).to_have_text(["−30 min"])


async def test_what_is_changed_by_hand_is_on_the_time_line(window: Window, sandbox: Sandbox) -> None:
    await window.open("timeline")
    rule = sandbox["cinchy"].faults.add(ErrorStatus(503, retry_after=7), operation="runQuery")
    sandbox["cinchy"].faults.remove(rule)
    sandbox["cinchy"].configure(token_lifetime=60, rotates=False)
    sandbox["crmcom"].expire_tokens()
    listed = window.page.locator("#timeline-list li[data-kind='change']")
    await expect(listed.nth(3)).to_contain_text("fault added: error status 503, Retry-After 7 at runQuery")
    await expect(listed.nth(2)).to_contain_text("fault removed: error status 503, Retry-After 7 at runQuery")
    await expect(listed.nth(1)).to_contain_text("settings: token_lifetime 60, rotates false")
    await expect(listed.nth(0)).to_contain_text("access tokens expired manually")
