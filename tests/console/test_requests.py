"""Requests appear as they arrive, without secrets, as text, and never more than can be looked at."""

from __future__ import annotations

import copy
from http.client import HTTPConnection

import httpx
import pytest
from playwright.async_api import expect

from console.window import Window, many_requests
from sandbox.support import document, get_crmcom, login
from vendor_sandbox import Sandbox

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("console")]

MARKUP = "<img src=x onerror=alert(1)>"


async def test_a_request_shows_up_live_and_masked(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    await window.open()
    await expect(window.rows()).to_have_count(0)
    token = login(sandbox["crmcom"], client)["access_token"]
    get_crmcom(sandbox["crmcom"], client, token)

    newest = window.rows().first
    await expect(newest).to_contain_text("/crmcom/products/show")
    await expect(newest).to_contain_text("product_identifier=code")
    await expect(newest).to_contain_text("200")
    await expect(window.rows().nth(1)).to_contain_text("login: password")
    secrets = [token, token[:-4], *sandbox["crmcom"].credentials["password"].values()]
    await newest.click()
    for view in ("requests", "tokens", "timeline"):
        await window.open(view)
        shown = await window.page.content()
        assert [secret for secret in secrets if len(secret) > 8 and secret in shown] == []


async def test_requests_are_filtered_by_vendor_status_and_text(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    login(sandbox["crmcom"], client)
    login(sandbox["cinchy"], client)
    client.get(f"{sandbox.url}/cinchy/API/HR/Nothing")
    await window.open()
    await expect(window.rows()).to_have_count(3)

    await window.page.get_by_role("combobox", name="Vendor").select_option("cinchy")
    await expect(window.rows()).to_have_count(2)
    await window.page.get_by_role("combobox", name="Show").select_option("token requests")
    await expect(window.rows()).to_have_count(1)
    await window.page.get_by_role("combobox", name="Show").select_option("all requests")
    await window.page.get_by_label("Path or operation").fill("hr/nothing")
    await expect(window.rows()).to_have_count(1)
    await window.page.get_by_label("Path or operation").fill("no such path")
    await expect(window.page.locator("#request-empty")).to_have_text("No request matches.")


async def test_a_paused_list_stands_still_and_catches_up(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    await window.open()
    pause = window.page.get_by_role("button", name="Pause")
    await pause.click()
    login(sandbox["crmcom"], client)
    await expect(window.page.locator("#request-note")).to_have_text("Paused; 1 more request since")
    await expect(window.rows()).to_have_count(0)
    await pause.click()
    await expect(window.rows()).to_have_count(1)


async def test_no_more_than_500_requests_are_kept(window: Window, sandbox: Sandbox) -> None:
    await window.open()
    many_requests(sandbox, 520)
    await expect(window.rows().first).to_contain_text("/cinchy/number/519")
    await expect(window.rows()).to_have_count(500)
    await expect(window.rows().last).to_contain_text("/cinchy/number/20")


async def test_the_list_is_walked_and_a_request_opened_by_keyboard(
    window: Window, sandbox: Sandbox, client: httpx.Client
) -> None:
    for name in ("one", "two", "three"):
        client.get(f"{sandbox.url}/cinchy/{name}")
    await window.open()
    await expect(window.rows()).to_have_count(3)

    await window.tab_to(lambda focus: focus["text"] == "GET /cinchy/three")
    await window.page.keyboard.press("ArrowDown")
    await window.page.keyboard.press("Enter")
    detail = window.page.get_by_role("complementary")
    await expect(detail).to_contain_text("GET /cinchy/two")
    await expect(detail).to_contain_text("no operation has this method and path")
    await window.page.keyboard.press("Escape")
    await expect(detail).to_be_hidden()
    assert (await window.focused())["text"] == "GET /cinchy/two"


async def test_markup_in_a_path_is_shown_as_text(window: Window, sandbox: Sandbox) -> None:
    await window.open()
    connection = HTTPConnection(sandbox.url.removeprefix("http://"))  # unlike httpx it sends a path as it is
    connection.request("GET", "/cinchy/<img/src=x/onerror=alert(1)>")
    connection.getresponse().read()
    connection.close()
    await expect(window.rows().first).to_contain_text("/cinchy/<img/src=x/onerror=alert(1)>")
    await window.rows().first.click()
    assert await window.page.locator("main img").count() == 0


def hostile_document() -> dict[str, object]:
    """A document with markup wherever a text can stand."""
    hostile = copy.deepcopy(document("cinchy"))
    item = hostile["paths"]["/API/{domain}/{query}"]
    operation = item["get"]
    hostile["paths"] = {f"/API/{{domain}}/{{query}}/{MARKUP}": {**item, "get": operation}}
    hostile["components"]["securitySchemes"] = {"bearerAuth": {"type": "http", "scheme": "bearer"}}
    hostile["info"]["title"] = f"Hostile {MARKUP}"
    hostile["info"]["description"] = f"{MARKUP} `{MARKUP}` [link](javascript:alert(1))"
    operation["operationId"] = f"run{MARKUP}"
    operation["summary"] = operation["description"] = (
        f"**{MARKUP}** [link](javascript:alert(1)) <script>alert(1)</script>"
    )
    operation["x-source"] = {"kind": "doc", "url": "javascript:alert(1)"}
    operation["parameters"] = [{"name": MARKUP, "in": "query", "description": MARKUP, "schema": {"type": MARKUP}}]
    return hostile


async def test_markup_in_a_document_is_shown_as_text(window: Window) -> None:
    with Sandbox("hostile", documents={"hostile": hostile_document()}) as sandbox:
        window.origin = sandbox.url
        await window.open("reference")
        await window.open_all("#reference-body details")
        await expect(window.page.locator("[data-operation]").first).to_contain_text(f"run{MARKUP}")
        main = window.page.locator("main")
        assert await main.locator("img, script").count() == 0
        assert await main.locator("a[href^='javascript:']").count() == 0
        await window.leave()
        window.origins -= {sandbox.url}
