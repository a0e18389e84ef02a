"""Replicas behind a balancer: whoever answers, the same; one after another is restarted and nobody notices."""

import asyncio
import os
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlmodel import select

from bot.capability import Capabilities
from bot.db import Database
from bot.events import Tick
from models.checkin import Checkin
from models.delivery import Firing
from tests import postgres
from tests.drivers.web import WebDriver
from tests.engine import company
from tests.engine.conftest import PEOPLE
from tests.engine.presses import Pressing
from tests.engine.stage import Stage, doubles
from tests.security.stage import filled, sharing
from tests.world import World

SOAK = bool(os.environ.get("SOAK"))
pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]


async def test_a_rolling_restart_is_not_noticed(stage: Stage) -> None:
    """SIGTERM (to one after the other in soak) in a broadcast and under presses: it ends by itself, nothing is sent
    twice, every press is answered."""
    database, about = stage.database(), f"rolling {time.time_ns()}"
    try:
        before = len(stage.slack.accepted())
        async with Pressing(stage.hands(), database, seed=7) as book:
            await database.run(lambda db: company.tell_everybody(db, about))
            for replica in stage.replicas[: None if SOAK else 1]:
                await stage.balancer.drain(replica.url)
                assert await replica.end() == 0, replica.said()[-1500:]
                await stage.restart(replica)
                stage.balancer.backends.append(replica.url)
        await stage.delivered(database, 60)
        assert set(book.statuses) == {200}
        assert not book.faults(database)
        assert not doubles(await stage.slack.posts(stage.session))
        keys = [line["key"] for line in stage.slack.accepted()[before:]]
        assert len(keys) == len(set(keys)), "nothing was even tried twice"
        assert len(await stage.posts(about)) == PEOPLE
    finally:
        database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def pair(crashing: postgres.Crashing, migrated: str) -> AsyncIterator[list[World]]:
    """The same company served twice, on a platform without forms and buttons: everything is a conversation."""
    url = crashing.create(migrated)
    plain = Capabilities(buttons=0, choices=False, forms=False, tables=False, charts=False)
    databases = [Database(url), Database(url)]
    try:
        async with (
            sharing({"web": WebDriver(plain)}, databases[0], filled(("ana", "active"))) as first,
            sharing({"web": WebDriver(plain)}, databases[1], lambda _db, _vault, _now: None) as second,
        ):
            yield [first["web"], second["web"]]
    finally:
        for database in databases:
            database.close()
        crashing.drop(url)


async def test_a_conversation_begun_on_one_replica_goes_on_at_the_other(pair: list[World]) -> None:
    lines = ("perf checkin", "1", "skip", "half of it is done", "skip", "submit")
    for number, line in enumerate(lines):
        world = pair[number % 2]
        await world["ana"].says(line)
        await world.settle()
    assert [row.note for row in await pair[0].run(lambda db: db.exec(select(Checkin)).all())] == ["half of it is done"]


async def test_a_menu_shown_by_one_replica_is_chosen_from_at_the_other(pair: list[World]) -> None:
    await pair[0]["ana"].says("perf")
    await pair[0].settle()
    menu = pair[0]["ana"].text
    number = next(line.split(".")[0] for line in menu.splitlines() if line.endswith("Help"))
    await pair[1]["ana"].says(number)
    await pair[1].settle()
    assert "Type a command" in pair[1]["ana"].text


async def test_a_tick_proposed_by_both_is_worked_on_once(pair: list[World]) -> None:
    """Both believe that they lead, and one is a minute late."""
    names = sorted(pair[0].bot.router.ticks)
    at = pair[0].clock.now.replace(second=0, microsecond=0)
    ticks = [world.bot.dispatch.tick(Tick(name, at)) for _twice in range(2) for world in pair for name in names]
    await asyncio.gather(*ticks)
    fired = await pair[0].run(lambda db: [row.name for row in db.exec(select(Firing).where(Firing.at == at))])
    assert sorted(fired) == names
