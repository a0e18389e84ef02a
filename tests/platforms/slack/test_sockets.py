"""Socket Mode over several connections: what breaks, what is refused, and that nothing is lost meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from bot.capability import Answer
from bot.events import FromPerson
from bot.platforms.slack import Slack, sockets
from bot.platforms.slack.sockets import Line
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import APP_TOKEN, TOKEN, FakeSlack, Fault
from tests.platforms.slack.stage import Application

PING = 0.1
OPEN = "apps.connections.open"


@dataclass
class Held:
    """A bot on Socket Mode."""

    fake: FakeSlack
    slack: Slack
    app: Application

    @property
    def lines(self) -> list[Line]:
        """Its connections."""
        assert self.slack._sockets is not None
        return self.slack._sockets.lines

    async def asks(self) -> object:
        """One slash command: its answer, None without an ack."""
        payload = payloads.slash(self.fake.store, "U0001", "D0001", "/perf", "", f"{self.fake.base}/hooks")
        return await self.fake.envelope("slash_commands", payload)

    async def says(self, text: str, seconds: float = 5.0) -> object:
        """One message in the conversation."""
        return await self.fake.envelope("events_api", payloads.typed(self.fake.store, "U0001", text), seconds)


@asynccontextmanager
async def running(count: int = 2, arrange: Callable[[FakeSlack], object] = lambda _: None) -> AsyncIterator[Held]:
    """A bot with so many connections."""
    fake, app = FakeSlack(), Application()
    arrange(fake)
    await fake.start()
    fake.store.add_user("U0001", name="Ana", email="ana@acme.test")
    slack = Slack("", TOKEN, APP_TOKEN, fake.api_url, ping=PING, connections=count)
    await slack.start(app)
    try:
        yield Held(fake, slack, app)
    finally:
        await slack.stop()
        await fake.stop()


async def until(what: Callable[[], object], seconds: float = 8.0) -> None:
    """Waits for something that comes by itself."""
    for _look in range(round(seconds / PING) * 10):
        if what():
            return
        await asyncio.sleep(PING / 10)
    raise TimeoutError


async def test_events_are_shared_and_one_connection_is_enough() -> None:
    with capture_logs() as logs:
        async with running() as held:
            await held.fake.connected(2, at_once=2)
            assert [await held.asks() for _ in range(4)] == [{}] * 4
            broken, _left = held.fake.sockets
            held.fake.drop(broken)
            await until(lambda: broken not in held.fake.sockets)
            assert (held.slack.ready(), await held.asks()) == (True, {})
            await held.fake.connected(3, at_once=2)
    told = [line["connections"] for line in logs if line["event"] == "slack connected"]
    assert told == [1, 2, 2]
    assert held.slack.ready() is False


async def test_refreshed_one_after_another_nothing_is_lost() -> None:
    async with running() as held:
        await held.fake.connected(2, at_once=2)
        answered = [asyncio.create_task(held.says(f"line {number}")) for number in range(12)]
        for number, socket in enumerate(list(held.fake.sockets)):
            await held.fake.disconnect(("warning", "refresh_requested")[number % 2], socket)
            answered.append(asyncio.create_task(held.says(f"after {number}")))
            await held.fake.connected(3 + number, at_once=2)
        assert await asyncio.gather(*answered) == [{}] * 14
        assert len({event.key for event in held.app.events}) == 14


async def test_what_was_not_acknowledged_comes_again_by_another_connection() -> None:
    async with running() as held:
        await held.fake.connected(2, at_once=2)
        began = asyncio.Event()

        async def slow(_: FromPerson) -> Answer:
            began.set()
            await asyncio.sleep(PING)
            return Answer()

        held.app.does = slow
        waiting = asyncio.create_task(held.says("hello"))
        await began.wait()
        taken = {at for at, _envelope in held.fake._unacked.values()}
        held.fake.drop(taken.pop())
        assert await waiting == {}
        await until(lambda: len(held.app.events) == 2)
        assert len({event.key for event in held.app.events}) == 1, "the same event: the database takes it once"


async def test_half_dead_connections_are_replaced() -> None:
    async with running() as held:
        await held.fake.connected(2, at_once=2)
        held.fake.silent = True
        await held.fake.connected(4, 8)
        held.fake.silent = False
        await until(held.slack.ready)
        assert held.slack.routes() == []
        assert await held.asks() == {}


@pytest.mark.parametrize("how", ["tasks", "session"])
async def test_stuck_tasks_and_a_closed_session_are_begun_anew(how: str) -> None:
    async with running(1) as held:
        client = held.lines[0].client
        assert client is not None
        if how == "session":
            await client.aiohttp_client_session.close()
        else:
            for task in (client.message_receiver, client.current_session_monitor, client.message_processor):
                assert task is not None
                task.cancel()
            await until(lambda: not held.slack.ready(), 1)
        await held.fake.connected(2, 8)
        await until(held.slack.ready)
        assert await held.asks() == {}


async def test_used_up_address_is_not_tried_for_ever() -> None:
    async with running(1, lambda fake: setattr(fake, "stale_tickets", 1)) as held:
        assert held.slack.ready() is False
        await held.fake.connected(1, 8)
        await until(held.slack.ready)


async def test_too_many_connections_and_one_switched_off_rest_instead_of_hammering() -> None:
    with capture_logs() as logs:
        async with running(2, lambda fake: setattr(fake, "most", 1)) as held:
            await until(lambda: held.fake.turned_away)
            await asyncio.sleep(3 * PING)
            assert (held.fake.turned_away, held.slack.ready(), await held.asks()) == (1, True, {})
            assert len(held.fake.called(OPEN)) <= 3
            resting = next(line for line in held.lines if line.resting())
            await held.fake.disconnect("link_disabled")
            await until(lambda: all(line.resting() for line in held.lines))
            assert 0 < resting.resting() <= sockets.SILENT * PING
            held.fake.most = 10
            await held.fake.connected(3, at_once=2)
            await until(held.slack.ready)
    advised = [line["advice"] for line in logs if line["event"] == "slack disconnects" and "advice" in line]
    assert any("SLACK_CONNECTIONS" in one for one in advised)
    assert any("switched off" in one for one in advised)


async def test_an_address_is_asked_for_when_slack_allows_it() -> None:
    def busy(fake: FakeSlack) -> None:
        fake.fail(OPEN, Fault(429, retry_after=1), Fault(error="internal_error"))

    began = time.monotonic()
    async with running(2, busy) as held:
        await until(lambda: len(held.fake.called(OPEN)) == 1)
        await asyncio.sleep(3 * PING)
        assert len(held.fake.called(OPEN)) == 1, "neither connection asks while Slack wants to be left alone"
        await held.fake.connected(2, at_once=2)
        assert time.monotonic() - began >= 1
        assert (len(held.fake.called(OPEN)), await held.asks()) == (4, {})
