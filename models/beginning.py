"""The plans of a cycle that opens, for however many people: two statements, and a few more for who has no manager."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from models.cycle import Cycle, deadline
from models.person import Person, superior
from models.plan import Plan
from models.todo import Todo, concerned, owe


def make_plans(db: Session, cycle: Cycle, who: sa.ColumnElement[bool], now: datetime) -> int:
    """An empty draft for everybody in `who` (a condition on Person), with a todo for who sets it: the line manager, the
    nearest one above who is here, or the owner; how many plans."""
    db.flush()
    blank = Plan(cycle_id=cycle.id, person_id=0, changed_at=now)
    _copies(db, Plan, blank, {"person_id": col(Person.id)}, sa.select(Person).where(who).order_by(col(Person.id)))
    due = deadline(db, cycle.id, "setting")
    todo = Todo(kind="plan.submit", subject_noun=Plan.noun, subject_id=0, assignee_id=0, created_at=now, due_at=due)
    todo.cycle_id = cycle.id
    manager = aliased(Person)
    mine = sa.select(Plan).join(Person, col(Person.id) == col(Plan.person_id)).where(col(Plan.cycle_id) == cycle.id)
    setter: Any = col(Plan.person_id)
    if cycle.setter == "manager":
        mine = mine.join(manager, sa.and_(col(manager.id) == col(Person.manager_id), col(manager.left_at).is_(None)))
        mine, setter = mine.where(col(manager.id) != col(Person.id)), col(manager.id)
    about = {"subject_id": col(Plan.id), "about_id": col(Plan.person_id), "assignee_id": setter}
    _copies(db, Todo, todo, about, mine.order_by(col(Plan.id)))
    _others(db, cycle, now, due)
    owed = sa.select(col(Todo.assignee_id)).where(col(Todo.cycle_id) == cycle.id, col(Todo.kind) == "plan.submit")
    concerned(db).update(db.connection().execute(owed.distinct()).scalars())
    return db.exec(select(sa.func.count()).select_from(Plan).where(Plan.cycle_id == cycle.id)).one()


def _others(db: Session, cycle: Cycle, now: datetime, due: datetime | None) -> None:
    """Whoever's line manager is missing or has left."""
    known = sa.select(col(Todo.subject_id)).where(col(Todo.subject_noun) == Plan.noun, col(Todo.cycle_id) == cycle.id)
    left = select(Plan).where(Plan.cycle_id == cycle.id, col(Plan.id).not_in(known)).order_by(col(Plan.id))
    for plan in db.exec(left).all():
        person = db.get_one(Person, plan.person_id)
        above = superior(db, person, frozenset({person.id}))
        owe(db, "plan.submit", plan, above.id if above is not None else person.id, now, due)


def _copies(db: Session, model: type[SQLModel], blank: SQLModel, own: dict[str, Any], among: sa.Select[Any]) -> None:
    """Inserts a row like `blank` for every row of `among`, with its `own` values."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    columns = [column for column in table.columns if column.name != "id"]
    values = [own.get(one.name, sa.literal(getattr(blank, one.name), one.type)) for one in columns]
    db.connection().execute(sa.insert(table).from_select(columns, among.with_only_columns(*values)))
