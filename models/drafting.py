"""A cycle before it is published: begun from a pattern or from the last one, and changed section by section."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.audience import Audience
from models.base import Refused, put, record
from models.cycle import Cycle, Stage, end_of_day, expect_near, stages_of
from models.partaking import HIRED, how_many
from models.rules.patterns import PATTERNS, STAGES, coming, following, moved_on, proposed
from models.rules.totals import Level
from models.terms import GUIDANCE

N_ = str  # marks a sentence for extraction
ASKED = ("setting", "scoring", "published")
MOST_POINTS = 150
TAKEN = N_("Another cycle has this name already.")


def begun(db: Session, kind: str, owner_id: int, zone: ZoneInfo, today: date, *, filled: bool = True) -> Cycle:
    """A new draft of a kind; `filled` with the pattern of its kind, else with a period alone."""
    starts_on, ends_on = coming(kind, today)
    pattern = PATTERNS[kind]
    cycle = Cycle(kind=kind, name=named(kind, starts_on), starts_on=starts_on, ends_on=ends_on, owner_id=owner_id)
    cycle.chain, cycle.languages = (["manager"], list(LANGUAGES)) if filled else ([], [])
    cycle.terms = {HIRED: pattern.hired} if filled and pattern.hired else {}
    cycle.audience = Audience(everybody=True).kept() if filled else {}
    put(db, cycle)
    if filled:
        _write(db, cycle, proposed(kind, starts_on, ends_on, today), starts_on if starts_on > today else None, zone)
    record(db, "cycle.opened", cycle, name=cycle.name)
    return cycle


LANGUAGES = ("en", "zh_Hans", "zh_Hant", "ja")


def like(db: Session, last: Cycle, owner_id: int, zone: ZoneInfo, today: date) -> Cycle:
    """A new draft like another cycle, for the period after it: its stages as far from the new period, its rules and who
    takes part."""
    period = following(last.starts_on, last.ends_on)
    name = named(last.kind, period[0])
    cycle = Cycle(kind=last.kind, name=name, starts_on=period[0], ends_on=period[1], owner_id=owner_id)
    cycle.chain, cycle.languages, cycle.setter = list(last.chain), list(last.languages), last.setter
    cycle.terms, cycle.audience = dict(last.terms), dict(last.audience) or Audience(everybody=True).kept()
    put(db, cycle)
    known = stages_of(db, last.id)
    before = {one.name: one.closes_at.astimezone(zone).date() for one in known if one.name in STAGES}
    days = moved_on({"tracking": last.ends_on, **before}, (last.starts_on, last.ends_on), period, today)
    _write(db, cycle, days, period[0] if period[0] > today else None, zone)
    record(db, "cycle.opened", cycle, name=cycle.name, like=last.name)
    return cycle


def named(kind: str, starts_on: date) -> str:
    """What a cycle of a kind is called until HR calls it otherwise."""
    match kind:
        case "year":
            return f"{starts_on.year}"
        case "quarter":
            return f"{starts_on.year} Q{(starts_on.month + 2) // 3}"
        case _:
            return f"{starts_on:%Y-%m}"


def last_ones(db: Session) -> Sequence[Cycle]:
    """The newest cycle of each kind that was published."""
    newest = sa.select(sa.func.max(col(Cycle.id))).where(col(Cycle.state).not_in(("draft", "cancelled")))
    rows = db.exec(select(Cycle).where(col(Cycle.id).in_(newest.group_by(col(Cycle.kind))))).all()
    order = list(PATTERNS)
    return sorted(rows, key=lambda one: order.index(one.kind))


# Changes, each guarded by the version that was shown


@dataclass(frozen=True, slots=True)
class Period:
    """What a cycle is called and which time it is about, its last day included."""

    kind: str
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Course:
    """Who writes plans, who approves them in order, in which languages people are written to, whether scores are taken
    after their last day."""

    setter: str
    chain: Sequence[str]
    languages: Sequence[str]
    late: bool


def set_period(db: Session, cycle: Cycle, at: int, to: Period, zone: ZoneInfo, today: date) -> bool:
    """Kind, name and period; whether the dates of the stages moved along with the period."""
    _expect_draft(cycle)
    if to.ends_on < to.starts_on:
        raise Refused("The period must end after it starts.", field="ends_on")
    for field, day in (("starts_on", to.starts_on), ("ends_on", to.ends_on)):
        expect_near(day, today, field)
    if _taken(db, cycle, to.name):
        raise Refused(TAKEN, field="name")
    period, new = (cycle.starts_on, cycle.ends_on), (to.starts_on, to.ends_on)
    cycle.advance(db, at, kind=to.kind, name=to.name, starts_on=to.starts_on, ends_on=to.ends_on)
    record(db, "cycle.changed", cycle, section="period")
    days = days_of(db, cycle, zone)
    if period == new or not days:
        return False
    opens = first_day(db, cycle, zone)
    moved = moved_on(days, period, new, today)
    opens = opens + (to.starts_on - period[0]) if opens is not None else None
    _write(db, cycle, moved, opens if opens is not None and opens > today else None, zone)
    return True


def set_dates(
    db: Session, cycle: Cycle, at: int, now: datetime, days: Mapping[str, date], opens_on: date | None, zone: ZoneInfo
) -> None:
    """When the stages close, each at the end of its day; those that are missing are left out. `opens_on`: the day on
    which plans begin to be set, None for the moment the cycle is published. Refused names the field."""
    _expect_draft(cycle)
    today = now.astimezone(zone).date()
    known = [(name, days[name]) for name in STAGES if name in days]
    before = [("opens_on", opens_on)] if opens_on is not None else []
    for (_earlier, first), (name, then) in pairwise([*before, *known]):
        if then <= first:
            raise Refused("This stage must end after the one before it, which is on {day}.", field=name, day=first)
    if known and known[0][1] < today:
        raise Refused("This day is over already.", field=known[0][0])
    for field, day in (*before, *known):
        expect_near(day, today, field)
    cycle.advance(db, at)
    _write(db, cycle, dict(known), opens_on, zone)
    record(db, "cycle.changed", cycle, section="stages")


def set_course(db: Session, cycle: Cycle, at: int, to: Course) -> None:
    """How plans are decided, in which languages, and what happens to late scores."""
    _expect_draft(cycle)
    terms = {**cycle.terms, "late": to.late}
    cycle.advance(db, at, setter=to.setter, chain=list(to.chain), languages=list(to.languages), terms=terms)
    record(db, "cycle.changed", cycle, section="course")


def set_audience(db: Session, cycle: Cycle, at: int, audience: Audience, hired_months: int) -> None:
    """Who takes part; with `hired_months` only those who came within so many months."""
    _expect_draft(cycle)
    if not audience.kept():
        raise Refused("Choose at least one: everybody, a department, a role or people.", field="everybody")
    terms = {**{name: kept for name, kept in cycle.terms.items() if name != HIRED}}
    if hired_months:
        terms[HIRED] = hired_months
    cycle.advance(db, at, audience=audience.kept(), terms=terms)
    record(db, "cycle.changed", cycle, section="audience")


def set_scale(db: Session, cycle: Cycle, at: int, levels: Sequence[Level]) -> None:
    """The levels, best first: what each is worth, and from which total on it is the rating."""
    _expect_draft(cycle)
    check_scale(levels)
    kept = [[one.name, str(one.points), str(one.cutoff)] for one in levels]
    cycle.advance(db, at, terms={**cycle.terms, "levels": kept, "guidance": _guidance(levels, cycle)})
    record(db, "cycle.changed", cycle, section="scale")


def check_scale(levels: Sequence[Level]) -> None:
    """Refuses levels that do not make a scale."""
    if not 2 <= len(levels) <= 8:
        raise Refused("A scale has 2 to 8 levels.", field="levels")
    if len({one.name.casefold() for one in levels}) < len(levels):
        raise Refused("Two levels have the same name.", field="levels")
    for better, worse in pairwise(levels):
        if worse.points >= better.points or worse.cutoff >= better.cutoff:
            raise Refused("“{level}” must be worth less than the level above it.", field="levels", level=worse.name)
    if any(not 0 <= one.points <= MOST_POINTS for one in levels):
        raise Refused("Points are between 0 and {most}.", field="levels", most=MOST_POINTS)
    if levels[-1].cutoff != 0:
        raise Refused("The last level begins at 0, so that everybody has a rating.", field="levels")


# Looking at it


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a draft from being published: the section that says so, and why."""

    section: str
    message: str


def missing(db: Session, cycle: Cycle, now: datetime, today: date) -> list[Missing]:
    """Everything that is still to be said, in the order of the sections; empty for a draft that can be published."""
    stages = {one.name: one for one in stages_of(db, cycle.id)}
    found = [Missing("period", TAKEN)] if _taken(db, cycle, cycle.name) else []
    found += [Missing("stages", _LACKING[name]) for name in ASKED if name not in stages]
    if "setting" in stages and stages["setting"].closes_at <= now:
        found.append(Missing("stages", N_("The day by which plans are agreed is over already.")))
    if not cycle.audience:
        found.append(Missing("audience", N_("Who takes part is not said yet.")))
    elif not how_many(db, cycle, today):
        found.append(Missing("audience", N_("Nobody takes part as it is set now.")))
    if not cycle.chain:
        found.append(Missing("course", N_("Who approves plans is not said yet.")))
    if not cycle.languages:
        found.append(Missing("course", N_("The languages are not said yet.")))
    return found


def _taken(db: Session, cycle: Cycle, name: str) -> bool:
    """Whether a published cycle is called so: commands name cycles by their names."""
    others = select(Cycle.id).where(sa.func.lower(col(Cycle.name)) == name.lower(), col(Cycle.id) != cycle.id)
    return db.exec(others.where(col(Cycle.state).not_in(("draft", "cancelled")))).first() is not None


_LACKING = {
    "setting": N_("The day by which plans are agreed is missing."),
    "scoring": N_("The day by which managers score is missing."),
    "published": N_("The day by which results are published is missing."),
}


def days_of(db: Session, cycle: Cycle, zone: ZoneInfo) -> dict[str, date]:
    """The last day of each stage in the company's zone, in their order."""
    return {one.name: one.closes_at.astimezone(zone).date() for one in stages_of(db, cycle.id)}


def first_day(db: Session, cycle: Cycle, zone: ZoneInfo) -> date | None:
    """The day on which plans begin to be set; None for the moment the cycle is published."""
    opens_at = next((one.opens_at for one in stages_of(db, cycle.id) if one.name == "setting"), None)
    return opens_at.astimezone(zone).date() if opens_at is not None else None


def _write(db: Session, cycle: Cycle, days: Mapping[str, date], opens_on: date | None, zone: ZoneInfo) -> None:
    """The stages anew, each open from where the one before closes."""
    db.exec(sa.delete(Stage).where(col(Stage.cycle_id) == cycle.id))
    opens = start_of_day(opens_on, zone) if opens_on is not None else None
    for name, day in days.items():
        closes = end_of_day(day, zone)
        db.add(Stage(cycle_id=cycle.id, name=name, opens_at=opens, closes_at=closes))
        opens = closes
    db.flush()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """When a stage that opens on a day opens: as the day begins in the company's zone, in UTC."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _guidance(levels: Sequence[Level], cycle: Cycle) -> dict[str, str]:
    """What calibration aims at: as before where the levels have the same names, else the same share for each."""
    kept = {name: str(share) for name, share in cycle.terms.get("guidance", GUIDANCE).items()}
    if kept.keys() == {one.name for one in levels}:
        return kept
    share = Decimal(100) / len(levels)
    return {one.name: str(share.quantize(Decimal("0.01"))) for one in levels}


def _expect_draft(cycle: Cycle) -> None:
    if cycle.state != "draft":
        raise Refused("This cycle is published. Its dates can still be moved: open its card.")
