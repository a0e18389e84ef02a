"""Reminders through a simulated year: never twice a day, never outside hours, never of what is done, always in time."""

import os
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bot.db import Database
from tests.models.reminded_year import Year

DAY = timedelta(days=1)
# Winter holidays with swapped days on one engine, the night on which clocks go back on the other.
DAYS = {"sqlite": (datetime(2026, 2, 12, tzinfo=UTC), 5, 5), "postgresql": (datetime(2026, 10, 21, tzinfo=UTC), 6, 7)}


def test_some_days_around_the_world(database: Database, engine_name: str) -> None:
    begin, days, seed = DAYS[engine_name]
    year = Year(database, Random(seed), 24, begin)
    year.fill()
    year.live(begin + days * DAY, timedelta(hours=6))
    assert year.made > 3
    assert year.raised > 0


@pytest.mark.soak
@pytest.mark.skipif(os.environ.get("SOAK") != "1", reason="long")
def test_a_thousand_people_for_a_year(database: Database) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    year = Year(database, Random(1), 1000, begin)
    year.fill()
    year.live(begin + 365 * DAY, timedelta(hours=6))
    assert year.made > 10_000
    assert year.raised > 1000
