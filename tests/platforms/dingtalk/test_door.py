"""The doors of HTTP mode against forged, stale, broken and foreign requests (threats T01-T12)."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from multidict import CIMultiDict
from structlog.testing import capture_logs

from bot.capability import Answer, Message
from bot.doorway import MOST, Refused
from bot.events import Changed, Click, Said
from bot.platforms.dingtalk import DingTalk, crypt, door
from tests.fakes.dingtalk import AES_KEY, SECRET, TOKEN
from tests.fakes.dingtalk_push import Pushed
from tests.fakes.dingtalk_store import CORP
from tests.platforms.dingtalk.stage import ANA, BOB, CARD, NOW, Stage, playing

LOCK = door.Lock.of("ding1", SECRET, TOKEN, AES_KEY)


def message(stage: Stage, **changed: object) -> bytes:
    """A line of Ana's, as it is pushed."""
    return json.dumps(stage.fake.message(ANA.user, "", "text", {"content": "salary-canary"}) | changed).encode()


async def say(stage: Stage, body: bytes, headers: dict[str, str]) -> int:
    """The status of a robot message of these bytes."""
    return (await stage.fake.post(f"{stage.base}/dingtalk/messages", body, headers)).status


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"sign": ""},
        {"sign": "x" * 44},
        {"sign": "é"},
        {"timestamp": ""},
        {"timestamp": "abc"},
        {"timestamp": "-1"},
        {"timestamp": "1e12"},
        {"timestamp": "１７００００００００００００"},
        {"timestamp": "9" * 5000},
    ],
)
async def test_T01_T03_wrong_signatures_are_refused_and_not_logged(http: Stage, forged: dict[str, str]) -> None:
    right = http.fake.message_headers()
    headers = {**right, **forged} if forged else {"Content-Type": right["Content-Type"]}
    with capture_logs() as logs:
        assert await say(http, message(http), headers) == 401
        assert await say(http, message(http), http.fake.message_headers(secret="another-secret-0123456789")) == 401
    assert http.app.events == []
    assert "canary" not in json.dumps(logs)
    assert await say(http, message(http), right) == 200


def test_T03_a_header_twice_is_refused() -> None:
    right = [("sign", crypt.robot_signature(SECRET, "1772442000000")), ("timestamp", "1772442000000")]
    door.robot(CIMultiDict(right), LOCK, NOW)
    for pair in right:
        with pytest.raises(Refused) as refused:
            door.robot(CIMultiDict([*right, pair]), LOCK, NOW)
        assert refused.value.status == 401


@pytest.mark.parametrize(("age", "status"), [(3600, 200), (3601, 401), (-3600, 200), (-3601, 401)])
async def test_T02_only_fresh_timestamps(http: Stage, age: float, status: int) -> None:
    assert await say(http, message(http), http.fake.message_headers(age=age)) == status
    card = http.fake.card_headers(SECRET, age=age)
    assert (await http.fake.post(f"{http.base}/dingtalk/cards", b"{}", card)).status == status


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff", b"\xef\xbb\xbf{}", b"[" * 99999]
)
async def test_T04_signed_bodies_that_are_none_are_400(http: Stage, body: bytes) -> None:
    assert await say(http, body, http.fake.message_headers()) == 400


async def test_T51_too_much_and_packed_bodies_are_refused(http: Stage) -> None:
    head = http.fake.message_headers() | {"Content-Length": str(MOST + 1)}
    reader, writer = await asyncio.open_connection(*urlsplit(http.base).netloc.split(":"))
    lines = ["POST /dingtalk/messages HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in head.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert await say(http, b"x", http.fake.message_headers() | {"Content-Encoding": "gzip"}) == 400


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DINGTALK_CLIENT_ID", {"client_id": " "}),
        ("DINGTALK_CLIENT_SECRET", {"client_secret": ""}),
        ("DINGTALK_CLIENT_SECRET", {"client_secret": "short"}),
        ("DINGTALK_CLIENT_SECRET", {"client_secret": "x" * 32}),
        ("DINGTALK_TOKEN", {"token": ""}),
        ("DINGTALK_TOKEN", {"token": "short"}),
        ("DINGTALK_AES_KEY", {"aes_key": ""}),
        ("DINGTALK_AES_KEY", {"aes_key": "A" * 42}),
    ],
)
def test_T05_weak_secrets_refuse_to_start(name: str, given: dict[str, str]) -> None:
    how = {"client_id": "ding1", "client_secret": SECRET, "aes_key": AES_KEY, "token": TOKEN} | given
    with pytest.raises(ValueError, match=name) as refused:
        DingTalk(how.pop("client_id"), how.pop("client_secret"), delivery="http", **how)  # type: ignore[arg-type]
    assert SECRET not in str(refused.value)


def test_T06_old_secrets_until_they_are_retired() -> None:
    both = door.Lock.of("ding1", f"another-secret-9876543210, {SECRET}", f"{TOKEN}x,{TOKEN}", f"{AES_KEY},{AES_KEY}")
    stamp = "1772442000000"
    headers = CIMultiDict({"sign": crypt.robot_signature(SECRET, stamp), "timestamp": stamp})
    door.robot(headers, both, NOW)
    with pytest.raises(Refused):
        door.robot(headers, door.Lock.of("ding1", "another-secret-9876543210", "", ""), NOW)


async def test_events_are_sealed_both_ways(http: Stage) -> None:
    assert (await http.fake.check_url()).taken
    pushed = await http.fake.rename(ANA.user, "Ana Souza")
    assert pushed.taken
    assert http.app.last(Changed).name == "Ana Souza"
    assert http.fake.flags == []


async def sealed(stage: Stage, *, owner: str = "", **query: str) -> Pushed:
    """An event about Ana, with another query or owner."""
    said = {"EventType": "user_leave_org", "CorpId": ANA.tenant, "eventId": "e1", "UserId": [ANA.user]}
    url, body = stage.fake.sealed(said, owner=owner)
    address, _, right = url.partition("?")
    pairs: dict[str, Any] = dict(pair.split("=", 1) for pair in right.split("&"))
    asked = "&".join(f"{name}={value}" for name, value in (pairs | query).items())
    return await stage.fake.post(f"{address}?{asked}", body, {"Content-Type": "application/json"})


async def test_T07_T10_forged_events_and_events_of_others(http: Stage) -> None:
    for forged in ({"msg_signature": "0" * 40}, {"timestamp": "1"}, {"nonce": "other"}, {"timestamp": "1614767836000"}):
        assert (await sealed(http, **forged)).status == 401
    assert (await sealed(http, owner="dinganother")).status == 403
    url, _body = http.fake.sealed({})
    assert (await http.fake.post(url, b'{"encrypt":5}', {})).status == 400
    assert (await http.fake.post(url, b'{"encrypt":"AAAA"}', {})).status == 401
    assert (await http.fake.post(url.partition("?")[0], b"{}", {})).status == 401
    assert http.app.events == []


async def test_T10_another_company_is_refused(stage: Stage) -> None:
    assert (await stage.fake.say(ANA.user, "hello")).status == 200
    pushed = await stage.fake.say(ANA.user, "perf", chatbotCorpId="dingother", senderCorpId="dingother")
    assert pushed.status == 403
    await stage.platform.settle()
    assert len(stage.app.events) == 1


async def test_T12_what_is_not_kept_of_an_event_comes_again(stage: Stage) -> None:
    stage.app.answer = Answer(unkept=True)
    await stage.fake.leave(ANA.user)
    assert len(stage.fake.due) == 1
    stage.app.answer = Answer()
    stage.clock.forward(seconds=11)
    await stage.fake.retry()
    assert stage.fake.due == []
    assert stage.app.last(Changed).left
    assert stage.app.events[0] == stage.app.events[1]


async def test_T11_an_event_that_comes_again_meanwhile_is_not_read_anew(http: Stage) -> None:
    """DingTalk repeats what it had no answer to in time; what is under way goes on, and what was kept is done."""
    http.app.waits = 0.3
    said = {"EventType": "user_modify_org", "CorpId": CORP, "eventId": "e1", "UserId": [ANA.user, BOB.user]}
    assert {one.status for one in await asyncio.gather(*(http.fake.push_sealed(said) for _ in range(2)))} == {200}
    assert (await http.fake.push_sealed(said)).status == 200
    assert len(http.fake.called("POST /topapi/v2/user/get")) == len(http.app.events) == 2


async def test_T11_a_press_twice_in_the_same_bytes_is_one(http: Stage) -> None:

    await http.platform.deliver(ANA, Message(CARD, key="k1"))
    await http.fake.tap(ANA.user, http.mine()[-1][0], "Approve")
    _kind, data = http.fake.pushes[-1]
    headers = http.fake.card_headers(SECRET)
    for _ in range(2):
        await http.fake.post(f"{http.base}/dingtalk/cards", json.dumps(data).encode(), headers)
    keys = [event.key for event in http.app.events if isinstance(event, Click)]
    assert keys[-1] == keys[-2]


async def test_T01_before_the_start_nobody_is_let_in() -> None:
    async with playing("http") as stage:
        await stage.fake.say(ANA.user, "hello")
        await stage.platform.settle()
        assert stage.app.last(Said).text == "hello"
        assert [route.path for route in stage.platform.routes()] == [  # type: ignore[attr-defined]
            "/dingtalk/messages",
            "/dingtalk/cards",
            "/dingtalk/events",
        ]
