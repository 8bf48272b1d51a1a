"""The reference holds every operation of every vendor, can be searched and linked to."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from console.window import Window
from sandbox.support import operations
from support.repository import VENDORS

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("console"),
    pytest.mark.parametrize("sandbox", [tuple(VENDORS)], indirect=True),
]


async def test_every_operation_of_every_vendor_is_there(window: Window) -> None:
    await window.open("reference")
    expected = [(operation.method, operation.path, operation.node["operationId"]) for operation in operations()]
    await expect(window.page.locator("#reference-note")).to_have_text(f"{len(expected)} operations")
    shown = await window.page.locator("[data-operation]").evaluate_all(
        """(nodes) => nodes.map((node) => [
            node.querySelector(".method").textContent, node.querySelector(".path").textContent, node.dataset.operation,
        ])"""
    )
    assert sorted(map(tuple, shown)) == sorted(expected)


async def test_every_operation_can_be_opened(window: Window) -> None:
    """Each body is drawn when it is opened; here all of them are, with every inner schema once."""
    await window.open("reference")
    drawn = window.page.locator(".operation-body")
    await window.open_all("[data-operation]")
    await expect(drawn).to_have_count(len(operations()))
    await window.open_all(".operation-body details")
    deprecated = [operation for operation in operations() if operation.node.get("deprecated")]
    await expect(window.page.locator(".deprecated")).to_have_count(len(deprecated))
    text = await window.page.locator("#reference-body").inner_text()
    assert "[object Object]" not in text
    assert "undefined" not in text


async def test_a_search_narrows_the_list_to_what_has_every_word(window: Window) -> None:
    await window.open("reference")
    await window.page.get_by_label("Search").fill("run saved QUERY version")
    visible = window.page.locator("[data-operation]:visible")
    await expect(window.page.locator("#reference-note")).to_contain_text(f" of {len(operations())} operations")
    await expect(window.page.locator("[data-operation='runQueryVersion']")).to_be_visible()
    assert 0 < await visible.count() < 10
    await window.page.get_by_label("Search").fill("no such words at all")
    await expect(visible).to_have_count(0)


async def test_a_link_opens_one_operation_with_parameters_schemas_and_examples(window: Window) -> None:
    await window.open("reference/cinchy/runQuery")
    operation = window.page.locator("[data-operation='runQuery']")
    await expect(operation.locator("summary").first).to_be_focused()
    for text in ("Runs a saved query", "ResultFormat", "required", "for example", "application/json", "Example"):
        await expect(operation).to_contain_text(text)
    await expect(operation).to_be_in_viewport()
    await expect(operation.get_by_role("link", name="Link to this operation")).to_have_attribute(
        "href", "#reference/cinchy/runQuery"
    )


async def test_a_link_to_a_missing_operation_reports_that(window: Window) -> None:
    await window.open("reference/cinchy/noSuchOperation")
    await expect(window.page.locator("#reference-note")).to_have_text("cinchy has no operation noSuchOperation.")
