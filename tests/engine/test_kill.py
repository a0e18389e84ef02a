"""kill -9 of replicas at random moments, during a broadcast and during presses."""

import asyncio
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bot.db import Database
from tests.engine import company
from tests.engine.conftest import PEOPLE
from tests.engine.presses import Pressing
from tests.engine.stage import Stage, doubles, staged

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]
SOAK = bool(os.environ.get("SOAK"))
ROUNDS, ALONE = 20 if SOAK else 2, 8
MOST_FLYING = 64


async def _killing(stage: Stage, database: Database, rounds: int, seed: int) -> None:
    """In the middle of a broadcast each, one replica after another is killed at a random moment and started again."""
    rng = random.Random(seed)
    for number in range(rounds):
        await database.run(lambda db, number=number: company.announce(db, f"To everybody, {number:03d}"))  # type: ignore[misc]
        await asyncio.sleep(rng.uniform(0.1, 0.9))
        victim = rng.choice(stage.replicas)
        victim.kill()
        await stage.restart(victim)


async def test_T17_kill_9_loses_nothing_that_was_acknowledged_and_does_nothing_twice(stage: Stage) -> None:
    database = stage.database()
    try:
        async with Pressing(stage.hands(), database, seed=11) as book:
            await _killing(stage, database, ROUNDS, seed=11)
        await stage.delivered(database, 60 + 10 * ROUNDS)
        assert not book.faults(database)
        assert len(book.acked) > 10
        told = [len(await stage.posts(f"To everybody, {number:03d}")) for number in range(ROUNDS)]
        assert told == [PEOPLE] * ROUNDS, "every message arrived"
        assert not doubles(await stage.slack.posts(stage.session)), "two cards of one message stand there"
    finally:
        database.close()


async def test_kill_9_inside_a_step_of_a_fan_out(stage: Stage) -> None:
    """Every replica dies while the messages of the step are being written: all of it is done again, and once."""
    database = stage.database()
    try:
        await database.run(_caught_inside(stage))
        for replica in stage.replicas:
            await stage.restart(replica)
        await stage.delivered(database, 60)
        posts = await stage.posts("To all of us")
        assert len(posts) == PEOPLE
        assert not doubles(posts)
    finally:
        database.close()


def _caught_inside(stage: Stage) -> Callable[[Session], None]:
    """Holds up whoever writes messages, until one is at it, and kills them all."""

    def work(db: Session) -> None:
        db.connection().execute(sa.text("LOCK TABLE delivery IN SHARE ROW EXCLUSIVE MODE"))
        beside = stage.database()
        beside.now(lambda other: company.announce(other, "To all of us"))
        end = time.monotonic() + 15
        while not beside.now(company.spreading):
            assert time.monotonic() < end, "no replica began"
            time.sleep(0.02)
        for replica in stage.replicas:
            replica.kill()
        beside.close()

    return work


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="long")
async def test_T17_where_there_is_an_idempotency_key_nothing_arrives_twice(tmp_path: Path) -> None:
    """One process on SQLite; the platform tells nobody what was said before, but knows its keys."""
    people = 1200  # more than what is sent until the last kill
    async with staged(
        tmp_path, f"sqlite:///{tmp_path / 'pandian.db'}", people, ["--pace", "0.1", "--idempotent"]
    ) as alone:
        database = alone.database()
        await database.run(lambda db: company.tell_everybody(db, "To everybody"))
        database.close()
        await alone.add(1)
        rng, (replica,) = random.Random(4), alone.replicas
        for _round in range(ALONE):
            before = len(alone.slack.accepted())
            await alone.reached(lambda before=before: len(alone.slack.accepted()) > before, 20, "messages")  # type: ignore[misc]
            await asyncio.sleep(rng.uniform(0.0, 0.1))
            replica.kill()
            await alone.restart(replica)
        await alone.reached(lambda: len({line["key"] for line in alone.slack.accepted()}) == people, 30, "all arrived")
        assert await replica.end() == 0
        posts = await alone.posts("To everybody")
        assert len(posts) == people
        assert not doubles(posts)
        again = sum(line["again"] for line in alone.slack.accepted())
        # At a kill as many calls are under way, and the ends of as many before them are being written down.
        assert again <= ALONE * 2 * MOST_FLYING, "at most what was in flight is tried again"
        database = alone.database()
        assert database.now(company.unsent) == 0
        database.close()
