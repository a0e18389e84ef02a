"""One console per test, with a client that is not a browser and one that is."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.platforms.web.chromium import SECONDS, Opens, chromium
from tests.platforms.web.sample import Sample


@pytest.fixture
async def sample() -> AsyncIterator[Sample]:
    """The sample bot, serving."""
    served = Sample()
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def client(sample: Sample) -> AsyncIterator[aiohttp.ClientSession]:
    """Plain HTTP to the console, with the header that a page of it would send."""
    async with aiohttp.ClientSession(
        sample.base, headers={"Origin": sample.base}, timeout=aiohttp.ClientTimeout(total=10)
    ) as session:
        yield session


expect.set_options(timeout=SECONDS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the tests of a file."""
    async with chromium() as launched:
        yield launched


@pytest_asyncio.fixture(loop_scope="module")
async def stage() -> AsyncIterator[Sample]:
    """The sample bot, on the event loop of the browser."""
    served = Sample()
    await served.start()
    yield served
    await served.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def opens(browser: Browser, stage: Sample) -> AsyncIterator[Opens]:
    """Opens a page as somebody, each in a browser of its own; at the end no page may have complained of anything."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def opened(user: str = "ana", *, width: int = 1200, height: int = 800, dark: bool = False) -> Page:
        scheme: str = "dark" if dark else "light"
        context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(SECONDS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        await page.goto(f"{stage.base}/console/?user={user}")
        await expect(page.locator("#person b")).to_have_text(stage.people[user].name)
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert complaints == []
