"""A real Chromium for the console's tests: one per worker, with one page, which is reset for every test.

The clocks of the sandbox and of the browser are stopped unless a test moves them, so that the times and remaining
lifetimes on the page are exact.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright

from console.window import Window
from sandbox.support import NOON, stopped_clock
from support.programs import program
from vendor_sandbox import Sandbox

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def page() -> AsyncIterator[Page]:
    """A page of the system's Chromium. Playwright includes no browser and downloads none."""
    chromium = program("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = await browser.new_context()
        yield await context.new_page()
        await browser.close()


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with the vendors of the test's parameter, or with Cinchy and CRM.COM; its clock is stopped."""
    with Sandbox(*getattr(request, "param", ("cinchy", "crmcom")), clock=stopped_clock()) as running:
        yield running


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """An HTTP client that calls the vendors while the page is open."""
    with httpx.Client(trust_env=False, timeout=30) as plain:
        yield plain


@pytest_asyncio.fixture(loop_scope="session")
async def window(page: Page, sandbox: Sandbox) -> AsyncIterator[Window]:
    """The console in a window. Errors in the browser's console fail the test, as does any other origin.

    One page serves all tests, since making one takes longer than most of them: the console keeps nothing in the
    browser, which is asserted, so that none of them can leave anything to the next.
    """
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    await page.clock.set_fixed_time(NOON)  # of Date alone: timers run
    opened = Window(page, sandbox.url)
    yield opened
    await opened.leave()
    assert opened.problems == []
    assert opened.origins <= {sandbox.url}, "the page sent a request to another origin"
    assert opened.kept in ([], None), "the page keeps something in the browser"
