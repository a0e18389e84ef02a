"""Instants of a made-up past: in working hours of the company, never after the present."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.sample.cast import SHANGHAI

ZONE = ZoneInfo(SHANGHAI)
OPENS, CLOSES = time(9, 0), time(18, 30)


def at_work(instant: datetime, rng: Random) -> datetime:
    """The instant itself if it is in working hours, else soon after work begins again."""
    local = instant.astimezone(ZONE)
    if local.weekday() < 5 and OPENS <= local.time() <= CLOSES:
        return instant
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    start = datetime.combine(day, OPENS, ZONE) + timedelta(minutes=rng.randint(1, 90), seconds=rng.randint(0, 59))
    return start.astimezone(UTC)


def quarter(day: date) -> tuple[date, date]:
    """First and last day of the quarter."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    following = first + timedelta(days=93)
    return first, following.replace(day=1) - timedelta(days=1)
