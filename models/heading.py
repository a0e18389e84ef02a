"""What stands at the top of a plan's card, asked in one question."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.base import execute
from models.cycle import Cycle, Stage
from models.person import Person, called
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
