"""The stream: acknowledgements of each kind, warm reconnects, dead sockets, refused openings, and a clean stop."""

import asyncio
import json
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from bot.capability import Answer
from bot.events import Changed, Said
from bot.platforms.dingtalk import DingTalk
from bot.platforms.dingtalk.stream import Pulse
from tests.fakes.dingtalk import DingTalkFake
from tests.fakes.dingtalk_store import Refuse
from tests.platforms.dingtalk.stage import ANA, NOW, Application, Stage, playing


async def until(true: Callable[[], object]) -> None:
    """Waits until `true()` holds, at most 8 s."""
    for _ in range(800):
        if true():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_every_kind_is_acknowledged_in_its_own_way(stream: Stage) -> None:
    gateway = stream.fake.gateway
    assert await gateway.ping()
    assert (await stream.fake.say(ANA.user, "perf")).body == {}
    event = await stream.fake.rename(ANA.user, "Ana Souza")
    assert event.body == {"status": "SUCCESS", "message": ""}
    other = await gateway.push("CALLBACK", "/v1.0/card/instances/callback", {"type": "x"})
    assert other is not None
    assert other.code == 200
    known = await gateway.push("SYSTEM", "KEEPALIVE", {})
    assert (known.code, known.data) == (200, {}) if known else False
    assert stream.app.last(Changed).before == ""
    assert stream.fake.flags == []
    assert stream.platform.ready()
    assert stream.platform.routes() == []


async def test_a_message_is_acknowledged_before_a_slow_handler_is_done() -> None:
    async with playing("stream", budget=0.1) as stage:
        stage.app.waits, stage.app.answer = 0.8, Answer(toast="done")
        assert (await stage.fake.say(ANA.user, "perf")).status == 200
        assert stage.mine() == []
        await stage.platform.settle()
        assert stage.newest.text == "done"


async def test_the_next_connection_is_opened_before_the_old_one_ends(stream: Stage) -> None:
    gateway = stream.fake.gateway
    old = gateway.links[0]
    stream.app.waits = 0.3
    under_way = asyncio.create_task(stream.fake.say(ANA.user, "one"))
    await asyncio.sleep(0.05)
    await gateway.disconnect()
    await gateway.connected(times=2, links=2)
    assert (await under_way).status == 200
    assert (await stream.fake.say(ANA.user, "two")).status == 200
    await old.socket.close()
    await until(lambda: old not in gateway.links)
    assert [event.text for event in stream.app.events if isinstance(event, Said)] == ["one", "two"]
    assert stream.platform.ready()
    assert stream.fake.flags == []


@pytest.mark.parametrize("code", [0, 1000, 1011])
async def test_a_connection_that_breaks_is_opened_again(stream: Stage, code: int) -> None:
    await stream.fake.gateway.kill(code=code)
    await stream.fake.gateway.connected(times=2)
    await until(stream.platform.ready)
    assert (await stream.fake.say(ANA.user, "perf")).status == 200


@pytest.mark.parametrize(
    ("pulse", "silent"),
    [(Pulse(0.1, 60.0), True), (Pulse(60.0, 0.3), False), (Pulse(0.1, 0.4), False)],
    ids=["dead", "silence", "half dead"],
)
async def test_a_dead_socket_is_noticed(pulse: Pulse, silent: bool) -> None:
    """Also one that answers our pings, and brings nothing any more."""
    async with playing("stream", pulse=pulse) as stage:
        stage.fake.gateway.silent = silent
        await stage.fake.gateway.connected(times=2)
        stage.fake.gateway.silent = False
        await until(stage.platform.ready)
        await until(lambda: stage.fake.gateway.links)
        assert (await stage.fake.say(ANA.user, "perf")).status == 200


async def test_what_is_no_frame_is_left_and_the_rest_goes_on(stream: Stage) -> None:
    for raw in (
        "{",
        "[]",
        "{}",
        '{"headers":5}',
        '{"headers":{"topic":"x","messageId":"m"},"type":"EVENT","data":"["}',
    ):
        await stream.fake.gateway.raw(raw)
    assert await stream.fake.gateway.ping()
    assert stream.fake.gateway.opened == 1


async def test_a_topic_that_nobody_asked_for_is_404(stream: Stage) -> None:
    stream.fake.gateway.links[0].topics |= {("CALLBACK", "/v1.0/graph/api/invoke")}
    ack = await stream.fake.gateway.push("CALLBACK", "/v1.0/graph/api/invoke", {})
    assert ack is not None
    assert ack.code == 404


async def test_openings_that_are_refused_are_tried_again_without_a_secret_in_the_log() -> None:
    fake = DingTalkFake(NOW.timestamp, limited=False)
    fake.add_user(ANA.user, name="Ana")
    await fake.start()
    fake.gateway.refusals = [
        Refuse("system.busy", status=500),
        Refuse("Forbidden.AccessDenied.QpsLimitForApi", status=403),
    ]
    platform = DingTalk(fake.client_id, fake.client_secret, base=fake.base, old_base=fake.old_base)
    with capture_logs() as logs:
        await platform.start(Application())
        await fake.gateway.connected()
        await until(platform.ready)
    assert [line["reason"] for line in logs if line["event"] == "dingtalk stream failed"] == [
        "status 500",
        "wait 1 s",
    ] or ("wait 2 s" in str(logs))
    assert "ticket" not in json.dumps(logs)
    assert fake.client_secret not in json.dumps(logs)
    await platform.stop()
    await fake.stop()


async def test_an_address_that_is_none_is_asked_for_again() -> None:
    async with playing("stream") as stage:
        root, stage.fake.root = stage.fake.root, "http://["
        await stage.fake.gateway.kill(code=1000)
        await until(lambda: len(stage.fake.gateway.asked) > 1)
        stage.fake.root = root
        await stage.fake.gateway.connected(times=2)
        await until(stage.platform.ready)


async def test_a_stop_finishes_what_came() -> None:
    async with playing("stream") as stage:
        stage.app.waits = 0.3
        stage.app.answer = Answer(toast="done")
        under_way = asyncio.create_task(stage.fake.say(ANA.user, "perf"))
        await until(lambda: stage.app.events)
        await stage.platform.stop()
        assert (await under_way).status == 200
        assert stage.newest.text == "done"
        assert not stage.platform.ready()
