"""kill -9 of replicas at random moments, during a broadcast and during presses."""

import asyncio
import os
import random

import pytest

from tests.engine import company
from tests.engine.conftest import PEOPLE
from tests.engine.presses import Book, Pressing
from tests.engine.stage import Stage, doubles

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]
ROUNDS = 20 if os.environ.get("SOAK") else 3


async def _killing(stage: Stage, rounds: int, seed: int) -> None:
    """One replica after another is killed at a random moment and started again, so that mostly one is there."""
    rng = random.Random(seed)
    for _round in range(rounds):
        await asyncio.sleep(rng.uniform(0.1, 0.9))
        victim = rng.choice(stage.replicas)
        victim.kill()
        await stage.restart(victim)


async def test_kill_9_loses_nothing_that_was_acknowledged_and_does_nothing_twice(stage: Stage) -> None:
    database = stage.database()
    try:
        async with Pressing(stage.hands(), database, seed=11) as book:
            told = await database.run(lambda db: company.tell_everybody(db, "To everybody"))
            await _killing(stage, ROUNDS, seed=11)
        await stage.delivered(database, 60)
        assert told == PEOPLE
        assert not book.faults(database)
        assert len(book.acked) > 20
        assert not doubles(await stage.slack.posts(stage.session)), "two cards of one message stand there"
    finally:
        database.close()
