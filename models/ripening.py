"""Which todos want a reminder now, as statements over all of them at once: the hours of work of everybody's zone and
country become instants first, so that the database only compares (rules: models.rules.nudging)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models.absence import away
from models.base import execute
from models.cycle import Cycle
from models.person import Person, active
from models.rules.nudging import (
    NEVER,
    SILENT,
    Policy,
    buckets,
    paused_until,
    policy,
    urgent_since,
    urgent_until,
)
from models.rules.workdays import Calendar, calendar
from models.todo import Todo, handed, reader

INSTANT = sa.DateTime(timezone=True)


@dataclass(frozen=True, slots=True)
class Place:
    """People of one zone and country, as their rows say it ("" for the company's), who are at work now."""

    zone: str
    country: str
    calendar: Calendar
    on: date
    until: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """A schedule, and the todos it is for: (cycle id or 0, kind), or all `but` these, whichever are fewer."""

    policy: Policy
    pairs: tuple[tuple[int, str], ...]
    but: bool = False

    def holds(self) -> sa.ColumnElement[bool]:
        """That a todo is one of these."""
        if not self.pairs:
            return sa.true() if self.but else sa.false()
        named = sa.tuple_(sa.func.coalesce(col(Todo.cycle_id), 0), col(Todo.kind)).in_(self.pairs)
        return ~named if self.but else named


def at_work(db: Session, now: datetime, home: str) -> list[Place]:
    """Every place with people in which it is a moment to write to somebody; `home` is the company's zone."""
    found = []
    for zone, country in execute(db, _PLACES):
        here = calendar(zone or home, country)
        if here.open(now):
            found.append(Place(zone, country, here, here.local(now).date(), here.closing(now)))
    return found


def rules(db: Session, today: date) -> list[Rule]:
    """The schedules of all open todos with a deadline; those that HR holds back until a later day are left out."""
    grouped: dict[Policy, list[tuple[int, str]]] = {}
    kept = kept_terms(db)
    for cycle_id, kind in execute(db, _KINDS):
        terms = kept.get(cycle_id or 0, {})
        until = paused_until(terms)
        one = policy(terms, kind) if until is None or until <= today else SILENT
        grouped.setdefault(one, []).append((cycle_id or 0, kind))
    most = max(grouped, key=lambda one: len(grouped[one]), default=SILENT)
    rest = tuple(pair for one, pairs in grouped.items() if one != most for pair in pairs)
    found = [Rule(one, tuple(pairs)) for one, pairs in grouped.items() if one not in (SILENT, most)]
    return found if most == SILENT else [Rule(most, rest, but=True), *found]


def kept_terms(db: Session) -> dict[int, Mapping[str, Any]]:
    """What HR set about the reminders of each cycle, by its id."""
    return {row.id: row.terms.get("nudges", {}) for row in execute(db, _TERMS)}


def ordinary(rule: Rule, places: Sequence[Place], now: datetime) -> sa.Select[Any]:
    """Todos whose newest reminder has come and was not made, or that were put off until now: (todo, person, day and
    closing hour where that person is)."""
    found = [(place, buckets(rule.policy, place.calendar, now)) for place in places]
    width = max((len(row) for _place, row in found), default=0)
    names = [f"{part}{n}" for n in range(width) for part in ("u", "m")]
    table = _table(names, [(place, [at for one in row for at in (one.until, one.moment)]) for place, row in found])
    cases = [(col(Todo.due_at) <= table.c[f"u{n}"], table.c[f"m{n}"]) for n in range(width)]
    newest = sa.case(*cases, else_=_instant(NEVER)) if cases else _instant(NEVER)
    last = sa.func.coalesce(col(Todo.nudged_at), col(Todo.created_at))
    latest = max((row[-1].until for _place, row in found if row), default=now)
    moment = max((one.moment for _place, row in found for one in row), default=NEVER)
    wanted = sa.and_(
        col(Todo.due_at) <= latest,
        sa.or_(last < moment, col(Todo.snoozed_until) > last),  # what most todos fail, before anything is joined
        _not_put_off(now),
        rule.holds(),
        sa.or_(newest > last, _put_off(now, last)),
    )
    return _whoever(table, wanted)


def urgent(rule: Rule, places: Sequence[Place], now: datetime) -> sa.Select[Any]:
    """Todos that have hours left, and that nobody was told so or asked for within as many hours."""
    values = [(one, [urgent_until(rule.policy, one.calendar, now), urgent_since(one.calendar, now)]) for one in places]
    table = _table(["until_", "since"], values)
    told = sa.or_(col(Todo.urged_at).is_(None), col(Todo.urged_at) < table.c.since)
    latest = max((row[0] for _place, row in values), default=now)
    wanted = sa.and_(
        col(Todo.due_at) > now,
        col(Todo.due_at) <= latest,
        col(Todo.due_at) <= table.c.until_,
        col(Todo.created_at) <= now - timedelta(hours=rule.policy.hours),
        told,
        rule.holds(),
        _not_put_off(now),
    )
    return _whoever(table, wanted)


def late(rule: Rule, days: int, level: int, now: datetime) -> sa.ColumnElement[bool]:
    """That a todo is so many days overdue, and that this level has not heard of it since its deadline."""
    unheard = sa.or_(col(Todo.escalated) < level, col(Todo.escalated_at) < col(Todo.due_at))
    return sa.and_(col(Todo.done_at).is_(None), col(Todo.due_at) <= now - timedelta(days=days), unheard, rule.holds())


def table_of(places: Sequence[Place]) -> sa.CTE:
    """The places as a table: zone, country, day and closing hour."""
    return _table([], [(place, []) for place in places])


def lives(table: sa.CTE, person: Any = Person) -> sa.ColumnElement[bool]:
    """That a person lives in a place of the table, which is to be joined by an outer join: otherwise SQLite begins with
    the places, and reads all todos again for each. `somewhere` leaves out who lives in none."""
    return sa.and_(person.zone == table.c.zone, person.country == table.c.country)


def somewhere(table: sa.CTE) -> sa.ColumnElement[bool]:
    """That somebody lives in a place of the table; said so that SQLite does not make an inner join of it again."""
    return sa.case((table.c.zone.is_(None), 0), else_=1) == 1


def _whoever(table: sa.CTE, wanted: sa.ColumnElement[bool]) -> Any:
    """Of the open todos that are wanted: those of people who are here, and of people who are away what somebody else
    can do for them."""
    columns = (table.c.day, table.c.closes)
    own = (
        sa.select(col(Todo.id).label("todo"), col(Person.id).label("person"), *columns)
        .join(Person, col(Person.id) == col(Todo.assignee_id))
        .outerjoin(table, lives(table))
        .where(col(Todo.done_at).is_(None), wanted, somewhere(table), active(), ~away(col(Person.id)))
    )
    other = (
        handed(col(Todo.id).label("todo"), col(Person.id).label("person"), *columns)
        .join(Person, col(Person.id) == reader())
        .outerjoin(table, lives(table))
        .where(wanted, somewhere(table), active(), ~away(col(Person.id)))
    )
    return own.union_all(other)


def _put_off(now: datetime, last: Any) -> sa.ColumnElement[bool]:
    return sa.and_(col(Todo.snoozed_until) > last, col(Todo.snoozed_until) <= now)


def _not_put_off(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(col(Todo.snoozed_until).is_(None), col(Todo.snoozed_until) <= now)


def _instant(value: datetime) -> sa.ColumnElement[datetime]:
    return sa.literal(value, INSTANT)


def _table(names: Sequence[str], rows: Sequence[tuple[Place, Sequence[datetime]]]) -> sa.CTE:
    """Places with instants beside each; a row that is shorter is filled up with NEVER."""
    columns = [sa.column("zone", sa.String), sa.column("country", sa.String), sa.column("day", sa.Date)]
    columns += [sa.column(name, INSTANT) for name in ("closes", *names)]
    width = len(names)
    data = [
        (one.zone, one.country, one.on, one.until, *values, *([NEVER] * (width - len(values)))) for one, values in rows
    ]
    return sa.values(*columns, name="place").data(data).cte("place")


_PLACES = sa.select(col(Person.zone), col(Person.country)).where(active()).distinct()
_KINDS = (
    sa.select(col(Todo.cycle_id), col(Todo.kind))
    .where(col(Todo.done_at).is_(None), col(Todo.due_at).is_not(None))
    .distinct()
)
_TERMS = sa.select(col(Cycle.id), col(Cycle.terms))
