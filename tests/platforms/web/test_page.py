"""How the page stands: live in two tabs, after a restart, in Chinese, in the dark, on a phone, for a screen reader."""

import pytest
from playwright.async_api import expect

from tests.platforms.web.chromium import Opens, barriers, says
from tests.platforms.web.sample import Sample

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_the_language_changes_everything_that_stands_there(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await expect(page.get_by_role("article", name="Your plan for Q4 2026")).to_be_visible()
    await page.get_by_label("Language").select_option("zh-Hans")
    await expect(page.get_by_role("article", name="你的2026年第四季度绩效计划")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await expect(page.locator(".row.bot")).to_have_attribute("lang", "zh-Hans")
    await expect(page.locator(".bubble")).to_have_count(1)
    assert stage.people["ana"].locale == "zh_Hans"


async def test_two_tabs_live(stage: Sample, opens: Opens) -> None:
    one, other = await opens(), await opens()
    await says(one, "perf goals")
    await expect(other.get_by_role("article", name="Your plan for Q4 2026")).to_be_visible()
    await one.get_by_role("button", name="Approve").click()
    for page in (one, other):
        await expect(page.get_by_role("article", name="Your plan is approved")).to_be_visible()


async def test_the_page_comes_back_after_a_restart(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await stage.stop()
    await expect(page.locator("#link")).to_contain_text("Connection lost")
    await says(page, "perf")
    await expect(page.locator("#toasts")).to_contain_text("does not answer")
    await stage.start()
    await stage.tell("ana", "home")
    await expect(page.get_by_role("article", name="Good morning, Wang Fang")).to_be_visible()
    await expect(page.locator("#link")).to_be_empty()
    await expect(page.get_by_role("article")).to_have_count(2)


async def test_the_dark_is_dark_and_remembered(opens: Opens) -> None:
    page = await opens(dark=True)
    background = "getComputedStyle(document.body).backgroundColor"
    assert await page.evaluate(background) == "rgb(13, 17, 23)"
    await page.get_by_role("button", name="Dark colours").click()
    assert await page.evaluate(background) == "rgb(244, 246, 250)"
    await page.reload()
    await expect(page.locator("#person b")).to_have_text("Wang Fang")
    assert await page.evaluate(background) == "rgb(244, 246, 250)"
    await expect(page.get_by_role("button", name="Dark colours")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("user", ["ana", "王芳"])
async def test_a_phone_needs_no_sideways_scrolling(opens: Opens, user: str) -> None:
    page = await opens(user, width=360, height=640)
    boxes = "[...document.querySelectorAll('body, main, #scroll, dialog')]"
    wide = f"{boxes}.filter((box) => box.scrollWidth > box.clientWidth + 1).length"
    for text in ("perf progress", "perf goals"):
        await says(page, text)
    await expect(page.get_by_role("article")).to_have_count(2)
    await page.locator("#write").press_sequentially("perf")
    assert await page.evaluate(wide) == 0
    await page.fill("#write", "")
    await page.locator("article button").nth(1).click()
    await expect(page.locator("dialog")).to_be_visible()
    assert await page.evaluate(wide) == 0
    await expect(page.locator("dialog button[type=submit]")).to_be_in_viewport()


async def test_markup_in_a_card_is_shown_as_text(opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await expect(page.locator("article strong")).to_have_text("<b>&amp;")
    await says(page, "<img src=x onerror=alert(1)>")
    await expect(page.locator(".bubble").last).to_contain_text("<img src=x")


async def test_a_link_plays_but_never_speaks(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await page.goto(f"{stage.base}/console/?user=boss&say=perf%20goals")
    await expect(page.locator("#person b")).to_have_text("Li Lei")
    await page.goto(f"{stage.base}/console/?user=nobody")
    await expect(page.locator("#person b")).not_to_be_empty()
    assert stage.events == []


@pytest.mark.parametrize("dark", [False, True])
async def test_no_barriers(opens: Opens, dark: bool) -> None:
    page = await opens(dark=dark)
    await page.emulate_media(reduced_motion="reduce")
    assert await barriers(page) == []
    for text in ("perf progress", "perf goals", "what", "perf", "note"):
        await says(page, text)
    await expect(page.get_by_role("article")).to_have_count(5)
    await page.fill("#write", "perf")
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Change a goal").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".error:not([hidden])").first).to_be_visible()
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await page.locator("#person").click()
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Return").click()
    assert await barriers(page) == []
