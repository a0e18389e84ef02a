"""Verified requests: replays, retries, forged values, damaged payloads (threats T11-T13, T29, T34, T35, T53)."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.capability import Answer, Message
from bot.events import Where
from bot.platforms.slack import shape, views
from bot.platforms.slack.inbound import Identity, Malformed, event, ours
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import Fault
from tests.fakes.slack_payloads import signed
from tests.fakes.slack_store import APP, BOT, BOT_ID, TEAM, Store
from tests.platforms.slack.stage import ANA, BOB, CARD, FORM, SHEET, Stage, command, send


async def test_T11_T13_replays_keep_their_key(http: Stage) -> None:
    body = command(http)
    for _ in range(2):
        await send(http, body, FORM)
    first, second = (event_of(seen) for seen in http.app.events)
    assert first == second
    await send(http, command(http), FORM)
    assert event_of(http.app.last()) != first


def event_of(seen: Any) -> tuple[str, str, str]:
    """What the dispatcher deduplicates by."""
    return (seen.who.platform, seen.who.tenant, seen.key)


async def test_T12_press_is_acknowledged_within_a_second(http: Stage) -> None:
    http.app.waits, http.app.answer = 2.0, Answer(toast="Done")
    loop = asyncio.get_running_loop()
    body = command(http)
    started = loop.time()
    status, _ = await http.driver.post(body, signed(body, http.clock().timestamp()) | FORM)
    assert (status, loop.time() - started < 1.8) == (200, True)
    await http.platform.settle()
    assert len(http.app.events) == 1


async def test_T12_retried_event_has_the_same_key(http: Stage) -> None:
    body, kind = payloads.encoded(payloads.typed(http.driver.fake.store, "U0001", "hi"))
    for number in range(4):
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"}
        assert await send(http, body, {"Content-Type": kind} | retry) == 200
    assert len({event_of(seen) for seen in http.app.events}) == 1


async def test_failed_handler_is_500_without_its_text(http: Stage) -> None:
    http.app.fails = RuntimeError("secret-canary")
    with capture_logs() as logs:
        assert await send(http, command(http), FORM) == 500
    assert "canary" not in json.dumps(logs)


@pytest.mark.parametrize(
    "value", ["", "7", "7:3:1", "x:y", "-1:2", "７:３", "7:3;", "9" * 40 + ":1", '{"a":1}', "7:3 "]
)
async def test_T29_forged_button_value_is_refused_politely(http: Stage, value: str) -> None:
    payload = pressed(http, "goal.approve", value)
    status, _ = await http.driver.deliver("interactive", payload)
    hook = http.driver.fake.called("hook")[-1]
    assert (status, http.app.events) == (200, [])
    assert (hook["text"], hook["replace_original"]) == (
        "I could not read this button. Please ask for it again.",
        False,
    )


def pressed(stage: Stage, action: str, value: str) -> dict[str, Any]:
    """A signed press with any value."""
    store = stage.driver.fake.store
    url = f"{stage.driver.fake.base}/hooks/{store.answer_url('U0001', 'D0001')}"
    return payloads.interaction(store, "U0001", "block_actions") | {
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "D0001", "is_ephemeral": False},
        "channel": {"id": "D0001"},
        "response_url": url,
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": value, "action_ts": "1"}],
    }


@pytest.mark.parametrize(
    "metadata",
    ["", "{}", "[]", '{"s":7,"v":3}', '{"s":true,"v":3,"c":"","m":"","p":1,"i":0}', "[" * 2900, "x" * 4000],
)
async def test_T29_forged_metadata_is_400(http: Stage, metadata: str) -> None:
    payload = submitted(http)
    payload["view"]["private_metadata"] = metadata
    assert (await http.driver.deliver("interactive", payload))[0] == 400
    assert http.app.events == []


def submitted(stage: Stage) -> dict[str, Any]:
    """A signed submission of a real form."""
    store = stage.driver.fake.store
    view = store.show("U0001", store.view_body(views.modal(SHEET, Where("D0001"))))
    block = view.body["blocks"][1]
    values = {block["block_id"]: {block["element"]["action_id"]: {"type": "plain_text_input", "value": "Ship"}}}
    return payloads.submission(store, view, values)


async def test_T34_submission_twice_has_one_key_and_unknown_forms_are_400(http: Stage) -> None:
    payload = submitted(http)
    again = payload | {"trigger_id": "9.9.other"}
    changed = json.loads(json.dumps(payload))
    next(iter(changed["view"]["state"]["values"]["title"].values()))["value"] = "Other"
    for sent in (payload, again, changed):
        assert (await http.driver.deliver("interactive", sent))[0] == 200
    one, two, three = (event_of(seen) for seen in http.app.events)
    assert (one == two, one == three) == (True, False)
    payload["view"]["callback_id"] = "goal_form"
    assert (await http.driver.deliver("interactive", payload))[0] == 400


async def test_T35_the_clicker_is_who_the_envelope_names(http: Stage) -> None:
    await http.platform.deliver(ANA, Message(CARD))
    await http.driver.press("U0002", http.driver.messages("U0001")[-1], "Approve")
    assert http.app.clicked().who == BOB


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KINDS = ["event_callback", "block_actions", "view_submission", "view_closed", "shortcut", "message_action", "x"]
KEYS = ["event", "event_id", "actions", "container", "view", "user", "team", "callback_id", "message", "channel"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from([*KEYS, "trigger_id", "authorizations", "command", "text"]), json_values),
)
def test_T53_any_payload_is_read_or_refused(kind: str, body: dict[str, Any]) -> None:
    me = Identity(TEAM, BOT, BOT_ID, APP)
    payload = body | {"type": kind}
    if shape.well_formed(payload):
        ours(payload, me)
        try:
            event(payload, me)
        except Malformed:
            return


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_T53_damaged_real_payloads_are_read_or_refused(data: st.DataObject) -> None:
    me = Identity(TEAM, BOT, BOT_ID, APP)
    payload = json.loads(json.dumps(data.draw(st.sampled_from(REAL))))
    holder: Any = payload
    for _ in range(data.draw(st.integers(0, 4))):
        nested = [value for value in (holder.values() if isinstance(holder, dict) else holder) if value]
        deeper = [value for value in nested if isinstance(value, dict | list)]
        if not deeper:
            break
        holder = data.draw(st.sampled_from(deeper))
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    holder[data.draw(st.sampled_from(keys))] = data.draw(json_values)
    if shape.well_formed(payload):
        ours(payload, me)
        try:
            event(payload, me)
        except Malformed:
            return


def real() -> list[dict[str, Any]]:
    """One payload of each kind."""
    store = Store()
    store.add_user("U0001", name="Ana", email="a@b.test")
    view = store.show("U0001", store.view_body(views.modal(SHEET, Where("D0001"))))
    values = {"title": {"a": {"type": "static_select", "selected_option": {"value": "x", "text": {}}}}}
    place = {"type": "message", "message_ts": "1.1", "channel_id": "D0001", "is_ephemeral": False}
    action = {"type": "button", "action_id": "goal.approve", "block_id": "b", "value": "7:3"}
    file = {"id": "F1", "name": "a", "mimetype": "b", "size": 1, "url_private": "https://x"}
    return [
        payloads.slash(store, "U0001", "C1", "/perf", "x <@U2|b>", "h"),
        payloads.typed(store, "U0001", "hi", [file]),
        payloads.opened("U0001", "D0001"),
        payloads.submission(store, view, values),
        payloads.interaction(store, "U0001", "block_actions") | {"container": place, "actions": [action]},
        payloads.interaction(store, "U0001", "message_action")
        | {"callback_id": "perf.evidence", "message": {"text": "t"}, "channel": {"id": "C1"}},
    ]


REAL = real()


async def test_a_closed_account_is_looked_at_again_before_it_counts(http: Stage) -> None:
    """The event came late and Ana is back; then she is not; what cannot be looked at or kept comes again."""
    account = http.driver.fake.store.users[ANA.user]
    steps: list[tuple[bool, Answer, int, int]] = [
        (False, Answer(), 200, 0),
        (True, Answer(unkept=True), 503, 1),
        (True, Answer(), 200, 2),
    ]
    for deleted, http.app.answer, wanted, changes in steps:
        account["deleted"] = deleted
        event = payloads.happened({"type": "user_change", "user": account | {"deleted": True}})
        assert (await http.driver.deliver("events_api", event))[0] == wanted
        assert len(http.app.changes) == changes
    assert {(one.who, one.left) for one in http.app.changes} == {(ANA, True)}
    http.driver.fake.fail("users.info", Fault(status=502))
    event = payloads.happened({"type": "user_change", "user": account})
    assert (await http.driver.deliver("events_api", event))[0] == 503
    account["deleted"] = False
    assert (await http.driver.deliver("events_api", payloads.happened({"type": "user_change", "user": account})))[
        0
    ] == 200
    assert ([one.left for one in http.app.changes], http.app.events) == ([True, True, False], [])
