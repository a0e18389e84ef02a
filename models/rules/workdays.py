"""When somebody works: 9 to 19 o'clock of their zone on the working days of their country (rules: docs/rules.md).

Every instant is UTC; local days and hours become UTC before anything is added, so that daylight saving never counts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global

OPENS, LAST_CALL, CLOSES = time(9), time(18), time(19)
DAY = timedelta(days=1)
# No country rests longer; where a table says so all the same, nobody waits for ever.
LONGEST_REST = 60
WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class Calendar:
    """One zone and country ("CN", or with a part: "DE-BY"; "" knows weekends only)."""

    zone: str
    country: str = ""

    def local(self, now: datetime) -> datetime:
        """The instant as a clock on the wall shows it."""
        return now.astimezone(ZoneInfo(self.zone))

    def at(self, day: date, hour: time = OPENS) -> datetime:
        """The instant of a local day and hour."""
        return datetime.combine(day, hour, ZoneInfo(self.zone)).astimezone(UTC)

    def working(self, day: date) -> bool:
        """Whether it is a working day, swapped ones included."""
        return day not in _days_off(self.country, day.year)

    def last(self, day: date) -> date:
        """The day itself if it is a working day, else the working day before."""
        return next((found for found in (day - n * DAY for n in range(LONGEST_REST)) if self.working(found)), day)

    def next(self, day: date) -> date:
        """The first working day after a day."""
        later = (day + n * DAY for n in range(1, LONGEST_REST))
        return next((found for found in later if self.working(found)), day + DAY)

    def open(self, now: datetime) -> bool:
        """Whether now is a moment to write to somebody."""
        here = self.local(now)
        return OPENS <= here.time() < CLOSES and self.working(here.date())

    def moment(self, now: datetime) -> datetime:
        """Now if it is a moment to write to somebody, else when the next working day begins."""
        if self.open(now):
            return now
        here = self.local(now)
        today = here.time() < OPENS and self.working(here.date())
        return self.at(here.date() if today else self.next(here.date()))

    def closing(self, now: datetime) -> datetime:
        """When the day of an instant ends: nothing of that day is sent later."""
        return self.at(self.local(now).date(), CLOSES)


def next_working_moment(now: datetime, zone: str, country: str = "") -> datetime:
    """The next instant, now included, between 9 and 19 o'clock of a working day; in UTC."""
    return calendar(zone, country).moment(now)


@lru_cache(maxsize=1024)
def calendar(zone: str, country: str = "") -> Calendar:
    """The calendar of a zone, with the country that the zone lies in unless one is named."""
    return Calendar(zone, country or country_of(zone))


def country_of(zone: str) -> str:
    """The country that a zone lies in by the Unicode locale data; "" for those of no country, such as UTC."""
    known = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone)) or ""
    return "" if known in ("001", "ZZ") else str(known)


@lru_cache(maxsize=1024)
def _days_off(country: str, year: int) -> frozenset[date]:
    """The days of a year on which nobody works; where the country is unknown, its weekends from Saturday to Sunday."""
    days = [date(year, 1, 1) + n * DAY for n in range(366)]
    weekends = frozenset(day for day in days if day.weekday() in WEEKEND)
    if not country:
        return weekends
    import holidays  # takes most of a second, and only the clock needs it

    code, _dash, part = country.partition("-")
    try:
        known = holidays.country_holidays(code, subdiv=part or None, years=year)
    except NotImplementedError:
        return weekends if not part else _days_off(code, year)
    return frozenset(day for day in days if not known.is_working_day(day))
