"""Reminders made in steps of a few thousand rows, each a transaction of its own: nobody's press waits for all of them.

A wave is begun with one row. Whichever replica has time does the next step, and after a crash the next one goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Row, execute, json_field, put
from models.escalation import LEAD, STAFF, Escalation
from models.gathering import HOURS, INSTANT, OWN, Ripe, gather
from models.nudge import DAILY, URGENT, Nudge, deliver, insert_new, remember, settle_unsent, unqueued
from models.planning import analyze, plan_anew, veiled
from models.ripening import at_work, begin_rounds, fresh, placed
from models.todo import Todo

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
    plan_anew(db, by_index=True)
    done = 0
    while done < most and wave.done_at is None:
        found = _DO[wave.phase](db, wave, most)
        done += found
        if not found:
            _analyze(db, wave, most)
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


def _analyze(db: Session, wave: Wave, most: int) -> None:
    """After a phase that filled a table with more than a step's rows: what 100,000 people owe took over ten minutes on
    PostgreSQL without."""
    filled = _FILLS.get(wave.phase)
    if filled is not None and db.connection().execute(filled(wave).offset(most).limit(1)).first():
        analyze(db, "ripe", "nudge")


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
    after = (wave.due_at, wave.cursor) if wave.due_at is not None else None
    count, last = gather(db, places, wave.at, after, most)
    wave.due_at, wave.cursor = last or (None, -1)
    return max(count, 1)


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
    # An outer join, and a veiled condition: SQLite would begin with the reminders otherwise.
    return sa.select(*what).select_from(Ripe).outerjoin(Nudge, mine).where(here, veiled(col(Nudge.id).is_not(None)))


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
_FILLS: Mapping[str, Callable[[Wave], Any]] = {
    GATHER: lambda _wave: sa.select(col(Ripe.id)),
    REMIND: lambda wave: sa.select(col(Nudge.id)).where(unqueued(wave.at)),
}
_HEARD = ("todo_id", "level", "due_at", "person_id", "nudge_id", "made_at")
_WAITS = sa.select(col(Wave.id)).where(col(Wave.done_at).is_(None)).limit(1)
