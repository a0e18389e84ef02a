"""Cycles side by side: which of several a word, a person or a team means."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.cycle import NEAREST, RUNNING, Cycle
from models.person import Person
from models.plan import Plan

HIDDEN = ("draft", "cancelled")


def named(db: Session, said: str) -> tuple[str, Cycle | None]:
    """What is left of a line ("@ana 2026 Q4") without the cycle's name it ends with, and that cycle; the newest of the
    same name. A draft has no name for anybody else."""
    words = said.strip()
    known = db.exec(select(Cycle).where(col(Cycle.state).not_in(HIDDEN)).order_by(col(Cycle.id).desc())).all()
    for cycle in sorted(known, key=lambda one: len(one.name), reverse=True):
        name = cycle.name.casefold()
        if words.casefold() == name:
            return "", cycle
        if words.casefold().endswith(f" {name}"):
            return words[: -len(name)].strip(), cycle
    return words, None


def running_for(db: Session, person_id: int, today: date) -> Sequence[Cycle]:
    """The cycles under way in which somebody has a plan, the nearest first."""
    mine = select(Cycle).join(Plan, col(Plan.cycle_id) == col(Cycle.id)).where(Plan.person_id == person_id)
    return _nearest(db, mine, today)


def running_for_team(db: Session, manager_id: int, today: date) -> Sequence[Cycle]:
    """The cycles under way in which somebody who reports to a manager has a plan, the nearest first."""
    report = aliased(Person)
    theirs = sa.select(col(Plan.cycle_id)).join(report, col(report.id) == col(Plan.person_id))
    theirs = theirs.where(col(report.manager_id) == manager_id, col(report.left_at).is_(None))
    return _nearest(db, select(Cycle).where(col(Cycle.id).in_(theirs)), today)


def running(db: Session, today: date) -> Sequence[Cycle]:
    """Every cycle under way, the nearest first."""
    return _nearest(db, select(Cycle), today)


def _nearest(db: Session, among: SelectOfScalar[Cycle], today: date) -> Sequence[Cycle]:
    wanted = among.where(col(Cycle.state).in_(RUNNING)).order_by(*NEAREST)
    return db.exec(wanted, params={"today": today}).all()
