"""What a cycle would send to whom on which day, if it ran as it is set now: pure (rules: docs/rules.md)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from models.rules.nudging import day_of, moments, policy, urgent
from models.rules.workdays import Calendar, calendar

OPENING, BEFORE, HOURS, AFTER = "opening", "before", "hours", "after"
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many people of one zone and country ("": the zone's)."""

    zone: str
    country: str
    people: int


@dataclass(frozen=True, slots=True)
class Errand:
    """What a stage asks from `opens_at` on (`told`: and says so), due at `due` (None: nobody is reminded) as todos of a
    kind."""

    stage: str
    kind: str
    opens_at: datetime
    due: datetime | None
    crowds: Sequence[Crowd]
    told: bool = True


@dataclass(frozen=True, slots=True)
class Sending:
    """One kind of message of a stage on one day of its readers, to at most so many `people`; for `moved` of them it was
    meant for another day, the first of which is `meant`: a weekend, a holiday or the night is in between."""

    day: date
    stage: str
    message: str
    people: int
    moved: int = 0
    meant: date | None = None


def rehearse(errands: Iterable[Errand], nudges: Mapping[str, Any]) -> list[Sending]:
    """Every message by day; `nudges` is what HR set about reminders (models.rules.nudging). Reminders count everybody:
    who is done by then gets none."""
    people: Counter[tuple[date, str, str]] = Counter()
    moved: Counter[tuple[date, str, str]] = Counter()
    meant: dict[tuple[date, str, str], date] = {}
    for errand in errands:
        for crowd in errand.crowds:
            for message, day, wished in _days(errand, calendar(crowd.zone, crowd.country), nudges):
                key = (day, errand.stage, message)
                people[key] += crowd.people
                if day != wished:
                    moved[key] += crowd.people
                    meant[key] = min(wished, meant.get(key, wished))
    return [
        Sending(*key, people=count, moved=moved[key], meant=meant.get(key)) for key, count in sorted(people.items())
    ]


def weeks(sendings: Sequence[Sending]) -> list[date]:
    """The Mondays of the weeks in which something is sent."""
    return sorted({monday(one.day) for one in sendings})


def monday(day: date) -> date:
    """The first day of the week of a day."""
    return day - timedelta(days=day.weekday())


def _days(errand: Errand, mine: Calendar, nudges: Mapping[str, Any]) -> list[tuple[str, date, date]]:
    """(message, the day it is sent, the day it was meant for) for one crowd."""
    found: list[tuple[str, date, date]] = []
    opened = _local(mine, mine.moment(errand.opens_at))
    if errand.told:
        found.append((OPENING, opened, _local(mine, errand.opens_at)))
    if errand.due is None:
        return found
    one, due = policy(nudges, errand.kind), day_of(mine, errand.due)
    wished = [due - before * timedelta(days=1) for before in sorted({*one.before, *([0] if one.on_day else [])})]
    ahead = {mine.last(day): day for day in wished}  # two that fall on one working day are one message
    found += [(BEFORE, day, was) for day, was in ahead.items() if day > opened]
    last = urgent(one, mine, errand.due)
    if last is not None and _local(mine, last) not in ahead:
        found.append((HOURS, _local(mine, last), due))
    later = [_local(mine, at) for at in moments(one, mine, errand.due)]
    found += [(AFTER, day, day) for day in later if day > due]
    return found


def _local(mine: Calendar, at: datetime) -> date:
    return mine.local(at).date()
