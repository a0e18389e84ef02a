"""How far the work of a cycle is, by stage and department: counted from the todos alone, in one question.

One piece of work is a subject of whoever it is about: a plan counts once, however many steps it has gone through.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.department import Department, above
from models.person import Person, active, called
from models.plan import Plan
from models.stagework import OWN_STAGE_OF, STAGE_OF, stage_column
from models.todo import Todo

DONE, WAITING, LATE, FAULTY = STATES = ("done", "waiting", "late", "faulty")
TARDY = "tardy"  # of what is done: after its deadline
# What is nobody's business but of those concerned: who has a flag or a dispute is not even counted.
PRIVATE = ("flag.resolve", "dispute.answer", "dispute.rule")
# Counted for who has to answer, never for whom it is about.
PEERS = ("peer.confirm", "peer.answer")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose work is counted: of a department and all below it, of a line manager's people, or (neither) everybody's."""

    path: str = ""
    manager_id: int = 0

    def holds(self, person: Any = Person) -> sa.ColumnElement[bool]:
        """A condition on Person."""
        if self.manager_id:
            return sa.and_(col(person.manager_id) == self.manager_id, col(person.id) != self.manager_id)
        if not self.path:
            return sa.true()
        below = sa.select(col(Department.id)).where(col(Department.path).startswith(self.path, autoescape=True))
        return col(person.department_id).in_(below)


@dataclass(frozen=True, slots=True)
class Count:
    """Pieces of work, each in one state: non-compliant (`faulty`) counts before late, late before waiting.

    `tardy` are those of `done` that came after their deadline, `overdue` those of `faulty` that are late as well.
    """

    done: int = 0
    waiting: int = 0
    late: int = 0
    faulty: int = 0
    tardy: int = 0
    overdue: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.done + self.waiting + self.late + self.faulty

    def __add__(self, other: "Count") -> "Count":
        return Count(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Group:
    """The work of some people in one stage of one cycle: how many pieces are open at which step, by kind of todo."""

    cycle_id: int
    stage: str
    department_id: int
    count: Count
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of work by name: at whose desk it is if it is open, and since when it is due or when it was done."""

    kind: str
    owner_id: int
    owner: str
    desk_id: int
    desk: str
    due_at: datetime | None
    done_at: datetime | None
    faults: tuple[str, ...]


def headway(db: Session, cycle_ids: Sequence[int], place: Place, now: datetime) -> list[Group]:
    """Everything in these cycles, in groups of equal stage, department and open step."""
    units = _units(cycle_ids)
    late, faulty = _late(now), _faulty(units, cycle_ids)
    state, overdue = _state(units, late, faulty), sa.case((sa.and_(faulty, late), 1), else_=0)
    step = sa.func.coalesce(col(_step.kind), "")
    keys = (units.c.cycle_id, units.c.stage, col(Person.department_id), step, state, units.c.tardy, overdue)
    grouped = _joined(sa.select(*keys, sa.func.count()), units, place).group_by(*keys)
    rows = db.connection().execute(grouped)
    return [
        Group(cycle_id, stage, department_id or 0, _count(state, tardy, late, number), kind)
        for cycle_id, stage, department_id, kind, state, tardy, late, number in rows
    ]


def total(groups: Iterable[Group]) -> Count:
    """Everything together."""
    return sum((one.count for one in groups), Count())


def by_stage(groups: Iterable[Group]) -> dict[tuple[int, str], Count]:
    """Counts by cycle and stage."""
    found: dict[tuple[int, str], Count] = {}
    for one in groups:
        found[one.cycle_id, one.stage] = found.get((one.cycle_id, one.stage), Count()) + one.count
    return found


def by_step(groups: Iterable[Group]) -> dict[str, int]:
    """How many pieces are open at each step, by kind of todo, the most first."""
    found: dict[str, int] = {}
    for one in groups:
        if one.kind:
            found[one.kind] = found.get(one.kind, 0) + one.count.total
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def by_part(groups: Iterable[Group], departments: Mapping[int, Department], path: str) -> dict[int, Count]:
    """Counts by the department one level below a path, with everything below that; the people of the place itself by
    its own id, those without a department by 0. Where one department holds the company, its parts are meant."""
    depth = len(above(path)) if path else _roots(departments)
    found: dict[int, Count] = {}
    for one in groups:
        ids = above(departments[one.department_id].path) if one.department_id in departments else []
        key = ids[min(depth, len(ids) - 1)] if ids else 0
        found[key] = found.get(key, Count()) + one.count
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for by name: the pieces of a stage that are in a state (of STATES, or TARDY) at this moment.

    What others write about the reader is left out: that it was given back is not for them.
    """

    cycle_id: int
    stage: str
    place: Place
    state: str
    now: datetime
    reader_id: int


def pieces(db: Session, wanted: Wanted, locale: str, page: int, size: int) -> list[Piece]:
    """One page of them, the longest due first, with names as a reader of `locale` reads them."""
    units, desk = _units([wanted.cycle_id], wanted.stage, dated=True), aliased(Person)
    shown = (
        sa.func.coalesce(col(_step.kind), ""),
        *(col(Person.id), col(Person.name), col(Person.other_name)),
        *(col(desk.id), col(desk.name), col(desk.other_name)),
        *(units.c.due_at, units.c.done_at, col(Plan.faults)),
    )
    plan = sa.and_(units.c.noun == Plan.noun, col(Plan.id) == units.c.subject_id)
    rows = (
        _listed(sa.select(*shown), units, wanted)
        .outerjoin(desk, col(desk.id) == col(_step.assignee_id))
        .outerjoin(Plan, plan)
        .order_by(units.c.due_at.is_(None), units.c.due_at, col(Person.name), col(Person.id), units.c.subject_id)
        .offset(page * size)
        .limit(size)
    )
    return [_piece(row, locale) for row in db.connection().execute(rows)]


def open_todos(db: Session, wanted: Wanted) -> dict[int, int]:
    """Their todos: whose desk each is at, by its id."""
    found = _listed(sa.select(col(_step.id), col(_step.assignee_id)), _units([wanted.cycle_id], wanted.stage), wanted)
    rows = db.connection().execute(found.where(col(_step.id).is_not(None)).order_by(col(_step.id)))
    return dict(rows.all())


def led(db: Session, place: Place, people: Collection[int]) -> frozenset[int]:
    """Of these people, those who work in the place."""
    if place == Place():
        return frozenset(people)
    wanted = sa.select(col(Person.id)).where(place.holds(), active())
    return frozenset(people) & frozenset(db.connection().execute(wanted).scalars())


def changed(db: Session, cycle_ids: Sequence[int], since: datetime, now: datetime) -> frozenset[int]:
    """The cycles in which something was begun, done or became late since then."""
    moved = sa.or_(
        *(sa.and_(at > since, at <= now) for at in (col(Todo.created_at), col(Todo.done_at), col(Todo.due_at)))
    )
    wanted = sa.select(col(Todo.cycle_id)).where(col(Todo.cycle_id).in_(cycle_ids), moved).distinct()
    return frozenset(one for one in db.connection().execute(wanted).scalars() if one is not None)


# The question

_step = aliased(Todo)  # the todo that is open


def _units(cycle_ids: Sequence[int], stage: str = "", *, dated: bool = False) -> sa.Subquery:
    """One row for each piece of work (of one stage, if it is named): the todo that is open, and of what is done whether
    it was late."""
    is_open, tardy = col(Todo.done_at).is_(None), col(Todo.done_at) > col(Todo.due_at)
    owner = sa.case(
        (col(Todo.kind).in_(PEERS), col(Todo.assignee_id)),
        else_=sa.func.coalesce(col(Todo.about_id), col(Todo.assignee_id)),
    )
    keys: tuple[sa.Label[Any], ...] = (
        col(Todo.cycle_id).label("cycle_id"),
        stage_column().label("stage"),
        owner.label("owner_id"),
        col(Todo.subject_noun).label("noun"),
        col(Todo.subject_id).label("subject_id"),
    )
    todo_id = sa.func.max(sa.case((is_open, col(Todo.id))))
    was_late = sa.and_(todo_id.is_(None), sa.func.max(sa.case((tardy, 1), else_=0)) == 1)
    figures = [todo_id.label("todo_id"), sa.case((was_late, 1), else_=0).label("tardy")]
    if dated:
        latest = sa.func.max(sa.case((is_open, col(Todo.due_at))))
        figures.append(sa.func.coalesce(latest, sa.func.max(col(Todo.due_at))).label("due_at"))
        figures.append(sa.func.max(col(Todo.done_at)).label("done_at"))
    known = sa.and_(col(Todo.cycle_id).in_(cycle_ids), col(Todo.kind).in_(_kinds(stage)))
    return sa.select(*keys, *figures).where(known).group_by(*(key.name for key in keys)).subquery("unit")


def _kinds(stage: str) -> list[str]:
    """The kinds of todos that may belong to a stage, or to any."""
    every = [*STAGE_OF.items(), *OWN_STAGE_OF.items()]
    return sorted({kind for kind, of in every if kind not in PRIVATE and (not stage or of == stage)})


def _joined(question: Any, units: sa.Subquery, place: Place) -> Any:
    """With who it is about, if they still work here, and the todo that is open."""
    return (
        question.select_from(units)
        .join(Person, col(Person.id) == units.c.owner_id)
        .outerjoin(_step, col(_step.id) == units.c.todo_id)
        .where(active(), place.holds())
    )


def _listed(question: Any, units: sa.Subquery, wanted: Wanted) -> Any:
    late, faulty = _late(wanted.now), _faulty(units, [wanted.cycle_id])
    state = units.c.tardy == 1 if wanted.state == TARDY else _state(units, late, faulty) == wanted.state
    scored = sa.and_(units.c.noun == "scorecard", units.c.owner_id == wanted.reader_id, col(_step.id).is_not(None))
    others = sa.func.coalesce(col(_step.assignee_id), 0) != wanted.reader_id
    return _joined(question, units, wanted.place).where(units.c.stage == wanted.stage, state, ~sa.and_(scored, others))


def _late(now: datetime) -> sa.ColumnElement[bool]:
    return col(_step.due_at) < now


def _faulty(units: sa.Subquery, cycle_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Whether it is an open plan that failed: those are few, and asked for once."""
    failed = sa.select(col(Plan.id)).where(col(Plan.cycle_id).in_(cycle_ids), col(Plan.faults) != "")
    return sa.and_(units.c.noun == Plan.noun, units.c.todo_id.is_not(None), units.c.subject_id.in_(failed))


def _state(units: sa.Subquery, late: sa.ColumnElement[bool], faulty: sa.ColumnElement[bool]) -> sa.ColumnElement[str]:
    return sa.case((units.c.todo_id.is_(None), DONE), (faulty, FAULTY), (late, LATE), else_=WAITING)


def _count(state: str, tardy: int, late: int, number: int) -> Count:
    return Count(**{state: number}, tardy=number * tardy, overdue=number * late)


def _piece(row: Sequence[Any], locale: str) -> Piece:
    kind, owner_id, name, other, desk_id, desk_name, desk_other, due_at, done_at, faults = row
    owner, desk = called(name, other, locale), called(desk_name or "", desk_other or "", locale)
    return Piece(kind, owner_id, owner, desk_id or 0, desk, due_at, done_at, tuple((faults or "").split()))


def _roots(departments: Mapping[int, Department]) -> int:
    """How deep the parts of the company lie: below its only department, or at the top."""
    return int(sum(one.parent_id is None for one in departments.values()) == 1)
