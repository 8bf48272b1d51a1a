"""The console in a browser's window, as a person uses it."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Error, Locator, Page, Request, expect

from vendor_sandbox import Sandbox

MOST_TABS = 80
KEPT = """async () => {
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    const cookies = document.cookie.split("; ").filter(Boolean);
    return [...Object.keys(localStorage), ...Object.keys(sessionStorage), ...databases, ...cookies];
}"""


def many_requests(sandbox: Sandbox, number: int) -> None:
    """So many ordinary requests, one after the other, each with its number in its path."""
    connection = HTTPConnection(sandbox.url.removeprefix("http://"))  # several times as fast as httpx
    for each in range(number):
        connection.request("GET", f"/cinchy/number/{each}")
        connection.getresponse().read()
    connection.close()


class Window:
    """One page, and what the browser says of it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.problems: list[str] = []
        """Errors and warnings of the browser's console, and exceptions that nobody caught."""
        self.origins: set[str] = set()
        """Whom the page has asked for anything."""
        self.kept: list[str] | None = None
        """What the page had left in the browser when it was closed; ``None``: it was not opened."""
        page.set_default_timeout(10_000)
        page.on("console", self._on_console)
        page.on("pageerror", self._on_error)
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _on_error(self, error: Error) -> None:
        self.problems.append(str(error))

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if request.url != "about:blank":
            self.origins.add(f"{parts.scheme}://{parts.netloc}")

    async def open(self, fragment: str = "requests") -> None:
        """Goes to a view and waits until the page is connected."""
        await self.page.goto(f"{self.origin}/_sandbox/console/#{fragment}")
        await expect(self.page.locator("#connection")).to_have_attribute("data-state", "live")

    async def leave(self) -> None:
        """Closes the console, and takes back what was asked of the page."""
        await self.page.unroute_all()
        if self.page.url != "about:blank":
            self.kept = await self.page.evaluate(KEPT)
            await self.page.goto("about:blank")
        self.page.remove_listener("console", self._on_console)
        self.page.remove_listener("pageerror", self._on_error)
        self.page.remove_listener("request", self._on_request)

    async def show(self, fragment: str) -> None:
        """Goes to another view of the page that is open, as a click on its link does."""
        await self.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
        await expect(self.page.locator(f"#view-{fragment.partition('/')[0]}")).to_be_visible()

    async def tab_to(self, reached: Callable[[dict[str, Any]], bool]) -> None:
        """Presses Tab until the focused element is the one: told by its text, label and name."""
        for _ in range(MOST_TABS):
            await self.page.keyboard.press("Tab")
            if reached(await self.focused()):
                return
        raise AssertionError(f"{MOST_TABS} times Tab do not lead there; the last was {await self.focused()}")

    async def focused(self) -> dict[str, Any]:
        """What has the keyboard's focus."""
        found: dict[str, Any] = await self.page.evaluate(
            """() => {
                const { tagName, id, name, textContent } = document.activeElement;
                const { outlineStyle } = getComputedStyle(document.activeElement);
                return { tag: tagName.toLowerCase(), id, name, text: textContent.trim(), outline: outlineStyle };
            }"""
        )
        return found

    async def open_all(self, details: str) -> None:
        """Opens all that a selector finds, as a click on each would."""
        await expect(self.page.locator(details).first).to_be_attached()
        await self.page.locator(details).evaluate_all("(nodes) => nodes.forEach((node) => { node.open = true; })")

    def rows(self) -> Locator:
        """The requests that are shown."""
        return self.page.locator("#request-rows tr")
