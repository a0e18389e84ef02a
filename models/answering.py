"""How fast disputes of a cycle are answered and ruled on: the cases as models.rules.durations counts them."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from models.cycle import Cycle, current
from models.dispute import ADJUSTED, UPHELD, Dispute, cases_for
from models.person import Person
from models.rules.durations import Case

HOUR = timedelta(hours=1)


def answering(db: Session, cycle_id: int, now: datetime) -> list[Case]:
    """Every case of a cycle, by the department of its owner."""
    found = cases_for(db, cycle_id)
    people = {one.person_id for one in found}
    places = dict(db.exec(select(Person.id, Person.department_id).where(col(Person.id).in_(people))).all())
    return [_case(one, places.get(one.person_id) or 0, now) for one in found]


def disputed_cycle(db: Session, now: datetime) -> Cycle | None:
    """The cycle that lists and figures are about: of the newest case, else the one under way."""
    newest = db.exec(select(Dispute).order_by(col(Dispute.id).desc()).limit(1)).first()
    return db.get_one(Cycle, newest.cycle_id) if newest is not None else current(db, now.date())


def _case(one: Dispute, department: int, now: datetime) -> Case:
    ruled = one.ended_at if one.state in (UPHELD, ADJUSTED) else None
    return Case(
        group=department,
        outcome=one.state,
        answered=_hours(one, one.answered_at),
        ruled=_hours(one, ruled),
        kept=_kept(one, ruled, now),
    )


def _kept(one: Dispute, ruled: datetime | None, now: datetime) -> bool | None:
    """A case that is open past its time has broken the promise already."""
    if ruled is not None:
        return ruled <= one.due_at
    return False if one.running and now > one.due_at else None


def _hours(one: Dispute, at: datetime | None) -> Decimal | None:
    return None if at is None else Decimal((at - one.filed_at) / HOUR)
