"""Todos: the only list of who owes what by when."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from models.base import Row


class Todo(Row, table=True):
    """`kind` is the action that settles it ("plan.approve"); done todos stay, with who finished the subject."""

    __table_args__ = (
        sa.Index("ix_todo_open", "assignee_id", "done_at"),
        sa.Index("ix_todo_subject", "subject_noun", "subject_id", "done_at"),
    )
    noun: ClassVar[str] = "todo"
    kind: str
    subject_noun: str
    subject_id: int
    assignee_id: int = Field(foreign_key="person.id")
    cycle_id: int | None = None
    created_at: datetime
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by_id: int | None = None


def owe(db: Session, kind: str, subject: Row, assignee_id: int, now: datetime, due_at: datetime | None = None) -> None:
    """Somebody owes an action on a subject from now on."""
    todo = Todo(
        kind=kind,
        subject_noun=subject.noun,
        subject_id=subject.id,
        assignee_id=assignee_id,
        created_at=now,
        due_at=due_at,
    )
    todo.cycle_id = getattr(subject, "cycle_id", None)
    db.add(todo)


def settle(db: Session, subject: Row, by_id: int, now: datetime, *kinds: str) -> None:
    """Closes the open todos of a subject, for everybody; only those of `kinds` if any are named."""
    db.flush()
    table: sa.Table = Todo.__table__  # type: ignore[attr-defined]
    open_ones = sa.and_(
        table.c.subject_noun == subject.noun, table.c.subject_id == subject.id, table.c.done_at.is_(None)
    )
    wanted = sa.and_(open_ones, table.c.kind.in_(kinds)) if kinds else open_ones
    db.connection().execute(sa.update(table).where(wanted).values(done_at=now, done_by_id=by_id))


def waiting(db: Session, person_id: int) -> Sequence[Todo]:
    """What somebody owes now, the most urgent first."""
    statement = select(Todo).where(Todo.assignee_id == person_id, col(Todo.done_at).is_(None))
    return db.exec(statement.order_by(col(Todo.due_at).is_(None), col(Todo.due_at), col(Todo.id))).all()


def with_names(db: Session, person_id: int) -> list[tuple[Todo, int, str]]:
    """What somebody owes now with whose it is: (todo, owner's id, owner's name), the most urgent first."""
    owed = waiting(db, person_id)
    plan, person = (SQLModel.metadata.tables[name] for name in ("plan", "person"))
    ids = [todo.subject_id for todo in owed if todo.subject_noun == "plan"]
    rows = db.connection().execute(
        sa.select(plan.c.id, person.c.id, person.c.name)
        .join(person, person.c.id == plan.c.person_id)
        .where(plan.c.id.in_(ids))
    )
    owners = {plan_id: (owner, name) for plan_id, owner, name in rows}
    return [(todo, *owners.get(todo.subject_id, (0, ""))) for todo in owed]
