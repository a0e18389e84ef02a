"""What is shown to who acted: forms as cards, errors at their fields, closed forms, and what only one person sees."""

import base64
import zlib
from dataclasses import replace

import pytest

from bot.capability import Answer, Message
from bot.events import Submitted
from bot.platforms.feishu import sheets
from tests.platforms.feishu.stage import ANA, CARD, FILLED, GROUP, SHEET, Stage


async def opened(stage: Stage) -> str:
    """The message of a form that Ana has open."""
    ref = await stage.platform.deliver(ANA, Message(CARD, key="k"))
    stage.app.answer = Answer(sheet=SHEET)
    await stage.fake.click(ANA.user, ref.message, "Approve")
    await stage.platform.settle()
    assert stage.mine()[0].id == ref.message
    return stage.mine()[-1].id


async def test_a_form_is_a_card_and_its_answers_an_event(stage: Stage) -> None:
    form = await opened(stage)
    stage.app.answer = Answer(toast="Saved")
    clicked = await stage.fake.click(ANA.user, form, "Save", fill=FILLED)
    event = stage.app.last(Submitted)
    assert (event.action, event.subject, event.version) == ("goal.save", 7, 3)
    assert event.answers == {"title": "Ship", "weight": "60", "kind": "h", "due": "2026-12-31"}
    assert event.where.message == stage.mine()[0].id
    assert (clicked.toast, clicked.kind, clicked.changed) == ("Saved", "success", True)
    closed = stage.text(stage.mine()[-1])
    assert "New goal" in closed
    assert "2 Mar 2026, 17:00" in closed  # in the zone of the client
    assert stage.fake.fields(stage.mine()[-1].content, "en_us") == []


async def test_errors_stand_at_their_fields_beside_what_was_typed(stage: Stage) -> None:
    form = await opened(stage)
    stage.app.answer = Answer(errors={"weight": "Too large.", "": "The cycle is closed."})
    clicked = await stage.fake.click(ANA.user, form, "Save", fill=FILLED)
    assert (clicked.toast, clicked.kind, clicked.changed) == ("The cycle is closed.", "error", True)
    fields = {one.label: one for one in stage.fake.fields(stage.mine()[-1].content, "en_us")}
    assert fields["Weight"].element["default_value"] == "60"
    assert fields["Kind"].element["initial_option"] == "h"
    assert fields["Due"].element["initial_date"] == "2026-12-31"
    assert "Too large." in stage.text(stage.mine()[-1])
    stage.app.answer = Answer()
    clicked = await stage.fake.click(ANA.user, form, "Save", fill={"Weight": "40"})
    assert stage.app.last(Submitted).answers["weight"] == "40"
    assert clicked.changed


async def test_a_next_form_stands_in_the_place_of_the_one_before(stage: Stage) -> None:
    form = await opened(stage)
    stage.app.answer = Answer(sheet=replace(SHEET, title="Second step", action="goal.next"))
    await stage.fake.click(ANA.user, form, "Save", fill=FILLED)
    assert "Second step" in stage.text(stage.mine()[-1])
    await stage.fake.click(ANA.user, form, "Save", fill=FILLED)
    assert stage.app.last(Submitted).action == "goal.next"


async def test_a_form_pressed_twice_is_one_submission(stage: Stage) -> None:
    form = await opened(stage)
    look = stage.mine()[-1].content
    stage.app.answer = Answer(toast="Saved")
    for _ in range(2):
        clicked = await stage.fake.click(ANA.user, form, "Save", fill=FILLED, look=look)
        assert (clicked.toast, clicked.changed) == ("Saved", True)
    assert len([event for event in stage.app.events if isinstance(event, Submitted)]) == 1


async def test_a_refused_form_sent_again_is_asked_again(stage: Stage) -> None:
    form = await opened(stage)
    look = stage.mine()[-1].content
    stage.app.answer = Answer(errors={"": "Busy"}, unkept=True)
    for _ in range(2):
        await stage.fake.click(ANA.user, form, "Save", fill=FILLED, look=look)
    assert len([event for event in stage.app.events if isinstance(event, Submitted)]) == 2


@pytest.mark.parametrize("form_value", [5, [], {"title": 5}, {"title": {"a": 1}}])
async def test_T29_forged_forms_do_nothing(stage: Stage, form_value: object) -> None:
    form = await opened(stage)
    posted = next(post for post in stage.mine() if post.id == form)
    value = {"a": "goal.save", "v": "7:3"}
    stage.app.events.clear()
    action = {"value": value, "tag": "button", "form_value": form_value}
    clicked = await stage.fake.call_back(ANA.user, posted, action)
    assert (clicked.kind, stage.app.events) == ("error", [])


@pytest.mark.parametrize("packed", [None, "", "é", "AAAA", 5, sheets.packed(replace(SHEET, action="goal.steal"))])
async def test_a_form_that_came_without_its_drawing_still_works(stage: Stage, packed: object) -> None:
    form = await opened(stage)
    posted = next(post for post in stage.mine() if post.id == form)
    value = {"a": "goal.save", "v": "7:3", "f": packed}
    action = {"value": value, "tag": "button", "form_value": {"title": "Ship", "due__date": "2026-12-31 +0800"}}
    stage.app.answer = Answer(errors={"title": "Too short."})
    clicked = await stage.fake.call_back(ANA.user, posted, action)
    assert (clicked.toast, clicked.changed) == ("Too short.", False)
    assert stage.app.last(Submitted).answers == {"title": "Ship", "due": "2026-12-31"}
    stage.app.answer = Answer()
    assert (await stage.fake.call_back(ANA.user, posted, action)).changed


def test_a_huge_packed_form_is_not_unpacked() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(10_000_000))).decode()
    assert sheets.unpacked({"a": "goal.save", "v": "7:3", "f": bomb}).sheet is None


async def test_toasts_for_lines_come_as_cards_and_nothing_in_them_lives(stage: Stage) -> None:
    stage.app.answer = Answer(toast="<at id=all></at> [x](https://evil.test) **b**")
    await stage.fake.say(ANA.user, "perf")
    await stage.platform.settle()
    assert "<at id=all></at> [x](https://evil.test) **b**" in stage.text(stage.mine()[0])


async def test_what_is_told_in_a_group_is_seen_by_one_alone(stage: Stage) -> None:
    stage.app.answer = Answer(toast="I answered you privately.")
    await stage.fake.say(ANA.user, "perf", chat=GROUP)
    await stage.platform.settle()
    shown = [post for post in stage.fake.store.posts if post.chat == GROUP and post.own]
    assert [post.user for post in shown] == [ANA.user]
    stage.fake.people[ANA.user].online = False
    await stage.fake.say(ANA.user, "perf", chat=GROUP)
    await stage.platform.settle()
    assert "I answered you privately." in stage.text(stage.mine()[0])


async def test_a_form_asked_for_in_a_group_is_filled_in_private(stage: Stage) -> None:
    stage.app.answer = Answer(sheet=SHEET)
    await stage.fake.say(ANA.user, "perf goals", chat=GROUP)
    await stage.platform.settle()
    assert len(stage.fake.fields(stage.mine()[-1].content, "en_us")) == 4
    assert [post.user for post in stage.fake.store.posts if post.chat == GROUP and post.own] == [ANA.user]
