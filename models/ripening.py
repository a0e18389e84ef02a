"""Which todos want a reminder now, as statements over all of them at once: the hours of work of everybody's zone and
country become instants first, so that the database only compares (rules: models.rules.nudging)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Session, col

from models.absence import away
from models.base import Row, execute
from models.cycle import Cycle
from models.person import Person, active
from models.planning import veiled
from models.rules.nudging import (
    NEVER,
    OWN_WAY,
    SILENT,
    STANDARD,
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
KEPT = timedelta(days=7)


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
    """A schedule, and which todos it is for; `among` are those that are looked at now."""

    policy: Policy
    holds: sa.ColumnElement[bool]
    among: sa.ColumnElement[bool] = field(default_factory=sa.true)


class Round(Row, table=True):
    """That the reminders of a day were made in a place: only what was put off comes up there later that day."""

    __table_args__ = (sa.UniqueConstraint("day", "zone", "country"),)
    noun: ClassVar[str] = "round"
    day: date
    zone: str
    country: str


def at_work(db: Session, now: datetime, home: str) -> list[Place]:
    """Every place with people in which it is a moment to write to somebody; `home` is the company's zone."""
    found = []
    for zone, country in execute(db, _PLACES):
        here = calendar(zone or home, country)
        if here.open(now):
            found.append(Place(zone, country, here, here.local(now).date(), here.closing(now)))
    return found


def placed(rows: Sequence[Sequence[Any]], home: str, now: datetime) -> list[tuple[Place, bool]]:
    """Places as a wave keeps them, at its moment; whether their round of the day is due."""
    found = []
    for zone, country, new in rows:
        here = calendar(zone or home, country)
        found.append((Place(zone, country, here, here.local(now).date(), here.closing(now)), bool(new)))
    return found


def fresh(db: Session, places: Sequence[Place]) -> list[Place]:
    """The places whose round of the day was not made yet."""
    days = sorted({one.on for one in places})
    done = sa.select(col(Round.zone), col(Round.country), col(Round.day)).where(col(Round.day).in_(days))
    made = {tuple(row) for row in db.connection().execute(done)}
    return [one for one in places if (one.zone, one.country, one.on) not in made]


def begin_rounds(db: Session, places: Sequence[Place]) -> None:
    """Their round of the day is made in this transaction; what is known of long ago is forgotten."""
    for one in places:
        db.add(Round(day=one.on, zone=one.zone, country=one.country))
    if places:
        db.connection().execute(sa.delete(Round).where(col(Round.day) < places[0].on - KEPT))


def rules(db: Session, today: date) -> list[Rule]:
    """The schedules there are, without what HR holds back until a later day and what nobody is reminded of."""
    parts: dict[Policy, list[sa.ColumnElement[bool]]] = {}
    kept = {number: terms for number, terms in kept_terms(db).items() if terms}
    cycle = sa.func.coalesce(col(Todo.cycle_id), 0)
    for number, terms in kept.items():
        until = paused_until(terms)
        if until is not None and until > today:
            continue
        special = sorted({*terms.get("kinds", {}), *OWN_WAY})
        for kind in special:
            parts.setdefault(policy(terms, kind), []).append(sa.and_(cycle == number, col(Todo.kind) == kind))
        rest = sa.and_(cycle == number, col(Todo.kind).not_in(special))
        parts.setdefault(policy(terms, ""), []).append(rest)
    usual = cycle.not_in(sorted(kept)) if kept else sa.true()
    for kind, own in OWN_WAY.items():
        parts.setdefault(own, []).append(sa.and_(usual, col(Todo.kind) == kind))
    parts.setdefault(STANDARD, []).append(sa.and_(usual, col(Todo.kind).not_in(sorted(OWN_WAY))))
    return [Rule(one, sa.or_(*some)) for one, some in parts.items() if one != SILENT]


def alike(known: Sequence[Rule], key: Callable[[Policy], Policy]) -> list[Rule]:
    """The schedules that are the same as far as `key` goes, put together: each is one look at all todos."""
    parts: dict[Policy, list[sa.ColumnElement[bool]]] = {}
    for rule in known:
        parts.setdefault(key(rule.policy), []).append(rule.holds)
    among = known[0].among if known else sa.true()
    return [Rule(one, sa.and_(sa.or_(*some), among)) for one, some in parts.items() if one != SILENT]


def horizon(known: Sequence[Rule], places: Sequence[Place], now: datetime) -> datetime:
    """No todo that is due later has a reminder now."""
    known_ends = {rule.policy for rule in known}
    found = [now]
    for one in {(place.zone, place.country): place for place in places}.values():
        for each in known_ends:
            found += [
                urgent_until(each, one.calendar, now),
                *(row.until for row in buckets(each, one.calendar, now)[-1:]),
            ]
    return max(found)


def kept_terms(db: Session) -> dict[int, Mapping[str, Any]]:
    """What HR set about the reminders of each cycle under way, by its id."""
    return {row.id: row.terms.get("nudges", {}) for row in execute(db, _TERMS)}


def ordinary(rule: Rule, places: Sequence[Place], now: datetime) -> Any:
    """Todos whose newest reminder has come and was not made, or that were put off until now: (todo, person, day and
    closing hour where that person is)."""
    found = [(place, buckets(rule.policy, place.calendar, now)) for place in places]
    width = max((len(row) for _place, row in found), default=0)
    names = [f"{part}{n}" for n in range(width) for part in ("u", "m")]
    table = _table(names, [(place, [at for one in row for at in (one.until, one.moment)]) for place, row in found])
    cases = [(col(Todo.due_at) <= table.c[f"u{n}"], table.c[f"m{n}"]) for n in range(width)]
    newest = sa.case(*cases, else_=_instant(NEVER)) if cases else _instant(NEVER)
    latest = max((row[-1].until for _place, row in found if row), default=now)
    moment = max((one.moment for _place, row in found for one in row), default=NEVER)
    wanted = sa.and_(
        col(Todo.due_at) <= latest,
        sa.or_(moment > _LAST, col(Todo.snoozed_until) > _LAST),  # what many fail, before anything is joined
        _not_put_off(now),
        rule.holds,
        sa.or_(newest > _LAST, col(Todo.snoozed_until) > _LAST),
    )
    return _whoever(table, wanted)


def woken(rule: Rule, places: Sequence[Place], now: datetime) -> Any:
    """Todos that were put off until now, in places whose round was made."""
    put_off = sa.and_(col(Todo.snoozed_until) <= now, col(Todo.snoozed_until) > _LAST)
    return _whoever(table_of(places), sa.and_(col(Todo.done_at).is_(None), put_off, rule.holds))


def urgent(rule: Rule, places: Sequence[Place], now: datetime) -> Any:
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
        rule.holds,
        _not_put_off(now),
    )
    return _whoever(table, wanted)


def late(rule: Rule, days: int, level: int, now: datetime) -> sa.ColumnElement[bool]:
    """That a todo is so many days overdue, and that this level has not heard of it since its deadline."""
    unheard = sa.or_(col(Todo.escalated) < level, col(Todo.escalated_at) < col(Todo.due_at))
    return sa.and_(STILL_OPEN, col(Todo.due_at) <= now - timedelta(days=days), unheard, rule.holds)


def table_of(places: Sequence[Place]) -> sa.CTE:
    """The places as a table: zone, country, day and closing hour."""
    return _table([], [(place, []) for place in places])


def lives(table: sa.CTE, person: Any = Person) -> sa.ColumnElement[bool]:
    """That a person lives in a place of the table, which is to be joined by an outer join: otherwise SQLite begins with
    the places, and reads all todos again for each. `somewhere` leaves out who lives in none."""
    return sa.and_(person.zone == table.c.zone, person.country == table.c.country)


def somewhere(table: sa.CTE) -> sa.ColumnElement[bool]:
    """That somebody lives in a place of the table; said so that SQLite does not make an inner join of it again."""
    return veiled(table.c.zone.is_not(None))


def _whoever(table: sa.CTE, wanted: sa.ColumnElement[bool]) -> Any:
    """Of the open todos that are wanted: those of people who are here, and of people who are away what somebody else
    can do for them."""
    columns = (table.c.day, table.c.closes)
    own = (
        sa.select(col(Todo.id).label("todo"), col(Person.id).label("person"), *columns)
        .join(Person, col(Person.id) == col(Todo.assignee_id))
        .outerjoin(table, lives(table))
        .where(STILL_OPEN, wanted, somewhere(table), active(), ~away(col(Person.id)))
    )
    other = (
        handed(col(Todo.id).label("todo"), col(Person.id).label("person"), *columns, is_open=STILL_OPEN)
        .join(Person, col(Person.id) == reader())
        .outerjoin(table, lives(table))
        .where(wanted, somewhere(table), active(), ~away(col(Person.id)))
    )
    return own.union_all(other)


def _not_put_off(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(col(Todo.snoozed_until).is_(None), col(Todo.snoozed_until) <= now)


def _instant(value: datetime) -> sa.ColumnElement[datetime]:
    return sa.literal(value, INSTANT)


def _table(names: Sequence[str], rows: Sequence[tuple[Place, Sequence[datetime]]]) -> sa.CTE:
    """Places with instants beside each; a row that is shorter is filled up with NEVER."""
    columns: list[sa.ColumnClause[Any]] = [sa.column("zone", sa.String), sa.column("country", sa.String)]
    columns += [sa.column("day", sa.Date), *(sa.column(name, INSTANT) for name in ("closes", *names))]
    width = len(names)
    data = [
        (one.zone, one.country, one.on, one.until, *values, *([NEVER] * (width - len(values)))) for one, values in rows
    ]
    return sa.values(*columns, name="place").data(data).cte("place")


# Said so that SQLite takes no index of what is open: it begins with the todos that are looked at (`Rule.among`).
STILL_OPEN = veiled(col(Todo.done_at).is_(None))
_PLACES = sa.select(col(Person.zone), col(Person.country)).where(active()).distinct()
_TERMS = sa.select(col(Cycle.id), col(Cycle.terms)).where(col(Cycle.state).not_in(("draft", "closed", "cancelled")))
_LAST = sa.func.coalesce(col(Todo.nudged_at), col(Todo.created_at))
