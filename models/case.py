"""Cases: a question to HR, answered in private by the one person in charge, until it is settled."""

from datetime import datetime, timedelta
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.absence import Absence, away
from models.access import Actor, check
from models.base import Refused, Row, Versioned, execute, put, record
from models.person import EXECUTIVE, HR, Person, Role, active, in_roles
from models.todo import owe, settle

OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
ANSWER_WITHIN = timedelta(hours=24)
REOPENS_FOR = timedelta(days=14)


class Case(Versioned, table=True):
    """One question and what followed. `waits_for_id` is who is in charge of it, as long as the row lives: they and the
    person who asked are the only ones who read it. `due_at` is by when the newest question is answered.

    Nobody learns from a todo who asked (`confidential`).
    """

    __tablename__ = "hr_case"
    __table_args__ = (
        sa.Index("ix_hr_case_charge", "waits_for_id", "state"),
        sa.Index("ix_hr_case_due", "state", "due_at"),
    )
    noun: ClassVar[str] = "case"
    confidential: ClassVar[bool] = True
    person_id: int = Field(foreign_key="person.id", index=True)
    waits_for_id: int = Field(foreign_key="person.id")
    cycle_id: int | None = Field(default=None, foreign_key="cycle.id")
    state: str = OPEN
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by_id: int | None = Field(default=None, foreign_key="person.id")
    rated: bool = False

    def overdue(self, now: datetime) -> bool:
        """Whether the promise of an answer is broken."""
        return self.state == OPEN and now > self.due_at

    def reopens(self, now: datetime) -> bool:
        """Whether a reply opens it again."""
        return self.closed_at is not None and now <= self.closed_at + REOPENS_FOR

    def reply(self, db: Session, actor: Actor, now: datetime) -> "Message":
        """Whoever asked says more; a closed case is opened again, up to 14 days after it was closed."""
        check(db, actor, "case.reply", self)
        before = self.state
        if before == CLOSED and not self.reopens(now):
            raise Refused("This case was closed long ago. Ask a new question: perf ask.")
        if before == OPEN:
            self.advance(db)
            record(db, "case.added", self)
            return _written(db, self, actor, now)
        owner = _still_there(db, self) or self.waits_for_id
        due_at = now + ANSWER_WITHIN
        self.advance(db, state=OPEN, waits_for_id=owner, due_at=due_at, closed_at=None, closed_by_id=None)
        owe(db, "case.answer", self, owner, now, due_at)
        record(db, "case.reopened" if before == CLOSED else "case.asked_again", self)
        return _written(db, self, actor, now)

    def answer(self, db: Session, actor: Actor, now: datetime) -> "Message":
        """Whoever is in charge answers."""
        check(db, actor, "case.answer", self)
        self._expect_running("This case is closed. The person can open it again by a reply.")
        settle(db, self, actor.id, now, "case.answer")
        self.advance(db, state=ANSWERED, answered_at=now)
        record(db, "case.answered", self)
        return _written(db, self, actor, now)

    def hand_to(self, db: Session, actor: Actor, at: int, now: datetime, to: Person) -> None:
        """Whoever is in charge hands it to somebody else in HR, who reads all of it from then on."""
        check(db, actor, "case.hand", self)
        self._expect_running()
        if to.id not in fit_for(db, self):
            raise Refused("Choose somebody else in HR: not the person who asked.", field="to")
        self._pass_to(db, at, actor.id, to.id, now)
        record(db, "case.handed", self, to=to.id)

    def take(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Somebody else in HR takes it over from a colleague who let the promise pass, or is away or gone."""
        check(db, actor, "case.take", self)
        self._expect_running()
        if actor.id == self.waits_for_id or (not self.overdue(now) and here(db, self.waits_for_id)):
            raise Refused("Somebody else in HR looks after this case.")
        self._pass_to(db, at, actor.id, actor.id, now)
        record(db, "case.taken", self)

    def close(self, db: Session, actor: Actor, at: int, now: datetime, *, said: bool) -> "Message | None":
        """Whoever is in charge closes it, with a last word (`said`) if the newest question has no answer yet."""
        check(db, actor, "case.close", self)
        self._expect_running()
        if self.state == OPEN and not said:
            raise Refused("The newest question has no answer yet. Say in a word why you close it.", field="note")
        self._end(db, at, actor.id, now, answered_at=now if said else self.answered_at)
        record(db, "case.closed", self)
        return _written(db, self, actor, now) if said else None

    def satisfied(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Whoever asked needs no more."""
        check(db, actor, "case.satisfied", self)
        self._expect_running()
        self._end(db, at, actor.id, now)
        record(db, "case.satisfied", self)

    def rate(self, db: Session, actor: Actor, at: int) -> None:
        """Whoever asked says once how it was; what they said is kept apart (models.opinion)."""
        check(db, actor, "case.rate", self)
        if self.state != CLOSED or self.rated or self.answered_at is None:
            raise Refused("There is nothing to rate here any more.")
        self.advance(db, at, rated=True)
        record(db, "case.rated", self)

    def replace(self, db: Session, now: datetime) -> bool:
        """The next one is in charge if who was has left, or is away while a question is open; it ends without the
        person who asked. Whether it changed."""
        if self.state == CLOSED:
            return False
        if db.get_one(Person, self.person_id).left_at is not None:
            self._end(db, self.version, None, now)
            record(db, "case.ended", self)
            return True
        away_only = db.get_one(Person, self.waits_for_id).left_at is None
        following = None if away_only and self.state != OPEN else _still_there(db, self)
        if following is None or following == self.waits_for_id:
            return False
        self._pass_to(db, self.version, 0, following, now)
        record(db, "case.handed_over", self)
        return True

    def _expect_running(self, message: str = "This case is closed already.") -> None:
        if self.state == CLOSED:
            raise Refused(message)

    def _pass_to(self, db: Session, at: int, by_id: int, to_id: int, now: datetime) -> None:
        settle(db, self, by_id, now, "case.answer")
        self.advance(db, at, waits_for_id=to_id)
        if self.state == OPEN:
            owe(db, "case.answer", self, to_id, now, self.due_at)

    def _end(self, db: Session, at: int, by_id: int | None, now: datetime, **changes: object) -> None:
        settle(db, self, by_id or 0, now)
        self.advance(db, at, state=CLOSED, closed_at=now, closed_by_id=by_id, **changes)


class Message(Row, table=True):
    """One message of a case; `body` is sealed by bot.vault."""

    __tablename__ = "case_message"
    noun: ClassVar[str] = "message"
    case_id: int = Field(foreign_key="hr_case.id", index=True)
    author_id: int = Field(foreign_key="person.id")
    at: datetime
    body: bytes | None = None


def open_case(db: Session, actor: Actor, now: datetime, cycle_id: int | None) -> tuple[Case, Message]:
    """A new question: the one in HR with the fewest cases is in charge, and has 24 hours to answer (docs/rules.md).

    The caller seals the text into the message.
    """
    check(db, actor, "case.ask")
    owner = in_charge(db, frozenset({actor.id}))
    if owner is None:
        raise Refused("There is nobody in HR who can answer. Please ask your administrator.")
    due_at = now + ANSWER_WITHIN
    case = Case(person_id=actor.id, waits_for_id=owner, cycle_id=cycle_id, asked_at=now, due_at=due_at)
    put(db, case)
    owe(db, "case.answer", case, owner, now, due_at)
    record(db, "case.asked", case)
    return case, _written(db, case, actor, now)


def in_charge(db: Session, without: frozenset[int]) -> int | None:
    """Who gets the next case: of HR the one who is here and has the fewest, else an executive, else somebody who is
    away. None if there is nobody."""
    found = execute(db, _LOAD).scalars()
    return next((int(one) for one in found if one not in without), None)


def here(db: Session, person_id: int) -> bool:
    """Whether somebody works here and is not away."""
    wanted = select(Person.id).where(Person.id == person_id, active(), sa.not_(away(col(Person.id))))
    return db.exec(wanted).first() is not None


def fit_for(db: Session, case: Case) -> list[int]:
    """Who a case can be handed to: everybody else in HR, executives where HR has nobody else; never who asked."""
    for role in (HR, EXECUTIVE):
        found = [one for one in in_roles(db, role) if one not in (case.person_id, case.waits_for_id)]
        if found:
            return found
    return []


def _still_there(db: Session, case: Case) -> int | None:
    """Who is in charge, or the next one if they have left or are away: who stands in for them, if that is HR."""
    if here(db, case.waits_for_id):
        return case.waits_for_id
    absent = sa.and_(col(Absence.person_id) == case.waits_for_id, col(Absence.active).is_(True))
    stands = db.exec(select(Absence.delegate_id).where(absent)).first()
    if stands is not None and stands in fit_for(db, case):
        return stands
    return in_charge(db, frozenset({case.person_id, case.waits_for_id}))


def _written(db: Session, case: Case, actor: Actor, now: datetime) -> Message:
    message = Message(case_id=case.id, author_id=actor.id, at=now)
    put(db, message)
    return message


# HR before executives, who is here before who is away, the fewest open cases first.
_LOAD = (
    sa.select(col(Person.id))
    .join(Role, col(Role.person_id) == col(Person.id))
    .outerjoin(Case, sa.and_(col(Case.waits_for_id) == col(Person.id), col(Case.state) != CLOSED))
    .where(col(Role.name).in_((HR, EXECUTIVE)), active())
    .group_by(col(Person.id), col(Role.name))
    .order_by(
        sa.case((away(col(Person.id)), 1), else_=0),
        sa.case((col(Role.name) == HR, 0), else_=1),
        sa.func.count(col(Case.id)),
        col(Person.id),
    )
)
