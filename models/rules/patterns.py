"""Ready patterns of cycles: how long each kind is, and when its stages close (rules: docs/rules.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

# Stages in the order in which they are gone through; those in OPTIONAL may be left out.
STAGES = ("setting", "tracking", "self_scoring", "scoring", "review", "published", "disputing")
OPTIONAL = frozenset({"self_scoring", "review", "disputing"})
DAY = timedelta(days=1)
# However late a cycle is begun, so many days are left to agree the plans.
LEAST = 5


@dataclass(frozen=True, slots=True)
class Pattern:
    """`months` is the length of the period. `setting` closes that many days after it begins, the other stages that many
    days after it ends; a stage that is missing is left out. `hired` > 0: only people who came within so many months."""

    months: int
    setting: int
    after: Mapping[str, int]
    hired: int = 0


PATTERNS: Mapping[str, Pattern] = {
    "year": Pattern(12, 45, {"self_scoring": 10, "scoring": 20, "review": 27, "published": 34, "disputing": 48}),
    "quarter": Pattern(3, 20, {"self_scoring": 7, "scoring": 14, "review": 18, "published": 22, "disputing": 30}),
    "month": Pattern(1, 5, {"scoring": 5, "published": 8, "disputing": 13}),
    "probation": Pattern(3, 10, {"self_scoring": 4, "scoring": 8, "published": 11, "disputing": 18}, hired=6),
}


def coming(kind: str, today: date) -> tuple[date, date]:
    """First and last day of the next whole period of a kind: the calendar's year, quarter or month; a probation begins
    with the next month."""
    months = PATTERNS[kind].months
    step = 1 if kind == "probation" else months
    first = months_on(date(today.year, (today.month - 1) // step * step + 1, 1), step)
    return first, months_on(first, months) - DAY


def following(starts_on: date, ends_on: date) -> tuple[date, date]:
    """The period after another, as long as it: in whole months if it is whole months."""
    first = ends_on + DAY
    count = (first.year - starts_on.year) * 12 + first.month - starts_on.month
    if count > 0 and months_on(starts_on, count) == first:
        return first, months_on(first, count) - DAY
    return first, first + (ends_on - starts_on)


def proposed(kind: str, starts_on: date, ends_on: date, today: date) -> dict[str, date]:
    """The last days of the stages of a pattern. A cycle that is begun late gets its time for plans from today on."""
    pattern = PATTERNS[kind]
    days = {name: ends_on + count * DAY for name, count in pattern.after.items()}
    asked = max(starts_on, today) + min(pattern.setting, max(LEAST, (ends_on - max(starts_on, today)).days)) * DAY
    return _ordered({"setting": asked, "tracking": ends_on, **days})


def moved_on(
    days: Mapping[str, date], before: tuple[date, date], period: tuple[date, date], today: date
) -> dict[str, date]:
    """The stages of another cycle as far from this period as they were from theirs; plans keep LEAST days from today
    on."""
    first, last = period[0] - before[0], period[1] - before[1]
    moved = {name: day + (first if name == "setting" else last) for name, day in days.items()}
    if "setting" in moved:
        moved["setting"] = max(moved["setting"], today + LEAST * DAY)
    return _ordered(moved)


def months_on(first: date, months: int) -> date:
    """The same day of the month, that many months later (negative: earlier); the last day where there is none."""
    count = first.year * 12 + first.month - 1 + months
    year, month = divmod(count, 12)
    for day in range(first.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(first.day, 27))


def _ordered(days: Mapping[str, date]) -> dict[str, date]:
    """In the order of the stages, each at least a day after the one before."""
    found: dict[str, date] = {}
    last: date | None = None
    for name in (one for one in STAGES if one in days):
        last = days[name] if last is None else max(days[name], last + DAY)
        found[name] = last
    return found
