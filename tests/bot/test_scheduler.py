"""The clock: ticks reach their handler once, whoever proposes them, and a failing one does not stop the rest."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select

from bot.events import Tick
from bot.router import Router
from bot.sample.small import fill_small
from bot.scheduler import Scheduler
from models.delivery import Firing, Inbox
from tests.drivers.web import WebDriver
from tests.prepared import nobody, sqlite_at
from tests.world import playing

AT = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)


async def test_a_tick_is_worked_on_once_though_several_propose_it(tmp_path: Path) -> None:
    database = sqlite_at(tmp_path, fill_small)
    async with playing(WebDriver(), database, fill=nobody) as world:
        await world["ana"].says("perf help")
        late = world.clock.now + timedelta(days=4)
        await asyncio.gather(*(world.bot.dispatch.tick(Tick("housekeeping", late)) for _ in range(8)))
        assert await world.run(lambda db: len(db.exec(select(Firing)).all())) == 1
        assert await world.run(lambda db: db.exec(select(Inbox)).all()) == [], "old event ids are forgotten"
    database.close()


async def test_every_schedule_is_proposed_and_named_by_its_minute() -> None:
    heard: list[Tick] = []

    async def tick(given: Tick) -> None:
        heard.append(given)
        raise RuntimeError("this one fails")

    router = Router()
    router.every("minutely", "* * * * *")(lambda _ctx, _tick: None)
    scheduler = Scheduler(router, tick, lambda: AT + timedelta(seconds=41, microseconds=7))
    await scheduler._fire("minutely")
    assert heard == [Tick("minutely", AT)]
    scheduler.start()
    scheduler.stop()


async def test_a_replica_that_comes_to_a_tick_late_names_it_by_the_minute_it_was_due_in() -> None:
    heard: list[Tick] = []

    async def tick(given: Tick) -> None:
        heard.append(given)

    router = Router()
    router.every("seldom", "17 3 * * *")(lambda _ctx, _tick: None)
    for late in (timedelta(seconds=1), timedelta(minutes=2, seconds=40), timedelta(minutes=59)):
        await Scheduler(router, tick, lambda late=late: AT + late)._fire("seldom")  # type: ignore[misc]
    assert heard == [Tick("seldom", AT)] * 3
