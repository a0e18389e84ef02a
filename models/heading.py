"""What stands at the top of a plan's card and of somebody's home, each asked in one question."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.base import execute
from models.cycle import NEAREST, RUNNING, Cycle, Stage
from models.loaded import columns, split
from models.person import Person, called, manages
from models.plan import Plan


@dataclass(frozen=True, slots=True)
class Heading:
    """Names as the reader reads them; `waits_for` is "" for nobody, `agreed_by` when the setting stage closes."""

    owner: str
    waits_for: str
    cycle: str
    agreed_by: datetime | None


def heading(db: Session, plan_id: int, locale: str) -> Heading:
    """The heading of a plan that exists, for a reader of `locale`."""
    name, other, waits, waits_other, cycle, agreed_by = execute(db, _HEADING, plan=plan_id).one()
    return Heading(called(name, other, locale), called(waits or "", waits_other or "", locale), cycle, agreed_by)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody is in the cycle that is nearest to them: their plan, and whether they have reports. `deadline` is
    (stage, when, cycle) of what closes next in any of their cycles; `cycle_id` and `stage` are the cycle's own, 0 and
    "" if there is none."""

    cycle: str
    plan: Plan | None
    deadline: tuple[str, datetime, str] | None
    manages: bool
    cycle_id: int = 0
    stage: str = ""


def standing(db: Session, person_id: int, now: datetime, today: date) -> Standing:
    """Where somebody is: a cycle with a plan of theirs comes before one without; its name is "" if there is none."""
    row = execute(db, _STANDING, person=person_id, now=now, today=today).first()
    if row is None:
        return Standing("", None, None, manages(db, person_id))
    plan, cycle, number, stage, report = split(db, row, Plan)
    soon = execute(db, _SOON, person=person_id, now=now).first() if plan is not None else None
    deadline = (soon[0], soon[1], soon[2]) if soon is not None else None
    return Standing(cycle, plan, deadline, report is not None, number, stage)


_decider = aliased(Person)
_HEADING: sa.Executable = (
    sa.select(
        col(Person.name),
        col(Person.other_name),
        col(_decider.name).label("waits"),
        col(_decider.other_name).label("waits_other"),
        col(Cycle.name).label("cycle"),
        col(Stage.closes_at),
    )
    .select_from(Plan)
    .join(Person, col(Person.id) == col(Plan.person_id))
    .join(Cycle, col(Cycle.id) == col(Plan.cycle_id))
    .outerjoin(_decider, col(_decider.id) == col(Plan.waits_for_id))
    .outerjoin(Stage, sa.and_(col(Stage.cycle_id) == col(Plan.cycle_id), col(Stage.name) == "setting"))
    .where(col(Plan.id) == sa.bindparam("plan"))
)
_report = aliased(Person)
_STANDING: sa.Executable = (
    sa.select(
        *columns(Plan),
        col(Cycle.name).label("cycle"),
        col(Cycle.id).label("number"),
        col(Cycle.state).label("stage"),
        sa.select(col(_report.id)).where(col(_report.manager_id) == sa.bindparam("person")).limit(1).scalar_subquery(),
    )
    .select_from(Cycle)
    .outerjoin(Plan, sa.and_(col(Plan.cycle_id) == col(Cycle.id), col(Plan.person_id) == sa.bindparam("person")))
    .where(col(Cycle.state).in_(RUNNING))
    .order_by(col(Plan.id).is_(None), *NEAREST)
    .limit(1)
)
# What closes next of the cycles in which somebody has a plan. The review is HR's own.
_mine = sa.select(col(Plan.cycle_id)).where(col(Plan.person_id) == sa.bindparam("person"))
_SOON: sa.Executable = (
    sa.select(col(Stage.name), col(Stage.closes_at), col(Cycle.name).label("cycle"))
    .join(Cycle, col(Cycle.id) == col(Stage.cycle_id))
    .where(col(Cycle.state).in_(RUNNING), col(Stage.closes_at) > sa.bindparam("now"), col(Stage.name) != "review")
    .where(col(Cycle.id).in_(_mine))
    .order_by(col(Stage.closes_at), col(Stage.id))
    .limit(1)
)
