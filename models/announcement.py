"""Announcements: one version of a bulletin as it went out, and who has confirmed reading it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col

from models.access import NOT_FOUND
from models.base import Refused, Row, batches, execute, json_field, record
from models.delivery import ANSWER, BULK, MOVED, QUEUED, SHOWN, SKIPPED, Delivery
from models.department import Department
from models.fanout import Fanout
from models.person import Person, active, called
from models.todo import Todo, concerned

CONFIRM = "announcement.confirm"
VIEW = "announcement.card"
STEP = 2500


class Announcement(Row, table=True):
    """What readers get, and never changes but by a small correction: `edition` counts from 1.

    A newer edition replaces it (`replaced_at`); `ended_at` is when HR stopped asking for confirmations.
    `before_id` is the edition before. `settling`: nobody owes a confirmation any more, and the todos are being closed.
    """

    __table_args__ = (sa.UniqueConstraint("bulletin_id", "edition"),)
    noun: ClassVar[str] = "announcement"
    bulletin_id: int = Field(foreign_key="bulletin.id", index=True)
    edition: int = 1
    texts: dict[str, dict[str, str]] = json_field()
    rulebook_ids: list[int] = json_field(default_factory=list)
    confirm: bool = False
    due_at: datetime | None = None
    cycle_id: int | None = Field(default=None, foreign_key="cycle.id")
    by_id: int = Field(foreign_key="person.id")
    sent_at: datetime
    corrected_at: datetime | None = None
    replaced_at: datetime | None = None
    ended_at: datetime | None = None
    before_id: int | None = None
    settling: bool = Field(default=False, index=True)

    @property
    def asking(self) -> bool:
        """Whether readers are asked to confirm now."""
        return self.confirm and self.replaced_at is None and self.ended_at is None

    def take_confirmation(self, db: Session, person_id: int, now: datetime) -> None:
        """Notes that somebody who was asked has read it; refused for everybody else like what is missing."""
        mine = reading(db, self.id, person_id)
        if mine is None:
            raise Refused(NOT_FOUND)
        if self.replaced_at is not None:
            raise Refused("There is a newer version of this announcement. Please read and confirm that one.")
        if mine.read_at is not None:
            raise Refused("You confirmed this already, on {when}.", when=mine.read_at)
        done = execute(db, _DONE, todo=mine.todo_id, by=person_id, at=now).first() if self.ended_at is None else None
        if done is None:
            raise Refused("HR does not ask for confirmations of this announcement any more.")
        record(db, "announcement.confirmed", db.get_one(Todo, mine.todo_id), announcement=self.id, edition=self.edition)
        concerned(db).add(person_id)
        execute(db, _OWN_COPIES, person=person_id, announcement=self.id, **_AT_ONCE)

    def replace(self, db: Session, now: datetime) -> None:
        """Gives way to a newer edition: nobody owes a confirmation any more, and what is not sent yet never is."""
        self.replaced_at, self.settling = now, True
        db.add(self)
        _fan_out(db, self, done_at=now)
        _withdraw(db, self)
        record(db, "announcement.replaced", self, edition=self.edition)

    def end(self, db: Session, now: datetime) -> None:
        """Nobody is asked to confirm any more."""
        self.ended_at, self.settling = now, True
        db.add(self)
        _fan_out(db, self, kind="")
        record(db, "announcement.ended", self, edition=self.edition)


@dataclass(frozen=True, slots=True)
class Reading:
    """That somebody was asked to confirm, and since when they have (None: not yet)."""

    todo_id: int
    read_at: datetime | None


def reading(db: Session, announcement_id: int, person_id: int) -> Reading | None:
    """What somebody was asked; None if they were not."""
    row = execute(db, _READING, announcement=announcement_id, person=person_id).first()
    return Reading(row[0], row[1]) if row is not None else None


def unread(db: Session, announcement_id: int, people: Sequence[int]) -> dict[int, bool]:
    """Of people who are sent an announcement now, whether each is asked to confirm it; without those who did."""
    rows = [
        row for some in batches(people) for row in execute(db, _ASKED, people=some, announcement=announcement_id).all()
    ]
    asked, read = ({row.assignee_id for row in rows if (row.done_at is None) is still} for still in (True, False))
    return {person: person in asked for person in people if person not in read}


def addressed(db: Session, announcement_id: int, person_id: int) -> bool:
    """Whether an announcement was sent, or is being sent, to somebody; messages are not kept for ever, todos are."""
    asked = {"announcement": announcement_id, "person": person_id}
    return execute(db, _ADDRESSED, **asked).first() is not None or reading(db, announcement_id, person_id) is not None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many were asked to confirm, and how many of them have."""

    asked: int = 0
    read: int = 0

    @property
    def waiting(self) -> int:
        """How many have not."""
        return self.asked - self.read


def confirmed(db: Session, announcement_id: int, among: sa.ColumnElement[bool] | None = None) -> Confirmed:
    """The count over everybody who works here; `among` is a condition on Person."""
    counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_HAS_READ), 0))
    asked, read = db.connection().execute(_among(counted, announcement_id, among)).one()
    return Confirmed(int(asked), int(read))


def confirmed_by_place(
    db: Session, announcement_id: int, among: sa.ColumnElement[bool] | None = None
) -> list[tuple[Department, Confirmed]]:
    """The same per department, those with the most people missing first."""
    counted = sa.select(col(Person.department_id), sa.func.count(), sa.func.coalesce(sa.func.sum(_HAS_READ), 0))
    rows = db.connection().execute(_among(counted, announcement_id, among).group_by(col(Person.department_id)))
    found = {place: Confirmed(int(asked), int(read)) for place, asked, read in rows if place is not None}
    places = {one.id: one for one in db.exec(sa.select(Department)).scalars()} if found else {}  # type: ignore[call-overload]
    ranked = sorted(found, key=lambda place: (-found[place].waiting, places[place].path))
    return [(places[place], found[place]) for place in ranked]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who was asked; `read_at` is None for who has not confirmed."""

    name: str
    number: str
    read_at: datetime | None


def readers(
    db: Session,
    announcement_id: int,
    locale: str,
    *,
    read: bool,
    among: sa.ColumnElement[bool] | None = None,
    start: int = 0,
    most: int = 30,
) -> list[Reader]:
    """A page of those who have confirmed, or who have not, by name."""
    named = sa.select(col(Person.name), col(Person.other_name), col(Person.number), col(Todo.done_at))
    wanted = _among(named, announcement_id, among).where(_HAVE_READ if read else sa.not_(_HAVE_READ))
    rows = db.connection().execute(wanted.order_by(col(Person.name), col(Person.id)).offset(start).limit(most))
    return [Reader(called(name, other, locale), number, at if read else None) for name, other, number, at in rows]


def unsettled() -> sa.ColumnElement[bool]:
    """That a todo asks for a confirmation that nobody wants any more, and is closed in a moment."""
    ended = sa.select(col(Announcement.id)).where(col(Announcement.settling).is_(True))
    return sa.and_(col(Todo.kind) == CONFIRM, col(Todo.subject_id).in_(ended.correlate(None)))


def waiting_todos(db: Session, announcement_id: int) -> Sequence[int]:
    """The open todos of everybody who has not confirmed and still works here."""
    wanted = _among(sa.select(col(Todo.id)), announcement_id, None).where(col(Todo.done_at).is_(None), ~unsettled())
    return list(db.connection().execute(wanted.order_by(col(Todo.id))).scalars())


def _among(statement: Any, announcement_id: int, among: sa.ColumnElement[bool] | None) -> Any:
    asked = sa.and_(
        col(Todo.subject_noun) == Announcement.noun, col(Todo.subject_id) == announcement_id, col(Todo.kind) == CONFIRM
    )
    found = statement.select_from(Todo).join(Person, col(Person.id) == col(Todo.assignee_id)).where(asked, active())
    return found if among is None else found.where(among)


def _fan_out(db: Session, one: Announcement, **values: object) -> None:
    """Changes what is still to be done of its sending; first of all, so that nothing is added behind our back."""
    mine = sa.and_(
        col(Fanout.subject_noun) == one.noun, col(Fanout.subject_id) == one.id, col(Fanout.done_at).is_(None)
    )
    db.flush()
    db.connection().execute(sa.update(Fanout).where(mine).values(**values))


def _withdraw(db: Session, one: Announcement) -> None:
    """What is not sent yet never is."""
    unsent = sa.and_(
        col(Delivery.subject_noun) == one.noun,
        col(Delivery.subject_id) == one.id,
        col(Delivery.state) == QUEUED,
        col(Delivery.lease) == "",
    )
    db.connection().execute(sa.update(Delivery).where(unsent).values(state=SKIPPED, due=False))


def waits(db: Session, now: datetime) -> bool:
    """Whether there are todos to be closed."""
    return execute(db, _SETTLING).first() is not None


def step(db: Session, now: datetime, most: int = STEP) -> int:
    """Closes the next todos of an announcement that is not asked for any more, done by nobody (0), or whoever ended it
    would count as a reader; the cards of those who owed them follow. How many it was, at least 1."""
    wanted = sa.select(Announcement).where(col(Announcement.settling).is_(True)).order_by(col(Announcement.id))
    one = db.execute(wanted.limit(1).with_for_update(skip_locked=True)).scalars().first()
    if one is None:
        return 0
    owed = sa.and_(col(Todo.subject_noun) == one.noun, col(Todo.subject_id) == one.id, col(Todo.done_at).is_(None))
    rows = db.connection().execute(sa.select(col(Todo.id), col(Todo.assignee_id)).where(owed).limit(most)).all()
    ended = {"done_at": one.replaced_at or one.ended_at or now, "done_by_id": 0}
    for some in batches(rows):
        numbers, people = zip(*some, strict=True)
        db.connection().execute(sa.update(Todo).where(col(Todo.id).in_(numbers)).values(**ended))
        homes = sa.and_(col(Delivery.subject_noun) == Person.noun, col(Delivery.subject_id).in_(people))
        shown = sa.and_(homes, col(Delivery.state).in_(SHOWN), col(Delivery.view) != MOVED)
        db.connection().execute(sa.update(Delivery).where(shown).values(due=True, dirty=True, priority=BULK))
    one.settling = len(rows) == most
    db.add(one)
    db.flush()
    return max(len(rows), 1)


_AT_ONCE = {"due": True, "dirty": True, "priority": ANSWER}
_HAVE_READ = sa.and_(col(Todo.done_at).is_not(None), col(Todo.done_by_id) == col(Todo.assignee_id))
_HAS_READ = sa.case((_HAVE_READ, 1), else_=0)
# Of one person there are few rows and of one announcement very many: an expression keeps the index of the many away.
_MINE = sa.and_(
    col(Todo.assignee_id) == sa.bindparam("person"),
    col(Todo.subject_noun).concat("") == Announcement.noun,
    col(Todo.subject_id) + 0 == sa.bindparam("announcement"),
)
_SETTLING = sa.select(col(Announcement.id)).where(col(Announcement.settling).is_(True)).limit(1)
_READING = (
    sa.select(col(Todo.id), sa.case((_HAVE_READ, col(Todo.done_at))))
    .where(_MINE, col(Todo.kind) == CONFIRM)
    .order_by(col(Todo.id).desc())
    .limit(1)
)
_SENT_TO = sa.and_(
    col(Delivery.person_id) == sa.bindparam("person"),
    col(Delivery.subject_noun).concat("") == Announcement.noun,
    col(Delivery.subject_id) + 0 == sa.bindparam("announcement"),
)
_ASKED = sa.select(col(Todo.assignee_id), col(Todo.done_at)).where(
    col(Todo.assignee_id).in_(sa.bindparam("people", expanding=True)),
    col(Todo.subject_noun).concat("") == Announcement.noun,
    col(Todo.subject_id) + 0 == sa.bindparam("announcement"),
    col(Todo.kind) == CONFIRM,
)
_ADDRESSED = sa.select(col(Delivery.id)).where(_SENT_TO).limit(1)
_OWN_COPIES = sa.update(Delivery).where(_SENT_TO, col(Delivery.state).in_(SHOWN))
_DONE = (
    sa.update(Todo)
    .where(col(Todo.id) == sa.bindparam("todo"), col(Todo.done_at).is_(None))
    .values(done_at=sa.bindparam("at"), done_by_id=sa.bindparam("by"))
    .returning(col(Todo.id))
)
