"""Cases in numbers and lists: what HR has to answer, what somebody asked, who wrote what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from models.absence import away
from models.case import CLOSED, OPEN, Case, Message
from models.person import Person


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases HR has: not closed, of these without an answer, and of these too late."""

    running: int
    unanswered: int
    late: int


def counts(db: Session, now: datetime) -> Counts:
    """Of everybody in HR together."""
    waits = col(Case.state) == OPEN
    late = sa.and_(waits, col(Case.due_at) < now)
    wanted = sa.select(sa.func.count(), _count(waits), _count(late)).where(col(Case.state) != CLOSED)
    return Counts(*db.connection().execute(wanted).one())


def cases_by(db: Session, person_id: int, most: int) -> Sequence[Case]:
    """What somebody asked, running cases first, then the newest."""
    ended = sa.case((col(Case.state) == CLOSED, 1), else_=0)
    wanted = select(Case).where(Case.person_id == person_id).order_by(ended, col(Case.id).desc())
    return db.exec(wanted.limit(most)).all()


def cases_with(db: Session, owner_id: int) -> Sequence[Case]:
    """What somebody in HR is in charge of: unanswered ones first, of these the one that waits longest."""
    answered = sa.case((col(Case.state) == OPEN, 0), else_=1)
    mine = select(Case).where(Case.waits_for_id == owner_id, Case.state != CLOSED)
    return db.exec(mine.order_by(answered, col(Case.due_at), col(Case.id))).all()


def free_cases(db: Session, actor_id: int, now: datetime, most: int) -> Sequence[Case]:
    """Colleagues' cases that somebody in HR may take over now, the longest waiting first; never their own."""
    owner = col(Case.waits_for_id)
    gone = select(Person.id).where(col(Person.left_at).is_not(None))
    late = sa.and_(col(Case.state) == OPEN, col(Case.due_at) < now)
    free: ColumnElement[bool] = sa.or_(late, owner.in_(gone), away(owner))
    wanted = select(Case).where(Case.state != CLOSED, owner != actor_id, Case.person_id != actor_id, free)
    return db.exec(wanted.order_by(col(Case.due_at), col(Case.id)).limit(most)).all()


def deserted(db: Session) -> Sequence[Case]:
    """Unanswered cases of who is away now."""
    absent = away(col(Case.waits_for_id))
    return db.exec(select(Case).where(Case.state == OPEN, absent).order_by(col(Case.id))).all()


def messages_of(db: Session, case_id: int, page: int, size: int) -> tuple[Sequence[Message], int]:
    """One page of a case's messages in the order in which they were written, page 0 the newest; and how many there are
    in all."""
    mine = select(Message).where(Message.case_id == case_id)
    total = db.exec(select(sa.func.count()).select_from(mine.subquery())).one()
    found = db.exec(mine.order_by(col(Message.id).desc()).offset(page * size).limit(size)).all()
    return found[::-1], total


def first_words(db: Session, cases: Sequence[Case]) -> dict[int, Message]:
    """The question that each case began with."""
    ids = [one.id for one in cases]
    first = select(sa.func.min(Message.id)).where(col(Message.case_id).in_(ids)).group_by(col(Message.case_id))
    return {one.case_id: one for one in db.exec(select(Message).where(col(Message.id).in_(first)))}


def overdue_between(db: Session, since: datetime, until: datetime) -> Sequence[int]:
    """Cases whose promise broke in between."""
    late = select(Case.id).where(Case.state == OPEN, Case.due_at > since, Case.due_at <= until)
    return db.exec(late).all()


def running_of(db: Session, people: frozenset[int]) -> Sequence[Case]:
    """Cases that somebody of these asked or is in charge of."""
    theirs = sa.or_(col(Case.person_id).in_(people), col(Case.waits_for_id).in_(people))
    return db.exec(select(Case).where(Case.state != CLOSED, theirs).order_by(col(Case.id))).all()


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
