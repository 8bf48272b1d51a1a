"""The console as a debugger: what to do first, a request in full, what to copy of it, and an operation tried."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from console.window import Window
from sandbox.support import get_cinchy, login
from vendor_sandbox import Sandbox
from vendor_sandbox.faults import ResetConnection

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("console")]

MARKUP = "<img src=x onerror=alert(1)>"


async def test_an_empty_console_shows_the_lines_that_connect_a_client(window: Window, sandbox: Sandbox) -> None:
    await window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await window.open()
    await window.page.get_by_role("combobox", name="Vendor").first.select_option("crmcom")
    start = window.page.locator("#request-start")
    await expect(start).to_contain_text("Connect a client of CRM.COM")
    copied: list[str] = []
    for title in ("Shell", "First call"):
        await start.get_by_role("button", name=f"Copy {title}").click()
        await expect(start.get_by_text("Copied")).to_be_visible()
        copied.append(await window.page.evaluate("navigator.clipboard.readText()"))
        await expect(start.get_by_text("Copied")).to_have_count(0)
    assert copied[0].startswith('eval "$(vendor-sandbox env crmcom --port ')
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_PROXY": "*"}
    ended = subprocess.run(
        ["bash", "-c", "\n".join(copied)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    await expect(window.rows()).to_have_count(2)
    await expect(start).to_be_hidden()
    await window.page.context.clear_permissions()


async def test_an_opened_request_shows_query_headers_bodies_and_what_to_copy(
    window: Window, client: httpx.Client
) -> None:
    with Sandbox("cinchy", show_bodies=True) as sandbox:
        window.origin = sandbox.url
        cinchy = sandbox["cinchy"]
        token = login(cinchy, client)["access_token"]
        get_cinchy(cinchy, client, token)
        client.post(
            f"{cinchy.servers['base_url']}/API/HR/Employees",
            headers={"X-Note": MARKUP},
            params={MARKUP: MARKUP},
            data={MARKUP: MARKUP, "password": "hunter2"},
        )
        await window.open()
        detail = window.page.get_by_role("complementary")
        await window.rows().nth(1).click()
        for text in ("authorization", "Bearer …", "ResultFormat", "Response body", '"columnName": "Name"'):
            await expect(detail).to_contain_text(text)
        await expect(detail.get_by_role("region", name="Python")).to_contain_text(
            'cinchy.queries.run("HR", "Employees")'
        )
        curl = detail.get_by_role("region", name="curl")
        await expect(curl).to_contain_text("CINCHY_ACCESS_TOKEN=$(cinchy-token token)\ncurl 'http://127.0.0.1:")
        assert token not in await window.page.content()

        await window.rows().nth(0).click()
        await expect(detail).to_contain_text(f"{MARKUP}={MARKUP}\npassword=…")
        await expect(detail).to_contain_text("x-note")
        assert await window.page.locator("main img, main script").count() == 0
        assert "hunter2" not in await window.page.content()
        await window.leave()
        window.origins -= {sandbox.url}


async def test_without_the_option_bodies_are_sizes(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox["cinchy"].faults.add(ResetConnection(), operation="getHealth")
    login(sandbox["cinchy"], client)
    with pytest.raises(httpx.TransportError):
        client.get(f"{sandbox['cinchy'].servers['base_url']}/healthcheck")
    await window.open()
    detail = window.page.get_by_role("complementary")
    await window.rows().nth(1).click()
    await expect(detail).to_contain_text("Bodies are not shown: start the sandbox with --show-bodies.")
    await expect(detail).to_contain_text("bytes of application/x-www-form-urlencoded")
    await expect(detail.get_by_role("region", name="curl")).to_contain_text("--data-binary @body")
    await window.rows().nth(0).click()
    await expect(detail).to_contain_text("none: the connection was reset")
    await expect(detail.get_by_role("region", name="Python")).to_contain_text("cinchy.health.")
    await expect(detail).not_to_contain_text("Response headers")


async def test_an_operation_is_tried_with_the_arguments_of_the_client(window: Window, sandbox: Sandbox) -> None:
    await window.open("reference/cinchy/runQuery")
    form = window.page.get_by_role("form", name="Try runQuery")
    await expect(form).to_contain_text("cinchy.queries.run(domain, query, …)")
    await form.get_by_role("button", name="Send").click()
    await expect(form.get_by_role("alert")).to_have_text("domain is required")
    await expect(form.get_by_label("domain")).to_be_focused()
    await form.get_by_label("domain").fill("HR")
    await form.get_by_label("query").fill("Employees")
    await form.get_by_label("parameters").fill(json.dumps({"@city": MARKUP}))
    await form.get_by_label("row_count").fill("1")
    await form.get_by_role("button", name="Send").click()
    await expect(form.get_by_role("status").first).to_contain_text("Status 200 in")
    await expect(form.get_by_role("alert")).to_have_text("")
    python = form.get_by_role("region", name="Python")
    await expect(python).to_contain_text(f'parameters={{"@city": "{MARKUP}"}}')
    await expect(python).to_contain_text("row_count=1")
    await expect(form).to_contain_text('"columnName": "Name"')
    await form.get_by_text("What was sent").click()
    await expect(form).to_contain_text("Bearer …")
    assert await window.page.locator("main img").count() == 0
    await window.show("requests")
    await expect(window.rows()).to_have_count(2)
    window.problems = [problem for problem in window.problems if "Failed to load resource" not in problem]
    assert [each.operation_id for each in sandbox["cinchy"].requests] == ["createToken", "runQuery"]


async def test_tokens_are_grouped_by_login_and_ended_one_by_one(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    login(sandbox["cinchy"], client)
    login(sandbox["cinchy"], client)
    login(sandbox["crmcom"], client)
    await window.open("tokens")
    logins = window.page.locator("#token-rows tbody")
    await expect(logins).to_have_count(3)
    of_cinchy = logins.filter(has_text="cinchy")
    await of_cinchy.nth(1).get_by_role("button", name="Expire cinchy access token").click()
    await expect(window.page.locator("#token-note")).to_contain_text("The access token …")
    states = of_cinchy.locator(".token-row td:nth-child(2)")
    await expect(states).to_have_text(["valid", "expired"])
    await of_cinchy.nth(0).get_by_role("button", name="Revoke login").press("Enter")
    await expect(states).to_have_text(["revoked", "expired"])
    assert (await window.focused())["id"] in ("tokens-title", ""), "the button that was pressed is disabled now"
    await window.show("timeline")
    listed = window.page.locator("#timeline-list li[data-kind='change']")
    await expect(listed.nth(0)).to_contain_text("revoked manually")
    await expect(listed.nth(1)).to_contain_text("one access token expired manually")


CUT_WORDS = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        if (node.parentElement.closest("pre, option, .unseen, .skip, noscript") !== null) continue;
        for (const { index, 0: word } of node.data.matchAll(/[\\p{L}\\p{N}_.,:-]+/gu)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            const lines = new Set([...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => top));
            const right = range.getBoundingClientRect().right;
            const isHyphenated = word.includes("-") && lines.size <= word.split("-").length;
            if ((lines.size > 1 && !isHyphenated) || right > innerWidth) found.push(word);
        }
    }
    return found;
}"""


async def test_a_window_of_390_pixels_cuts_no_word(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    token = login(sandbox["cinchy"], client)["access_token"]
    login(sandbox["crmcom"], client)
    get_cinchy(sandbox["cinchy"], client, token)
    sandbox["cinchy"].faults.add(ResetConnection(), operation="runQueryVersionWithForm")
    await window.page.set_viewport_size({"width": 390, "height": 844})
    for view in ("requests", "tokens", "timeline", "faults", "settings", "reference/crmcom/createPurchase"):
        await window.open(view)
        if view == "requests":
            await window.rows().first.click()
            await expect(window.page.locator("aside .copyable")).to_have_count(2)
        if view.startswith("reference"):
            await expect(window.page.locator(".trial")).to_be_visible()
        else:
            await expect(window.page.locator(f"#view-{view}")).to_be_visible()
        assert await window.page.evaluate(CUT_WORDS) == [], view
        assert await window.page.evaluate("document.documentElement.scrollWidth") <= 390, view


async def test_every_mark_of_the_timeline_can_be_seen(window: Window) -> None:
    await window.open("timeline")
    sizes = await window.page.locator("#timeline-legend svg > *").evaluate_all(
        "(shapes) => shapes.map((shape) => Math.max(shape.getBBox().width, shape.getBBox().height))"
    )
    assert len(sizes) == 6
    assert min(sizes) > 8
