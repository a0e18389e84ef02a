"""Requests: one department asks another for something by a day; HR gives department heads tasks in the same way."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.access import Actor, check
from models.base import Refused, Versioned, batches, put, record
from models.department import Department, above
from models.person import EXECUTIVE, Person, active, with_role
from models.todo import owe, settle

ASKED, ANSWERED, ACCEPTED, DECLINED, WITHDRAWN = "asked", "answered", "accepted", "declined", "withdrawn"
RUNNING = (ASKED, ANSWERED)
ACCEPT_WITHIN = timedelta(days=3)


class Request(Versioned, table=True):
    """What `person_id` wants of a department by `due_at`. `joined_id` leads the department, `author_id` is who is to
    answer, `waits_for_id` who has to act now: who answers, then who asked; nobody at the end.

    `what`, `answer`, `link` and `reason` (of the newest return or refusal) are sealed by bot.vault. A task of HR has
    its text in the assignment.
    """

    __table_args__ = (sa.Index("ix_request_due", "state", "due_at"),)
    noun: ClassVar[str] = "request"
    person_id: int = Field(foreign_key="person.id", index=True)
    department_id: int = Field(foreign_key="department.id")
    assignment_id: int | None = Field(default=None, foreign_key="assignment.id", index=True)
    cycle_id: int | None = Field(default=None, foreign_key="cycle.id")
    state: str = ASKED
    waits_for_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    joined_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    what: bytes | None = None
    answer: bytes | None = None
    link: bytes | None = None
    reason: bytes | None = None
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    returns: int = 0

    @property
    def running(self) -> bool:
        """Whether somebody still has to act."""
        return self.state in RUNNING

    def overdue(self, now: datetime) -> bool:
        """Whether the answer is late."""
        return self.state == ASKED and now > self.due_at

    def hand_to(self, db: Session, actor: Actor, at: int, now: datetime, to: Person) -> None:
        """Whoever is asked, or leads the department, gives it to somebody there or to a report of theirs."""
        check(db, actor, "request.hand", self)
        self._expect(ASKED)
        if to.id == self.person_id:
            raise Refused("That is who asked. Choose one of your people.", field="person")
        if to.id == self.waits_for_id:
            raise Refused("It is with {name} already.", field="person", name=to.name)
        if to.id != self.joined_id and to.manager_id != actor.id and not _belongs(db, to, self.department_id):
            raise Refused("Choose somebody of the department, or one of your own people.", field="person")
        settle(db, self, actor.id, now)
        self.advance(db, at, waits_for_id=to.id, author_id=to.id)
        owe(db, "request.answer", self, to.id, now, self.due_at)
        record(db, "request.handed", self, to=to.id)

    def give(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """The answer is there; whoever asked looks at it within three days. A task is done with it."""
        check(db, actor, "request.answer", self)
        self._expect(ASKED)
        settle(db, self, actor.id, now)
        if self.assignment_id is not None:
            done = {"state": ACCEPTED, "waits_for_id": None, "ended_at": now}
            self.advance(db, at, author_id=actor.id, answered_at=now, **done)
            record(db, "request.done", self)
            return
        self.advance(db, at, state=ANSWERED, author_id=actor.id, answered_at=now, waits_for_id=self.person_id)
        owe(db, "request.accept", self, self.person_id, now, now + ACCEPT_WITHIN)
        record(db, "request.answered", self)

    def accept(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Whoever asked has what they need."""
        check(db, actor, "request.accept", self)
        self._expect(ANSWERED)
        self._end(db, at, actor.id, now, ACCEPTED)

    def return_(self, db: Session, actor: Actor, at: int, now: datetime, due_at: datetime, reason: bytes) -> None:
        """Whoever asked needs something else, by another day; a task that was called done likewise."""
        check(db, actor, "request.return", self)
        if not self.returnable:
            raise Refused("There is no answer that could be returned.")
        to = self._answers(db)
        settle(db, self, actor.id, now)
        changes = {"due_at": due_at, "ended_at": None, "returns": self.returns + 1, "reason": reason}
        self.advance(db, at, state=ASKED, waits_for_id=to, author_id=to, **changes)
        owe(db, "request.answer", self, to, now, due_at)
        record(db, "request.returned", self)

    def decline(self, db: Session, actor: Actor, at: int, now: datetime, reason: bytes) -> None:
        """The department does not answer, and says why."""
        check(db, actor, "request.decline", self)
        self._expect(ASKED)
        self._end(db, at, actor.id, now, DECLINED, reason=reason)

    def withdraw(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Whoever asked needs it no more."""
        check(db, actor, "request.withdraw", self)
        if not self.running:
            raise Refused("This request is over already.")
        self._end(db, at, actor.id, now, WITHDRAWN)

    @property
    def returnable(self) -> bool:
        """Whether there is an answer that whoever asked can give back."""
        return self.state == ANSWERED or (self.state == ACCEPTED and self.assignment_id is not None)

    def replace(self, db: Session, now: datetime) -> bool:
        """Goes on to who leads the department if whoever is asked has left; ends if whoever asked has (a task is of all
        of HR and does not). Whether it changed."""
        asked = self.running and self.assignment_id is None
        if asked and db.get_one(Person, self.person_id).left_at is not None:
            self._end(db, self.version, 0, now, WITHDRAWN)
            return True
        leads, to = _present(db, self.joined_id), _present(db, self.author_id)
        if self.state != ASKED or (leads and to):
            return False
        leads = leads or leader_of(db, db.get_one(Department, self.department_id), frozenset({self.person_id}))
        if leads is None:
            return False
        settle(db, self, 0, now)
        self.advance(db, joined_id=leads, waits_for_id=to or leads, author_id=to or leads)
        owe(db, "request.answer", self, to or leads, now, self.due_at)
        record(db, "request.handed_over", self)
        return True

    def lead(self, db: Session, now: datetime) -> bool:
        """Goes with the post to who leads the department now; who was given it keeps it. Whether it changed."""
        place = db.get_one(Department, self.department_id)
        leads = leader_of(db, place, frozenset({self.person_id}))
        if self.state != ASKED or leads is None or leads == self.joined_id:
            return False
        to = leads if self.author_id in (None, self.joined_id) else self.author_id
        settle(db, self, 0, now)
        self.advance(db, joined_id=leads, waits_for_id=to, author_id=to)
        owe(db, "request.answer", self, to or leads, now, self.due_at)
        record(db, "request.handed_over", self)
        return True

    def _answers(self, db: Session) -> int:
        """Who answered, or who leads the department now."""
        department = db.get_one(Department, self.department_id)
        without = frozenset({self.person_id})
        found = _present(db, self.author_id) or _present(db, self.joined_id) or leader_of(db, department, without)
        if found is None:
            raise Refused(NO_LEADER)
        return found

    def _expect(self, state: str) -> None:
        if self.state != state:
            raise Refused("This request is answered or over already.")

    def _end(self, db: Session, at: int, by_id: int, now: datetime, state: str, **changes: object) -> None:
        settle(db, self, by_id, now)
        self.advance(db, at, state=state, waits_for_id=None, ended_at=now, **changes)
        record(db, f"request.{state}", self)


NO_LEADER = "Nobody leads this department now. Please ask HR: perf ask."


def request_of(
    db: Session, actor: Actor, department: Department, now: datetime, due_at: datetime, cycle_id: int | None
) -> Request:
    """A new request, for whoever leads the department, or the next one above it. The caller seals the text into it."""
    check(db, actor, "request.ask")
    if due_at <= now:
        raise Refused("Choose a day that is still to come.", field="due")
    if department.head_id == actor.id:
        raise Refused("You lead this department yourself: ask the person directly.", field="department")
    leads = leader_of(db, department, frozenset({actor.id}))
    if leads is None:
        raise Refused(NO_LEADER, field="department")
    made = request_to(leads, department.id, actor.id, now, due_at, cycle_id)
    put(db, made)
    owe(db, "request.answer", made, leads, now, due_at)
    record(db, "request.asked", made)
    return made


def request_to(
    leads: int,
    department_id: int,
    by_id: int,
    now: datetime,
    due_at: datetime,
    cycle_id: int | None,
    assignment_id: int | None = None,
) -> Request:
    """A request that waits for who leads the department, not stored yet."""
    return Request(
        person_id=by_id,
        department_id=department_id,
        assignment_id=assignment_id,
        cycle_id=cycle_id,
        waits_for_id=leads,
        joined_id=leads,
        author_id=leads,
        asked_at=now,
        due_at=due_at,
    )


def leader_of(db: Session, department: Department, without: frozenset[int]) -> int | None:
    """Who leads a department: its head, else the next head above it, else an executive; None if nobody is left."""
    return leaders(db, [department], without)[department.id]


def leaders(db: Session, departments: Sequence[Department], without: frozenset[int]) -> Mapping[int, int | None]:
    """The same for many departments at once, by department."""
    heads = heads_upward(db, departments)
    chief = next((one.id for one in with_role(db, EXECUTIVE) if one.id not in without), None)
    return {one.id: next((head for head in heads[one.id] if head not in without), chief) for one in departments}


def heads_upward(db: Session, departments: Sequence[Department]) -> Mapping[int, Sequence[int]]:
    """The heads who work here, of each department and then of those above it, from the bottom up."""
    ids = sorted({number for one in departments for number in above(one.path)})
    heads: dict[int, int] = {}
    for some in batches(ids):
        wanted = select(Department.id, Person.id).join(Person, col(Person.id) == col(Department.head_id))
        heads |= dict(db.exec(wanted.where(col(Department.id).in_(some), active())).all())
    return {one.id: [heads[number] for number in reversed(above(one.path)) if number in heads] for one in departments}


def _present(db: Session, person_id: int | None) -> int | None:
    person = db.get(Person, person_id) if person_id else None
    return person.id if person is not None and person.left_at is None else None


def _belongs(db: Session, person: Person, department_id: int) -> bool:
    place = db.get(Department, person.department_id) if person.department_id else None
    return place is not None and department_id in above(place.path)


# Questions


def requests_by(db: Session, person_id: int, most: int) -> Sequence[Request]:
    """What somebody asked of departments, running ones first, the most urgent of them at the top."""
    mine = select(Request).where(Request.person_id == person_id, col(Request.assignment_id).is_(None))
    return db.exec(mine.order_by(_over(), *_urgent()).limit(most)).all()


def requests_with(db: Session, person_id: int) -> Sequence[Request]:
    """What somebody has to answer, or gave to one of their people, the most urgent first."""
    theirs = sa.or_(col(Request.waits_for_id) == person_id, col(Request.joined_id) == person_id)
    wanted = select(Request).where(Request.state == ASKED, theirs)
    return db.exec(wanted.order_by(*_urgent())).all()


def requests_of(db: Session, people: frozenset[int]) -> Sequence[Request]:
    """Running requests that somebody of these asked, leads or answers."""
    named = (Request.person_id, Request.joined_id, Request.author_id)
    theirs = sa.or_(*(col(one).in_(people) for one in named))
    return db.exec(select(Request).where(col(Request.state).in_(RUNNING), theirs).order_by(col(Request.id))).all()


def late_between(db: Session, since: datetime, until: datetime) -> Sequence[int]:
    """Requests whose day passed in between without an answer."""
    return db.exec(
        select(Request.id).where(Request.state == ASKED, Request.due_at > since, Request.due_at <= until)
    ).all()


def _over() -> sa.ColumnElement[int]:
    return sa.case((col(Request.state).in_(RUNNING), 0), else_=1)


def _urgent() -> tuple[Any, Any]:
    return col(Request.due_at), col(Request.id)
