"""`python -m tests.pictures`: takes the pictures of the documents anew, from a sample company at a fixed hour."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, Page, expect

from tests.platforms.web.chromium import chromium

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
NOW, ZONE = "2026-11-23T02:00:00+00:00", "Asia/Shanghai"
SIZE = (1180, 880)
HELEN, DANA, ANA, BO = "HL0004", "HL0006", "HL0007", "HL0008"
PATIENCE, STARTING = 30_000, 120.0


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """The address of a bot with a sample company of its own; nothing of the caller's settings is used."""
    with tempfile.TemporaryDirectory(prefix="pandian-pictures-") as folder:
        port = _free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        place = {"DATABASE_URL": f"sqlite:///{folder}/pandian.db", "PANDIAN_PORT": str(port)}
        when = {"PANDIAN_NOW": NOW, "PANDIAN_TIMEZONE": ZONE}
        command = [sys.executable, "-m", "bot", "run"]
        running = await asyncio.create_subprocess_exec(*command, env=kept | place | when)
        try:
            await asyncio.wait_for(_ready(f"http://127.0.0.1:{port}"), STARTING)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            await running.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


async def _ready(base: str) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{base}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)


@asynccontextmanager
async def playing(browser: Browser, base: str, user: str) -> AsyncIterator[Page]:
    """The console as somebody."""
    size = {"width": SIZE[0], "height": SIZE[1]}
    context = await browser.new_context(viewport=size, color_scheme="light", reduced_motion="reduce")  # type: ignore[arg-type]
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{base}/console/?user={user}")
    await expect(page.locator("#chips button").first).to_be_visible(timeout=PATIENCE)
    yield page
    await context.close()


async def says(page: Page, line: str) -> None:
    """Types a line; returns when a new card has come."""
    cards = page.locator("article.card")
    before = await cards.count()
    await page.locator("#write").fill(line)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")
    await expect(cards.nth(before)).to_be_visible(timeout=PATIENCE)


async def presses(page: Page, label: str) -> None:
    """Presses the newest button of this name; returns when a new card has come."""
    cards = page.locator("article.card")
    before = await cards.count()
    await page.get_by_role("button", name=label, exact=True).last.click()
    await expect(cards.nth(before)).to_be_visible(timeout=PATIENCE)


async def shot(page: Page, title: str, name: str) -> None:
    """A picture of the console at the newest card of this title, without what only blinks for a moment."""
    card = page.locator("article.card").filter(has=page.get_by_role("heading", name=title)).last
    await page.locator("#write").blur()
    await card.evaluate("card => card.scrollIntoView({block: 'end'})")
    await page.wait_for_timeout(500)
    await page.screenshot(path=FOLDER / name, style="#toasts { visibility: hidden }")


async def chart(page: Page, line: str, name: str) -> None:
    """The picture of the chart that a line is answered with, as it was sent."""
    await says(page, line)
    image = page.locator("article.card").last.locator("img")
    address = await image.evaluate("image => image.src")
    answer = await page.request.get(address)
    (FOLDER / name).write_bytes(await answer.body())


async def main() -> None:
    """Takes all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with served() as base, chromium() as browser:
        async with playing(browser, base, DANA) as dana:
            await chart(dana, "perf progress team", "progress.png")
        async with playing(browser, base, ANA) as ana:
            await says(ana, "perf result")
            await presses(ana, "How was this computed?")
            await shot(ana, "How it was computed · 2025", "console.png")
        async with playing(browser, base, HELEN) as helen:
            await chart(helen, "perf progress company", "stage.png")
            await says(helen, "perf lang zh-Hans")
            await chart(helen, "perf progress company", "stage.zh-Hans.png")
        async with playing(browser, base, BO) as bo:
            await chart(bo, "绩效 进度", "progress.zh-Hans.png")
            await says(bo, "绩效 结果")
            await presses(bo, "查看计算过程")
            await shot(bo, "计算过程 · 2025", "console.zh-Hans.png")


if __name__ == "__main__":
    asyncio.run(main())
