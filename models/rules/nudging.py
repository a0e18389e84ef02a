"""When somebody is reminded of what they owe, and when the next level hears of it (rules: docs/rules.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from models.rules.workdays import DAY, LAST_CALL, OPENS, Calendar

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# A reminder that could not be made for so many days, because nobody was running, is given up: the next one counts.
CATCH_UP = 7
SNOOZES = 2
MORNING = time(10)
# How far around today days are looked at: the longest holidays of any country, and a week.
AROUND = 45
MOST_DAYS, MOST_HOURS, MOST_AFTER = 60, 24, 10


@dataclass(frozen=True, slots=True)
class Policy:
    """One schedule: `before` in days, `hours` before, how many working days `after`; the line manager (`lead`) and HR
    hear of it so many days after the deadline. 0 of hours, after, lead or hr: never."""

    before: tuple[int, ...] = (7, 3, 1)
    hours: int = 4
    on_day: bool = True
    after: int = 5
    lead: int = 1
    hr: int = 3

    @property
    def silent(self) -> bool:
        """Whether nobody is ever reminded."""
        return not (self.before or self.hours or self.on_day or self.after)

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def read(cls, kept: Mapping[str, Any], default: "Policy | None" = None) -> "Policy":
        """What `kept` wrote; what it leaves out is as in `default`. Anything else in it is not looked at."""
        known = {one.name for one in fields(cls)}
        given: dict[str, Any] = {name: kept[name] for name in known & set(kept)}
        if "before" in given:
            given["before"] = tuple(given["before"])
        return replace(default or cls(), **given)


STANDARD = Policy()
SILENT = Policy((), 0, False, 0, 0, 0)
# A dispute has a clock of its own; who is asked about a colleague is known to nobody else, managers included.
OWN_WAY: Mapping[str, Policy] = {
    "dispute.answer": SILENT,
    "dispute.rule": SILENT,
    "peer.answer": Policy(lead=0, hr=0),
}


def policy(kept: Mapping[str, Any], kind: str) -> Policy:
    """The schedule of a kind of todo, by what HR set for its cycle (`terms["nudges"]`, {} for none): what was set for
    the kind itself, else its own way, else what was set for the whole cycle."""
    special = kept.get("kinds", {}).get(kind)
    if kind in OWN_WAY:
        return Policy.read(special or {}, OWN_WAY[kind])
    return Policy.read(special or {}, Policy.read(kept))


def paused_until(kept: Mapping[str, Any]) -> date | None:
    """The first day on which a cycle's reminders go out again, None if they are not held back."""
    said = kept.get("paused_until")
    return date.fromisoformat(said) if said else None


def words(kept: Mapping[str, Any], locale: str) -> str:
    """What HR wants reminders to say, in a language; "" if they say the usual."""
    return str(kept.get("words", {}).get(locale, ""))


def day_of(calendar: Calendar, due: datetime) -> date:
    """The day that a deadline belongs to: one in the morning, before work begins, to the day before."""
    here = calendar.local(due)
    return here.date() if here.time() > OPENS else here.date() - DAY


def moments(one: Policy, calendar: Calendar, due: datetime) -> list[datetime]:
    """Every ordinary reminder of a deadline, in order: before it and on its day, where that is no working day on the
    working day before; then every working day after it."""
    return [calendar.at(day) for day in _days(one, calendar, day_of(calendar, due))]


def urgent(one: Policy, calendar: Calendar, due: datetime) -> datetime | None:
    """When somebody is told that hours are left: in the evening or on a day off it is an hour before the end of the
    working day before. None if they never are."""
    if not one.hours:
        return None
    wanted = due - timedelta(hours=one.hours)
    if calendar.open(wanted):
        return wanted
    here = calendar.local(wanted)
    day = here.date() if here.time() >= OPENS else here.date() - DAY
    return calendar.at(calendar.last(day), LAST_CALL)


def urgent_until(one: Policy, calendar: Calendar, now: datetime) -> datetime:
    """Whose deadline is not later has hours left, asked at a moment of work: from LAST_CALL on also what comes due
    before the hours of the next working day have passed."""
    hours = timedelta(hours=one.hours)
    here = calendar.local(now)
    if here.time() < LAST_CALL:
        return now + hours
    return max(now, calendar.at(calendar.next(here.date())) - timedelta(microseconds=1)) + hours


def urgent_since(calendar: Calendar, now: datetime) -> datetime:
    """Nobody was told earlier than this of what has hours left now."""
    return calendar.at(calendar.last(calendar.local(now).date() - DAY), LAST_CALL)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Deadlines up to `until`, and later than the bucket's before: when the newest reminder of them was to be."""

    until: datetime
    moment: datetime


def buckets(one: Policy, calendar: Calendar, now: datetime) -> tuple[Bucket, ...]:
    """The newest ordinary reminder that has come by now, for every deadline: NEVER where there was none, or none in
    the last CATCH_UP days. Deadlines after the last bucket have none."""
    here = calendar.local(now)
    return _buckets(one, calendar, here.date() if here.time() >= OPENS else here.date() - DAY)


@lru_cache(maxsize=4096)
def _buckets(one: Policy, calendar: Calendar, today: date) -> tuple[Bucket, ...]:
    found: list[Bucket] = []
    for n in range(-AROUND, AROUND + max(one.before, default=0)):
        day = today + n * DAY
        newest = max((at for at in _days(one, calendar, day) if at <= today), default=None)
        recent = newest is not None and newest > today - CATCH_UP * DAY
        moment = calendar.at(newest) if newest is not None and recent else NEVER
        until = calendar.at(day + DAY)
        if found and found[-1].moment == moment:
            found.pop()
        found.append(Bucket(until, moment))
    while found and found[-1].moment == NEVER:
        found.pop()
    return tuple(found)


@lru_cache(maxsize=16384)
def _days(one: Policy, calendar: Calendar, due: date) -> tuple[date, ...]:
    """The days of the ordinary reminders of what is due on a day."""
    ahead = {calendar.last(due - before * DAY) for before in (*one.before, *([0] if one.on_day else []))}
    late, found = due, []
    for _ in range(one.after):
        late = calendar.next(late)
        found.append(late)
    return (*sorted(ahead), *found)


def snoozed(choice: str, calendar: Calendar, now: datetime) -> datetime:
    """Until when something is put off: one "day", or until 10 o'clock of the next "morning"."""
    if choice == "day":
        return now + DAY
    return calendar.at(calendar.local(now).date() + DAY, MORNING)


def may_snooze(one: Policy, due: datetime | None, times: int, until: datetime) -> bool:
    """Twice at most, and never beyond the moment at which the line manager (or HR) hears of it."""
    days = [days for days in (one.lead, one.hr) if days]
    return times < SNOOZES and (due is None or not days or until <= due + min(days) * DAY)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
