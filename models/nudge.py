"""Reminders: one message a person and day about everything they owe, decided by a row (rules: docs/rules.md)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Session, col, select

from models.base import Row, batches
from models.delivery import BULK, MOVED, SENT, SKIPPED, Delivery
from models.direct import dialect_name
from models.escalation import Escalation
from models.identity import Identity
from models.todo import Todo

DAILY, URGENT = "daily", "urgent"
VIEW = "nudge.digest"
REMEMBERED = timedelta(days=90)
INSTANT = sa.DateTime(timezone=True)


class Remark(Row, table=True):
    """What somebody in HR wrote with the reminders of one go; `words` are sealed by bot.vault."""

    noun: ClassVar[str] = "remark"
    words: bytes | None = None
    made_at: datetime


class Nudge(Row, table=True):
    """One reminder for one person on one of their days: "daily", or "urgent …" when hours are left.

    It was made at `made_at` and is not sent after `until`. `by_id` and the remark say who in HR sent it by hand, and
    what they wrote. `queued`: its message is on its way. `settled`: it is known whether it was sent in time.
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
    remark_id: int | None = Field(default=None, foreign_key="remark.id")


def deliver(db: Session, now: datetime, last: int | None = None) -> int:
    """Puts the reminders made at this instant on their way, in the place of older ones; how many those are. With `last`
    only those of people up to this one."""
    wanted = unqueued(now) if last is None else sa.and_(unqueued(now), col(Nudge.person_id) <= last)
    people = sa.select(col(Nudge.person_id)).where(wanted)
    # Reminders may be many; what carries their person is one card, and only the newest stays live.
    same = (col(Delivery.view) == VIEW, col(Delivery.state) == SENT, col(Delivery.person_id).in_(people))
    outdated = {"view": MOVED, "dirty": True, "due": True, "priority": BULK}
    db.connection().execute(sa.update(Delivery).where(*same).values(**outdated))
    _insert(db, Delivery, _messages(wanted, now))
    return db.connection().execute(sa.update(Nudge).where(wanted).values(queued=True)).rowcount


def forget(db: Session, now: datetime) -> None:
    """Reminders of long ago."""
    old = sa.select(col(Nudge.id)).where(col(Nudge.made_at) < now - REMEMBERED)
    db.connection().execute(sa.delete(Escalation).where(col(Escalation.nudge_id).in_(old)))
    db.connection().execute(sa.delete(Nudge).where(col(Nudge.made_at) < now - REMEMBERED))
    kept = sa.select(col(Nudge.remark_id)).where(col(Nudge.remark_id).is_not(None))
    unused = sa.and_(col(Remark.made_at) < now - REMEMBERED, col(Remark.id).not_in(kept))
    db.connection().execute(sa.delete(Remark).where(unused))


def at(db: Session, person_id: int, made_at: datetime) -> Nudge | None:
    """The reminder of a person that was made at an instant."""
    mine = select(Nudge).where(Nudge.person_id == person_id, Nudge.made_at == made_at)
    return db.exec(mine.order_by(col(Nudge.id).desc()).limit(1)).first()


def remember(db: Session, people: Any, kind: Any, now: datetime) -> int:
    """A reminder each, unless there is one of this kind and day already, made by whichever replica; how many."""
    chosen = people.add_columns(kind, _instant(now))
    return insert_new(db, Nudge, ["person_id", "day", "until", "kind", "made_at"], chosen)


def unqueued(now: datetime) -> sa.ColumnElement[bool]:
    """The reminders of an instant that are not on their way yet."""
    return sa.and_(col(Nudge.made_at) == now, col(Nudge.queued).is_(False))


def settle_unsent(db: Session, now: datetime, most: int) -> int:
    """What could not be sent within its day (a platform was down) counts as not made: it comes up again. So many at
    most; how many days that ended were looked at."""
    ended = sa.select(col(Nudge.id)).where(col(Nudge.settled).is_(False), col(Nudge.until) <= now)
    some = list(db.connection().execute(ended.order_by(col(Nudge.id)).limit(most)).scalars())
    for part in batches(some):
        _settle(db, part)
    return len(some)


def _settle(db: Session, numbers: Sequence[int]) -> None:
    over = col(Nudge.id).in_(numbers)
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


def _messages(wanted: sa.ColumnElement[bool], now: datetime) -> dict[str, Any]:
    """The message of each reminder that is wanted, to the account that its person used last."""
    used = (
        sa.select(col(Identity.id))
        .where(col(Identity.person_id) == col(Nudge.person_id))
        .order_by(col(Identity.seen_at).desc(), col(Identity.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    made = sa.select(col(Nudge.person_id), col(Nudge.until), used.label("account")).where(wanted).subquery()
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


def insert_new(db: Session, model: type[Row], names: Sequence[str], rows: Any) -> int:
    """INSERT … SELECT of what is not there yet; how many. (Without WHERE SQLite takes ON CONFLICT for a join's ON.)"""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    chosen = rows.subquery()
    insert = sqlite_insert if dialect_name(db) == "sqlite" else postgres_insert
    whole = sa.select(*chosen.c).where(sa.text("1 = 1"))
    statement: Any = insert(table).from_select(list(names), whole, include_defaults=True)
    return db.connection().execute(statement.on_conflict_do_nothing()).rowcount
