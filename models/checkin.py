"""Progress: check-ins people write, and the measured values with where they came from."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.access import NOT_FOUND, Actor
from models.base import Refused, Row, exact, execute, record
from models.cycle import Cycle
from models.indicator import Indicator
from models.item import Item
from models.plan import Plan
from models.rules.progress import Measured, per_period, weighted

MANUAL = "manual"


class Measurement(Row, table=True):
    """An actual value. Provenance: `source` (system), `reference` (its record), fetched `at`, entered `by_id`."""

    __table_args__ = (sa.Index("ix_measurement_item", "plan_id", "lineage", "at"),)
    noun: ClassVar[str] = "measurement"
    plan_id: int = Field(foreign_key="plan.id")
    lineage: int
    indicator_id: int | None = Field(default=None, foreign_key="indicator.id")
    value: Decimal = exact()
    source: str = MANUAL
    reference: str = ""
    at: datetime
    by_id: int | None = Field(default=None, foreign_key="person.id")


class Checkin(Row, table=True):
    """A short progress note on one item, with what blocks it."""

    __table_args__ = (sa.Index("ix_checkin_plan", "plan_id", "at"),)
    noun: ClassVar[str] = "checkin"
    plan_id: int = Field(foreign_key="plan.id")
    lineage: int
    person_id: int = Field(foreign_key="person.id")
    measurement_id: int | None = Field(default=None, foreign_key="measurement.id")
    note: str = ""
    blocker: str = ""
    at: datetime


def report(
    db: Session,
    plan: Plan,
    lineage: int,
    actor: Actor,
    now: datetime,
    *,
    value: Decimal | None,
    note: str,
    blocker: str,
) -> Checkin:
    """Stores one report; a value becomes a measurement that names who entered it and when."""
    plan.expect(db, actor, "checkin")
    item = next((item for item in plan.agreed_items(db) if item.lineage == lineage), None)
    if item is None:
        raise Refused(NOT_FOUND)
    measured = None
    if value is not None:
        measured = Measurement(
            plan_id=plan.id,
            lineage=lineage,
            indicator_id=item.indicator_id,
            value=value,
            at=now,
            by_id=actor.id,
            reference=f"check-in by person {actor.id}",
        )
        db.add(measured)
        db.flush()
    checkin = Checkin(plan_id=plan.id, lineage=lineage, person_id=actor.id, note=note, blocker=blocker, at=now)
    checkin.measurement_id = measured.id if measured else None
    db.add(checkin)
    record(db, "plan.reported", plan, lineage=lineage, value=value)
    return checkin


def latest_values(db: Session, plan_ids: Sequence[int]) -> dict[tuple[int, int], Measurement]:
    """The newest value of each (plan, lineage)."""
    rows = db.exec(
        select(Measurement)
        .where(col(Measurement.plan_id).in_(plan_ids))
        .order_by(col(Measurement.at), col(Measurement.id))
    )
    return {(row.plan_id, row.lineage): row for row in rows}


def latest_checkins(db: Session, plan_ids: Sequence[int]) -> dict[tuple[int, int], Checkin]:
    """The newest check-in of each (plan, lineage)."""
    rows = db.exec(select(Checkin).where(col(Checkin.plan_id).in_(plan_ids)).order_by(col(Checkin.at), col(Checkin.id)))
    return {(row.plan_id, row.lineage): row for row in rows}


def last_actual(db: Session, person_id: int, indicator: Indicator, plan: Plan) -> Decimal | None:
    """What this person reached with an indicator in the newest earlier plan that has a value.

    An amount that grows with time is converted to the length of this plan's period: a year's sales are not a
    quarter's.
    """
    statement = (
        select(col(Measurement.value), Cycle)
        .join(Plan, col(Plan.id) == col(Measurement.plan_id))
        .join(Cycle, col(Cycle.id) == col(Plan.cycle_id))
        .where(Plan.person_id == person_id, Measurement.indicator_id == indicator.id, col(Plan.id) != plan.id)
        .order_by(col(Measurement.at).desc(), col(Measurement.id).desc())
        .limit(1)
    )
    found = db.exec(statement).first()
    if found is None:
        return None
    value, then = found
    now = db.get_one(Cycle, plan.cycle_id)
    return per_period(value, indicator.unit, then.days, now.days)


def measured(db: Session, plans: Sequence[Plan]) -> dict[int, list[tuple[Item, Measured]]]:
    """Every agreed item of each plan with its newest value, by plan."""
    values = latest_values(db, [plan.id for plan in plans])
    found: dict[int, list[tuple[Item, Measured]]] = {}
    for plan in plans:
        rows = []
        for item in plan.agreed_items(db):
            newest = values.get((plan.id, item.lineage))
            value = newest.value if newest else None
            rows.append(
                (item, Measured(item.direction, item.unit, item.target, item.weight, value, item.floor, item.stretch))
            )
        found[plan.id] = rows
    return found


def weighted_progress(db: Session, plan: Plan) -> Decimal | None:
    """The weighted completion of a plan, 0 to 1.2; None while nothing is measured."""
    rows = execute(db, _MEASURED, plan=plan.id, revision=plan.effective)
    return weighted([Measured(*row) for row in rows])


_NEWEST = (
    sa.select(col(Measurement.value))
    .where(col(Measurement.plan_id) == col(Item.plan_id), col(Measurement.lineage) == col(Item.lineage))
    .order_by(col(Measurement.at).desc(), col(Measurement.id).desc())
    .limit(1)
    .scalar_subquery()
)
# The columns in the order of Measured's fields.
_MEASURED = sa.select(
    col(Item.direction),
    col(Item.unit),
    col(Item.target),
    col(Item.weight),
    _NEWEST,
    col(Item.floor),
    col(Item.stretch),
).where(col(Item.plan_id) == sa.bindparam("plan"), col(Item.revision) == sa.bindparam("revision"))
