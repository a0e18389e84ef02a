"""A headless Chromium for the console's tests, or a clear reason why there is none."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
SECONDS = 15_000
Opens = Callable[..., Awaitable[Page]]
AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => (await axe.run(document, {runOnly: rules})).violations
    .map((found) => `${found.impact} ${found.id} ${found.nodes[0].html.slice(0, 200)}`)"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser; skips without one, except where CI=true says that it has to be there."""
    path = _place()
    if path is None:
        reason = "no Chromium: install it, or name it in CHROME"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGS), timeout=60_000)
        yield browser
        await browser.close()


def _place() -> str | None:
    return next((place for place in (os.environ.get("CHROME", ""), *PLACES) if place and Path(place).exists()), None)


async def barriers(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands; evaluated, since a script tag would break the page's own policy."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(RUN, RULES)
    return found


async def says(page: Page, text: str) -> None:
    """Types a line and sends it."""
    await page.fill("#write", text)
    await page.press("#write", "Enter")
