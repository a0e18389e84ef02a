"""Reminders made in steps of a few thousand rows, each a transaction of its own: nobody's press waits for all of them.

A wave is begun with one row. Whichever replica has time does the next step, and after a crash the next one goes on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.announcement import unsettled
from models.base import Row, execute, json_field, put
from models.escalation import LEAD, STAFF, Escalation, candidates
from models.nudge import DAILY, INSTANT, URGENT, Nudge, deliver, insert_new, remember, settle_unsent, unqueued
from models.ripening import (
    Place,
    Rule,
    alike,
    at_work,
    begin_rounds,
    fresh,
    horizon,
    ordinary,
    placed,
    rules,
    urgent,
    woken,
)
from models.rules.nudging import SILENT
from models.todo import Todo

# What somebody hears of: hours are left, their own todo, or (models.escalation) that of others.
HOURS, OWN = -1, 0
STEP = 4000
UNSENT, GATHER, REMIND, NOTE, SEND = PHASES = ("unsent", "gather", "remind", "note", "send")


class Wave(Row, table=True):
    """All reminders of an instant `at`; `places` are (zone, country, whether its round of the day is due).

    `cursor` (and `due_at` while it gathers) is where the last step of the `phase` ended.
    """

    noun: ClassVar[str] = "wave"
    at: datetime
    home: str
    places: list[Any] = json_field()
    phase: str = UNSENT
    cursor: int = 0
    due_at: datetime | None = None
    made: int = 0
    done_at: datetime | None = Field(default=None, index=True)


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
    sa.Column("due", INSTANT),
    prefixes=["TEMPORARY"],
)


def begin(db: Session, now: datetime, home: str = "UTC") -> Wave | None:
    """Stores that everybody is to be reminded of what has come up to now; None while an earlier wave is under way,
    since the next one makes up for it. `home` is the company's zone."""
    db.flush()
    if waits(db, now):
        return None
    db.connection().execute(sa.delete(Wave))
    places = at_work(db, now, home)
    new = fresh(db, places)
    begin_rounds(db, new)
    wave = Wave(at=now, home=home, places=[[one.zone, one.country, one in new] for one in places])
    put(db, wave)
    return wave


def waits(db: Session, now: datetime) -> bool:
    """Whether a wave is under way."""
    return execute(db, _WAITS).first() is not None


def step(db: Session, now: datetime, most: int = STEP) -> int:
    """Goes on with the wave under way, unless another replica is at it, for about `most` rows; how many it was, at
    least 1. Those rows and how far it has come commit together."""
    wave = db.exec(select(Wave).where(col(Wave.done_at).is_(None)).limit(1).with_for_update(skip_locked=True)).first()
    if wave is None:
        return 0
    done = 0
    while done < most and wave.done_at is None:
        found = _DO[wave.phase](db, wave, most)
        done += found
        if not found:
            _turn(wave)
    db.add(wave)
    db.flush()
    return max(done, 1)


def run(db: Session, now: datetime, home: str = "UTC") -> int:
    """A whole wave in this transaction; how many reminders it made. It goes by what is so, not by when one was last:
    what was missed is made up for, and twice is the same as once."""
    wave = begin(db, now, home)
    while step(db, now):
        pass
    return wave.made if wave is not None else 0


def _turn(wave: Wave) -> None:
    """To the next phase."""
    at = PHASES.index(wave.phase)
    wave.cursor, wave.due_at = 0, None
    if wave.phase == SEND:
        wave.done_at = wave.at
    else:
        wave.phase = PHASES[at + 1]


def _unsent(db: Session, wave: Wave, most: int) -> int:
    return settle_unsent(db, wave.at, most)


def _gather(db: Session, wave: Wave, most: int) -> int:
    """Who is to hear of what, over the next todos by deadline; at last, over those that were put off until now."""
    places = placed(wave.places, wave.home, wave.at)
    if not places or wave.cursor < 0:
        return 0
    here = [place for place, _new in places]
    by_day = {day: rules(db, day) for day in sorted({one.on for one in here})}
    LOOKED_AT.create(db.connection())
    every = [rule for some in by_day.values() for rule in some]
    first = any(is_new for _place, is_new in places)
    wanted = sa.true() if first else _stirs(every, wave.at)
    count, last = _ahead(db, wave, horizon(every, here, wave.at), wanted, most)
    among = col(Todo.id).in_(sa.select(LOOKED_AT.c.todo)) if last is not None else sa.true()
    for day, known in by_day.items():
        some = [replace(rule, among=sa.and_(among, ~unsettled())) for rule in known]
        new = [place for place, is_new in places if place.on == day and is_new]
        old = [place for place, is_new in places if place.on == day and not is_new]
        _keep(db, _found(db, some, new, old, wave.at) if last is not None else _put_off(some, old, wave.at))
    LOOKED_AT.drop(db.connection())
    wave.due_at, wave.cursor = last or (None, -1)
    return max(count, 1)


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


def _ahead(
    db: Session, wave: Wave, latest: datetime, among: sa.ColumnElement[bool], most: int
) -> tuple[int, tuple[datetime, int] | None]:
    """How many todos come next in the order of their deadlines, and where they end; None if there are no more."""
    ahead = sa.select(col(Todo.id), col(Todo.due_at)).where(col(Todo.done_at).is_(None), col(Todo.due_at) <= latest)
    some = ahead.where(_after(wave), among).order_by(col(Todo.due_at), col(Todo.id)).limit(most)
    db.connection().execute(sa.insert(LOOKED_AT).from_select(["todo", "due"], some))
    last = sa.select(LOOKED_AT.c.due, LOOKED_AT.c.todo).order_by(LOOKED_AT.c.due.desc(), LOOKED_AT.c.todo.desc())
    found = db.connection().execute(last.limit(1)).first()
    count = db.connection().execute(sa.select(sa.func.count()).select_from(LOOKED_AT)).scalar_one()
    return count, (found[0], found[1]) if found is not None else None


def _stirs(known: Sequence[Rule], now: datetime) -> sa.ColumnElement[bool]:
    """What may come up once the round of the day was made: hours are left, or others have still to hear of it."""
    days = [rule.policy.hr for rule in known if rule.policy.hr]
    high = sa.and_(col(Todo.escalated) < STAFF, col(Todo.due_at) <= now - timedelta(days=min(days, default=0)))
    unheard = sa.or_(col(Todo.escalated) < LEAD, high, col(Todo.escalated_at) < col(Todo.due_at))
    return sa.or_(col(Todo.due_at) > now, unheard)


def _after(wave: Wave) -> sa.ColumnElement[bool]:
    return _place_of > _mark(wave.due_at, wave.cursor) if wave.due_at is not None else sa.true()


def _mark(due: datetime, number: int) -> Any:
    return sa.tuple_(sa.literal(due, INSTANT), sa.literal(number, sa.Integer))


def _remind(db: Session, wave: Wave, most: int) -> int:
    """A reminder for each of the next people: "daily" for what has come up and what others have to hear of, and one
    that hours are left for whom there was no room for that."""
    ahead = sa.select(col(Ripe.person_id)).where(col(Ripe.person_id) > wave.cursor).distinct()
    people = ahead.order_by(col(Ripe.person_id)).limit(most).subquery()
    last, count = db.connection().execute(sa.select(sa.func.max(people.c[0]), sa.func.count())).one()
    if not count:
        return 0
    here = sa.and_(col(Ripe.person_id) > wave.cursor, col(Ripe.person_id) <= last)
    who = (col(Ripe.person_id), col(Ripe.day), sa.func.max(col(Ripe.until)))
    daily = sa.select(*who).where(here, col(Ripe.level) >= OWN).group_by(col(Ripe.person_id), col(Ripe.day))
    remember(db, daily, sa.literal(DAILY, sa.String), wave.at)
    told = sa.select(col(Nudge.person_id)).where(unqueued(wave.at), col(Nudge.person_id) <= last)
    pressing = sa.select(*who).where(here, col(Ripe.level) == HOURS, col(Ripe.person_id).not_in(told))
    kind = sa.literal(URGENT + " ", sa.String) + sa.cast(sa.func.min(col(Ripe.due_at)), sa.String)
    remember(db, pressing.group_by(col(Ripe.person_id), col(Ripe.day)), kind, wave.at)
    wave.cursor = last
    return int(count)


def _note(db: Session, wave: Wave, most: int) -> int:
    """What the next todos were heard of, by whom."""
    ahead = sa.select(col(Ripe.id)).where(col(Ripe.id) > wave.cursor).order_by(col(Ripe.id)).limit(most).subquery()
    last, count = db.connection().execute(sa.select(sa.func.max(ahead.c.id), sa.func.count())).one()
    if not count:
        return 0
    here = sa.and_(col(Ripe.id) > wave.cursor, col(Ripe.id) <= last)
    heard = (*(col(Ripe.todo_id), col(Ripe.level), col(Ripe.due_at), col(Ripe.person_id)), col(Nudge.id))
    raised = _heard(wave, here, daily=True, what=(*heard, sa.literal(wave.at, INSTANT)))
    insert_new(db, Escalation, _HEARD, raised.where(col(Ripe.level) >= LEAD))
    _write(db, wave, here, OWN, {"nudged_at": wave.at, "nudges": col(Todo.nudges) + 1})
    _write(db, wave, here, HOURS, {"urged_at": wave.at})
    for level in (LEAD, STAFF):
        _write(db, wave, here, level, {"escalated": level, "escalated_at": wave.at})
    db.connection().execute(sa.delete(Ripe).where(here))
    wave.cursor = last
    return int(count)


def _write(db: Session, wave: Wave, here: sa.ColumnElement[bool], level: int, values: Mapping[str, Any]) -> None:
    """Into the todos of a level that were heard of; HR having heard of one is never forgotten for its manager."""
    heard = _heard(wave, here, daily=level != HOURS, what=(col(Ripe.todo_id),)).where(col(Ripe.level) == level)
    told = sa.update(Todo).where(col(Todo.id).in_(heard.correlate(None)))
    if level >= LEAD:
        before = sa.func.coalesce(col(Todo.escalated_at), sa.literal(wave.at - timedelta(days=1), INSTANT))
        told = told.where(sa.or_(before != sa.literal(wave.at, INSTANT), col(Todo.escalated) < level))
    db.connection().execute(told.values(**values))


def _heard(wave: Wave, here: sa.ColumnElement[bool], *, daily: bool, what: Sequence[Any]) -> Any:
    """Ripe todos with the reminder of this wave that tells of them."""
    mine = sa.and_(col(Nudge.person_id) == col(Ripe.person_id), col(Nudge.day) == col(Ripe.day))
    mine = sa.and_(mine, col(Nudge.made_at) == sa.literal(wave.at, INSTANT))
    mine = sa.and_(mine, col(Nudge.kind) == DAILY) if daily else mine
    # An outer join, and again in the condition: SQLite would begin with the reminders otherwise.
    there = sa.case((col(Nudge.id).is_(None), 0), else_=1) == 1
    return sa.select(*what).select_from(Ripe).outerjoin(Nudge, mine).where(here, there)


def _send(db: Session, wave: Wave, most: int) -> int:
    """The messages of the next people."""
    ahead = sa.select(col(Nudge.person_id)).where(unqueued(wave.at)).order_by(col(Nudge.person_id)).limit(most)
    last = db.connection().execute(sa.select(sa.func.max(ahead.subquery().c[0]))).scalar()
    count = deliver(db, wave.at, last) if last is not None else 0
    wave.made += count
    return count


_DO: Mapping[str, Callable[[Session, Wave, int], int]] = {
    UNSENT: _unsent,
    GATHER: _gather,
    REMIND: _remind,
    NOTE: _note,
    SEND: _send,
}
_HEARD = ("todo_id", "level", "due_at", "person_id", "nudge_id", "made_at")
_place_of = sa.tuple_(col(Todo.due_at), col(Todo.id))
_WAITS = sa.select(col(Wave.id)).where(col(Wave.done_at).is_(None)).limit(1)
