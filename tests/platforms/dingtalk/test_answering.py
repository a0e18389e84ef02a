"""Answers: on the card itself, in the talk, in the open form; late ones, lost ones, groups and strangers."""

import asyncio
from dataclasses import replace

import pytest

from bot.capability import Answer, Message, Ref
from bot.cards import Button, Card, text
from bot.events import Changed, Click, FromPerson, Said, Submitted
from bot.platforms.dingtalk.answering import FAILED, HOME
from bot.text import texts
from tests.fakes.dingtalk import FORM
from tests.fakes.dingtalk_people import Clicked
from tests.platforms.dingtalk.stage import ANA, CARD, FILLED, GROUP, SHEET, Stage, playing

UPDATE = "PUT /v1.0/card/instances"


async def tapped(stage: Stage, label: str = "Approve") -> Clicked:
    """A press of Ana's on a card of hers."""
    await stage.platform.deliver(ANA, Message(CARD, key="k1"))
    return await stage.fake.tap(ANA.user, stage.mine()[-1][0], label)


async def test_a_toast_stands_on_the_card_and_costs_no_call(stage: Stage) -> None:
    stage.app.answer = Answer(toast="Approved.")
    clicked = await tapped(stage)
    click = stage.app.last(Click)
    assert (click.action, click.subject, click.version, click.value) == ("goal.approve", 7, 3, "")
    assert (clicked.changed, "Approved." in stage.newest.text, len(stage.mine())) == (True, True, 1)
    assert stage.fake.called(UPDATE) == []
    stage.app.answer = Answer(errors={"": "Not any more."})
    await stage.fake.tap(ANA.user, stage.mine()[-1][0], "Approve")
    assert "Not any more." in stage.newest.text
    assert "Approved." not in stage.newest.text
    assert stage.fake.flags == []


async def test_a_redraw_waits_for_the_answer_to_the_press(stage: Stage) -> None:
    await stage.platform.deliver(ANA, Message(CARD, key="k1"))
    post = stage.mine()[-1][0]
    assert post.card is not None
    done = Card("Goal 7", (text("Approved"),), summary="x")

    async def redraw(event: FromPerson | Changed) -> Answer:
        assert isinstance(event, Click)
        stage.redrawing = asyncio.create_task(  # type: ignore[attr-defined]
            stage.platform.update(ANA, Ref("", event.where.message), Message(done))
        )
        await asyncio.sleep(0.1)
        return Answer(toast="Well done.")

    stage.app.does = redraw
    await stage.fake.tap(ANA.user, post, "Approve")
    await stage.redrawing  # type: ignore[attr-defined]
    assert "Approved" in stage.newest.text
    assert "Well done." in stage.newest.text
    assert stage.fake.flags == []


async def test_a_late_answer_changes_the_card_afterwards() -> None:
    async with playing("stream", budget=0.1) as stage:
        stage.app.waits, stage.app.answer = 0.4, Answer(toast="Approved.")
        clicked = await tapped(stage)
        assert (clicked.failed, "takes a moment" in stage.newest.text) == (False, True)
        await stage.platform.settle()
        assert "Approved." in stage.newest.text
        assert "takes a moment" not in stage.newest.text
        assert stage.fake.flags == []


async def test_what_failed_or_was_not_kept_is_said(stage: Stage) -> None:
    stage.app.answer = Answer(unkept=True)
    await tapped(stage)
    assert "did not work" in stage.newest.text
    stage.app.fails = RuntimeError("salary-canary")
    await stage.fake.tap(ANA.user, stage.mine()[-1][0], "Reject")
    assert "did not work" in stage.newest.text
    await stage.fake.say(ANA.user, "perf")
    await stage.platform.settle()
    assert "did not work" in stage.newest.text
    assert "canary" not in stage.newest.text


async def test_T29_forged_buttons_do_nothing(stage: Stage) -> None:
    await stage.platform.deliver(ANA, Message(CARD, key="k1"))
    post = stage.mine()[-1][0]
    for forged in ({"actionIds": ["goal.approve"]}, {"params": {"action": "x"}}, {}):
        clicked = await stage.fake.call_back(ANA.user, post, forged)
        assert not clicked.failed
    assert "could not read this button" in stage.newest.text
    assert stage.app.events == []


async def test_a_button_that_asks_first_has_no_effect_before(stage: Stage) -> None:
    sure = replace(CARD, actions=(Button("Delete", "goal.delete", 7, 3, confirm="Really delete?"),))
    await stage.platform.deliver(ANA, Message(sure, key="k1"))
    await stage.fake.tap(ANA.user, stage.mine()[-1][0], "Delete")
    await stage.platform.settle()
    assert stage.app.events == []
    assert "Really delete?" in stage.newest.text or "sure" in stage.newest.text
    first, question = (post for post, _look in stage.mine())
    assert first.card is not None
    await stage.fake.tap(ANA.user, question, stage.newest.buttons[0].label)
    click = stage.app.last(Click)
    assert (click.action, click.where.message) == ("goal.delete", first.card.track)
    assert (stage.newest.buttons, "Done" in stage.newest.text) == ((), True)


async def test_a_form_is_a_card_that_shows_its_errors_and_closes() -> None:
    async with playing("stream", form_template=FORM) as stage:
        stage.app.answer = Answer(sheet=SHEET)
        await tapped(stage)
        await stage.platform.settle()
        form = stage.mine()[-1][0]
        assert stage.newest.submit == "Save"
        stage.app.answer = Answer(errors={"weight": "Too much."})
        await stage.fake.fill(ANA.user, form, FILLED)
        assert "Weight: Too much." in stage.newest.whole
        stage.app.answer = Answer()
        assert (await stage.fake.fill(ANA.user, form, FILLED)).changed
        came = stage.app.last(Submitted)
        assert (came.action, came.subject, came.version) == ("goal.save", 7, 3)
        wanted = {"title": "Ship", "weight": "60", "kind": "h", "due": "2026-12-31"}
        assert came.answers == wanted
        assert came.where.message.startswith("pm-")
        assert stage.newest.submit == ""
        assert stage.fake.flags == []


async def test_a_form_that_cannot_be_shown_is_told_of() -> None:
    async with playing("stream", form_template="nowhere.schema") as stage:
        stage.app.answer = Answer(sheet=SHEET)
        await stage.fake.say(ANA.user, "perf goals")
        await stage.platform.settle()
        assert stage.newest.text == texts(HOME)(FAILED)


async def test_a_form_taken_twice_is_one_and_the_next_stands_in_its_place() -> None:
    async with playing("stream", form_template=FORM) as stage:
        stage.app.answer = Answer(sheet=SHEET)
        await stage.fake.say(ANA.user, "new goal")
        await stage.platform.settle()
        form = stage.mine()[-1][0]
        stage.app.answer, stage.app.waits = Answer(sheet=replace(SHEET, title="Step two")), 0.2
        await asyncio.gather(*(stage.fake.fill(ANA.user, form, FILLED) for _ in range(3)))
        assert len([event for event in stage.app.events if isinstance(event, Submitted)]) == 1
        assert (stage.newest.title, len(stage.mine())) == ("Step two", 1)


async def test_lines_and_files_get_lines(stage: Stage) -> None:
    stage.app.answer = Answer(toast="Taken.")
    await stage.fake.say(ANA.user, "perf")
    await stage.platform.settle()
    assert stage.newest.text == "Taken."
    await stage.fake.send_file(ANA.user, "voice", b"x", "audio", recognition="绩效")
    await stage.platform.settle()
    assert stage.app.last(Said).text == "绩效"


async def test_in_a_group_nothing_is_said_but_that_it_was_answered(stage: Stage) -> None:
    stage.platform._answering.reads(ANA.user, "en")
    for toast in ("Your score is 87.", texts("en")("I answered you privately.")):
        stage.app.answer = Answer(toast=toast)
        await stage.fake.say(ANA.user, "result", group=GROUP)
        await stage.platform.settle()
    aloud = [post.content for post in stage.fake.store.posts if post.chat == GROUP and post.own]
    assert len(aloud) == 2
    assert all("I answered you privately." in str(said) and "87" not in str(said) for said in aloud)
    assert [look.text for _post, look in stage.mine()] == ["Your score is 87."]


async def test_a_group_whose_talk_ended_is_answered_by_the_robot(stream: Stage) -> None:
    async def slowly(event: FromPerson | Changed) -> Answer:
        stream.clock.forward(minutes=86)
        return Answer(toast="Your score is 87.")

    stream.app.does = slowly
    await stream.fake.say(ANA.user, "result", group=GROUP)
    await stream.platform.settle()
    assert len(stream.fake.called("POST /v1.0/robot/groupMessages/send")) == 1


async def test_T40_who_has_no_id_here_is_refused_politely(stage: Stage) -> None:
    stage.fake.people[ANA.user].hidden = True
    await stage.fake.say(ANA.user, "perf")
    await stage.platform.settle()
    assert stage.app.events == []
    assert (
        texts("zh_Hans")(
            "I only know employees of this company. If you are one, ask HR whether this app was published."
        )
        in stage.newest.text
    )


async def test_withheld_and_broken_messages_are_left(stage: Stage) -> None:
    stage.fake.over_quota = True
    assert (await stage.fake.say(ANA.user, "perf")).status == 200
    stage.fake.over_quota = False
    assert (await stage.fake.push_message({"msgtype": "text"})).status == 200
    await stage.platform.settle()
    assert stage.app.events == []


@pytest.mark.parametrize(("typed", "locale"), [("絩効を見せて", "ja"), ("看一下绩效", "zh_CN"), ("perf", "")])
async def test_the_language_is_guessed_from_the_first_line(stream: Stage, typed: str, locale: str) -> None:
    await stream.fake.say(ANA.user, typed)
    await stream.platform.settle()
    profile = await stream.platform.profile(ANA)
    assert profile is not None
    assert (profile.name, profile.email, profile.vouched, profile.locale) == ("Ana Lima", "ana@acme.test", True, locale)
