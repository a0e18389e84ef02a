"""What people do on the page, in a real browser: by mouse, by keyboard, with an input method."""

import re

import pytest
from playwright.async_api import expect

from bot.capability import Message, Ref
from bot.cards import Card
from bot.events import Click, Said, Submitted, Who, unpacked
from tests.platforms.web.chromium import Opens, says
from tests.platforms.web.sample import Sample

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_newcomer_is_told_what_to_try(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await expect(page.locator("#empty")).to_contain_text("Hello Wang Fang")
    await page.locator("#empty").get_by_role("button", name="Look at your goals").click()
    await expect(page.get_by_role("article", name="Your plan for Q4 2026")).to_be_visible()
    await expect(page.locator("#empty")).to_be_hidden()
    assert isinstance(stage.events[0], Said)


async def test_typing_is_completed_from_the_keyboard(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await page.locator("#write").press_sequentially("go")
    options = page.get_by_role("listbox").get_by_role("option")
    await expect(options.first).to_contain_text("perf goals")
    await page.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    await page.keyboard.press("ArrowDown")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page.locator("#write")).to_have_value("perf goals")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble")).to_contain_text("perf goals")
    await says(page, "hello @li")
    await expect(options).to_have_count(0)
    await expect(page.get_by_role("article")).to_have_count(2)
    assert [event.text for event in stage.events if isinstance(event, Said)] == ["perf goals", "hello @li"]


async def test_people_are_completed_and_mentioned(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await page.locator("#write").press_sequentially("perf score @sun")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#write")).to_have_value("perf score @SunLi ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article")).to_have_count(1)
    said = stage.events[0]
    assert isinstance(said, Said)
    assert said.mentions == {"@SunLi": "hr"}


async def test_pressing_redraws_in_place_and_a_danger_asks_first(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await page.get_by_role("button", name="Return").click()
    dialog = page.get_by_role("alertdialog")
    await expect(dialog).to_contain_text("proposed again")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_have_count(0)
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("article")).to_have_count(1)
    await expect(page.get_by_role("article", name="Your plan is approved")).to_be_visible()
    clicks = [event.action for event in stage.events if isinstance(event, Click)]
    assert clicks == ["plan.approve"]


async def test_the_redrawing_of_a_message_that_is_not_shown_is_not_news(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await expect(page.get_by_role("article")).to_have_count(1)
    older = Ref("ana", "one-of-long-ago")
    await stage.console.update(Who("web", "console", "ana"), older, Message(Card("Long ago")))
    await stage.console.deliver(Who("web", "console", "ana"), Message(Card("Just now")))
    await expect(page.get_by_role("article", name="Just now")).to_be_visible()
    await expect(page.get_by_role("article")).to_have_count(2)


async def test_a_long_conversation_scrolls_and_the_page_around_it_does_not(stage: Sample, opens: Opens) -> None:
    page = await opens(height=500)
    for turn in range(1, 7):
        await says(page, "perf goals")
        await expect(page.locator(".bubble")).to_have_count(turn)
    await page.evaluate("scrollTo(0, 9999); document.body.scrollTop = 9999; scroll.scrollTop = 0")
    assert await page.evaluate("[scrollY, document.body.scrollTop]") == [0, 0]
    await expect(page.locator("#write")).to_be_in_viewport(ratio=1)


async def test_a_choice_is_applied(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await page.get_by_label("Show another period").select_option("2026 Q3")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.locator("#toasts")).to_contain_text("period.show 2026Q3")


async def test_a_quick_choice_is_one_press(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await page.get_by_role("group", name="How was it?").get_by_role("button", name="B", exact=True).click()
    await expect(page.locator("#toasts")).to_contain_text("period.show b")


async def test_a_form_says_what_is_wrong_where_it_is_wrong(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await page.get_by_role("button", name="Change a goal").click()
    form = page.get_by_role("dialog", name="Change of a goal")
    await form.get_by_label("Target").fill("lots")
    await form.get_by_role("button", name="Save").click()
    target = form.get_by_label("Target")
    await expect(target).to_have_attribute("aria-invalid", "true")
    await expect(target).to_be_focused()
    await expect(target).to_have_accessible_description(re.compile("Please enter a number"))
    await target.fill("９０")
    await form.get_by_label("Due on").fill("2026-12-31")
    await form.get_by_label("Quantitative").check()
    await form.get_by_label("By hand").check()
    await form.get_by_label("Accountable person").press_sequentially("li lei")
    await form.get_by_role("option").first.click()
    await form.get_by_label("Reason").fill("new market")
    await form.get_by_label("Evidence").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"}
    )
    await expect(form.locator(".kept")).to_have_text("a.pdf")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    await expect(page.locator("#toasts")).to_contain_text("Saved.")
    sent = stage.events[-1]
    assert isinstance(sent, Submitted)
    assert sent.answers["sources"] == ("crm", "hand")
    assert sent.answers["accountable"] in {f"@{user}" for user, one in stage.people.items() if one.name == "Li Lei"}
    held = unpacked(sent.answers["evidence"][0])
    assert held is not None
    assert await stage.console.fetch(held.url, 9) == b"x"


async def test_a_draft_outlives_a_reload(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await page.get_by_role("button", name="Change a goal").click()
    await page.get_by_label("Reason").fill("half a thought")
    await page.keyboard.press("Escape")
    await page.reload()
    await page.get_by_role("button", name="Change a goal").click()
    await expect(page.get_by_label("Reason")).to_have_value("half a thought")
    await expect(page.get_by_role("alert")).to_contain_text("draft")
    await expect(page.locator(".bubble")).to_contain_text("perf goals")


async def test_somebody_else_is_played(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await says(page, "perf goals")
    await page.locator("#person").click()
    await page.get_by_role("searchbox").fill("head of hr")
    await expect(page.locator("dialog li")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#person b")).to_have_text("Sun Li")
    await expect(page.get_by_role("article")).to_have_count(0)
    assert page.url.endswith("?user=hr")
    await stage.tell("hr", "home")
    await expect(page.get_by_role("article", name="Good morning, Sun Li")).to_be_visible()


async def test_an_unfinished_composition_is_not_sent(stage: Sample, opens: Opens) -> None:
    page = await opens("王芳")
    await page.locator("#write").focus()
    session = await page.context.new_cdp_session(page)
    await session.send("Input.imeSetComposition", {"text": "ji xiao", "selectionStart": 7, "selectionEnd": 7})
    await page.evaluate(
        """() => document.querySelector("#write").dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    await page.wait_for_timeout(200)
    assert stage.events == []
    await session.send("Input.insertText", {"text": "绩效"})
    await expect(page.locator("#write")).to_have_value("绩效")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble")).to_contain_text("绩效")


async def test_everything_can_be_done_without_a_mouse(stage: Sample, opens: Opens) -> None:
    page = await opens()
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("perf goals")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article")).to_have_count(1)
    for _ in range(16):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("document.activeElement.textContent") == "Approve":
            break
    await page.keyboard.press("Enter")
    card = page.get_by_role("article", name="Your plan is approved")
    await expect(card).to_be_focused()
    await page.locator("#person").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#person b")).to_have_text("Sun Li")


async def test_a_file_is_dropped(stage: Sample, opens: Opens) -> None:
    page = await opens()
    files = [{"name": "报告.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}]
    await page.locator("#file").set_input_files(files)  # type: ignore[arg-type]
    await expect(page.locator(".bubble")).to_contain_text("报告.pdf")
    await expect(page.get_by_role("article", name="Evidence received")).to_be_visible()
