"""Two people side by side: the indicators both have, and what each did for theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.checkin import Checkin, Measurement, latest_checkins, measured
from models.cycle import Cycle
from models.item import Item
from models.person import Person
from models.plan import Plan, plan_of
from models.rules.progress import Measured, completion, weighted


@dataclass(frozen=True, slots=True)
class Side:
    """One person in a cycle: `done` is the weighted completion; counts are of the cycle so far."""

    person: Person
    items: Sequence[tuple[Item, Measured]]
    done: Decimal | None
    reports: int
    values: int
    reported_at: datetime | None
    blockers: int


@dataclass(frozen=True, slots=True)
class Shared:
    """An indicator that both have, with each one's completion (0 to 1.2, None without a value)."""

    name: str
    first: Decimal | None
    second: Decimal | None
    first_weight: Decimal | None
    second_weight: Decimal | None


def latest_of_both(db: Session, first_id: int, second_id: int) -> Cycle | None:
    """The newest cycle in which both have a plan in force; None if there is none."""
    both = select(Plan.cycle_id).where(col(Plan.person_id).in_((first_id, second_id)), Plan.effective > 0)
    both = both.group_by(col(Plan.cycle_id)).having(sa.func.count() == 2)
    newest = (col(Cycle.starts_on).desc(), col(Cycle.ends_on), col(Cycle.id).desc())
    return db.exec(select(Cycle).where(col(Cycle.id).in_(both)).order_by(*newest).limit(1)).first()


def side_of(db: Session, cycle: Cycle, person: Person) -> Side:
    """One person's plan in force and their activity; empty if no plan is in force."""
    plan = plan_of(db, cycle.id, person.id)
    if plan is None or not plan.effective:
        return Side(person, (), None, 0, 0, None, 0)
    items = measured(db, [plan])[plan.id]
    notes = latest_checkins(db, [plan.id])
    reports, at = db.exec(select(sa.func.count(), sa.func.max(col(Checkin.at))).where(Checkin.plan_id == plan.id)).one()
    values = db.exec(select(sa.func.count()).where(Measurement.plan_id == plan.id)).one()
    blockers = sum(1 for note in notes.values() if note.blocker)
    return Side(person, items, weighted([entry for _item, entry in items]), reports, values, at, blockers)


def shared(first: Side, second: Side) -> tuple[list[Shared], list[str], list[str]]:
    """The indicators both have, in the first one's order; and the names of those only one of them has.

    Two items are the same if they come from one library entry, or, written by hand, have the same name and unit.
    """
    others = {_same(item): (item, entry) for item, entry in second.items}
    both, only = [], []
    for item, entry in first.items:
        found = others.pop(_same(item), None)
        if found is None:
            only.append(item.name)
            continue
        other, figure = found
        both.append(Shared(item.name, completion(entry), completion(figure), item.weight, other.weight))
    return both, only, [item.name for item, _entry in others.values()]


def _same(item: Item) -> tuple[object, ...]:
    return ("library", item.indicator_id) if item.indicator_id else ("own", item.name.casefold(), item.unit)
