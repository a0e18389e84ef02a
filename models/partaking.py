"""Who takes part in a cycle: the people HR chose, in a probation only those who came lately."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.audience import Audience
from models.cycle import Cycle
from models.person import Person, active
from models.rules.patterns import months_on

HIRED = "hired_months"


def taking_part(db: Session, cycle: Cycle, today: date) -> sa.ColumnElement[bool]:
    """A condition on Person: who would take part if the cycle's plans were made today."""
    chosen = Audience.read(cycle.audience).clause(db) if cycle.audience else active()
    months = hired_within(cycle)
    return sa.and_(chosen, col(Person.hired_on) > months_on(today, -months)) if months else chosen


def how_many(db: Session, cycle: Cycle, today: date) -> int:
    """How many people take part."""
    return db.exec(select(sa.func.count()).select_from(Person).where(taking_part(db, cycle, today))).one()


def hired_within(cycle: Cycle) -> int:
    """Only people who came within so many months take part; 0: how long somebody is here does not matter."""
    return int(cycle.terms.get(HIRED, 0))
