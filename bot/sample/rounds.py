"""The cycles of the past: their periods, and when everything in them happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from bot.sample.times import ZONE, at_work, quarter
from models.cycle import end_of_day

CONFIRMED = timedelta(days=40)
DAY = timedelta(days=1)
# What colleagues say counts a fifth wherever three of them answered.
WITH_PEERS: Mapping[str, Any] = {"raters": {"manager": "80", "self": "0", "peer": "20"}}


@dataclass(frozen=True, slots=True)
class Round:
    """One cycle: `quarters` is its length, `readings` are (when values arrive, the share of the period they cover).

    Self scores are given from `own_at` on, the managers' from `scored_at`, and reviewed at `reviewed_at`.
    """

    kind: str
    name: str
    starts_on: date
    ends_on: date
    opened: datetime
    confirmed: datetime
    closes: Mapping[str, datetime]
    quarters: Decimal
    readings: tuple[tuple[datetime, float], ...]
    own_at: datetime
    scored_at: datetime
    reviewed_at: datetime
    terms: Mapping[str, Any] = field(default_factory=dict)


def year_round(year: int, terms: Mapping[str, Any], rng: Random) -> Round:
    """A calendar year: opened in February, scored in the following January."""
    opened = at_work(datetime(year, 2, 2, 2, tzinfo=UTC), rng)
    days = {"setting": (year, 3, 20), "self_scoring": (year + 1, 1, 10), "scoring": (year + 1, 1, 18)}
    days["published"] = (year + 1, 1, 30)
    starts = [datetime(year + number // 4, number * 3 % 12 + 1, 5, 1, tzinfo=UTC) for number in range(1, 5)]
    january = datetime(year + 1, 1, 1, 2, tzinfo=UTC)
    return Round(
        kind="year",
        name=f"{year}",
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        opened=opened,
        confirmed=opened + CONFIRMED,
        closes={name: end_of_day(date(*day), ZONE) for name, day in days.items()},
        quarters=Decimal(4),
        readings=tuple((at, number / 4) for number, at in enumerate(starts, 1)),
        own_at=january + 6 * DAY,
        scored_at=january + 11 * DAY,
        reviewed_at=january + 18 * DAY,
        terms=terms,
    )


def last_quarter(now: datetime, rng: Random) -> Round:
    """The quarter before this one: scored in the last two weeks, its results wait for review."""
    starts_on, ends_on = quarter(quarter(now.date())[0] - DAY)
    opened = at_work(_morning(starts_on) + 2 * DAY, rng)
    arrived = [opened + 30 * DAY, opened + 60 * DAY, min(_morning(ends_on) + 4 * DAY, now - 16 * DAY)]
    return Round(
        kind="quarter",
        name=f"{starts_on.year} Q{(starts_on.month + 2) // 3}",
        starts_on=starts_on,
        ends_on=ends_on,
        opened=opened,
        confirmed=opened + 20 * DAY,
        closes=_closes(setting=opened + 22 * DAY, self_scoring=now - 9 * DAY, scoring=now - 3 * DAY, end=now + 8 * DAY),
        quarters=Decimal(1),
        readings=tuple((at, number / 3) for number, at in enumerate(arrived, 1)),
        own_at=now - 14 * DAY,
        scored_at=now - 8 * DAY,
        reviewed_at=now - 3 * DAY,
        terms=WITH_PEERS,
    )


def last_month(now: datetime, rng: Random) -> Round:
    """The month before this one: nearly everybody has scored themselves, their managers are at it."""
    ends_on = now.date().replace(day=1) - DAY
    starts_on = ends_on.replace(day=1)
    opened = at_work(_morning(starts_on), rng)
    return Round(
        kind="month",
        name=f"{starts_on:%Y-%m}",
        starts_on=starts_on,
        ends_on=ends_on,
        opened=opened,
        confirmed=opened + 7 * DAY,
        closes=_closes(setting=opened + 8 * DAY, self_scoring=now + 7 * DAY, scoring=now + 9 * DAY, end=now + 14 * DAY),
        quarters=Decimal(1) / 3,
        readings=((opened + 14 * DAY, 0.5), (min(_morning(ends_on) + 3 * DAY, now - 7 * DAY), 1.0)),
        own_at=now - 6 * DAY,
        scored_at=now - 2 * DAY,
        reviewed_at=now + 9 * DAY,
        terms=WITH_PEERS,
    )


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def _closes(*, setting: datetime, self_scoring: datetime, scoring: datetime, end: datetime) -> dict[str, datetime]:
    days = {"setting": setting, "self_scoring": self_scoring, "scoring": scoring, "published": end}
    return {name: end_of_day(at.date(), ZONE) for name, at in days.items()}
