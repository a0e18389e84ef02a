"""The long connection: acknowledgements, fragments, pings, refused handshakes, breaks, several at once, stop."""

import asyncio
import json
import time
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from bot.capability import Answer, Message
from bot.events import Click, Said
from bot.platforms.feishu import Feishu
from bot.platforms.feishu.connection import Timing
from tests.fakes.feishu import FeishuFake
from tests.fakes.feishu_socket import Refusal
from tests.platforms.feishu.stage import ANA, CARD, NOW, Application, Stage, playing


async def until(true: Callable[[], object]) -> None:
    """Waits until `true()` holds, at most 8 s."""
    for _ in range(800):
        if true():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_events_are_acknowledged_with_the_time_they_took(socket: Stage) -> None:
    pushed = await socket.fake.say(ANA.user, "perf")
    assert (pushed.status, socket.app.last(Said).text) == (200, "perf")
    ack = socket.fake.links.acks[-1]
    assert ack.headers["biz_rt"].isdigit()
    assert json.loads(ack.payload) == {"code": 200}
    assert socket.platform.ready()
    assert socket.platform.routes() == []


@pytest.mark.parametrize("kind", ["event", "card"])
async def test_presses_are_answered_in_the_acknowledgement_whatever_their_type_is_called(
    socket: Stage, kind: str
) -> None:
    await socket.platform.deliver(ANA, Message(CARD, key="k1"))
    socket.app.answer, socket.fake.kind = Answer(toast="批准"), kind
    clicked = await socket.fake.click(ANA.user, socket.mine()[0].id, "Approve")
    assert (clicked.code, clicked.toast) == (0, "批准")
    assert socket.app.last(Click).action == "goal.approve"


async def test_payloads_in_pieces_are_put_together(socket: Stage) -> None:
    socket.fake.parts = 5
    assert (await socket.fake.say(ANA.user, "perf goals")).status == 200
    payload = json.dumps(socket.envelope()).encode()
    assert (await socket.fake.links.send(payload, parts=4, shuffled=True))[0] == 200
    assert [event.text for event in socket.app.events if isinstance(event, Said)] == ["perf goals", "perf"]


async def test_what_is_not_kept_is_not_acknowledged_as_done(socket: Stage) -> None:
    socket.app.answer = Answer(unkept=True)
    assert (await socket.fake.say(ANA.user, "perf")).status == 500
    socket.app.fails = RuntimeError("x")
    assert (await socket.fake.say(ANA.user, "perf")).status == 500


@pytest.mark.parametrize("payload", [b"[]", b"{", b'{"schema":"2.0"}', b'{"schema":"2.0","header":{"app_id":5}}'])
async def test_payloads_that_are_none_are_acknowledged_and_left(socket: Stage, payload: bytes) -> None:
    assert await socket.fake.links.send(payload) == (200, None)
    assert socket.app.events == []


async def test_pings_are_sent_and_the_server_sets_their_pace(socket: Stage) -> None:
    await until(lambda: "ping" in socket.fake.links.links[0].heard)
    socket.fake.links.config = {"PingInterval": 0.05, "ReconnectInterval": 0.1, "ReconnectNonce": 0}
    await until(lambda: socket.fake.links.links[0].heard.count("ping") > 5)


@pytest.mark.parametrize("rudely", [False, True])
async def test_a_broken_connection_is_opened_again(socket: Stage, *, rudely: bool) -> None:
    await socket.fake.links.disconnect(rudely=rudely)
    await socket.fake.links.connected(times=2)
    assert (await socket.fake.say(ANA.user, "perf")).status == 200


async def test_a_silent_server_is_left() -> None:
    async with playing("socket") as stage:
        stage.fake.links.config = {"PingInterval": 0.05, "ReconnectInterval": 0.1, "ReconnectNonce": 0}
        await stage.fake.links.disconnect()
        await stage.fake.links.connected(times=2)
        stage.fake.links.silent = True
        with capture_logs() as logs:
            await stage.fake.links.connected(times=3)
        assert "feishu connection silent" in {line["event"] for line in logs}


async def made(fake: FeishuFake, **how: str) -> Feishu:
    """A platform that is started against a fake whose first handshakes fail."""
    fake.links.config |= {"ReconnectInterval": 0.05}
    await fake.start()
    platform = Feishu(fake.app_id, how.get("secret", fake.secret), base=fake.base)
    await platform.start(Application())
    return platform


@pytest.mark.parametrize("code", [1, 1000040343, 1000040350])
async def test_an_address_that_is_not_given_now_is_asked_for_again(code: int) -> None:
    fake = FeishuFake(NOW.timestamp)
    fake.links.codes = [(code, 200), (0, 503)]
    platform = await made(fake)
    try:
        await fake.links.connected()
        await until(platform.ready)
    finally:
        await platform.stop()
        await fake.stop()


@pytest.mark.parametrize(("code", "reason"), [(403, "code 403"), (514, "code 514"), (1000040344, "code 1000040344")])
async def test_who_is_refused_for_good_stops_asking(code: int, reason: str) -> None:
    fake = FeishuFake(NOW.timestamp)
    fake.links.codes = [(code, 200)]
    with capture_logs() as logs:
        platform = await made(fake)
    try:
        await asyncio.sleep(0.2)
        assert fake.links.opened == 0
        assert not platform.ready()
        assert [line["reason"] for line in logs if line["event"] == "feishu refuses the long connection"] == [reason]
    finally:
        await platform.stop()
        await fake.stop()


@pytest.mark.parametrize("refusal", [Refusal(514, auth=1000040350), Refusal(514, auth=1), Refusal(500)])
async def test_a_handshake_that_fails_is_tried_again(refusal: Refusal) -> None:
    fake = FeishuFake(NOW.timestamp)
    fake.links.refusals = [refusal]
    platform = await made(fake)
    try:
        await fake.links.connected()
    finally:
        await platform.stop()
        await fake.stop()


async def test_a_forbidden_handshake_stops() -> None:
    fake = FeishuFake(NOW.timestamp)
    fake.links.refusals = [Refusal(403)]
    platform = await made(fake)
    try:
        await asyncio.sleep(0.2)
        assert (fake.links.opened, platform.ready()) == (0, False)
    finally:
        await platform.stop()
        await fake.stop()


async def test_a_server_that_is_away_is_waited_for() -> None:
    fake = FeishuFake(NOW.timestamp)
    await fake.start()
    port = int(fake.base.rpartition(":")[2])
    await fake.stop()
    platform = Feishu(fake.app_id, fake.secret, base=f"http://127.0.0.1:{port}")
    starting = asyncio.create_task(platform.start(Application()))
    await asyncio.sleep(0.2)
    await fake.start(port)
    try:
        await fake.links.connected()
    finally:
        await starting
        await platform.stop()
        await fake.stop()


async def test_several_connections_each_take_events() -> None:
    async with playing("socket", connections=3) as stage:
        await stage.fake.links.connected(links=3)
        for _ in range(12):
            assert (await stage.fake.say(ANA.user, "perf")).status == 200
        assert len(stage.app.events) == 12
        rest = stage.fake.links.links[1:]
        for link in rest:
            await link.socket.close()
        assert stage.platform.ready()
        await stage.fake.links.connected(times=5, links=3)


async def test_stop_finishes_what_is_in_flight() -> None:
    async with playing("socket") as stage:
        stage.app.waits = 0.4
        saying = asyncio.create_task(stage.fake.say(ANA.user, "perf"))
        await until(lambda: stage.app.events)
        since = time.monotonic()
        await stage.platform.stop()
        assert (await saying).status == 200
        assert time.monotonic() - since < 3
        assert not stage.platform.ready()


async def test_slow_work_does_not_hold_up_the_others(socket: Stage) -> None:
    socket.app.waits = 1.0
    since = time.monotonic()
    pushed = await asyncio.gather(*(socket.fake.say(ANA.user, "perf") for _ in range(20)))
    assert {one.status for one in pushed} == {200}
    assert time.monotonic() - since < 2.5


@pytest.mark.parametrize(
    "said", [None, 5, [], {}, {"PingInterval": "x", "ReconnectNonce": -1, "ReconnectInterval": True}]
)
def test_strange_configurations_change_nothing(said: object) -> None:
    assert Timing().told(said) == Timing()
