"""A company of any size, made by a few statements: people under one boss, accounts, todos."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic_core import PydanticUndefined
from sqlmodel import SQLModel

import models
from bench.asked import TEAM
from models.cycle import Cycle, Stage
from models.department import Department
from models.identity import Identity
from models.person import HR, Person, Role
from models.plan import Plan
from models.todo import Todo

assert models  # the tables
BOSS, CYCLE, DEPARTMENTS = 1, 1, 100
KIND, NOUN = "plan.submit", "plan"
Values = Mapping[str, Any]


def fill(connection: sa.Connection, people: int, now: datetime, todos: int = 0) -> None:
    """Fills empty tables: the boss is HR and one of the people; each person owes `todos` plans, the first overdue.

    Where everybody's private conversation is, is known.
    """
    number = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    number = number.union_all(sa.select(number.c.n + 1).where(number.c.n < people))
    n, name = number.c.n, sa.cast(number.c.n, sa.String)
    department = (n % min(DEPARTMENTS, people)) + 1
    _put(connection, Department, {"code": name, "names": {"en": "Sales"}, "path": "/" + name + "/"}, n, DEPARTMENTS)
    manager = sa.case((n == BOSS, sa.null()), else_=BOSS)
    known = {"number": name, "name": "Person " + name, "handle": "p" + name, "manager_id": manager}
    _put(connection, Person, known | {"id": n, "department_id": department, "locale": "en", "zone": "UTC"}, n)
    _put(connection, Role, {"person_id": n, "name": HR}, n, BOSS)
    account = {"platform": "slack", "tenant": TEAM, "user": "U" + name, "channel": "D" + name, "seen_at": now}
    _put(connection, Identity, account | {"person_id": n}, n)
    _cycle(connection, n, now)
    for at in range(todos):
        _owe(connection, n, at, now)


def _cycle(connection: sa.Connection, n: sa.ColumnElement[int], now: datetime) -> None:
    dates = {"starts_on": date(now.year, 10, 1), "ends_on": date(now.year, 12, 31), "published_at": now}
    about = {"id": CYCLE, "kind": "quarter", "name": "Q4", "state": "setting", "owner_id": BOSS}
    _put(connection, Cycle, about | dates | {"chain": ["manager"], "languages": ["en"]}, n, 1)
    _put(connection, Stage, {"cycle_id": CYCLE, "name": "setting", "closes_at": now + timedelta(days=14)}, n, 1)


def _owe(connection: sa.Connection, n: sa.ColumnElement[int], at: int, now: datetime) -> None:
    """One plan more for everybody to hand in; the first is overdue, the others are due on the coming days."""
    due = now + timedelta(days=at - 1, hours=1)
    owed = {"kind": KIND, "subject_noun": NOUN, "assignee_id": n, "about_id": n, "cycle_id": CYCLE}
    if at == 0:
        plan = {"cycle_id": CYCLE, "person_id": n, "author_id": n, "changed_at": now, "state": "draft", "id": n}
        _put(connection, Plan, plan, n)
    _put(connection, Todo, owed | {"subject_id": n, "created_at": now - timedelta(days=20), "due_at": due}, n)


def _put(
    connection: sa.Connection, model: type[SQLModel], given: Values, n: sa.ColumnElement[int], most: int = 0
) -> None:
    """One INSERT … SELECT: a row for every number (up to `most`, if one is named)."""
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    values = _usual(model, table) | dict(given)
    columns = [table.c[name] for name in values]
    chosen = [
        value if isinstance(value, sa.ColumnElement) else sa.literal(value, column.type)
        for value, column in zip(values.values(), columns, strict=True)
    ]
    numbered = sa.select(*chosen).select_from(n.table)
    connection.execute(sa.insert(table).from_select(columns, numbered.where(n <= most) if most else numbered))


def _usual(model: type[SQLModel], table: sa.Table) -> dict[str, Any]:
    """What a new row has where nothing is said, as the model says."""
    fields = {name: field for name, field in model.model_fields.items() if name in table.c and name != "id"}
    made = {name: field.get_default(call_default_factory=True) for name, field in fields.items()}
    return {name: value for name, value in made.items() if value is not PydanticUndefined and value is not None}


def instant() -> datetime:
    """Now, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
