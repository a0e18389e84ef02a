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
    """Where somebody is in the current cycle: their plan, the stage that closes next, whether they have reports."""

    cycle: str
    plan: Plan | None
    deadline: tuple[str, datetime] | None
    manages: bool


def standing(db: Session, person_id: int, now: datetime, today: date) -> Standing:
    """Where somebody is in the current cycle; its name is "" if there is none."""
    row = execute(db, _STANDING, person=person_id, now=now, today=today).first()
    if row is None:
        return Standing("", None, None, manages(db, person_id))
    plan, cycle, stage, closes_at, report = split(db, row, Plan)
    return Standing(cycle, plan, (stage, closes_at) if stage else None, report is not None)


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
_next = (
    sa.select(col(Stage.name), col(Stage.closes_at))
    .where(col(Stage.cycle_id) == col(Cycle.id), col(Stage.closes_at) > sa.bindparam("now"))
    .order_by(col(Stage.closes_at))
    .limit(1)
)
_report = aliased(Person)
_STANDING: sa.Executable = (
    sa.select(
        *columns(Plan),
        col(Cycle.name).label("cycle"),
        _next.with_only_columns(col(Stage.name)).scalar_subquery(),
        _next.with_only_columns(col(Stage.closes_at)).scalar_subquery(),
        sa.select(col(_report.id)).where(col(_report.manager_id) == sa.bindparam("person")).limit(1).scalar_subquery(),
    )
    .select_from(Cycle)
    .outerjoin(Plan, sa.and_(col(Plan.cycle_id) == col(Cycle.id), col(Plan.person_id) == sa.bindparam("person")))
    .where(col(Cycle.state).in_(RUNNING))
    .order_by(*NEAREST)
    .limit(1)
)
