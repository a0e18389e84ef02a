"""More time for a stage: its new last day, why, and what moves along with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models import page
from models.base import Refused, Row, json_field, put, record
from models.cycle import RECKONING, RUNNING, Cycle, Stage, end_of_day, expect_near, stages_of
from models.stages import ORDER, STUCK
from models.todo import Todo, concerned, settle

OPEN_STATES = ("announced", *RUNNING)


class Extension(Row, table=True):
    """One time HR gave: `moved` is what it changed, by stage (before, after), as ISO instants; `reason` is sealed by
    bot.vault."""

    noun: ClassVar[str] = "extension"
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    stage: str
    by_id: int = Field(foreign_key="person.id")
    at: datetime
    moved: dict[str, Any] = json_field(default_factory=dict)
    reason: bytes | None = None

    def closings(self) -> list[tuple[str, datetime, datetime]]:
        """(stage, before, after) in the order of the stages."""
        read = datetime.fromisoformat
        pairs = [(name, read(before), read(after)) for name, (before, after) in self.moved.items()]
        return sorted(pairs, key=lambda one: one[2])


@dataclass(frozen=True, slots=True)
class Extended:
    """What was written, and whom it concerns: everybody who owes something by one of the moved dates."""

    row: Extension
    people: Sequence[int]


def extendable(db: Session, cycle: Cycle) -> list[Stage]:
    """The stages that are not over, in their order."""
    if cycle.state not in OPEN_STATES:
        return []
    over = ORDER[: ORDER.index("review" if cycle.state == RECKONING else cycle.state)]
    return [stage for stage in stages_of(db, cycle.id) if stage.name not in over]


def extend(
    db: Session,
    cycle: Cycle,
    at: int,
    stage: str,
    until: datetime,
    now: datetime,
    *,
    by_id: int,
    zone: ZoneInfo,
    along: bool = True,
) -> Extended:
    """Moves the end of a stage that is not over to a later instant; with `along` every later stage by as many days.
    What people owe by these dates is owed by the new ones. Refused names the field of the form."""
    rows = extendable(db, cycle)
    mine = next((one for one in rows if one.name == stage), None)
    if mine is None:
        raise Refused("This stage is over. What came too late can be given back to its author.", field="stage")
    if until <= now or until <= mine.closes_at:
        raise Refused("The new day must be later than the present one, {when}.", field="until", when=mine.closes_at)
    expect_near(until.astimezone(zone).date(), now.astimezone(zone).date(), "until")
    later = [one for one in rows if one.closes_at > mine.closes_at]
    if later and not along and until >= later[0].closes_at:
        said = "The next stage ends on {when}. Move the later stages along, or choose an earlier day."
        raise Refused(said, field="until", when=later[0].closes_at)
    days = (until.astimezone(zone).date() - mine.closes_at.astimezone(zone).date()).days
    new = {mine.name: until}
    if along:
        new |= {one.name: _later(one.closes_at, days, zone) for one in later}
    moved = {one.name: [one.closes_at.isoformat(), new[one.name].isoformat()] for one in rows if one.name in new}
    people = _move(db, cycle, [one for one in rows if one.name in new], new)
    cycle.advance(db, at)
    settle(db, cycle, by_id, now, STUCK)
    row = Extension(cycle_id=cycle.id, stage=stage, by_id=by_id, at=now, moved=moved)
    put(db, row)
    record(db, "cycle.extended", cycle, stage=stage, until=until, along=along)
    page.outdate(db)
    return Extended(row, people)


def extensions_of(db: Session, cycle_id: int) -> Sequence[Extension]:
    """The newest first."""
    return db.exec(select(Extension).where(Extension.cycle_id == cycle_id).order_by(col(Extension.id).desc())).all()


def _move(db: Session, cycle: Cycle, rows: Sequence[Stage], new: dict[str, datetime]) -> list[int]:
    """Writes the dates, the last stage first: a date that is already the next stage's is not moved twice."""
    people: set[int] = set()
    for stage in reversed(rows):
        before, after = stage.closes_at, new[stage.name]
        mine = sa.and_(col(Todo.cycle_id) == cycle.id, col(Todo.due_at) == before, col(Todo.done_at).is_(None))
        ours = sa.and_(
            col(Todo.subject_noun) == Cycle.noun,
            col(Todo.subject_id) == cycle.id,
            col(Todo.due_at) == before,
            col(Todo.done_at).is_(None),
        )
        owed = sa.update(Todo).where(sa.or_(mine, ours)).values(due_at=after).returning(col(Todo.assignee_id))
        people.update(db.connection().execute(owed).scalars())
        opening = sa.update(Stage).where(col(Stage.cycle_id) == cycle.id, col(Stage.opens_at) == before)
        db.exec(opening.values(opens_at=after))
        stage.closes_at = after
        db.add(stage)
        db.flush()
    concerned(db).update(people)
    return sorted(people)


def _later(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """So many days later: the end of a day stays the end of a day, whatever the clocks do in between."""
    local = at.astimezone(zone)
    moved = local.date() + timedelta(days=days)
    ends = end_of_day(local.date(), zone) == at
    return end_of_day(moved, zone) if ends else at + timedelta(days=days)
