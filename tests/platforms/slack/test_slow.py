"""What takes longer than Slack waits: “Working…”, then the result, and nothing that was typed is lost or done twice."""

import asyncio
import gc
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.capability import Answer, Message
from bot.events import Command, FromPerson, Submitted
from bot.forms import Sheet
from bot.platforms.slack.waiting import Waits
from tests.drivers.slack_modals import form
from tests.fakes.slack import Fault
from tests.fakes.slack_payloads import submission
from tests.fakes.slack_screen import text_of
from tests.platforms.slack.stage import ANA, CARD, SHEET, Stage, playing
from tests.platforms.slack.test_modals import FILLED, TASKS, seen

SHORT = Waits(command=0.02, soon=0.02, press=0.6, form=0.02, grace=0.02)
SLOW = 0.1  # seconds a handler takes here: longer than all of these, but what is stored by the last moment
WORKING = "Working on it…"


@pytest.fixture(params=["http", "socket"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A bot on each transport that lets Slack wait for moments only."""
    async with playing(socket=request.param == "socket", waits=SHORT) as made:
        made.app.waits = SLOW
        yield made


@pytest.fixture
async def http() -> AsyncIterator[Stage]:
    """The same behind its HTTP door."""
    async with playing(waits=SHORT) as made:
        made.app.waits = SLOW
        yield made


async def slow_form(stage: Stage, sheet: Sheet = SHEET) -> None:
    """A form that was opened by a press."""
    await stage.platform.deliver(ANA, Message(CARD))
    stage.app.waits, stage.app.answer, stage.app.does = 0, Answer(sheet=sheet), None
    await stage.driver.press("U0001", stage.driver.messages("U0001")[-1], "Approve")
    stage.app.waits = SLOW


async def test_a_form_opens_although_its_press_is_too_old(stage: Stage) -> None:
    await stage.platform.deliver(ANA, Message(CARD))

    async def slow(_event: FromPerson) -> Answer:
        await asyncio.sleep(SLOW)
        gc.collect()  # the loop itself holds no task: what nobody refers to is gone
        stage.clock.now += timedelta(seconds=4)
        return Answer(sheet=SHEET)

    stage.app.does = slow
    outcome = await stage.driver.press("U0001", stage.driver.messages("U0001")[-1], "Approve")
    shown = stage.driver.form("U0001")
    assert (outcome.status, shown is not None and shown.labels[0], stage.refused) == (200, "Title", [])
    (waiting,), (now,) = stage.driver.fake.called("views.open"), stage.driver.fake.called("views.update")
    assert text_of(waiting["view"]["blocks"]).startswith(WORKING)
    assert now["hash"]


async def test_a_slow_press_says_in_the_readers_language_what_became_of_it(http: Stage) -> None:
    await http.platform.deliver(ANA, Message(CARD, "zh_Hans"))
    for answer, said in ((Answer(toast="Approved."), "Approved."), (Answer(), "已完成")):
        http.app.answer = answer
        outcome = await http.driver.press("U0001", http.driver.messages("U0001")[-1], "Approve")
        assert (outcome.status, outcome.toast) == (200, said)
        assert text_of(http.driver.fake.called("views.open")[-1]["view"]["blocks"]).startswith("正在处理…")
    assert http.driver.fake.called("hook") == []


async def test_what_is_not_stored_in_time_is_not_acknowledged_unless_it_says_so(http: Stage) -> None:
    await http.platform.deliver(ANA, Message(CARD))
    card = http.driver.messages("U0001")[-1]
    http.app.waits, http.app.answer = 0.9, Answer(toast="Approved.")
    http.driver.fake.fail("views.open", Fault(error="expired_trigger_id"))
    told, silent = await asyncio.gather(
        http.driver.press("U0001", card, "Approve"), http.driver.press("U0001", card, "Approve")
    )
    assert sorted([told.status, silent.status]) == [200, 503], "only one of them opened a modal"
    assert [hook["text"] for hook in http.driver.fake.called("hook")] == ["Approved."]
    assert len(http.driver.fake.called("views.update")) == 1


async def test_slack_that_is_slow_itself_is_answered_in_time() -> None:
    async with playing(waits=replace(SHORT, press=0.1)) as http:
        await http.platform.deliver(ANA, Message(CARD))
        http.app.waits, http.app.answer = 0.2, Answer(toast="Approved.")
        http.driver.fake.fail("views.open", Fault(hang=0.3, after=True))
        outcome = await http.driver.press("U0001", http.driver.messages("U0001")[-1], "Approve")
        assert (outcome.status, outcome.toast) == (503, "Approved.")


async def test_a_slow_shortcut_and_a_slow_press_in_its_modal(http: Stage) -> None:
    http.app.answer = Answer(card=Message(TASKS))
    await http.driver.shortcut("U0001")
    card = seen(http)
    assert card.text.splitlines()[0] == "My tasks"
    assert [name for name, _ in http.driver.fake.calls if name.startswith("views")] == ["views.open", "views.update"]

    async def approves(event: FromPerson) -> Answer:
        await asyncio.sleep(SLOW)
        return Answer(card=Message(TASKS)) if isinstance(event, Command) else Answer(toast="Approved.")

    http.app.does = approves
    await http.driver.press("U0001", card, "Approve")
    assert seen(http).text.splitlines()[:2] == ["My tasks", "Approved."]
    http.app.does, http.app.answer = None, Answer(sheet=SHEET)
    await http.driver.press("U0001", seen(http), "Approve")
    assert (http.driver.form("U0001") is not None, http.driver.fake.store.deepest) == (True, 1)
    http.app.does = approves
    assert (await http.driver.submit("U0001", FILLED)).toast == ""
    assert seen(http).text.splitlines()[:2] == ["My tasks", "Approved."], "it came back although it was late"
    hashes = ["hash" in call for call in http.driver.fake.called("views.update")]
    assert hashes.count(False) == 1, "only a form that went back on a response is changed without one"
    assert http.refused == []


async def test_a_slow_form_keeps_what_was_typed_until_it_is_done(stage: Stage) -> None:
    title, *others = SHEET.fields
    await slow_form(stage, replace(SHEET, fields=(replace(title, label="R&D <title>"), *others)))
    stage.app.answer = Answer(errors={"title": "Too short."})
    outcome = await stage.driver.submit("U0001", {"R&D <title>": "Ship", "Weight": "12", "Kind": "Habit"})
    shown = stage.driver.form("U0001")
    assert (outcome.errors, shown is not None and shown.values["R&D <title>"]) == ({}, "Ship")
    (view,) = stage.driver.fake.store.views["U0001"]
    assert text_of(view.body["blocks"]).splitlines()[0] == "R&D <title>: Too short."
    assert dict(form(view, {}).values) == {"R&D <title>": "Ship", "Weight": "12", "Kind": "Habit", "Note": ""}
    stage.app.answer = Answer(toast="Saved.")
    assert (await stage.driver.submit("U0001", {"Weight": "1"})).toast == "Saved."
    first, second = (event for event in stage.app.events if isinstance(event, Submitted))
    assert first.key != second.key, "what was refused is asked anew"
    assert (stage.driver.form("U0001"), stage.refused) == (None, [])


async def test_a_slow_form_leads_to_the_next(http: Stage) -> None:
    await slow_form(http)
    await http.driver.submit("U0001", FILLED)
    (view,) = http.driver.fake.store.views["U0001"]
    assert form(view, {}).labels == ("Title", "Weight", "Kind", "Note")
    assert text_of(view.body["blocks"]).splitlines()[:2] == [SHEET.title, "Title"]


async def test_a_form_sent_again_while_it_is_worked_on_is_one_submission(http: Stage) -> None:
    """Three times: twice the same, once with another title. The handler runs once, and who changed it is told."""
    await slow_form(http)
    (view,) = http.driver.fake.store.views["U0001"]
    http.app.answer, http.app.waits = Answer(toast="Saved."), 0.4
    state = {
        "title": {"t": {"type": "plain_text_input", "value": "Ship"}},
        "weight": {"w": {"type": "plain_text_input", "value": "1"}},
    }
    status, answer = await http.driver.exchange("interactive", submission(http.driver.fake.store, view, state))
    assert (status, answer["response_action"]) == (200, "update")
    view.change(http.driver.fake.store.view_body(answer["view"]))
    lines = text_of(view.body["blocks"]).splitlines()
    assert (lines[0], lines[2:4]) == ("Still working…", [SHEET.title, "Title"])
    changed = state | {"title": {"t": {"type": "plain_text_input", "value": "Sink"}}}
    for sent in (state, changed):
        status, again = await http.driver.exchange("interactive", submission(http.driver.fake.store, view, sent))
        assert (status, again["response_action"]) == (200, "update")
    await http.platform.settle()
    assert sum(isinstance(event, Submitted) for event in http.app.events) == 1
    said = [text_of(call["view"]["blocks"]) for call in http.driver.fake.called("views.update")]
    assert [one.partition(" What you sent first is stored.")[::2] for one in said] == [
        ("Saved.", ""),
        ("Saved.", ""),
        ("Saved.", " What you changed while it was being worked on is not: please change it again."),
    ]


async def test_a_form_whose_bot_died_is_sent_again_as_the_same(http: Stage) -> None:
    await slow_form(http)
    (view,) = http.driver.fake.store.views["U0001"]
    http.app.waits = 60
    sent = asyncio.create_task(http.driver.submit("U0001", FILLED))
    await asyncio.wait({sent}, timeout=SLOW)
    await http.platform._tasks.settle(0)  # as at its end: what still runs is cancelled
    await sent
    shown = http.driver.form("U0001")
    assert shown is not None
    assert shown.values["Title"] == "Ship"
    assert "Still working…" in text_of(view.body["blocks"])
    http.app.waits, http.app.answer = 0, Answer()  # that it is stored already is all that the dispatcher says
    await http.driver.submit("U0001", {})
    first, second = (event for event in http.app.events if isinstance(event, Submitted))
    assert (first.key, first.answers) == (second.key, second.answers)
    assert http.driver.form("U0001") is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [(Answer(errors={"weight": "Too much."}), "Weight: Too much."), (Answer(toast="Saved."), "Saved.")],
)
async def test_who_closed_what_was_worked_on_hears_it_in_the_conversation(
    http: Stage, answer: Answer, said: str
) -> None:
    await slow_form(http)

    async def closing(_event: FromPerson) -> Answer:
        await asyncio.sleep(SLOW)
        http.driver.fake.store.views["U0001"].clear()
        return answer

    http.app.does = closing
    assert (await http.driver.submit("U0001", FILLED)).toast == said
    pressed = await http.driver.press("U0001", http.driver.messages("U0001")[0], "Approve")
    assert pressed.toast == said.removeprefix("Weight: ")


async def test_a_slow_command_with_a_form_brings_a_button(http: Stage) -> None:
    async def slow(_event: FromPerson) -> Answer:
        await asyncio.sleep(SLOW)
        http.clock.now += timedelta(seconds=4)
        return Answer(sheet=SHEET)

    http.app.does = slow
    outcome = await http.driver.type("U0001", "/perf goals add")
    assert outcome.toast == WORKING
    (hook,) = http.driver.fake.called("hook")
    assert hook["replace_original"] is False, "a command's address has nothing to replace"
    await http.driver.press("U0001", http.driver.messages("U0001")[-1], "Open the form")
    assert http.driver.form("U0001") is not None
