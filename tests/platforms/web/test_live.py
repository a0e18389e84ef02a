"""Pushes: every page of a person sees them, a page knows what it missed, and the same message is one message."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.capability import Capabilities, Message
from bot.cards import Button, Card, text
from bot.events import Who
from tests.drivers import Driver
from tests.drivers.web import WebDriver
from tests.platforms.web.sample import Sample

ANA = Who("web", "console", "ana")


async def hear(socket: aiohttp.ClientWebSocketResponse) -> dict[str, object]:
    heard: dict[str, object] = await socket.receive_json(timeout=5)
    return heard


async def now(client: aiohttp.ClientSession) -> str:
    async with client.get("/console/api/messages", params={"user": "ana"}) as response:
        return str((await response.json())["at"])


async def test_two_pages_see_the_same_and_nobody_else_does(sample: Sample, client: aiohttp.ClientSession) -> None:
    at = await now(client)
    pages = [await client.ws_connect("/console/live", params={"user": "ana", "since": at}) for _ in range(2)]
    other = await client.ws_connect("/console/live", params={"user": "boss"})
    assert [(await hear(page))["stale"] for page in pages] == [False, False]
    ref = await sample.tell("ana", "home")
    for page in pages:
        pushed = await hear(page)
        assert pushed["kind"] == "message"
        assert ref.message in str(pushed)
    await sample.redraw("ana", ref.message)
    assert (await hear(pages[0]))["kind"] == "redraw"
    assert (await hear(other))["kind"] == "hello"
    await other.send_str("ping")
    assert await hear(other) == {"kind": "pong"}


async def test_a_page_that_missed_something_is_told(sample: Sample, client: aiohttp.ClientSession) -> None:
    at = await now(client)
    await sample.tell("ana", "home")
    page = await client.ws_connect("/console/live", params={"user": "ana", "since": at})
    assert (await hear(page))["stale"] is True


async def test_a_restart_is_noticed_and_the_history_is_whole(sample: Sample, client: aiohttp.ClientSession) -> None:
    await sample.tell("ana", "home")
    at = await now(client)
    await sample.stop()
    await sample.start()
    page = await client.ws_connect("/console/live", params={"user": "ana", "since": at})
    assert (await hear(page))["stale"] is True
    async with client.get("/console/api/messages", params={"user": "ana"}) as response:
        assert len((await response.json())["messages"]) == 1


async def test_what_was_just_pushed_is_shown_before_it_is_remembered(
    sample: Sample, client: aiohttp.ClientSession
) -> None:
    await sample.tell("ana", "home")
    await sample.console.deliver(ANA, Message(Card("Just now")))
    async with client.get("/console/api/messages", params={"user": "ana"}) as response:
        titles = [message["card"]["title"] for message in (await response.json())["messages"]]
    assert titles == ["Good morning, Wang Fang", "Just now"]


async def test_what_the_history_gave_up_does_not_come_back_by_being_redrawn(
    sample: Sample, client: aiohttp.ClientSession
) -> None:
    await sample.tell("ana", "home")
    older = await sample.console.deliver(ANA, Message(Card("Older")))
    await sample.console.update(ANA, older, Message(Card("", summary="This goes on in a newer message below.")))
    async with client.get("/console/api/messages", params={"user": "ana"}) as response:
        titles = [message["card"]["title"] for message in (await response.json())["messages"]]
    assert titles == ["Good morning, Wang Fang"]


async def test_a_retried_message_keeps_its_place(sample: Sample) -> None:
    first, again = [await sample.console.deliver(ANA, Message(Card("x"), key="k1")) for _ in range(2)]
    other = await sample.console.deliver(Who("web", "console", "boss"), Message(Card("x"), key="k1"))
    assert first == again
    assert other.message != first.message


async def test_a_page_needs_the_right_origin(sample: Sample) -> None:
    async with aiohttp.ClientSession(sample.base, headers={"Origin": "http://evil.example"}) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect("/console/live", params={"user": "ana"})


async def test_a_page_that_does_not_keep_up_is_sent_away(sample: Sample, client: aiohttp.ClientSession) -> None:
    page = await client.ws_connect("/console/live", params={"user": "ana"})
    assert (await hear(page))["kind"] == "hello"
    for _ in range(250):
        await sample.console.deliver(ANA, Message(Card("x")))
    heard = 0
    while (await page.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
        heard += 1
    assert (heard, page.close_code) == (0, 1013)


@pytest.fixture
async def driver(sample: Sample) -> AsyncIterator[WebDriver]:
    made = WebDriver(people=sample.everybody, history=sample.history, clock=sample.clock)
    for user in ("ana", "boss"):
        made.add_user(user, name=sample.people[user].name, email=f"{user}@example.com")
    await sample.stop()
    await sample.start(made.console)
    await made.connect(sample.base)
    yield made
    await made.stop()


async def test_the_driver_types_presses_and_fills(sample: Sample, driver: WebDriver) -> None:
    same: Driver = driver
    assert (await same.type("ana", "perf goals")).status == 200
    seen = same.messages("ana")[-1]
    assert "Your plan for Q4 2026" in seen.text
    assert seen.buttons == ("Approve", "Change a goal", "Return", "2026 Q3", "2026 Q2", "A", "B")
    assert (await same.press("ana", seen, "2026 Q3")).toast == "period.show 2026Q3"
    await same.press("ana", seen, "Change a goal")
    form = same.form("ana")
    assert form is not None
    assert form.values["Sources"] == ("crm",)
    outcome = await same.submit("ana", {"Target": "ninety", "Sources": ["CRM", "By hand"]})
    assert outcome.errors["Target"] == "Please enter a number, such as 12.5."
    filled = {"Target": "９０", "Due on": "2026-12-31", "Kind": "Qualitative", "Reason": "new market"}
    assert (await same.submit("ana", {**filled, "Accountable person": "Li Lei"})).toast == "Saved."
    assert same.form("ana") is None
    answers = sample.events[-1]
    assert getattr(answers, "answers")["accountable"] == "@boss"  # noqa: B009


async def test_the_driver_keeps_outdated_messages_and_sees_redraws(sample: Sample, driver: WebDriver) -> None:
    await driver.type("ana", "perf goals")
    old = driver.messages("ana")[-1]
    await driver.press("ana", old, "Approve")
    assert "approved" in driver.messages("ana")[-1].text
    await driver.press("boss", old, "Return")
    assert sample.events[-1].who.user == "boss"
    assert len(driver.messages("ana")) == 1
    await driver.type("ana", "perf progress")
    assert driver.messages("ana")[-1].pictures == 1
    await driver.upload("ana", "a.pdf", b"%PDF")
    assert "Evidence received" in driver.messages("ana")[-1].text
    assert (await driver.type("nobody", "x")).status == 404


async def test_capabilities_can_be_degraded() -> None:
    few = WebDriver(Capabilities(buttons=0, forms=False))
    platform = await few.start()
    assert (platform.can.buttons, platform.can.forms, platform.name) == (0, False, "web")
    card = Card("x", (text("y"),), (Button("z", "a.b"),))
    assert (await platform.deliver(ANA, Message(card))).channel == "ana"
