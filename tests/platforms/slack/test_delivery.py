"""Sending: what failures mean, nothing twice, pictures once, who an account is."""

import asyncio
import json
import logging

import pytest
from structlog.testing import capture_logs

from bot.capability import Answer, Gone, Later, Message, Profile, Ref, TooLarge
from bot.cards import Card, Chart, Enclosed
from bot.events import Who
from bot.platforms.slack import Slack
from bot.platforms.slack.api import Api
from bot.platforms.slack.wire import Wire
from bot.platforms.slack.workspaces import One
from bot.plots import Bar, Bars
from tests.fakes.slack import SECRET, TOKEN, FakeSlack, Fault
from tests.fakes.slack_store import TEAM
from tests.platforms.slack.stage import ANA, CARD, FORM, Application, Stage, command, send

CHART = Chart("Progress", "March", Bars((Bar("Revenue", 0.4, "40%"),)))
TROUBLE = "^(ServerDisconnectedError|ClientOSError|TimeoutError|ServerTimeoutError|status 500)$"
DRAWN = Message(Card("Chart", (CHART,)), pictures={CHART: b"\x89PNG picture"})


async def test_message_carries_its_key_and_no_markup(http: Stage) -> None:
    ref = await http.platform.deliver(ANA, Message(CARD, key="score:7:3"))
    sent = http.driver.fake.called("chat.postMessage")[0]
    assert (sent["channel"], sent["text"]) == ("U0001", "A goal waits for you")
    assert sent["metadata"]["event_payload"] == {"key": "score:7:3"}
    assert (sent["mrkdwn"], sent["unfurl_links"], sent["parse"]) == (False, False, "none")
    again = await http.platform.deliver(ANA, Message(CARD), ref.channel)
    assert (again.channel, again != ref) == (ref.channel, True)


@pytest.mark.parametrize(
    "name",
    [
        "channel_not_found",
        "is_archived",
        "user_not_found",
        "messages_tab_disabled",
    ],
)
async def test_definite_refusals_are_gone_with_the_name_only(http: Stage, name: str) -> None:
    http.driver.fake.fail("chat.postMessage", Fault(error=name))
    with pytest.raises(Gone, match=f"^(account closed|no access): {name}$"):
        await http.platform.deliver(ANA, Message(CARD))


@pytest.mark.parametrize("name", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_dead_token_stops_everything_and_loses_nothing(http: Stage, name: str) -> None:
    http.driver.fake.fail("chat.postMessage", Fault(error=name))
    with pytest.raises(Later) as later:
        await http.platform.deliver(ANA, Message(CARD))
    assert later.value.everywhere


@pytest.mark.parametrize("name", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_message_that_cannot_be_redrawn_is_gone(http: Stage, name: str) -> None:
    http.driver.fake.fail("chat.update", Fault(error=name))
    with pytest.raises(Gone, match=f"^{name}$"):
        await http.platform.update(ANA, Ref("D0001", "1.1"), Message(CARD))


async def test_rate_limit_is_later_as_long_as_slack_says(http: Stage) -> None:
    http.driver.fake.fail("chat.postMessage", Fault(429, retry_after=17))
    with pytest.raises(Later) as later:
        await http.platform.deliver(ANA, Message(CARD))
    assert (later.value.seconds, later.value.everywhere) == (17, True)


@pytest.mark.parametrize(
    "fault", [Fault(500), Fault(503), Fault(reset=True), Fault(error="internal_error"), Fault(status=200)]
)
async def test_passing_trouble_is_oserror_without_a_body(http: Stage, fault: Fault) -> None:
    http.driver.fake.fail("chat.postMessage", fault)
    with pytest.raises(OSError, match=r"^[\w ]+$") as trouble:
        await http.platform.deliver(ANA, Message(CARD))
    assert trouble.value.__cause__ is None
    assert len(http.driver.fake.called("chat.postMessage")) == 1


async def test_hanging_call_times_out() -> None:
    fake = FakeSlack()
    await fake.start()
    fake.fail("auth.test", Fault(hang=1.0))
    wire = Wire(fake.api_url, patience=0.2)
    wire.open()
    with pytest.raises(OSError, match=TROUBLE):
        await Api(TOKEN, wire).read("auth.test")
    await wire.close()
    await fake.stop()


@pytest.mark.parametrize("fault", [Fault(reset=True, after=True), Fault(500, after=True)])
async def test_message_that_got_through_is_not_sent_again(http: Stage, fault: Fault) -> None:
    await http.platform.deliver(ANA, Message(CARD, key="first"))
    http.driver.fake.fail("chat.postMessage", fault)
    with pytest.raises(OSError, match=TROUBLE):
        await http.platform.deliver(ANA, Message(CARD, key="second"))
    ref = await http.platform.deliver(ANA, Message(CARD, key="second"))
    assert len(http.driver.messages("U0001")) == 2
    assert http.driver.messages("U0001")[-1].id == f"{ref.channel}:{ref.message}"
    http.driver.fake.fail("chat.postMessage", Fault(reset=True))
    with pytest.raises(OSError, match=TROUBLE):
        await http.platform.deliver(ANA, Message(CARD, key="third"))
    await http.platform.deliver(ANA, Message(CARD, key="third"))
    assert len(http.driver.messages("U0001")) == 3


async def test_picture_is_uploaded_once_and_described(http: Stage) -> None:
    await asyncio.gather(*(http.platform.deliver(ANA, DRAWN) for _ in range(5)))
    (file,) = http.driver.fake.store.files.values()
    assert (file["content"], file["alt"]) == (b"\x89PNG picture", CHART.alt())
    assert [seen.pictures for seen in http.driver.messages("U0001")] == [1] * 5
    assert "40%" in http.driver.messages("U0001")[0].text
    assert http.driver.fake.called("files.completeUploadExternal")[0].keys() == {"files"}
    many = Chart("Progress", "March", Bars(tuple(Bar(f"Indicator {n}", 0.4, "40%") for n in range(80))))
    await http.platform.deliver(ANA, Message(Card("Chart", (many,)), pictures={many: b"\x89PNG more"}))
    assert len(many.alt()) > 1000
    assert http.driver.messages("U0001")[-1].pictures == 1


async def test_picture_that_is_not_ready_is_tried_again_then_told(http: Stage) -> None:
    http.driver.fake.store.unsettled = 1
    await http.platform.deliver(ANA, DRAWN)
    http.driver.fake.store.unsettled = 10
    await http.platform.deliver(ANA, DRAWN)
    assert [seen.pictures for seen in http.driver.messages("U0001")] == [1, 0]
    assert "Revenue: 40%" in http.driver.messages("U0001")[-1].text


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
async def test_failed_upload_is_tried_again_with_the_next_message(http: Stage, step: str) -> None:
    http.driver.fake.fail(step, Fault(500))
    with pytest.raises(OSError, match="status 500"):
        await http.platform.deliver(ANA, DRAWN)
    await http.platform.deliver(ANA, DRAWN)
    assert http.driver.messages("U0001")[-1].pictures == 1


@pytest.mark.parametrize("name", ["storage_limit_reached", "file_uploads_disabled", "missing_scope"])
async def test_a_workspace_that_takes_no_files_reads_the_figures(http: Stage, name: str) -> None:
    http.driver.fake.fail("files.getUploadURLExternal", Fault(error=name))
    await http.platform.deliver(ANA, DRAWN)
    await http.platform.deliver(ANA, DRAWN)
    assert [seen.pictures for seen in http.driver.messages("U0001")] == [0, 1]
    assert "Revenue: 40%" in http.driver.messages("U0001")[0].text


async def test_pictures_in_an_answer_in_place(http: Stage) -> None:
    http.app.answer = Answer(card=DRAWN)
    await http.driver.type("U0001", "/perf progress", channel="C0001")
    await http.driver.open_home("U0001")
    assert [seen.pictures for seen in http.driver.messages("U0001")] == [1, 1]
    assert http.refused == []


async def test_profile(http: Stage) -> None:
    http.driver.add_user("U0003", name="小陈", email="chen@acme.test", locale="zh-CN")
    known = await http.platform.profile(Who("slack", TEAM, "U0003"))
    assert known == Profile("小陈", "chen@acme.test", True, "zh-CN", "Europe/Berlin")
    assert await http.platform.profile(Who("slack", TEAM, "U404")) is None


@pytest.mark.parametrize(
    "mark", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_email_confirmed"]
)
async def test_only_confirmed_members_are_vouched_for(http: Stage, mark: str) -> None:
    user = http.driver.fake.store.users["U0001"]
    user[mark] = not user[mark]
    profile = await http.platform.profile(ANA)
    assert profile is not None
    assert profile.vouched is False
    if mark == "is_email_confirmed":
        del user[mark]
        assert (await http.platform.profile(ANA)) == profile


async def test_files_come_from_slack_only(http: Stage) -> None:
    for url in ("https://evil.test/f", "http://files.slack.com/f", "https://a@files.slack.com/f", "file:///etc/passwd"):
        with pytest.raises(ValueError, match="not a Slack file"):
            await http.platform.fetch(url, 10)
    await http.driver.attach("U0001", "a.csv", b"0123456789")
    url = f"{http.driver.fake.base}/files/{next(iter(http.driver.fake.store.files))}"
    with pytest.raises(TooLarge):
        await http.platform.fetch(url, 9)
    elsewhere = {"id": "F0404", "name": "b.csv", "size": 9, "content": b"elsewhere", "done": True}
    http.driver.fake.store.files["F0404"] = elsewhere | {"url_private": f"{http.driver.fake.base}/files/F0404"}
    assert await http.platform.fetch("F0404", 10) == b"elsewhere", "what a shared channel does not say is asked for"
    with pytest.raises(Gone, match="moved"):
        await http.platform.fetch(f"{http.driver.fake.base}/files/moved", 10)
    wire = Wire(http.driver.fake.api_url)
    wire.open()
    with pytest.raises(Gone, match="missing_scope"):
        await Api("xoxb-other", wire).fetch(url, 10)
    await wire.close()


async def test_a_file_is_handed_to_one_person_behind_its_card(http: Stage) -> None:
    """An account that never wrote: the card opens the conversation, and the file goes to the same one."""
    card = Card("a <b>.pdf", summary="A piece of evidence", enclosed=Enclosed(1, 1, "a <b>.pdf", "application/pdf", 4))
    ref = await http.platform.hand(ANA, Message(card, key="k"), b"%PDF")
    assert (ref.channel, await http.driver.files("U0001")) == ("D0001", [("a <b>.pdf", b"%PDF")])
    assert http.driver.messages("U0001")[-1].text == "a <b>.pdf"
    photo = Card("Photo", enclosed=Enclosed(2, 2, "desk.png", "image/png", 4))
    await http.platform.hand(ANA, Message(photo), b"\x89PNG")
    assert [file["alt"] for file in http.driver.fake.store.files.values()] == ["", "desk.png"]
    http.driver.fake.fail("files.completeUploadExternal", Fault(status=429, retry_after=7))
    with pytest.raises(Later):
        await http.platform.hand(ANA, Message(card), b"%PDF")


async def test_one_auth_test_for_fifty_first_requests() -> None:
    fake = FakeSlack()
    await fake.start()
    slack = Slack(SECRET, TOKEN, api_url=fake.api_url)
    fake.fail("auth.test", Fault(500))

    await slack.start(Application())
    assert slack.ready() is False
    assert isinstance(slack._workspaces, One)
    await asyncio.gather(*(slack._workspaces.whoami() for _ in range(50)))
    assert (slack.ready(), len(fake.called("auth.test"))) == (True, 2)
    await slack.stop()
    await fake.stop()


async def test_slack_that_is_down_at_the_start_is_asked_again() -> None:
    fake = FakeSlack()
    await fake.start()
    fake.fail("auth.test", Fault(500), Fault(error="internal_error"), Fault(429))
    slack = Slack(SECRET, TOKEN, api_url=fake.api_url, ping=0.05)
    with capture_logs() as logs:
        await slack.start(Application())
        assert slack.ready() is False
        assert isinstance(slack._workspaces, One)
        await asyncio.wait_for(asyncio.shield(slack._workspaces.whoami.knocking or asyncio.sleep(0)), 5)
    assert slack.ready() is True
    reasons = [line["reason"] for line in logs if line["event"] == "platform does not know this bot"]
    assert reasons == ["status 500", "internal_error", "wait 0 s"]
    await slack.stop()
    await fake.stop()


async def test_libraries_never_log_a_body_or_a_token(http: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    http.driver.fake.fail("views.open", Fault(error="expired_trigger_id"))
    http.app.fails = RuntimeError("canary")
    with capture_logs() as logs:
        await send(http, command(http, "canary"), FORM)
        await http.driver.deliver("x", {"type": "unheard_of", "canary": "canary", "team": {"id": TEAM}})
        await http.driver.deliver("x", {"type": "block_actions", "canary": "canary"})
    written = json.dumps(logs, default=str) + caplog.text
    assert "canary" not in written
    assert TOKEN not in written
    assert any(line["event"] == "slack library" for line in logs)


async def test_nothing_private_goes_to_a_channel_whatever_is_stored(http: Stage) -> None:
    """A fault once kept the channel in which somebody pressed as their own conversation."""
    await http.platform.deliver(ANA, Message(CARD), "C0001")
    await http.platform.hand(ANA, Message(CARD), b"%PDF", "C0001")
    assert http.driver.channel("C0001") == []
    assert [seen.id.split(":")[0] for seen in http.driver.messages("U0001")] == ["D0001", "D0001"]
    assert [file["channel"] for file in http.driver.fake.store.files.values()] == ["D0001"]
