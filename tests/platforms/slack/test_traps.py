"""One test for each known trap of Slack, Bolt and their SDK."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web

from bot.capability import Answer, Message
from bot.events import Attached, Opened, Said, Where
from bot.platforms.slack import Slack, bolt
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import SECRET, TOKEN, Fault
from tests.fakes.slack_store import BOT, BOT_ID
from tests.platforms.slack.stage import ANA, CARD, FORM, SHEET, Stage, command, playing, send


def app_of(stage: Stage) -> Any:
    """The Bolt app inside."""
    return stage.platform._bolt


async def test_no_poll_for_the_ack(http: Stage) -> None:
    assert app_of(http).process_before_response is True


async def test_few_catch_all_listeners_that_never_grow(http: Stage) -> None:
    count = len(app_of(http)._async_listeners)
    for _ in range(20):
        await send(http, command(http), FORM)
    assert (count, len(app_of(http)._async_listeners)) == (7, 7)


@pytest.mark.parametrize("text", ["payload", "my payload=1", "x&payload={}"])
async def test_the_word_payload_in_a_command(stage: Stage, text: str) -> None:
    assert (await stage.driver.type("U0001", f"/perf {text}")).status == 200
    assert stage.app.commanded().text == text


async def test_lazy_headers_run_nothing(http: Stage) -> None:
    http.app.answer = Answer(toast="Seen.")
    body = command(http)
    headers = payloads.signed(body, http.clock().timestamp()) | FORM
    lazy = {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "listener"}
    status, text = await http.driver.post(body, headers | lazy)
    assert (status, "Seen." in text, len(http.app.events)) == (200, True, 1)


async def test_failing_handler_is_answered_at_once(http: Stage) -> None:
    http.app.fails = RuntimeError()
    started = time.monotonic()
    assert await send(http, command(http), FORM) == 500
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("body", [b"{broken", b"[1]", b"payload=[1]", b""])
async def test_unsigned_rubbish_is_401_before_it_is_parsed(http: Stage, body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        assert (await http.driver.post(body, {"Content-Type": kind}))[0] == 401


async def test_one_session_for_all_calls(http: Stage) -> None:
    for _ in range(10):
        await http.platform.deliver(ANA, Message(CARD))
    assert len(http.driver.fake.peers) == 1


async def test_no_proxy_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with playing(socket=True) as stage:
        await stage.driver.type("U0001", "/perf x")
        assert stage.app.commanded().text == "x"


async def test_credentials_in_the_environment_do_not_switch_oauth_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "from-the-environment")
    async with playing() as stage:
        assert (await stage.driver.type("U0001", "/perf x")).status == 200
        assert stage.refused == []


async def test_own_and_other_bots_messages_and_edits_are_ignored(stage: Stage) -> None:
    store = stage.driver.fake.store
    base: dict[str, Any] = {"type": "message", "channel": "D0001", "channel_type": "im", "text": "hi", "ts": "1.1"}
    edit = {"subtype": "message_changed", "message": base | {"user": "U0001"}, "hidden": True}
    ignored = [
        base | {"user": BOT},
        base | {"user": "U0009", "bot_id": "B0009"},
        base | {"subtype": "bot_message", "bot_id": BOT_ID},
        base | edit,
        base | {"user": "U0001", "channel_type": "channel", "channel": "C0001"},
        {"type": "team_join", "user": {"id": "U0009"}},
        {"type": "file_shared", "user_id": "U0001", "file": {"id": "F1"}},
        {"type": "app_uninstalled"},
    ]
    for event in ignored:
        assert (await stage.driver.deliver("events_api", payloads.happened(event)))[0] == 200
    assert stage.app.events == []
    await stage.driver.deliver("events_api", payloads.typed(store, "U0001", "hi"))
    assert isinstance(stage.app.last(), Said)


async def test_view_without_a_type_is_400(http: Stage) -> None:
    payload = payloads.interaction(http.driver.fake.store, "U0001", "view_submission")
    view = {"id": "V1", "callback_id": "a.b", "state": {"values": {}}}
    assert (await http.driver.deliver("interactive", payload | {"view": view}))[0] == 400


async def test_deselected_option_and_closed_modal_are_acknowledged(stage: Stage) -> None:
    store = stage.driver.fake.store
    place = {"type": "message", "message_ts": "1.1", "channel_id": "D0001", "is_ephemeral": False}
    action = {"type": "static_select", "action_id": "a.b", "block_id": "b", "selected_option": None}
    press = payloads.interaction(store, "U0001", "block_actions") | {"container": place, "actions": [action]}
    closed = payloads.interaction(store, "U0001", "view_closed") | {"view": {"type": "modal", "callback_id": "a.b"}}
    for payload in (press, closed):
        assert (await stage.driver.deliver("interactive", payload))[0] == 200
    assert stage.app.events == []


async def test_suggestions_get_an_empty_list(http: Stage) -> None:
    asked = {"action_id": "a.b", "block_id": "b", "value": "x", "container": {"type": "view"}}
    payload = payloads.interaction(http.driver.fake.store, "U0001", "block_suggestion") | asked
    assert await http.driver.deliver("interactive", payload) == (200, {"options": []})


async def test_slack_limiting_our_events_is_no_error(http: Stage) -> None:
    limited = {"type": "app_rate_limited", "team_id": "T0001", "minute_rate_limited": 1, "api_app_id": "A0001"}
    assert (await http.driver.deliver("events_api", limited))[0] == 200


async def test_used_and_expired_triggers_end_in_a_button_that_asks_again(http: Stage) -> None:

    async def slow(_: object) -> Answer:
        http.clock.now += timedelta(seconds=4)
        return Answer(sheet=SHEET)

    http.app.does = slow
    await http.driver.type("U0001", "/perf goals add", channel="C0001")
    assert http.driver.form("U0001") is None
    http.app.does, http.app.answer = None, Answer(sheet=SHEET)
    await http.driver.press("U0001", http.driver.messages("U0001")[-1], "Open the form")
    asked = http.app.commanded()
    assert (asked.text, asked.where) == ("goals add", Where("C0001", inline=True)), "the channel is no conversation"
    assert http.driver.form("U0001") is not None


async def test_answer_in_a_channel_without_the_bot_becomes_a_direct_message(http: Stage) -> None:
    http.driver.fake.store.channels["C0009"] = {"U0001"}
    http.app.answer = Answer(sheet=SHEET)
    await http.driver.type("U0001", "/perf goals add", channel="C0009")
    http.app.answer = Answer(toast="Saved.", card=Message(CARD))
    outcome = await http.driver.submit("U0001", {"Title": "a", "Weight": "1", "Kind": "Habit"})
    assert outcome.toast == "Saved."
    assert {seen.id.split(":")[0] for seen in http.driver.messages("U0001")} == {"D0001"}


async def test_words_in_a_channel_get_their_form_there_and_the_channel_stays_a_channel(stage: Stage) -> None:
    stage.app.answer = Answer(sheet=SHEET)
    await stage.driver.type("U0001", "goals add", channel="C0001")
    assert stage.driver.channel("C0001") == []
    await stage.driver.press("U0001", stage.driver.messages("U0001")[-1], "Open the form")
    assert stage.app.commanded().where == Where("C0001", inline=True)
    stage.app.answer = Answer(toast="Saved.")
    await stage.driver.submit("U0001", {"Title": "a", "Weight": "1", "Kind": "Habit"})
    assert stage.app.submitted().where == Where("C0001", inline=True)


async def test_a_form_without_fields_is_never_answered_with_errors(http: Stage) -> None:
    """Slack takes errors of input blocks only, and none that are empty."""
    http.app.answer = Answer(sheet=replace(SHEET, fields=()))
    await http.driver.type("U0001", "/perf goals add")
    http.app.answer = Answer(errors={"": "This has changed since."})
    outcome = await http.driver.submit("U0001", {})
    assert (outcome.status, outcome.errors, outcome.toast) == (200, {}, "This has changed since.")


async def test_only_what_was_refused_is_never_repeated(http: Stage) -> None:
    body, kind = payloads.encoded(payloads.typed(http.driver.fake.store, "U0001", "hi"))
    http.app.answer = Answer(unkept=True)
    found = []
    for at in (0, 400):
        headers = payloads.signed(body, http.clock().timestamp() - at) | {"Content-Type": kind}
        url = f"{http.driver.base}/slack/events"
        async with ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            found.append((answer.status, answer.headers.get("X-Slack-No-Retry", "")))
    assert found == [(503, ""), (401, "1")]


async def test_shortcuts_are_commands(stage: Stage) -> None:
    store = stage.driver.fake.store
    for name in ("perf", "perf.tasks"):  # by the manifests before and by that of now
        await stage.driver.shortcut("U0001", name)
        asked = stage.app.commanded()
        assert (asked.text, asked.where) == ("tasks", Where(inline=True, message="new"))
    message = {"message": {"text": "thanks &amp; well done", "ts": "1.1"}, "channel": {"id": "C0001"}}
    url = {"response_url": f"{stage.driver.fake.base}/hooks/{store.answer_url('U0001', 'C0001')}"}
    on_message = payloads.interaction(store, "U0001", "message_action") | {"callback_id": "perf.evidence"}
    stage.app.answer = Answer(sheet=SHEET)
    await stage.driver.deliver("interactive", on_message | message | url)
    kept = stage.app.last()
    assert isinstance(kept, Attached)
    assert (kept.text, kept.files, kept.where, kept.wanted) == ("thanks & well done", (), Where(), True)
    assert stage.driver.form("U0001") is not None, "the press brings what a modal needs"
    stamped = {"message": {"text": "", "ts": "1700000000.000100"}, "channel": {"id": "C0001"}}
    await stage.driver.deliver("interactive", on_message | stamped | {"trigger_id": store.trigger("U0001")})
    assert stage.app.last().link == "https://acme.slack.com/archives/C0001/p1700000000000100"  # type: ignore[union-attr]
    foreign = payloads.interaction(store, "U0001", "shortcut") | {"callback_id": "other"}
    assert (await stage.driver.deliver("interactive", foreign))[0] == 200
    assert len(stage.app.events) == 4


async def test_command_in_a_talk_of_two_people_is_not_our_conversation(http: Stage) -> None:
    http.app.answer = Answer(toast="Only you.")
    assert (await http.driver.type("U0001", "/perf", channel="D0999")).toast == "Only you."
    http.app.answer = Answer(sheet=SHEET)
    await http.driver.type("U0001", "perf")
    assert http.driver.fake.called("chat.postMessage")[-1]["channel"] == "D0001"
    http.driver.fake.fail("chat.postMessage", Fault(reset=True, after=True))
    with pytest.raises(OSError, match=r"Disconnected|ClientOSError"):
        await http.platform.deliver(ANA, Message(CARD, key="k"))
    await http.driver.type("U0001", "/perf", channel="D0999")
    await http.platform.deliver(ANA, Message(CARD, key="k"))
    assert sum(seen.text.startswith("Goal 7") for seen in http.driver.messages("U0001")) == 1


async def test_messages_tab_is_a_conversation(http: Stage) -> None:
    await http.driver.deliver("events_api", payloads.opened("U0001", "D0001", "messages"))
    opened = http.app.last()
    assert isinstance(opened, Opened)
    assert (opened.surface, opened.where) == ("conversation", Where("D0001"))


async def test_requests_before_the_start_are_turned_away(http: Stage) -> None:
    idle = Slack(SECRET, TOKEN, api_url=http.driver.fake.api_url, clock=http.clock)
    server = web.Application()
    server.add_routes(idle.routes())
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    http.driver.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    assert await send(http, command(http), FORM) == 503
    await runner.cleanup()


def test_bolt_request_carries_no_foreign_headers() -> None:
    headers = {"X-Slack-Retry-Num": "1", "X-Slack-Bolt-Lazy-Only": "1", "Cookie": "a=b"}
    made = bolt.request({"command": "/perf"}, headers)
    assert set(made.headers) == {"x-slack-retry-num"}
    assert made.lazy_only is False


async def test_text_is_urlencoded_once(http: Stage) -> None:
    body = urlencode(
        payloads.slash(http.driver.fake.store, "U0001", "C0001", "/perf", "a+b %41 50% & 目标", "http://127.0.0.1:9")
    )
    await send(http, body.encode(), FORM)
    assert http.app.commanded().text == "a+b %41 50% & 目标"
