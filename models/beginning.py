"""The plans of a cycle that opens and the cards of a stage, for however many people: a few statements, and a look at
who is above the managers who left."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from models.cycle import Cycle, deadline
from models.person import Person, superior
from models.plan import Plan
from models.scorecard import OPENS, SELF, Scorecard
from models.todo import Todo, concerned, owe

SUBMIT = "scorecard.submit"


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


def open_cards(db: Session, cycle: Cycle, kind: str, now: datetime) -> int:
    """A card of a kind for every plan in force that has none yet, with a todo for who scores: the owner, or the nearest
    active manager above them (nobody at the top); how many cards."""
    db.flush()
    last = db.exec(select(sa.func.coalesce(sa.func.max(Scorecard.id), 0))).one()
    known = sa.exists().where(col(Scorecard.plan_id) == col(Plan.id), col(Scorecard.kind) == kind)
    blank = Scorecard(cycle_id=cycle.id, plan_id=0, person_id=0, kind=kind)
    about = {"plan_id": col(Plan.id), "person_id": col(Plan.person_id)}
    rated = sa.select(Plan).where(col(Plan.cycle_id) == cycle.id, col(Plan.effective) > 0, ~known)
    rated = rated.order_by(col(Plan.person_id))
    if kind == SELF:
        _copies(db, Scorecard, blank, {**about, "waits_for_id": col(Plan.person_id)}, rated)
    else:
        _managed(db, blank, about, rated)
    made = sa.and_(col(Scorecard.id) > last, col(Scorecard.cycle_id) == cycle.id, col(Scorecard.kind) == kind)
    due = deadline(db, cycle.id, OPENS[kind])
    todo = Todo(kind=SUBMIT, subject_noun=Scorecard.noun, subject_id=0, assignee_id=0, created_at=now, due_at=due)
    todo.cycle_id = cycle.id
    mine = {"subject_id": "id", "about_id": "person_id", "assignee_id": "waits_for_id"}
    owed = {name: getattr(Scorecard, column) for name, column in mine.items()}
    _copies(db, Todo, todo, owed, sa.select(Scorecard).where(made).order_by(col(Scorecard.id)))
    raters = db.connection().execute(sa.select(col(Scorecard.waits_for_id)).where(made)).scalars().all()
    concerned(db).update(one for one in raters if one is not None)
    return len(raters)


def _managed(db: Session, blank: Scorecard, about: Mapping[str, Any], rated: sa.Select[Any]) -> None:
    """The cards of those whose line manager is here; then of the others, if somebody above is."""
    manager = aliased(Person)
    above = rated.join(Person, col(Person.id) == col(Plan.person_id)).join(
        manager, col(manager.id) == col(Person.manager_id)
    )
    here = sa.and_(col(manager.left_at).is_(None), col(manager.id) != col(Person.id))
    orphans = db.connection().execute(
        above.where(col(manager.left_at).is_not(None)).with_only_columns(*about.values(), col(manager.id))
    )
    rest = [dict(zip((*about, "waits_for_id"), row, strict=True)) for row in orphans]
    _copies(db, Scorecard, blank, {**about, "waits_for_id": col(manager.id)}, above.where(here))
    left = _left(db) if rest else {}
    raters = ({**row, "waits_for_id": _above(left, row["person_id"], row["waits_for_id"])} for row in rest)
    found = [{**blank.model_dump(exclude={"id"}), **row} for row in raters if row["waits_for_id"] is not None]
    if found:
        db.connection().execute(sa.insert(Scorecard), found)


def _left(db: Session) -> dict[int, int | None]:
    """The line managers of all who left."""
    gone = sa.select(col(Person.id), col(Person.manager_id)).where(col(Person.left_at).is_not(None))
    return {row.id: row.manager_id for row in db.connection().execute(gone)}


def _above(left: Mapping[int, int | None], person_id: int, manager_id: int | None) -> int | None:
    """`models.person.superior` without a question for each step."""
    seen = {person_id}
    while manager_id is not None and manager_id in left and manager_id not in seen:
        seen.add(manager_id)
        manager_id = left[manager_id]
    return None if manager_id in seen else manager_id


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
