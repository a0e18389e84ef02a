"""Todos: the only list of who owes what by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from models.base import Row, execute
from models.person import called


class Todo(Row, table=True):
    """`kind` is the action that settles it ("plan.approve"); done todos stay, with who finished the subject.

    `about_id` is whose plan, scores or case it is about.
    """

    __table_args__ = (
        sa.Index("ix_todo_open", "assignee_id", "done_at"),
        sa.Index("ix_todo_subject", "subject_noun", "subject_id", "done_at"),
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
        "about_id": getattr(subject, "person_id", None),
    }


def settle(db: Session, subject: Row, by_id: int, now: datetime, *kinds: str) -> None:
    """Closes the open todos of a subject, for everybody; only those of `kinds` if any are named."""
    about = {"noun": subject.noun, "subject": subject.id, "done_at": now, "done_by_id": by_id}
    done = execute(db, _SETTLE_SOME, kinds=kinds, **about) if kinds else execute(db, _SETTLE, **about)
    concerned(db).update(done.scalars())


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
    """An open todo with whom it is about: `owner` is "" and `owner_id` 0 if it is about something else."""

    id: int
    kind: str
    due_at: datetime | None
    owner_id: int
    owner: str


def owed_by(db: Session, person_id: int, locale: str) -> list[Owed]:
    """What somebody owes now, the most urgent first, with names as a reader of `locale` reads them."""
    rows = execute(db, _owed(), person=person_id)
    return [
        Owed(number, kind, due_at, owner_id or 0, called(name or "", other or "", locale))
        for number, kind, due_at, owner_id, name, other in rows
    ]


@lru_cache(maxsize=1)
def _owed() -> sa.Executable:
    person = SQLModel.metadata.tables["person"]
    return (
        sa.select(col(Todo.id), col(Todo.kind), col(Todo.due_at), person.c.id, person.c.name, person.c.other_name)
        .outerjoin(person, person.c.id == col(Todo.about_id))
        .where(col(Todo.assignee_id) == sa.bindparam("person"), col(Todo.done_at).is_(None))
        .order_by(col(Todo.due_at).is_(None), col(Todo.due_at), col(Todo.id))
    )


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
