"""The webhook's doors against forged, stale, broken and foreign requests (threats T01-T10)."""

import asyncio
import base64
import json
from urllib.parse import urlsplit

import pytest
from multidict import CIMultiDict
from structlog.testing import capture_logs

from bot.doorway import MOST, Refused
from bot.events import Said
from bot.platforms.feishu import Feishu, door
from tests.fakes.feishu import KEY, SECRET, VERIFICATION
from tests.fakes.feishu_push import encrypted, signed
from tests.platforms.feishu.stage import ANA, NOW, Stage, playing

JSON = {"Content-Type": "application/json"}
SIGNATURE, STAMP = "X-Lark-Signature", "X-Lark-Request-Timestamp"


def marks(stage: Stage, body: bytes, *, at: float = 0, key: str = KEY) -> dict[str, str]:
    """The headers of a body signed `at` seconds from now."""
    stamp = str(int(stage.clock().timestamp() + at))
    return JSON | {SIGNATURE: signed(key, stamp, "n1", body), STAMP: stamp, "X-Lark-Request-Nonce": "n1"}


def sealed(value: object) -> bytes:
    """A body as it is sent."""
    return json.dumps({"encrypt": encrypted(KEY, json.dumps(value).encode())}).encode()


async def status(stage: Stage, body: bytes, headers: dict[str, str]) -> int:
    """What the door answers."""
    answered = (await stage.fake.post(stage.fake.events_url, body, headers)).status
    await stage.platform.settle()
    return answered


@pytest.mark.parametrize("place", ["events", "cards"])
async def test_the_challenge_is_answered_in_plain_text(place: str) -> None:
    for key in (None, ""):
        async with playing(encrypt_key=key) as stage:
            pushed, word = await stage.fake.challenge(f"{stage.base}/feishu/{place}")
            assert (pushed.status, pushed.body) == (200, {"challenge": word})


async def test_T09_a_challenge_says_nothing_to_strangers(webhook: Stage) -> None:
    asked = {"type": "url_verification", "token": VERIFICATION, "challenge": "x"}
    refused = [
        sealed(asked | {"token": "wrong"}),
        sealed({"type": "else", "token": VERIFICATION}),
        json.dumps(asked).encode(),
        json.dumps({"encrypt": base64.b64encode(bytes(32)).decode()}).encode(),
        sealed(asked)[:-9] + b'AAAAAA="}',
    ]
    assert {await status(webhook, body, JSON) for body in refused} == {401}
    assert await status(webhook, sealed(asked | {"challenge": "x" * 501}), JSON) == 400
    assert await status(webhook, sealed(asked | {"challenge": 5}), JSON) == 400


@pytest.mark.parametrize("forged", [None, "", "0" * 64, "short", "upper", "other", "v0=x", "é"])
async def test_T01_wrong_signature_is_refused_and_not_logged(webhook: Stage, forged: str | None) -> None:
    body = sealed(webhook.envelope() | {"canary": "salary-canary"})
    headers = marks(webhook, body)
    right = headers[SIGNATURE]
    made = {"short": right[:-1], "upper": right.upper(), "other": marks(webhook, body, key="x9" * 10)[SIGNATURE]}
    if forged is None:
        del headers[SIGNATURE]
    else:
        headers[SIGNATURE] = made.get(forged, forged)
    with capture_logs() as logs:
        assert await status(webhook, body, headers) in (400, 401)
    assert webhook.app.events == []
    assert "canary" not in json.dumps(logs)


@pytest.mark.parametrize(("at", "wanted"), [(-600, 200), (600, 200), (-601, 401), (601, 401), (-86400, 401)])
async def test_T02_only_fresh_timestamps(webhook: Stage, at: float, wanted: int) -> None:
    body = sealed(webhook.envelope())
    assert await status(webhook, body, marks(webhook, body, at=at)) == wanted
    assert len(webhook.app.events) == (wanted == 200)


@pytest.mark.parametrize("stamp", ["abc", "", "-1", "1e9", "9" * 5000, "1.5", "0x10", "é", "１２"])
async def test_T03_malformed_timestamps_are_refused(webhook: Stage, stamp: str) -> None:
    body = sealed(webhook.envelope())
    assert await status(webhook, body, marks(webhook, body) | {STAMP: stamp}) == 401


def test_T03_a_header_twice_is_refused() -> None:
    lock = door.Lock.of(KEY, VERIFICATION)
    body = sealed({"token": VERIFICATION, "type": "x"})
    stamp = str(int(NOW.timestamp()))
    right = [(SIGNATURE, signed(KEY, stamp, "n", body)), (STAMP, stamp), ("X-Lark-Request-Nonce", "n")]
    assert door.opened(CIMultiDict(right), body, lock, NOW)["type"] == "x"
    for name, value in right:
        with pytest.raises(Refused) as refused:
            door.opened(CIMultiDict([*right, (name, value)]), body, lock, NOW)
        assert refused.value.status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"text"',
        b'{"encrypt"',
        b'{"encrypt":5}',
        b'{"encrypt":"AAAA"}',
        b'{"encrypt":"x","encrypt":"y"}',
        b'{"encrypt":"x","more":1}',
        b"\xef\xbb\xbf{}",
        b'{"n":NaN}',
        b"[" * 100_000,
        b'{"encrypt":"\\ud800"}',
        b'{"schema":"2.0","header":{"token":"' + VERIFICATION.encode() + b'"}}',
    ],
)
async def test_T04_signed_bodies_that_are_none_are_400(webhook: Stage, body: bytes) -> None:
    assert await status(webhook, body, marks(webhook, body)) == 400
    assert webhook.app.events == []


async def test_T07_a_flipped_bit_is_refused(webhook: Stage) -> None:
    body = bytearray(sealed(webhook.envelope()))
    body[40] ^= 1
    assert await status(webhook, bytes(body), marks(webhook, sealed(webhook.envelope()))) == 401
    assert await status(webhook, bytes(body), marks(webhook, bytes(body))) in (400, 401)


async def test_T07_token_alone_protects_without_a_key() -> None:
    async with playing(encrypt_key="") as stage:
        good = stage.envelope()
        assert await status(stage, json.dumps(good).encode(), JSON) == 200
        for changed in ({"token": "wrong"}, {"token": None}, {"token": 5}):
            bad = stage.envelope(**changed)
            assert await status(stage, json.dumps(bad).encode(), JSON) == 401
        old = stage.envelope(create_time=str(int(stage.clock().timestamp() * 1000) - 8 * 3600 * 1000 - 1000))
        assert await status(stage, json.dumps(old).encode(), JSON) == 401
        assert await status(stage, json.dumps(stage.envelope(create_time="x")).encode(), JSON) == 400
        assert len(stage.app.events) == 1


async def test_T07_the_token_is_checked_inside_the_encryption(webhook: Stage) -> None:
    body = sealed(webhook.envelope(token="wrong-token-0123456789"))
    assert await status(webhook, body, marks(webhook, body)) == 401


async def test_T10_another_app_is_refused(webhook: Stage) -> None:
    body = sealed(webhook.envelope(app_id="cli_another"))
    assert await status(webhook, body, marks(webhook, body)) == 403
    assert webhook.app.events == []


@pytest.mark.parametrize("kind", ["drive.file.read_v1", "im.message.reaction.created_v1", "never.heard.of_v9"])
async def test_unknown_types_are_answered_200(stage: Stage, kind: str) -> None:
    pushed = await stage.fake.send_event(kind, {"anything": 1})
    assert (pushed.status, stage.app.events, stage.fake.due) == (200, [], [])


async def test_events_of_old_are_answered_200_and_ignored(webhook: Stage) -> None:
    old = {"uuid": "u", "token": VERIFICATION, "ts": "1.0", "type": "event_callback", "event": {"type": "message"}}
    body = sealed(old)
    assert await status(webhook, body, marks(webhook, body)) == 200
    wrong = sealed(old | {"token": "wrong"})
    assert await status(webhook, wrong, marks(webhook, wrong)) == 401
    assert webhook.app.events == []


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"message": 5, "sender": {}},
        {"sender": {"sender_type": "user", "sender_id": {"open_id": 5}}, "message": {"chat_type": "p2p"}},
        {"sender": {"sender_type": "user", "sender_id": {"open_id": "ou_ana"}}, "message": {"chat_type": "p2p"}},
    ],
)
async def test_broken_events_are_400_without_a_trace(webhook: Stage, event: dict[str, object]) -> None:
    body = sealed(webhook.fake.envelope("im.message.receive_v1", event))
    assert await status(webhook, body, marks(webhook, body)) == 400


async def test_too_much_and_packed_bodies_are_refused(webhook: Stage) -> None:
    for length in (MOST + 1, 10**9):
        head = marks(webhook, b"") | {"Content-Length": str(length)}
        reader, writer = await asyncio.open_connection(*urlsplit(webhook.base).netloc.split(":"))
        lines = ["POST /feishu/events HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in head.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    assert await status(webhook, b"x", marks(webhook, b"x") | {"Content-Encoding": "gzip"}) == 400


async def test_T06_old_keys_and_tokens_until_they_are_retired() -> None:
    lock = door.Lock.of(f"another-key-9876543210, {KEY}", f"another-token-9876543210,{VERIFICATION}")
    stamp = str(int(NOW.timestamp()))
    body = sealed({"token": VERIFICATION, "type": "x"})
    headers = CIMultiDict({SIGNATURE: signed(KEY, stamp, "n", body), STAMP: stamp, "X-Lark-Request-Nonce": "n"})
    assert door.opened(headers, body, lock, NOW)["type"] == "x"
    with pytest.raises(Refused):
        door.opened(headers, body, door.Lock.of("another-key-9876543210", VERIFICATION), NOW)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("FEISHU_APP_ID", {"app_id": " "}),
        ("FEISHU_APP_SECRET", {"app_secret": ""}),
        ("FEISHU_VERIFICATION_TOKEN", {"verification_token": ""}),
        ("FEISHU_VERIFICATION_TOKEN", {"verification_token": "short"}),
        ("FEISHU_ENCRYPT_KEY", {"encrypt_key": "x" * 32}),
        ("FEISHU_ENCRYPT_KEY", {"encrypt_key": f"{KEY},"}),
    ],
)
def test_T05_weak_secrets_refuse_to_start(name: str, given: dict[str, str]) -> None:
    good = {"app_id": "cli_1", "app_secret": SECRET, "encrypt_key": KEY, "verification_token": VERIFICATION}
    how = good | given
    app_id, app_secret = how.pop("app_id"), how.pop("app_secret")
    with pytest.raises(ValueError, match=name) as refused:
        Feishu(app_id, app_secret, delivery="webhook", **how)  # type: ignore[arg-type]
    assert KEY not in str(refused.value)


async def test_T12_what_is_not_kept_is_sent_again(webhook: Stage) -> None:
    webhook.app.fails = RuntimeError("salary-canary")
    with capture_logs() as logs:
        pushed = await webhook.fake.say(ANA.user, "perf")
    assert pushed.status == 500
    assert "canary" not in json.dumps(logs)
    webhook.app.fails = None
    webhook.clock.forward(seconds=16)
    assert [one.status for one in await webhook.fake.retry()] == [200]
    first, second = webhook.app.events
    assert isinstance(first, Said)
    assert first.key == second.key
