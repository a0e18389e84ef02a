"""Who hears of what is overdue: the line manager first, then HR (rules: docs/rules.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col

from models.absence import Absence, away
from models.base import Row, batches, execute
from models.cycle import Cycle
from models.person import EXECUTIVE, HR, Person, active, called, in_roles
from models.ripening import Place, Rule, alike, late, lives, somewhere, table_of
from models.rules.nudging import SILENT
from models.todo import Todo

LEAD, STAFF = 1, 2
DUE = sa.DateTime(timezone=True)


class Escalation(Row, table=True):
    """That somebody heard of an overdue todo: once for each level and deadline, in one reminder."""

    __table_args__ = (sa.UniqueConstraint("todo_id", "level", "due_at"), sa.Index("ix_escalation_nudge", "nudge_id"))
    noun: ClassVar[str] = "escalation"
    todo_id: int = Field(foreign_key="todo.id")
    level: int
    due_at: datetime
    person_id: int = Field(foreign_key="person.id", index=True)
    nudge_id: int = Field(foreign_key="nudge.id")
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody has not done something, as the next level may know it: who, and what kind of thing it is."""

    todo_id: int
    name: str
    kind: str
    due_at: datetime
    level: int


def candidates(db: Session, known: Sequence[Rule], places: Sequence[Place], now: datetime) -> list[sa.Select[Any]]:
    """What the next levels have to hear of and who of them is at work now: (todo, level, due, person, day, closes)."""
    found = []
    for rule in alike(known, lambda one: replace(SILENT, lead=one.lead)):
        overdue = late(rule, rule.policy.lead, LEAD, now)
        found += [_managers(overdue, places), *_others(db, overdue, places)]
    for rule in alike(known, lambda one: replace(SILENT, hr=one.hr)):
        found += _staff(db, late(rule, rule.policy.hr, STAFF, now), places)
    return found


def heard(db: Session, nudge_id: int, locale: str) -> list[Waiting]:
    """What one reminder tells its reader about others, of what is still open."""
    statement = (
        sa.select(*_WAITING, col(Escalation.level))
        .join(Escalation, col(Escalation.todo_id) == col(Todo.id))
        .join(Person, col(Person.id) == col(Todo.assignee_id))
        .where(col(Escalation.nudge_id) == nudge_id, col(Todo.done_at).is_(None), active())
        .where(col(Escalation.due_at) == col(Todo.due_at))
        .order_by(col(Escalation.level).desc(), col(Person.name), col(Todo.due_at), col(Todo.id))
    )
    return [
        Waiting(number, called(name, other, locale), kind, due, level)
        for number, name, other, kind, due, level in db.connection().execute(statement).all()
        if due is not None
    ]


def _managers(overdue: sa.ColumnElement[bool], places: Sequence[Place]) -> sa.Select[Any]:
    """Whose line manager is there."""
    manager, table = aliased(Person), table_of(places)
    return (
        sa.select(*_what(LEAD), col(manager.id).label("person"), table.c.day, table.c.closes)
        .select_from(Todo)
        .join(Person, col(Person.id) == col(Todo.assignee_id))
        .join(manager, col(manager.id) == col(Person.manager_id))
        .outerjoin(table, lives(table, manager))
        .where(overdue, somewhere(table), active(), col(manager.left_at).is_(None), ~away(col(manager.id)))
    )


def _others(db: Session, overdue: sa.ColumnElement[bool], places: Sequence[Place]) -> list[sa.Select[Any]]:
    """Whose line manager left, is away or does not exist: who stands in, or the next one up, or who is above all."""
    manager = aliased(Person)
    here = sa.and_(col(manager.left_at).is_(None), ~away(col(manager.id)))
    nobody = (
        sa.select(col(Todo.assignee_id))
        .distinct()
        .join(Person, col(Person.id) == col(Todo.assignee_id))
        .outerjoin(manager, sa.and_(col(manager.id) == col(Person.manager_id), here))
        .where(overdue, active(), col(manager.id).is_(None))
    )
    people = list(db.connection().execute(nobody).scalars())
    chain = _Chain(db, people) if people else None
    found = {one: chain.above(one) for one in people} if chain is not None else {}
    rows = [(one, to) for one, to in sorted(found.items()) if to is not None]
    return [_targets(overdue, places, some, LEAD, col(Todo.assignee_id)) for some in batches(rows)]


def _staff(db: Session, overdue: sa.ColumnElement[bool], places: Sequence[Place]) -> list[sa.Select[Any]]:
    """HR: who opened the cycle, else the first who is there. What HR itself owes goes to an executive."""
    asked = sa.select(col(Todo.cycle_id), col(Cycle.owner_id)).distinct()
    asked = asked.outerjoin(Cycle, col(Cycle.id) == col(Todo.cycle_id)).where(overdue)
    cycles = db.connection().execute(asked).all()
    if not cycles:
        return []
    chain = _Chain(db, [owner for _cycle, owner in cycles if owner is not None])
    common = [(cycle_id or 0, to) for cycle_id, owner in cycles if (to := chain.staff(owner)) is not None]
    ours = sorted(chain.hr | chain.chiefs)
    outside = sa.and_(overdue, col(Todo.assignee_id).not_in(ours))
    inside = sa.and_(overdue, col(Todo.assignee_id).in_(ours))
    own = [(one, to) for one in ours if (to := chain.beside(one)) is not None]
    cycle = sa.func.coalesce(col(Todo.cycle_id), 0)
    return [
        *[_targets(outside, places, some, STAFF, cycle) for some in batches(common)],
        *[_targets(inside, places, some, STAFF, col(Todo.assignee_id)) for some in batches(own)],
    ]


class _Chain:
    """The organisation as escalation goes through it, in memory: as much of it as is above these people."""

    def __init__(self, db: Session, people: Iterable[int]) -> None:
        self.absent: Mapping[int, int | None] = {row.person_id: row.delegate_id for row in execute(db, _AWAY)}
        self.hr, self.chiefs = frozenset(in_roles(db, HR)), frozenset(in_roles(db, EXECUTIVE))
        self.managers: dict[int, int | None] = {}
        self.active: set[int] = set()
        ahead = {*people, *self.hr, *self.chiefs}
        while ahead:
            ahead = self._load(db, sorted(ahead)) - set(self.managers)

    def _load(self, db: Session, people: Sequence[int]) -> set[int]:
        """Who is next: their managers, and who stands in for them."""
        for some in batches(people):
            rows = db.connection().execute(_PEOPLE.where(col(Person.id).in_(some))).all()
            self.managers |= {row.id: row.manager_id for row in rows}
            self.active |= {row.id for row in rows if row.left_at is None}
        beside = {self.absent.get(one) for one in people} | {self.managers.get(one) for one in people}
        self.managers |= {one: None for one in people if one not in self.managers}
        return {one for one in beside if one is not None}

    def above(self, person: int) -> int | None:
        """The nearest manager upward who is there, or stands in for one who is not; at the top an executive, else HR.
        The managers of people who left lead on (threat T42: not round and round)."""
        seen, at = {person}, self.managers.get(person)
        while at is not None and at not in seen:
            seen.add(at)
            to = self._present(at, person)
            if to is not None:
                return to
            at = self.managers.get(at)
        return self.beside(person)

    def staff(self, owner: int | None) -> int | None:
        """Who in HR."""
        some = [one for one in ([owner] if owner in self.hr else []) + sorted(self.hr) if one is not None]
        return self._first((*some, *sorted(self.chiefs)), 0)

    def beside(self, person: int) -> int | None:
        """An executive, else somebody in HR; never the person themselves."""
        return self._first((*sorted(self.chiefs), *sorted(self.hr)), person)

    def _first(self, people: Sequence[int], without: int) -> int | None:
        return next((to for one in people if one != without and (to := self._present(one, without)) is not None), None)

    def _present(self, one: int, without: int) -> int | None:
        """Them, or who stands in while they are away; nobody who left, nor who is late themselves."""
        to = self.absent.get(one, one)
        gone = to is None or to == without or to in self.absent or to not in self.active
        return None if gone else to


def _targets(
    overdue: sa.ColumnElement[bool], places: Sequence[Place], rows: Sequence[tuple[int, int]], level: int, key: Any
) -> sa.Select[Any]:
    """The todos whose `key` is named in the rows, for the person named beside it."""
    table = table_of(places)
    columns = (sa.column("key_", sa.Integer), sa.column("person", sa.Integer))
    to = sa.values(*columns, name="target").data(list(rows)).cte("target")
    return (
        sa.select(*_what(level), col(Person.id).label("person"), table.c.day, table.c.closes)
        .select_from(Todo)
        .join(to, to.c.key_ == key)
        .join(Person, col(Person.id) == to.c.person)
        .outerjoin(table, lives(table))
        .where(overdue, somewhere(table), active())
    )


def _what(level: int) -> tuple[Any, ...]:
    return (col(Todo.id).label("todo"), sa.literal(level, sa.Integer).label("level"), col(Todo.due_at).label("due"))


_WAITING = (col(Todo.id), col(Person.name), col(Person.other_name), col(Todo.kind), col(Todo.due_at))
_PEOPLE = sa.select(col(Person.id), col(Person.manager_id), col(Person.left_at))
_AWAY = sa.select(col(Absence.person_id), col(Absence.delegate_id)).where(col(Absence.active).is_(True))
