"""Who is to hear of which todos at an instant, found over a few thousand todos at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Session, col

from models.announcement import unsettled
from models.base import Row
from models.escalation import LEAD, STAFF, candidates
from models.planning import analyze, veiled
from models.ripening import Place, Rule, alike, horizon, ordinary, rules, urgent, woken
from models.rules.nudging import SILENT
from models.todo import Todo

# What somebody hears of: hours are left, their own todo, or (models.escalation) that of others.
HOURS, OWN = -1, 0
INSTANT = sa.DateTime(timezone=True)
Mark = tuple[datetime, int] | None  # a todo in the order of deadlines; None: before the first, or after the last


class Ripe(Row, table=True):
    """That somebody is to hear of a todo in this wave, on their day and not after `until`; gone once it is noted."""

    __table_args__ = (sa.Index("ix_ripe_person", "person_id", "level"),)
    noun: ClassVar[str] = "ripe"
    todo_id: int
    person_id: int
    day: date
    until: datetime
    level: int = OWN
    due_at: datetime | None = None


# The todos of one step, in its own transaction: however a question is put, the database begins with these.
LOOKED_AT = sa.Table(
    "looked_at",
    sa.MetaData(),
    sa.Column("todo", sa.Integer, primary_key=True),
    sa.Column("due", sa.inspect(Todo).columns.due_at.type),
    prefixes=["TEMPORARY"],
)


def gather(
    db: Session, places: Sequence[tuple[Place, bool]], now: datetime, after: Mark, most: int
) -> tuple[int, Mark]:
    """Keeps who is to hear of the next todos after one, in the places (and whether their round of the day is due); how
    many todos that were, and the last. None: there are no more, and those that were put off until now are kept."""
    here = [place for place, _new in places]
    by_day = {day: rules(db, day) for day in sorted({one.on for one in here})}
    LOOKED_AT.create(db.connection())
    every = [rule for some in by_day.values() for rule in some]
    first = any(is_new for _place, is_new in places)
    wanted = sa.true() if first else _stirs(every, now)
    count, last = _ahead(db, after, horizon(every, here, now), wanted, most)
    among = _looked_at(db) if last is not None else sa.true()
    for day, known in by_day.items():
        some = [replace(rule, among=sa.and_(among, ~unsettled())) for rule in known]
        new = [place for place, is_new in places if place.on == day and is_new]
        old = [place for place, is_new in places if place.on == day and not is_new]
        _keep(db, _found(db, some, new, old, now) if last is not None else _put_off(some, old, now))
    LOOKED_AT.drop(db.connection())
    return count, last


def _found(
    db: Session, known: Sequence[Rule], new: Sequence[Place], old: Sequence[Place], now: datetime
) -> Iterable[Mapping[str, Any]]:
    """What has come up, what has hours left and what others have to hear of."""
    places = [*new, *old]
    if new:
        for rule in alike(known, lambda one: replace(one, hours=0, lead=0, hr=0)):
            yield _own(ordinary(rule, new, now), OWN)
    for rule in alike(known, lambda one: replace(SILENT, hours=one.hours)):
        yield _own(urgent(rule, places, now), HOURS)
    for raised in candidates(db, known, places, now):
        one = raised.subquery()
        yield {**_whom(one), "level": one.c.level, "due_at": one.c.due}


def _put_off(known: Sequence[Rule], old: Sequence[Place], now: datetime) -> Iterable[Mapping[str, Any]]:
    if old:
        for rule in alike(known, lambda one: replace(one, hours=0, lead=0, hr=0)):
            yield _own(woken(rule, old, now), OWN)


def _own(found: Any, level: int) -> Mapping[str, Any]:
    one = found.subquery()
    due = sa.select(col(Todo.due_at)).where(col(Todo.id) == one.c.todo).scalar_subquery()
    return {**_whom(one), "level": sa.literal(level, sa.Integer), "due_at": due}


def _whom(one: sa.Subquery) -> dict[str, Any]:
    return {"todo_id": one.c.todo, "person_id": one.c.person, "day": one.c.day, "until": one.c.closes}


def _keep(db: Session, found: Iterable[Mapping[str, Any]]) -> None:
    for values in found:
        rows = sa.select(*(value.label(name) for name, value in values.items()))
        db.connection().execute(sa.insert(Ripe).from_select(list(values), rows))


def _ahead(db: Session, after: Mark, latest: datetime, among: sa.ColumnElement[bool], most: int) -> tuple[int, Mark]:
    """How many todos come next in the order of their deadlines, and where they end; None if there are no more."""
    ahead = sa.select(col(Todo.id), col(Todo.due_at)).where(col(Todo.done_at).is_(None), col(Todo.due_at) <= latest)
    some = ahead.where(_beyond(after), among).order_by(col(Todo.due_at), col(Todo.id)).limit(most)
    db.connection().execute(sa.insert(LOOKED_AT).from_select(["todo", "due"], some))
    analyze(db, "looked_at")
    last = sa.select(LOOKED_AT.c.due, LOOKED_AT.c.todo).order_by(LOOKED_AT.c.due.desc(), LOOKED_AT.c.todo.desc())
    found = db.connection().execute(last.limit(1)).first()
    count = db.connection().execute(sa.select(sa.func.count()).select_from(LOOKED_AT)).scalar_one()
    return count, (found[0], found[1]) if found is not None else None


def _looked_at(db: Session) -> sa.ColumnElement[bool]:
    """That a todo is one of this step's; with the numbers between which they lie, by which PostgreSQL sees how few."""
    first, last = db.connection().execute(sa.select(sa.func.min(LOOKED_AT.c.todo), sa.func.max(LOOKED_AT.c.todo))).one()
    here = sa.and_(col(Todo.id) >= sa.literal(first, sa.Integer), col(Todo.id) <= sa.literal(last, sa.Integer))
    return sa.and_(col(Todo.id).in_(sa.select(LOOKED_AT.c.todo)), veiled(here))


def _stirs(known: Sequence[Rule], now: datetime) -> sa.ColumnElement[bool]:
    """What may come up once the round of the day was made: hours are left, or others have still to hear of it."""
    days = [rule.policy.hr for rule in known if rule.policy.hr]
    high = sa.and_(col(Todo.escalated) < STAFF, col(Todo.due_at) <= now - timedelta(days=min(days, default=0)))
    unheard = sa.or_(col(Todo.escalated) < LEAD, high, col(Todo.escalated_at) < col(Todo.due_at))
    return sa.or_(col(Todo.due_at) > now, unheard)


def _beyond(after: Mark) -> sa.ColumnElement[bool]:
    if after is None:
        return sa.true()
    due, number = after
    return _place_of > sa.tuple_(sa.literal(due, INSTANT), sa.literal(number, sa.Integer))


_place_of = sa.tuple_(col(Todo.due_at), col(Todo.id))
