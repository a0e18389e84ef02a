"""Reminders: one message a person and day about everything they owe, decided by a row (rules: docs/rules.md)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Session, col, select

from models.base import Row
from models.delivery import BULK, MOVED, SENT, SKIPPED, Delivery
from models.direct import dialect_name
from models.escalation import LEAD, STAFF, Escalation, candidates
from models.identity import Identity
from models.ripening import Place, Rule, alike, at_work, begin_rounds, fresh, ordinary, rules, urgent, woken
from models.rules.nudging import SILENT
from models.todo import Todo

DAILY, URGENT = "daily", "urgent"
VIEW = "nudge.digest"
REMEMBERED = timedelta(days=90)
INSTANT = sa.DateTime(timezone=True)


class Nudge(Row, table=True):
    """One reminder for one person on one of their days: "daily", or "urgent …" when hours are left.

    It was made at `made_at` and is not sent after `until`. `by_id` and `words` say who in HR sent it by hand, and what
    they wrote. `queued`: its message is on its way. `settled`: it is known whether it was sent in time.
    """

    __table_args__ = (
        sa.UniqueConstraint("person_id", "day", "kind"),
        sa.Index("ix_nudge_made", "made_at", "person_id"),
        sa.Index("ix_nudge_until", "settled", "until"),
    )
    noun: ClassVar[str] = "nudge"
    person_id: int = Field(foreign_key="person.id")
    day: date
    kind: str = DAILY
    made_at: datetime
    until: datetime
    queued: bool = False
    settled: bool = False
    by_id: int | None = Field(default=None, foreign_key="person.id")
    words: str = ""


# Who is to hear of what, at most for one transaction.
RIPE = sa.Table(
    "ripe",
    sa.MetaData(),
    sa.Column("todo", sa.Integer),
    sa.Column("person", sa.Integer),
    sa.Column("day", sa.Date),
    sa.Column("closes", INSTANT),
    sa.Column("level", sa.Integer),
    sa.Column("due", INSTANT),
    prefixes=["TEMPORARY"],
)


def run(db: Session, now: datetime, home: str = "UTC") -> int:
    """Reminds everybody of what has come up to now, and tells the next level; how many messages that made.

    It goes by what is so, not by when it ran last: what was missed is made up for, and twice is the same as once.
    `home` is the company's zone.
    """
    db.flush()
    _unsent(db, now)
    places = at_work(db, now, home)
    for day in sorted({one.on for one in places}):
        here = [one for one in places if one.on == day]
        known = rules(db, day)
        made = _daily(db, known, here, now)
        _urgent(db, known, here, now, made=made)
    return deliver(db, now)


def deliver(db: Session, now: datetime) -> int:
    """Puts the reminders made at this instant on their way, in the place of older ones; how many those are."""
    people = _reached(now)
    # Reminders may be many; what carries their person is one card, and only the newest stays live.
    same = (col(Delivery.view) == VIEW, col(Delivery.state) == SENT, col(Delivery.person_id).in_(people))
    outdated = {"view": MOVED, "dirty": True, "due": True, "priority": BULK}
    db.connection().execute(sa.update(Delivery).where(*same).values(**outdated))
    _insert(db, Delivery, _messages(now))
    return db.connection().execute(sa.update(Nudge).where(_fresh(now)).values(queued=True)).rowcount


def forget(db: Session, now: datetime) -> None:
    """Reminders of long ago."""
    old = sa.select(col(Nudge.id)).where(col(Nudge.made_at) < now - REMEMBERED)
    db.connection().execute(sa.delete(Escalation).where(col(Escalation.nudge_id).in_(old)))
    db.connection().execute(sa.delete(Nudge).where(col(Nudge.made_at) < now - REMEMBERED))


def at(db: Session, person_id: int, made_at: datetime) -> Nudge | None:
    """The reminder of a person that was made at an instant."""
    mine = select(Nudge).where(Nudge.person_id == person_id, Nudge.made_at == made_at)
    return db.exec(mine.order_by(col(Nudge.id).desc()).limit(1)).first()


def _daily(db: Session, known: Sequence[Rule], places: Sequence[Place], now: datetime) -> int:
    """What has come up, and what others have to hear of, in one message a person; a day has room for one. How many."""
    new = fresh(db, places)
    old = [one for one in places if one not in new]
    rounds = alike(known, lambda one: replace(one, hours=0, lead=0, hr=0))
    found = [ordinary(rule, new, now) for rule in rounds if new] + [woken(rule, old, now) for rule in rounds if old]
    begin_rounds(db, new)
    with _gathered(db, found, candidates(db, known, places, now)):
        people = sa.select(RIPE.c.person, RIPE.c.day, sa.func.max(RIPE.c.closes)).group_by(RIPE.c.person, RIPE.c.day)
        made = _remember(db, people, sa.literal(DAILY, sa.String), now)
        if made:
            reached = sa.select(RIPE.c.todo).where(RIPE.c.level == 0, RIPE.c.person.in_(_reached(now)))
            told = {"nudged_at": now, "nudges": col(Todo.nudges) + 1}
            db.connection().execute(sa.update(Todo).where(col(Todo.id).in_(reached)).values(**told))
            _raise(db, now)
    return made


@contextmanager
def _gathered(db: Session, found: Sequence[Any], raised: Sequence[Any]) -> Iterator[None]:
    """All that wants a message, looked for once: in a table of this transaction's own."""
    connection = db.connection()
    RIPE.create(connection)
    for one in (each.subquery() for each in found):
        plain = sa.select(one.c.todo, one.c.person, one.c.day, one.c.closes, sa.literal(0, sa.Integer))
        connection.execute(sa.insert(RIPE).from_select(["todo", "person", "day", "closes", "level"], plain))
    for one in (each.subquery() for each in raised):
        names = ["todo", "level", "due", "person", "day", "closes"]
        connection.execute(sa.insert(RIPE).from_select(names, sa.select(*(one.c[name] for name in names))))
    yield
    RIPE.drop(connection)


def _raise(db: Session, now: datetime) -> None:
    """Notes who heard of which todo, in which reminder."""
    heard = sa.select(RIPE.c.todo, RIPE.c.level, RIPE.c.due, RIPE.c.person, col(Nudge.id), _instant(now))
    # An outer join, and again in the condition: SQLite would look through all reminders for each row otherwise.
    here = sa.case((col(Nudge.id).is_(None), 0), else_=1) == 1
    known = sa.and_(col(Nudge.person_id) == RIPE.c.person, _fresh(now))
    heard = heard.select_from(RIPE).outerjoin(Nudge, known).where(RIPE.c.level > 0, here)
    names = ["todo_id", "level", "due_at", "person_id", "nudge_id", "made_at"]
    if not _insert_new(db, Escalation, names, heard):
        return
    told = sa.select(RIPE.c.todo).where(RIPE.c.person.in_(_reached(now)))
    for level in (LEAD, STAFF):
        some = told.where(RIPE.c.level == level)
        raised = sa.update(Todo).where(col(Todo.id).in_(some)).values(escalated=level, escalated_at=now)
        db.connection().execute(raised)


def _urgent(db: Session, known: Sequence[Rule], places: Sequence[Place], now: datetime, *, made: int) -> None:
    """Hours are left: alone, and once for each deadline, unless the message of the day goes out at this moment."""
    for rule in alike(known, lambda one: replace(SILENT, hours=one.hours)):
        wanted = urgent(rule, places, now).subquery()
        due = sa.select(wanted, col(Todo.due_at).label("due")).join(Todo, col(Todo.id) == wanted.c.todo).subquery()
        kind = sa.literal(URGENT + " ", sa.String) + sa.cast(sa.func.min(due.c.due), sa.String)
        people = sa.select(due.c.person, due.c.day, sa.func.max(due.c.closes))
        people = people.where(due.c.person.not_in(_reached(now))).group_by(due.c.person, due.c.day)
        if not _remember(db, people, kind, now) and not made:
            continue
        reached = sa.select(wanted.c.todo).where(wanted.c.person.in_(_reached(now)))
        db.connection().execute(sa.update(Todo).where(col(Todo.id).in_(reached)).values(urged_at=now))


def _remember(db: Session, people: Any, kind: Any, now: datetime) -> int:
    """A reminder each, unless there is one of this kind and day already, made by whichever replica; how many."""
    chosen = people.add_columns(kind, _instant(now))
    return _insert_new(db, Nudge, ["person_id", "day", "until", "kind", "made_at"], chosen)


def _fresh(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(Nudge.made_at) == now, col(Nudge.queued).is_(False))


def _reached(now: datetime) -> sa.Select[Any]:
    return sa.select(col(Nudge.person_id)).where(_fresh(now))


def _unsent(db: Session, now: datetime) -> None:
    """What could not be sent within its day (a platform was down) counts as not made: it comes up again."""
    over = sa.and_(col(Nudge.settled).is_(False), col(Nudge.until) <= now)
    given_up = sa.and_(col(Delivery.view) == VIEW, col(Delivery.state) == SKIPPED)
    same = sa.and_(col(Delivery.person_id) == col(Nudge.person_id), col(Delivery.created_at) == col(Nudge.made_at))
    lost = sa.select(col(Nudge.id)).join(Delivery, same).where(over, given_up)
    if db.connection().execute(lost.limit(1)).first() is not None:
        mine = sa.and_(col(Todo.assignee_id) == col(Nudge.person_id), col(Todo.nudged_at) == col(Nudge.made_at))
        told = sa.select(col(Todo.id)).select_from(Nudge).join(Todo, mine).where(col(Nudge.id).in_(lost))
        db.connection().execute(sa.update(Todo).where(col(Todo.id).in_(told)).values(nudged_at=None))
        heard = sa.select(col(Escalation.todo_id)).where(col(Escalation.nudge_id).in_(lost))
        db.connection().execute(sa.update(Todo).where(col(Todo.id).in_(heard)).values(escalated=0))
        db.connection().execute(sa.delete(Escalation).where(col(Escalation.nudge_id).in_(lost)))
    db.connection().execute(sa.update(Nudge).where(over).values(settled=True))


def _messages(now: datetime) -> dict[str, Any]:
    """The message of each reminder, to the account that its person used last."""
    used = (
        sa.select(col(Identity.id))
        .where(col(Identity.person_id) == col(Nudge.person_id))
        .order_by(col(Identity.seen_at).desc(), col(Identity.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    made = sa.select(col(Nudge.person_id), col(Nudge.until), used.label("account")).where(_fresh(now)).subquery()
    known = sa.select(made, col(Identity.platform)).outerjoin(Identity, col(Identity.id) == made.c.account).subquery()
    return {
        "person_id": known.c.person_id,
        "identity_id": known.c.account,
        "platform": sa.func.coalesce(known.c.platform, ""),
        "due": known.c.account.is_not(None),
        "view": sa.literal(VIEW, sa.String),
        "subject_noun": sa.literal("person", sa.String),
        "subject_id": known.c.person_id,
        "facts": sa.literal({"made_at": now.isoformat()}, sa.JSON),
        "priority": sa.literal(BULK),
        "not_before": _instant(now),
        "not_after": known.c.until,
        "created_at": _instant(now),
    }


def _instant(value: datetime) -> sa.ColumnElement[datetime]:
    return sa.literal(value, INSTANT)


def _insert(db: Session, model: type[Row], values: dict[str, Any]) -> None:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    rows = sa.select(*(value.label(name) for name, value in values.items()))
    db.connection().execute(sa.insert(table).from_select(list(values), rows, include_defaults=True))


def _insert_new(db: Session, model: type[Row], names: Sequence[str], rows: Any) -> int:
    """INSERT … SELECT of what is not there yet; how many. (Without WHERE SQLite takes ON CONFLICT for a join's ON.)"""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    chosen = rows.subquery()
    insert = sqlite_insert if dialect_name(db) == "sqlite" else postgres_insert
    whole = sa.select(*chosen.c).where(sa.text("1 = 1"))
    statement: Any = insert(table).from_select(list(names), whole, include_defaults=True)
    return db.connection().execute(statement.on_conflict_do_nothing()).rowcount
