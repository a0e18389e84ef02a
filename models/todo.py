"""Todos: the only list of who owes what by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, select

from models.absence import PERSONAL, Absence
from models.base import Row, execute
from models.person import Person, called


class Todo(Row, table=True):
    """`kind` is the action that settles it ("plan.approve"); done todos stay, with who finished the subject.

    `about_id` is whose plan, scores or case it is about. The reminders (models.nudge): `nudged_at` is the last ordinary
    one, `urged_at` when hours were left, `snoozed_until` how long the person put it off, `snoozes` how often;
    `escalated` is the level that heard of it at `escalated_at`: 1 the line manager, 2 HR (0: nobody yet).
    """

    __table_args__ = (
        sa.Index("ix_todo_open", "assignee_id", "done_at"),
        sa.Index("ix_todo_subject", "subject_noun", "subject_id", "assignee_id", "done_at"),
        sa.Index("ix_todo_due", "done_at", "due_at", "id"),
        sa.Index("ix_todo_snoozed", "done_at", "snoozed_until"),
        sa.Index("ix_todo_cycle", "cycle_id", "kind", "subject_noun", "subject_id"),
    )
    noun: ClassVar[str] = "todo"
    kind: str
    subject_noun: str
    subject_id: int
    assignee_id: int = Field(foreign_key="person.id")
    about_id: int | None = Field(default=None, foreign_key="person.id")
    cycle_id: int | None = None
    created_at: datetime
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by_id: int | None = None
    nudges: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})
    nudged_at: datetime | None = None
    urged_at: datetime | None = None
    snoozes: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})
    snoozed_until: datetime | None = None
    escalated: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})
    escalated_at: datetime | None = None


def owe(db: Session, kind: str, subject: Row, assignee_id: int, now: datetime, due_at: datetime | None = None) -> None:
    """Somebody owes an action on a subject from now on."""
    execute(db, _OWE, **_row(kind, subject, assignee_id, now, due_at))
    concerned(db).add(assignee_id)


def owe_all(
    db: Session, kind: str, owed: Sequence[tuple[Row, int]], now: datetime, due_at: datetime | None = None
) -> None:
    """The same for many (subject, assignee) at once."""
    rows = [_row(kind, subject, assignee_id, now, due_at) for subject, assignee_id in owed]
    if rows:
        db.flush()
        db.connection().execute(_OWE, rows)
        concerned(db).update(assignee_id for _subject, assignee_id in owed)


def _row(kind: str, subject: Row, assignee_id: int, now: datetime, due_at: datetime | None) -> dict[str, object]:
    return {
        "kind": kind,
        "assignee_id": assignee_id,
        "created_at": now,
        "due_at": due_at,
        "subject_noun": subject.noun,
        "subject_id": subject.id,
        "cycle_id": getattr(subject, "cycle_id", None),
        "about_id": None if getattr(subject, "confidential", False) else getattr(subject, "person_id", None),
    }


def settle(db: Session, subject: Row, by_id: int, now: datetime, *kinds: str) -> None:
    """Closes the open todos of a subject, for everybody; only those of `kinds` if any are named."""
    about = {"noun": subject.noun, "subject": subject.id, "done_at": now, "done_by_id": by_id}
    done = execute(db, _SETTLE_SOME, kinds=kinds, **about) if kinds else execute(db, _SETTLE, **about)
    concerned(db).update(done.scalars())
    if by_id:
        concerned(db).add(by_id)


def settle_all(db: Session, model: type[Row], subjects: Any, by_id: int, now: datetime) -> None:
    """The same for many subjects of one table at once: `subjects` selects their ids."""
    mine = sa.and_(
        col(Todo.subject_noun) == model.noun, col(Todo.subject_id).in_(subjects), col(Todo.done_at).is_(None)
    )
    ended = sa.update(Todo).where(mine).values(done_at=now, done_by_id=by_id).returning(col(Todo.assignee_id))
    db.flush()
    concerned(db).update(db.connection().execute(ended).scalars())


def concerned(db: Session) -> set[int]:
    """Whose todos this transaction opened or closed: their own cards are drawn again."""
    people: set[int] = db.info.setdefault("concerned", set())
    return people


def waiting(db: Session, person_id: int) -> Sequence[Todo]:
    """What somebody owes now, the most urgent first."""
    statement = select(Todo).where(Todo.assignee_id == person_id, col(Todo.done_at).is_(None))
    return db.exec(statement.order_by(col(Todo.due_at).is_(None), col(Todo.due_at), col(Todo.id))).all()


@dataclass(frozen=True, slots=True)
class Owed:
    """An open todo with whom it is about: `owner` is "" and `owner_id` 0 if it is about something else. `absent` is for
    whom the reader stands in, "" for what is theirs."""

    id: int
    kind: str
    due_at: datetime | None
    owner_id: int
    owner: str
    absent: str = ""
    snoozed_until: datetime | None = None
    nudged_at: datetime | None = None
    urged_at: datetime | None = None


def owed_by(db: Session, person_id: int, locale: str) -> list[Owed]:
    """What somebody owes now, and what waits for those they stand in for; the most urgent first, with names as a reader
    of `locale` reads them."""
    rows = [*execute(db, _owed(), person=person_id)]
    if away := execute(db, _away(), person=person_id).scalars():
        rows += execute(db, _handed(), person=person_id, away=away)
    found = [
        Owed(
            number, kind, due, owner_id or 0, called(name or "", other or "", locale), called(absent, else_, locale), *t
        )
        for number, kind, due, owner_id, name, other, absent, else_, *t in rows
    ]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at, one.id)) if len(rows) > 1 else found


def may_open(db: Session, todo: Todo, actor_id: int) -> bool:
    """Whether a todo is somebody's own, or of somebody they stand in for."""
    if todo.assignee_id == actor_id:
        return True
    mine = sa.and_(col(Todo.id) == todo.id, reader() == actor_id)
    return db.connection().execute(handed(col(Todo.id)).where(mine)).first() is not None


_absent = aliased(Person)


def reader() -> sa.ColumnElement[int]:
    """Who stands in reads it, unless it is about them: then who is above the absent one (models.absence.acts_for)."""
    about_them = col(Todo.about_id) == col(Absence.delegate_id)
    return sa.case((about_them, col(_absent.manager_id)), else_=col(Absence.delegate_id))


def handed(*what: Any, is_open: sa.ColumnElement[bool] | None = None) -> sa.Select[Any]:
    """Of the open todos of people who are away what somebody else can do, for whom: `reader`. `is_open` says "open" in
    another way, where SQLite should not begin with all that is open."""
    still = col(Todo.done_at).is_(None) if is_open is None else is_open
    return (
        sa.select(*what)
        .select_from(Absence)
        .join(_absent, col(_absent.id) == col(Absence.person_id))
        .join(Todo, sa.and_(col(Todo.assignee_id) == col(Absence.person_id), still))
        .where(
            col(Absence.active).is_(True),
            col(Absence.delegate_id).is_not(None),
            col(Todo.kind).not_in(PERSONAL),
            sa.func.coalesce(col(Todo.about_id), 0) != col(Todo.assignee_id),
            sa.func.coalesce(col(Todo.about_id), 0) != reader(),
        )
    )


@lru_cache(maxsize=1)
def _owed() -> sa.Executable:
    about = aliased(Person)
    nobody = sa.literal("", sa.String)
    mine = sa.and_(col(Todo.assignee_id) == sa.bindparam("person"), col(Todo.done_at).is_(None))
    return (
        sa.select(*_told(about), nobody, nobody, *_TIMES)
        .outerjoin(about, col(about.id) == col(Todo.about_id))
        .where(mine)
        .order_by(*_FIRST)
    )


@lru_cache(maxsize=1)
def _away() -> sa.Executable:
    """Who is away whose todos may wait for a reader: those they stand in for, and those who report to them."""
    away = sa.select(col(Absence.person_id)).where(col(Absence.active).is_(True), col(Absence.delegate_id).is_not(None))
    reports = sa.select(col(Person.id)).where(col(Person.manager_id) == sa.bindparam("person"))
    mine = away.where(col(Absence.delegate_id) == sa.bindparam("person"))
    return mine.union(away.where(col(Absence.person_id).in_(reports)))


@lru_cache(maxsize=1)
def _handed() -> sa.Executable:
    """Of those alone: without their names a database that knows no sizes would read every open todo."""
    about = aliased(Person)
    names = (col(_absent.name), col(_absent.other_name))
    known = handed(*_told(about), *names, *_TIMES).outerjoin(about, col(about.id) == col(Todo.about_id))
    theirs = col(Todo.assignee_id).in_(sa.bindparam("away", expanding=True))
    return known.where(reader() == sa.bindparam("person"), theirs).order_by(*_FIRST)


def _told(about: Any) -> tuple[Any, ...]:
    return (col(Todo.id), col(Todo.kind), col(Todo.due_at), about.id, about.name, about.other_name)


_TIMES = (col(Todo.snoozed_until), col(Todo.nudged_at), col(Todo.urged_at))
_FIRST = (col(Todo.due_at).is_(None), col(Todo.due_at), col(Todo.id))
_OWE = sa.insert(Todo)
_SETTLE = (
    sa.update(Todo)
    .where(
        col(Todo.subject_noun) == sa.bindparam("noun"),
        col(Todo.subject_id) == sa.bindparam("subject"),
        col(Todo.done_at).is_(None),
    )
    .returning(col(Todo.assignee_id))
)
_SETTLE_SOME = _SETTLE.where(col(Todo.kind).in_(sa.bindparam("kinds", expanding=True)))
