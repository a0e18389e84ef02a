"""Assignments: one task that HR gives to the heads of several departments at once, and who has done it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.access import Actor, check
from models.base import Refused, Versioned, put, record
from models.department import Department
from models.request import ACCEPTED, ASKED, DECLINED, WITHDRAWN, Request, heads_upward, request_to
from models.todo import owe_all, settle_all


class Assignment(Versioned, table=True):
    """What HR wants of heads by `due_at`; `what` is sealed by bot.vault. Each head has a request of their own."""

    noun: ClassVar[str] = "assignment"
    person_id: int = Field(foreign_key="person.id")
    cycle_id: int | None = Field(default=None, foreign_key="cycle.id")
    what: bytes | None = None
    given_at: datetime
    due_at: datetime
    ended_at: datetime | None = None

    def withdraw(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Nobody has to do it any more; what is done stays done."""
        check(db, actor, "assignment.withdraw", self)
        if self.ended_at is not None:
            raise Refused("This task was withdrawn already.")
        self.advance(db, at, ended_at=now)
        left = (col(Request.assignment_id) == self.id, col(Request.state) == ASKED)
        open_ones = db.exec(select(Request).where(*left)).all()
        settle_all(db, Request, select(Request.id).where(*left), actor.id, now)
        changes = {"state": WITHDRAWN, "waits_for_id": None, "ended_at": now, "version": col(Request.version) + 1}
        db.connection().execute(sa.update(Request).where(*left).values(**changes))
        for one in open_ones:
            db.expire(one)
            record(db, "request.withdrawn", one)
        record(db, "assignment.withdrawn", self)


def assign(
    db: Session,
    actor: Actor,
    departments: Sequence[Department],
    now: datetime,
    due_at: datetime,
    cycle_id: int | None,
) -> tuple[Assignment, Sequence[Request]]:
    """Gives a task to the heads of these departments: one request a head, for the highest of their departments. One
    without a head is of the next head up; where there is none, or it is the actor, nobody is asked.

    The caller seals the text into the assignment.
    """
    check(db, actor, "assignment.open")
    if due_at <= now:
        raise Refused("Choose a day that is still to come.", field="due")
    made = Assignment(person_id=actor.id, cycle_id=cycle_id, given_at=now, due_at=due_at)
    put(db, made)
    found = heads_upward(db, departments)
    places: dict[int, Department] = {}
    for one in sorted(departments, key=lambda one: (one.path.count("/"), one.path)):
        leads = next(iter(found[one.id]), actor.id)
        if leads != actor.id:
            places.setdefault(leads, one)
    if not places:
        raise Refused("Nobody but you leads these departments.", field="departments")
    rows = [request_to(head, place.id, actor.id, now, due_at, cycle_id, made.id) for head, place in places.items()]
    db.add_all(rows)
    db.flush()
    owe_all(db, "request.answer", [(one, one.author_id or 0) for one in rows], now, due_at)
    record(db, "assignment.given", made, heads=len(rows))
    return made, rows


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an assignment is: of `total` heads so many are done, late, refused; the others are still in time."""

    total: int
    done: int
    late: int
    declined: int

    @property
    def waiting(self) -> int:
        """Those who have not acted and are not late."""
        return self.total - self.done - self.late - self.declined


def standing(db: Session, ids: Sequence[int], now: datetime) -> dict[int, Standing]:
    """The standing of these assignments; what was withdrawn counts nowhere."""
    state, late = col(Request.state), col(Request.due_at) < now
    parts = (
        state == ACCEPTED,
        sa.and_(state == ASKED, late),
        state == DECLINED,
    )
    sums = (sa.func.sum(sa.case((part, 1), else_=0)) for part in parts)
    wanted = sa.select(col(Request.assignment_id), sa.func.count(), *sums)
    mine = sa.and_(col(Request.assignment_id).in_(ids), state != WITHDRAWN)
    rows = db.connection().execute(wanted.where(mine).group_by(col(Request.assignment_id))).all()
    return {number: Standing(*map(int, figures)) for number, *figures in rows}


def parts_of(db: Session, assignment_id: int, page: int, size: int) -> Sequence[Request]:
    """One page of the heads' requests: open ones first, the late ones of them at the top."""
    rank = sa.case((col(Request.state) == ASKED, 0), (col(Request.state) == DECLINED, 1), else_=2)
    mine = select(Request).where(Request.assignment_id == assignment_id, Request.state != WITHDRAWN)
    return db.exec(mine.order_by(rank, col(Request.due_at), col(Request.id)).offset(page * size).limit(size)).all()


def assignments(db: Session, most: int) -> Sequence[Assignment]:
    """The newest of all of HR."""
    return db.exec(select(Assignment).order_by(col(Assignment.id).desc()).limit(most)).all()
