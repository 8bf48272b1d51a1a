"""The page as a whole: what it may load, how it bears a restart, and whether everybody can use it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import expect

from console.window import Window
from sandbox.support import login
from support.repository import ROOT
from vendor_sandbox import Sandbox

pytestmark = pytest.mark.xdist_group("console")
browsing = pytest.mark.asyncio(loop_scope="session")

CONSOLE = ROOT / "packages/vendor-sandbox/src/vendor_sandbox/console"
FILES = sorted(path for path in CONSOLE.rglob("*") if path.is_file())
VIEWS = ("requests", "tokens", "timeline", "faults", "settings", "reference/cinchy/runQuery")
MOST_LINES = 500
CANNOT_INSTALL = 3
AXE: tuple[tuple[Literal["light", "dark"], dict[str, Any]], ...] = (
    ("light", {}),
    ("dark", {"runOnly": ["color-contrast"]}),  # nothing else that axe looks at is another one in the dark
)


def test_the_wheel_contains_the_page_and_all_its_parts(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path),
        str(ROOT / "packages/vendor-sandbox"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert len(FILES) > 15
    assert {f"vendor_sandbox/console/{path.relative_to(CONSOLE).as_posix()}" for path in FILES} <= packed


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_names_no_other_host_and_builds_no_html(file: Path) -> None:
    text = file.read_text("utf-8")
    names = re.findall(r"https?://[\w.]+", text)
    assert set(names) <= {"http://www.w3.org"}, "the namespace of SVG, which is never fetched"
    assert (
        re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|\bFunction\(|setHTML", text
        )
        == []
    )
    assert len(text.splitlines()) < MOST_LINES


@browsing
async def test_the_page_lets_the_browser_load_nothing_from_elsewhere(window: Window) -> None:
    await window.open()
    policy = await window.page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    blocked = await window.page.evaluate(
        """async () => {
            const broken = new Promise((told) => addEventListener("securitypolicyviolation", told, { once: true }));
            await fetch("http://localhost:9/").catch(() => {});
            const { effectiveDirective } = await broken;
            try { document.body.innerHTML = "<b>"; } catch { return [effectiveDirective, "markup"]; }
            return [effectiveDirective];
        }"""
    )
    assert blocked == ["connect-src", "markup"]
    window.problems.clear()  # those two are what the test wants


@browsing
async def test_a_restart_of_the_sandbox_is_reported_and_survived(window: Window, client: httpx.Client) -> None:
    with Sandbox("cinchy") as first:
        login(first["cinchy"], client)
        window.origin = origin = first.url
        await window.open()
        await expect(window.rows()).to_have_count(1)
    connection = window.page.get_by_role("status").first
    await expect(connection).to_contain_text("Not connected since")
    with Sandbox("cinchy", port=urlsplit(origin).port or 0) as second:
        await expect(connection).to_have_text("Live again, after a restart")
        await expect(window.rows()).to_have_count(0)
        with httpx.Client(trust_env=False) as somebody:
            login(second["cinchy"], somebody)
        await expect(window.rows()).to_have_count(1)
        await window.leave()
    window.problems = [problem for problem in window.problems if "ERR_" not in problem]
    window.origins -= {origin}


@browsing
@pytest.mark.parametrize("width", [360, 1440])
async def test_nothing_is_wider_than_the_window(
    window: Window, sandbox: Sandbox, client: httpx.Client, width: int
) -> None:
    login(sandbox["cinchy"], client)
    client.get(f"{sandbox.url}/cinchy/{'long' * 60}")
    await window.page.set_viewport_size({"width": width, "height": 740})
    for view in VIEWS:
        await window.open(view)
        await expect(window.page.locator(f"#view-{view.partition('/')[0]}")).to_be_visible()
        assert await window.page.evaluate("document.documentElement.scrollWidth") <= width, view


@browsing
async def test_one_view_is_shown_at_a_time_with_its_title(window: Window) -> None:
    await window.open()
    for name in ("Tokens", "Timeline", "Faults", "Settings", "Reference", "Requests"):
        link = window.page.get_by_role("link", name=name, exact=True).first
        await link.click()
        await expect(window.page).to_have_title(f"{name} – Vendor sandbox")
        await expect(link).to_have_attribute("aria-current", "page")
        await expect(window.page.locator("main > section:visible")).to_have_count(1)
        await expect(window.page.get_by_role("heading", level=2)).to_be_focused()


def axe() -> str:
    """The source of axe-core. Skips the test that asks where npm cannot install it, or fails it in CI."""
    command = [sys.executable, str(ROOT / "scripts/node_packages.py"), "axe-core"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode == CANNOT_INSTALL:
        reason = f"axe-core is not there: {ended.stderr.strip()}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    assert ended.returncode == 0, ended.stderr
    return (Path(ended.stdout.strip()) / "axe.min.js").read_text("utf-8")


@browsing
async def test_axe_finds_no_barrier(window: Window, sandbox: Sandbox, client: httpx.Client) -> None:
    source = axe()
    await window.open()
    await window.page.evaluate(source)
    await expect(window.page.locator("#request-start .copyable")).to_have_count(2)
    await barriers(window, "the empty console")
    rule = {"vendor": "cinchy", "kind": "status", "status": 503, "operation": "runQuery", "times": 1}
    client.post(f"{sandbox.url}/_sandbox/faults", json=rule).raise_for_status()
    login(sandbox["crmcom"], client)
    for _ in range(2):
        client.get(f"{sandbox.url}/cinchy/API/HR/Employees")
    await window.page.emulate_media(reduced_motion="reduce")
    await window.open()
    await window.page.evaluate(source)
    for view in VIEWS:
        await window.page.evaluate("(view) => { location.hash = view; }", view)
        await expect(window.page.locator(f"#view-{view.partition('/')[0]}")).to_be_visible()
        if view == "requests":
            await window.rows().first.click()
            await expect(window.page.locator("aside .copyable")).to_have_count(2)
        if view.startswith("reference"):
            form = window.page.get_by_role("form", name="Try runQuery")
            for name, text in (("domain", "HR"), ("query", "Employees")):
                await form.get_by_label(name).fill(text)
            await form.get_by_role("button", name="Send").click()
            await form.get_by_text("What was sent").click()
            await expect(form.locator(".copyable")).to_have_count(2)
        await barriers(window, view)


async def barriers(window: Window, view: str) -> None:
    """What axe finds in the light and in the dark is nothing."""
    for scheme, options in AXE:
        await window.page.emulate_media(color_scheme=scheme)
        report = await window.page.evaluate(
            """async (options) => {
                const { violations, passes } = await axe.run(options);
                if (passes.length === 0) throw new Error("axe has looked at nothing");
                return violations.map(({ id, impact, nodes }) => ({ id, impact, at: nodes[0].html }));
            }""",
            options,
        )
        assert report == [], f"{view}, {scheme}: {json.dumps(report, indent=1)}"


@browsing
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_timeline_mark_has_enough_contrast(window: Window, scheme: Literal["light", "dark"]) -> None:
    """By 3 to 1, as WCAG 2.2 section 1.4.11 has it for what must be seen; axe looks at texts only."""
    await window.page.emulate_media(color_scheme=scheme)
    await window.open("timeline")
    colours: list[tuple[str, str, str]] = await window.page.locator("#timeline-legend svg").evaluate_all(
        """(marks) => marks.map((mark) => {
            const { fill, stroke } = getComputedStyle(mark.firstElementChild);
            return [mark.getAttribute("class"), fill === "none" ? stroke : fill];
        }).map((found) => [...found, getComputedStyle(document.body.parentElement).backgroundColor])"""
    )
    assert len(colours) == 6
    assert {kind: ratio for kind, mark, ground in colours if (ratio := contrast(mark, ground)) < 3} == {}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours like ``rgb(1, 2, 3)`` (WCAG 2.2, "contrast ratio")."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
