"""Sending and redrawing: once per key, pictures once, refused cards simpler, locks, tokens, and what is too old."""

import asyncio
import re

import pytest
from structlog.testing import capture_logs

from bot.capability import Answer, Expired, Gone, Message
from bot.cards import Card, Chart, Enclosed, text
from bot.events import FromPerson
from bot.platforms.feishu.delivery import HELD
from bot.platforms.feishu.languages import CODES
from bot.plots import Bar, Bars
from bot.text import texts
from tests.fakes.feishu import Fault
from tests.platforms.feishu.stage import ANA, BOB, CARD, CHART, FILLED, SHEET, Stage, playing

SEND, PATCH, UPLOAD = "POST /im/v1/messages", "PATCH /im/v1/messages/{id}", "POST /im/v1/images"
UPDATE = "POST /interactive/v1/card/update"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
DRAWN = Card("Progress", (text("This month"), CHART), summary="Progress")


def other(number: int) -> Chart:
    """A chart unlike the others."""
    return Chart(f"Progress {number}", "of March", Bars((Bar("Ship", 0.5, "50 %"),)))


async def test_a_card_goes_to_the_person_and_says_where_it_stands(webhook: Stage) -> None:
    ref = await webhook.platform.deliver(ANA, Message(CARD, key="delivery:1"), "oc_elsewhere")
    sent = webhook.fake.called(SEND)[0]
    assert (ref.channel, sent["receive_id"], sent["msg_type"]) == (
        webhook.fake.people[ANA.user].chat,
        ANA.user,
        "interactive",
    )
    assert re.fullmatch(r"[0-9a-f]{40}", sent["uuid"])
    assert "Ship it" in webhook.text(webhook.mine()[0])


async def test_a_lost_answer_does_not_send_twice(webhook: Stage) -> None:
    webhook.fake.fail(SEND, Fault(reset=True, after=True))
    with pytest.raises(OSError, match="ServerDisconnected"):
        await webhook.platform.deliver(ANA, Message(CARD, key="delivery:1"))
    ref = await webhook.platform.deliver(ANA, Message(CARD, key="delivery:1", doubtful=True))
    assert [post.id for post in webhook.mine()] == [ref.message]
    await webhook.platform.deliver(ANA, Message(CARD, key="delivery:2"))
    assert len(webhook.mine()) == 2


async def test_a_card_is_redrawn_in_place(webhook: Stage) -> None:
    ref = await webhook.platform.deliver(ANA, Message(CARD, key="delivery:1"))
    await webhook.platform.update(ANA, ref, Message(Card("Goal 7", (text("Done"),)), key="delivery:1"))
    assert "Done" in webhook.text(webhook.mine()[0])
    assert len(webhook.mine()) == 1


@pytest.mark.parametrize("how", ["old", "recalled"])
async def test_what_cannot_be_redrawn_says_so(webhook: Stage, how: str) -> None:
    ref = await webhook.platform.deliver(ANA, Message(CARD, key="delivery:1"))
    if how == "old":
        webhook.clock.forward(days=15)
    else:
        webhook.mine()[0].gone = True
    with pytest.raises(Expired):
        await webhook.platform.update(ANA, ref, Message(CARD))


async def test_a_picture_is_uploaded_once_for_all(webhook: Stage) -> None:
    message = Message(DRAWN, pictures={CHART: PNG})
    await asyncio.gather(*(webhook.platform.deliver(who, message) for who in (ANA, BOB, ANA, BOB)))
    await webhook.platform.deliver(ANA, Message(Card("Other", (other(1),)), pictures={other(1): PNG}))
    assert len(webhook.fake.called(UPLOAD)) == 1
    assert webhook.fake.pictures(webhook.mine()[0].content) == 1


async def test_an_upload_that_failed_is_tried_again(webhook: Stage) -> None:
    webhook.fake.fail(UPLOAD, Fault(status=500))
    with pytest.raises(OSError, match="status 500"):
        await webhook.platform.deliver(ANA, Message(DRAWN, pictures={CHART: PNG}))
    await webhook.platform.deliver(ANA, Message(DRAWN, pictures={CHART: PNG}))
    assert webhook.fake.pictures(webhook.mine()[0].content) == 1


async def test_a_forgotten_picture_is_uploaded_anew(webhook: Stage) -> None:
    await webhook.platform.deliver(ANA, Message(DRAWN, pictures={CHART: PNG}))
    webhook.fake.store.images.clear()
    await webhook.platform.deliver(BOB, Message(DRAWN, pictures={CHART: PNG}))
    assert len(webhook.fake.called(UPLOAD)) == 2
    assert webhook.fake.pictures(webhook.mine(BOB.user)[0].content) == 1


@pytest.mark.parametrize("code", [230025, 230099])
async def test_a_refused_card_is_sent_simpler_with_its_figures(webhook: Stage, code: int) -> None:
    webhook.fake.fail(SEND, Fault(code=code, msg="ext=ErrCode: 200861; ErrMsg: unsupported"))
    await webhook.platform.deliver(ANA, Message(DRAWN, pictures={CHART: PNG}))
    assert "50 %" in webhook.text(webhook.mine()[0])
    assert webhook.fake.pictures(webhook.mine()[0].content) == 0


async def test_a_card_that_is_refused_whatever_it_is_gets_nowhere(webhook: Stage) -> None:
    webhook.fake.fail(SEND, *[Fault(code=230099, msg="ErrCode: 200621")] * 2)
    with pytest.raises(Gone, match="message refused: 200621"):
        await webhook.platform.deliver(ANA, Message(CARD))


@pytest.mark.parametrize("locales", [("zh_Hans", ()), ("en", ("ja", "zh_Hans"))])
async def test_words_that_feishu_holds_back_are_told_of_once_without_them(
    webhook: Stage, locales: tuple[str, tuple[str, ...]]
) -> None:
    """The reader learns in their language that something was held back, and what to type; once, however often sent."""
    webhook.fake.messages.sensitive.add("Ship")
    locale, others = locales
    message = Message(CARD, locale, key="delivery:1", others=dict.fromkeys(others, CARD))
    with capture_logs() as told:
        ref = await webhook.platform.deliver(ANA, message)
        assert (await webhook.platform.deliver(ANA, message)).message == ref.message
    [shown] = webhook.mine()
    said = {one: texts(one)(HELD) for one in (locale, *others)}
    for one, words in said.items():
        assert words in webhook.fake.render(shown.id, CODES[one][0])
    assert not any(word in str(shown.content) + str(told) for word in ("Ship", "Goal 7", "goal.approve", ANA.user))
    assert {(one["event"], one["code"]) for one in told} == {("feishu held a message back", 230022)}
    assert len(webhook.fake.called(SEND)) == 4


async def test_held_back_twice_is_refused_and_a_redraw_is_tried_once(webhook: Stage) -> None:
    webhook.fake.fail(SEND, Fault(code=230028), Fault(code=230028))
    with pytest.raises(Gone, match="message refused: 230028"):
        await webhook.platform.deliver(ANA, Message(CARD, key="delivery:1"))
    assert len(webhook.fake.called(SEND)) == 2
    ref = await webhook.platform.deliver(ANA, Message(CARD, key="delivery:2"))
    webhook.fake.messages.sensitive.add("Done")
    with pytest.raises(Gone, match="message refused: 230022") as no:
        await webhook.platform.update(ANA, ref, Message(Card("Goal 7", (text("Done"),)), key="delivery:2"))
    assert not isinstance(no.value, Expired)
    assert (len(webhook.fake.called(PATCH)), len(webhook.fake.called(SEND))) == (1, 3)
    assert "Ship it" in webhook.text(webhook.mine()[0])


async def test_a_form_and_a_file_that_are_held_back_are_told_of(webhook: Stage) -> None:
    webhook.fake.messages.sensitive.add("Weight")
    webhook.app.answer = Answer(sheet=SHEET)
    await webhook.fake.say(ANA.user, "perf goals")
    await webhook.platform.settle()
    file = Card("Proof", enclosed=Enclosed(1, 1, "weights.pdf", "application/pdf", 4))
    webhook.fake.fail(SEND, Fault(code=230028))
    await webhook.platform.hand(ANA, Message(file, "zh_Hans", key="delivery:3"), b"%PDF")
    form, told = webhook.mine()
    assert texts("en")(HELD) in webhook.text(form)
    assert texts("zh_Hans")(HELD) in webhook.fake.render(told.id, "zh_cn")


async def test_a_redraw_waits_for_the_answer_to_a_press_on_the_same_card(stage: Stage) -> None:
    ref = await stage.platform.deliver(ANA, Message(CARD, key="delivery:1"))
    redrawn: list[asyncio.Task[None]] = []

    async def approve(_: FromPerson) -> Answer:
        done = Message(Card("Goal 7", (text("Approved"),)))
        redrawn.append(asyncio.create_task(stage.platform.update(ANA, ref, done)))
        await asyncio.sleep(0.2)
        return Answer(toast="Approved")

    stage.app.does = approve
    clicked = await stage.fake.click(ANA.user, ref.message, "Approve")
    assert (clicked.code, clicked.toast) == (0, "Approved")
    await redrawn[0]
    assert stage.fake.refused == []
    assert "Approved" in stage.text(stage.mine()[0])


async def opened(stage: Stage) -> str:
    """The message of a form that Ana has open."""
    ref = await stage.platform.deliver(ANA, Message(CARD, key="delivery:1"))
    stage.app.answer = Answer(sheet=SHEET)
    await stage.fake.click(ANA.user, ref.message, "Approve")
    await stage.platform.settle()
    return stage.mine()[-1].id


@pytest.mark.parametrize(("delivery", "code"), [("webhook", 0), ("socket", 0), ("webhook", 300030)])
async def test_a_late_form_is_closed_by_its_token(delivery: str, code: int) -> None:
    """Or by its message, where the token is refused."""
    async with playing(delivery, budget=0.2) as stage:
        form = await opened(stage)
        if code:
            stage.fake.fail(UPDATE, Fault(code=code))
        stage.app.answer, stage.app.waits = Answer(toast="Saved"), 0.5
        clicked = await stage.fake.click(ANA.user, form, "Save", fill=FILLED)
        assert (clicked.code, clicked.changed, clicked.kind) == (0, False, "info")
        await stage.platform.settle()
        assert stage.fake.fields(stage.mine()[1].content, "en_us") == []
        assert stage.fake.messages.lost == []
        assert "Saved" in stage.text(stage.mine()[-1])


async def test_a_late_refusal_draws_the_form_again_with_what_was_typed() -> None:
    async with playing(budget=0.2) as stage:
        form = await opened(stage)
        stage.app.answer, stage.app.waits = Answer(errors={"weight": "Too large."}), 0.5
        await stage.fake.click(ANA.user, form, "Save", fill=FILLED)
        await stage.platform.settle()
        assert "Too large." in stage.text(stage.mine()[1])
        assert [one.element.get("default_value") for one in stage.fake.fields(stage.mine()[1].content, "en_us")][
            :2
        ] == [
            "Ship",
            "60",
        ]


async def test_late_words_and_forms_come_as_cards() -> None:
    async with playing(budget=0.1) as stage:
        ref = await stage.platform.deliver(ANA, Message(CARD, key="delivery:1"))
        stage.app.answer, stage.app.waits = Answer(toast="Approved", sheet=SHEET), 0.3
        assert (await stage.fake.click(ANA.user, ref.message, "Approve")).kind == "info"
        await stage.platform.settle()
        assert len(stage.fake.fields(stage.mine()[1].content, "en_us")) == 4
        assert "Approved" in stage.text(stage.mine()[2])


async def test_nothing_is_sent_to_who_has_left(stage: Stage) -> None:
    """What an event says is read again: Ana is back, whatever comes late says of her."""
    fake, person = stage.fake, stage.fake.people[ANA.user]
    person.resigned = True
    await fake.contact(ANA.user, "deleted")
    with pytest.raises(Gone, match="account closed"):
        await stage.platform.deliver(ANA, Message(CARD))
    person.resigned = False
    await fake.contact(ANA.user, "created")
    await fake.contact(ANA.user, "deleted")
    await stage.platform.deliver(ANA, Message(CARD))
    person.frozen = True
    await fake.contact(ANA.user, "updated")
    with pytest.raises(Gone, match="account closed"):
        await stage.platform.deliver(ANA, Message(CARD))
    assert [one.left for one in stage.app.changes] == [True, False, False, False]
    assert {one.who for one in stage.app.changes} == {ANA}


async def test_an_event_about_somebody_comes_again_until_it_is_kept(webhook: Stage) -> None:
    """Renamed: what the directory said before is told. Feishu away, then our database; then somebody nobody shows."""
    fake = webhook.fake
    fake.people[ANA.user].name = "Ana Silva"
    fake.fail("GET /contact/v3/users/{id}", Fault(status=502))
    assert (await fake.contact(ANA.user, "updated", name="Ana Lima")).status == 503
    webhook.app.answer = Answer(unkept=True)
    webhook.clock.forward(seconds=15)
    assert [one.status for one in await fake.retry()] == [503]
    webhook.app.answer = Answer()
    webhook.clock.forward(minutes=5)
    assert [one.status for one in await fake.retry()] == [200]
    first, last = webhook.app.changes
    assert first == last
    assert (last.left, last.name, last.before) == (False, "Ana Silva", "Ana Lima")
    fake.people[ANA.user].seen = False
    await fake.contact(ANA.user, "updated")
    await fake.contact(ANA.user, "deleted")
    assert [one.left for one in webhook.app.changes[2:]] == [False, True]
    body = fake.envelope("contact.user.updated_v3", {"object": {"name": "Nobody"}})
    assert (await fake.push(body)).status == 400
