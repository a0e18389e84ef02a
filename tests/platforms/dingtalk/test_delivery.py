"""How messages reach people: cards by an id of our own, the talk while it is fresh, batches, notices, fallbacks."""

import asyncio
import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.capability import Expired, Gone, Later, Message, Ref, TooLarge
from bot.cards import Button, Card, Enclosed, text
from bot.events import Attached, Who
from tests.fakes.dingtalk import Fault
from tests.fakes.dingtalk_cards import SCOPE
from tests.platforms.dingtalk.stage import ANA, BOB, CARD, CHART, Level, Stage, playing

CREATE, UPDATE = "POST /v1.0/card/instances/createAndDeliver", "PUT /v1.0/card/instances"
SEND, HOOK = "POST /v1.0/robot/oToMessages/batchSend", "POST /robot/sendBySession"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
MESSAGE = Message(CARD, key="k1")
LINE = Message(Card("", (text("Taken."),), summary="Taken."), key="k2", still=True)
NEWS = Message(Card("News", (text("Lunch is at noon"),), summary="News"), key="k3", patient=True)


async def test_a_card_goes_out_once_however_often_it_is_sent(stage: Stage) -> None:
    first = await stage.platform.deliver(ANA, MESSAGE)
    assert await stage.platform.deliver(ANA, MESSAGE) == first
    assert len(stage.mine()) == 1
    assert (stage.newest.title, [one.label for one in stage.newest.buttons]) == ("Goal 7", ["Approve", "Reject"])
    other = await stage.platform.deliver(ANA, replace(MESSAGE, key="k9"))
    assert first != other
    assert stage.fake.flags == []


async def test_a_doubtful_card_shows_what_is_true_now(stream: Stage) -> None:
    await stream.platform.deliver(ANA, MESSAGE)
    newer = replace(MESSAGE, card=replace(CARD, title="Goal 8"), doubtful=True)
    await stream.platform.deliver(ANA, newer)
    assert (len(stream.mine()), stream.newest.title) == (1, "Goal 8")
    assert stream.fake.flags == []


async def test_a_send_that_broke_off_is_repeated_under_the_same_id(stream: Stage) -> None:
    stream.fake.fail(CREATE, Fault(status=504, after=True))
    with pytest.raises(OSError, match="504"):
        await stream.platform.deliver(ANA, MESSAGE)
    await stream.platform.deliver(ANA, MESSAGE)
    assert len(stream.mine()) == 1


async def test_what_may_have_arrived_goes_again_as_a_card_and_stands_twice_at_most(stream: Stage) -> None:
    """Messages of the robot take no key of ours, and nothing tells whether one arrived."""
    stream.fake.fail(SEND, Fault(status=504, after=True))
    stream.fake.fail(CREATE, Fault(status=504, after=True), Fault(reset=True, after=True))
    for doubtful in (False, True, True):
        with pytest.raises(OSError, match=r"504|Disconnected|OSError"):
            await stream.platform.deliver(ANA, replace(LINE, doubtful=doubtful))
    await stream.platform.deliver(ANA, replace(LINE, doubtful=True))
    assert [post.kind for post, _look in stream.mine()] == ["sampleMarkdown", "card"]
    await stream.platform.deliver(ANA, replace(NEWS, doubtful=True))
    assert (len(stream.fake.called(SEND)), stream.newest.title) == (1, "News")
    assert stream.fake.flags == []


async def test_a_redraw_changes_values_and_keeps_the_rest(stage: Stage) -> None:
    ref = await stage.platform.deliver(ANA, MESSAGE)
    await stage.platform.update(ANA, ref, Message(Card("Goal 7", (text("Approved"),), summary="x")))
    assert (stage.newest.text, stage.newest.buttons) == ("Approved", ())
    body = stage.fake.called(UPDATE)[-1]
    assert body["cardUpdateOptions"] == {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    for gone in (Ref("", "pm-unknown"), Ref("", "bot:1")):
        with pytest.raises(Expired):
            await stage.platform.update(ANA, gone, MESSAGE)
    assert stage.fake.flags == []


async def test_a_card_that_has_become_too_long_goes_on_in_a_new_message(stream: Stage) -> None:
    ref = await stream.platform.deliver(ANA, MESSAGE)
    body = tuple(text(f"Line {n} " + "word " * 30) for n in range(30))
    long = Message(Card("Goal 7", body, CARD.actions, summary="x"))
    with pytest.raises(Expired, match="too long"):
        await stream.platform.update(ANA, ref, long)
    assert (stream.newest.title, stream.newest.buttons) == ("Goal 7", ())
    assert "goes on in a newer message" in stream.newest.text
    await stream.platform.update(ANA, ref, Message(Card("Goal 7", body, summary="x")))
    assert stream.newest.text.endswith("…")
    assert stream.fake.flags == []


async def test_lines_go_into_the_fresh_talk_and_later_by_a_call(stream: Stage) -> None:
    await stream.fake.say(ANA.user, "perf")
    await stream.platform.deliver(ANA, LINE)
    assert (len(stream.fake.called(HOOK)), len(stream.fake.called(SEND))) == (1, 0)
    stream.clock.forward(minutes=86)
    await stream.platform.deliver(ANA, replace(LINE, key="k5"))
    assert (len(stream.fake.called(HOOK)), len(stream.fake.called(SEND))) == (1, 1)
    assert [look.text for _post, look in stream.mine()] == ["Taken.", "Taken."]


@pytest.mark.parametrize("code", [300001, 90020])
async def test_a_talk_that_ended_early_is_not_tried_twice(stream: Stage, code: int) -> None:
    await stream.fake.say(ANA.user, "perf")
    stream.fake.fail(HOOK, Fault(code=code))
    for key in ("a", "b"):
        await stream.platform.deliver(ANA, replace(LINE, key=key))
    assert (len(stream.fake.called(HOOK)), len(stream.fake.called(SEND))) == (1, 2)


async def test_what_goes_to_many_goes_twenty_at_a_time(stream: Stage) -> None:
    people = [Who("dingtalk", ANA.tenant, f"01{number:02}") for number in range(45)]
    for who in people[2:]:
        stream.fake.add_user(who.user, name=who.user)
    stream.fake.people[people[5].user].flowed = True
    ended = await asyncio.gather(*(stream.platform.deliver(one, NEWS) for one in people), return_exceptions=True)
    assert [len(body["userIds"]) for body in stream.fake.called(SEND)] == [20, 20, 5]
    assert [type(one) for one in ended[:7]] == [Gone, Gone, Ref, Ref, Ref, Later, Ref]
    assert str(ended[0]) == "account closed: unknown"
    assert all(isinstance(one, Ref) for one in ended[7:])
    assert "Lunch" in stream.mine(people[9].user)[-1][1].whole
    assert stream.fake.called(CREATE) == []


async def test_without_the_scope_for_cards_the_same_comes_with_links(stream: Stage) -> None:
    stream.fake.scopes.remove(SCOPE)
    with capture_logs() as logs:
        await stream.platform.deliver(ANA, MESSAGE)
        await stream.platform.deliver(ANA, replace(MESSAGE, key="k4"))
    assert [line["scopes"] for line in logs if line["event"] == "dingtalk scope missing"] == [[SCOPE]]
    assert (len(stream.fake.called(CREATE)), len(stream.mine())) == (1, 2)
    assert [one.label for one in stream.newest.buttons] == ["Approve", "Reject"]
    stream.fake.scopes.add(SCOPE)
    stream.clock.forward(minutes=11)
    await stream.platform.deliver(ANA, replace(MESSAGE, key="k5"))
    assert len(stream.fake.called(CREATE)) == 2


async def test_a_message_that_is_refused_is_sent_as_plain_text(stream: Stage) -> None:
    stream.fake.fail(CREATE, Fault(code="param.contentUnsafe"))
    await stream.platform.deliver(ANA, MESSAGE)
    post, look = stream.mine()[-1]
    assert (post.kind, "Ship it" in look.text) == ("sampleText", True)


async def test_who_left_is_sent_nothing(stream: Stage) -> None:
    stream.fake.people[ANA.user].left = True
    with pytest.raises(Gone, match="account closed"):
        await stream.platform.deliver(ANA, MESSAGE)
    await stream.platform.profile(ANA)
    calls = len(stream.fake.calls)
    with pytest.raises(Gone, match="account closed: left"):
        await stream.platform.deliver(ANA, MESSAGE)
    assert len(stream.fake.calls) == calls


async def test_who_the_robot_does_not_reach_gets_a_notice() -> None:
    async with playing("stream", agent_id="4711") as stage:
        notice = "POST /topapi/message/corpconversation/asyncsend_v2"
        stage.fake.fail(SEND, Fault(code="staffId.notExisted"), Fault(code="staffId.notExisted"))
        await stage.platform.deliver(ANA, LINE)
        (body,) = stage.fake.called(notice)
        assert (body["userid_list"], "Taken." in body["msg"]["text"]["content"]) == (ANA.user, True)
        with pytest.raises(Gone, match="message refused: notice limit"):
            await stage.platform.deliver(ANA, replace(LINE, key="again"))  # the same words in the same minute


@pytest.mark.parametrize("level", ["card", "action", "text"])
async def test_pictures_are_uploaded_once_and_shown_on_every_level(level: Level) -> None:
    async with playing("stream", level=level) as stage:
        shown = Message(Card("Chart", (CHART,), summary="x"), pictures={CHART: PNG}, key="k1")
        await asyncio.gather(*(stage.platform.deliver(one, replace(shown, key=one.user)) for one in (ANA, BOB)))
        assert len(stage.fake.called("POST /media/upload")) == 1
        assert sum(look.pictures for _post, look in stage.mine()) == 1
        stage.fake.fail("POST /media/upload", Fault(code=40004))
        other = replace(shown, pictures={CHART: PNG + b"2"}, key="k2")
        await stage.platform.deliver(ANA, other)
        assert "50 %" in stage.newest.whole


@pytest.mark.parametrize(
    ("name", "type_", "kind", "sent"),
    [
        ("plan.pdf", "application/pdf", "sampleFile", "plan.pdf"),
        ("plan.csv", "text/csv", "sampleFile", "plan.csv.zip"),
        ("shot.png", "image/png", "sampleImageMsg", ""),
    ],
)
async def test_files_are_handed_over(stream: Stage, name: str, type_: str, kind: str, sent: str) -> None:
    card = Card("Evidence", (text("As asked"),), summary="x", enclosed=Enclosed(1, 1, name, type_, len(PNG)))
    await stream.platform.hand(ANA, Message(card, key="k1"), PNG)
    (first, look), (post, _file) = stream.mine()
    assert (first.kind, "As asked" in look.whole) == ("sampleMarkdown", True)
    assert (post.kind, post.content.get("fileName", "")) == (kind, sent)


async def test_files_that_people_send_are_fetched(stage: Stage) -> None:
    await stage.fake.send_file(ANA.user, "plan.pdf", b"%PDF-1.4 plan")
    await stage.platform.settle()
    file = stage.app.last(Attached).files[0]
    assert await stage.platform.fetch(file.url, 100) == b"%PDF-1.4 plan"
    with pytest.raises(TooLarge):
        await stage.platform.fetch(file.url, 5)
    for url in ("https://evil.test/x", "file:///etc/passwd", ""):
        with pytest.raises(ValueError, match="not a DingTalk file"):
            await stage.platform.fetch(url, 100)
    with pytest.raises(Gone):
        await stage.platform.fetch("code:unknown", 100)


async def test_a_long_card_is_a_message_and_a_card_and_neither_comes_twice(stream: Stage) -> None:
    long = Card("Goal 7", tuple(text(f"Line {n} " + "word " * 30) for n in range(30)), CARD.actions, summary="x")
    stream.fake.fail(CREATE, Fault(status=500, code="system.busy"))
    message = Message(long, key="k1")
    with pytest.raises(OSError, match="500"):
        await stream.platform.deliver(ANA, message)
    await stream.platform.deliver(ANA, message)
    *above, (card, below) = stream.mine()
    assert ({post.kind for post, _look in above}, card.kind) == ({"sampleMarkdown"}, "card")
    whole = "\n".join(look.whole for _post, look in [*above, (card, below)])
    assert [whole.count(f"Line {n} ") for n in range(30)] == [1] * 30
    assert "Line 29 " in below.whole
    assert [one.label for one in below.buttons] == ["Approve", "Reject"]
    assert stream.fake.flags == []


async def test_a_long_card_that_is_refused_comes_whole_with_links(stream: Stage) -> None:
    """What was said above the card does not stand for the first part of what takes its place."""
    stream.fake.scopes.remove(SCOPE)
    long = Card("Goal 7", tuple(text(f"Line {n} " + "word " * 30) for n in range(10)), CARD.actions, summary="x")
    await stream.platform.deliver(ANA, Message(long, key="k1"))
    assert "Line 9 " in stream.newest.whole
    assert [one.label for one in stream.newest.buttons] == ["Approve", "Reject"]


@pytest.mark.parametrize(("code", "kind"), [(0, "sampleMarkdown"), (400105, "text")])
async def test_an_answer_that_its_talk_does_not_take_comes_another_way(stream: Stage, code: int, kind: str) -> None:
    """An address that is not DingTalk's is never called; what is refused there is said more simply."""
    if code:
        stream.fake.fail(HOOK, Fault(code=code))
    else:
        stream.fake.old_base = "http://127.0.0.1:9"
    await stream.fake.say(ANA.user, "perf")
    await stream.platform.deliver(ANA, LINE)
    post, look = stream.mine()[-1]
    assert (post.kind, look.text) == (kind, "Taken.")


async def test_T44_what_people_write_does_not_come_alive(stream: Stage) -> None:
    evil = "@all [HR](http://evil.test) <font> dingtalk://x ![](http://evil.test/p.png)"
    card = Card("Goal", (text(evil),), (Button("Go", "goal.approve", 7, 3),), summary="x")
    await stream.platform.deliver(ANA, Message(card, key="k1"))
    await stream.platform.deliver(ANA, Message(replace(card, actions=()), key="k2", patient=True))
    for _post, look in stream.mine():
        assert [one.url for one in look.buttons if "evil" in one.url] == []
        assert look.pictures == 0
    assert "isAtAll" not in json.dumps(stream.fake.calls, default=str)
