"""Messages that did not arrive: why, whose they are, sending them again, and how long the queues are."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, select

from models.base import Row, execute, put, record
from models.budget import BEGAN, Budget, instant
from models.delivery import DEAD, PAGED, QUEUED, SENT, SKIPPED, Delivery
from models.identity import Identity
from models.person import HR, Person, with_role
from models.todo import owe_all, settle

# What a platform says when it refuses for good: the first words of a delivery's error, before the platform's own name
# for it.
ACCOUNT, ACCESS, MESSAGE = "account closed", "no access", "message refused"
DOWN, FAULT = "down", "fault"
REASONS = (ACCOUNT, ACCESS, MESSAGE, DOWN, FAULT)
# Tried for days without an answer; the outbox keeps the name of the error.
PASSING = ("OSError", "TimeoutError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError")
KIND = "undelivered.settle"


class Undelivered(Row, table=True):
    """That HR was told on a day that messages did not arrive: one todo for all of them, until none is left."""

    noun: ClassVar[str] = "undelivered"
    on: date = Field(unique=True)
    made_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many messages of one platform ended for one reason, and how many people that concerns."""

    platform: str
    reason: str
    messages: int
    people: int


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that did not arrive: whose, what it was about (a noun, never its contents), since when."""

    id: int
    person_id: int
    noun: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """What is still to be sent on a platform: how many messages are due, since when the oldest has been, and until when
    the platform asked us to wait."""

    platform: str
    queued: int = 0
    oldest: datetime | None = None
    paused: datetime | None = None


def dead(db: Session) -> list[Counted]:
    """By platform and reason, the most frequent first."""
    rows = [Counted(*row) for row in execute(db, _counted())]
    return sorted(rows, key=lambda one: (-one.messages, one.platform, one.reason))


def lately_refused(db: Session, platform: str, name: str, since: datetime) -> bool:
    """Whether a platform refused something for good that began since then, for a reason by its own name."""
    refused = col(Delivery.error).endswith(name, autoescape=True)
    mine = (col(Delivery.platform) == platform, col(Delivery.state).in_([DEAD, PAGED]), refused)
    return db.exec(select(Delivery.id).where(*mine, Delivery.created_at >= since).limit(1)).first() is not None


def without_account(db: Session) -> tuple[int, int]:
    """How many people have no account yet, and how many messages wait for them. Nothing is wrong with these."""
    waits = (col(Delivery.identity_id).is_(None), _state(QUEUED), col(Person.left_at).is_(None))
    people = sa.func.count(sa.distinct(col(Delivery.person_id)))
    counted = sa.select(people, sa.func.count()).join(Person, col(Person.id) == col(Delivery.person_id)).where(*waits)
    found = db.connection().execute(counted).one()
    return int(found[0]), int(found[1])


def queues(db: Session, now: datetime) -> list[Queue]:
    """By platform; what is meant for later does not count. One that is tried again is as old as it is."""
    found = {platform: Queue(platform, queued, oldest) for platform, queued, oldest in execute(db, _queued(), now=now)}
    paused = sa.select(col(Budget.platform), sa.func.max(col(Budget.paused))).group_by(col(Budget.platform))
    for platform, until in db.connection().execute(paused.where(col(Budget.paused) > instant(now))):
        found[platform] = replace(found.get(platform, Queue(platform)), paused=BEGAN + timedelta(microseconds=until))
    return [found[platform] for platform in sorted(found)]


def letters(db: Session, platform: str, reason: str, skip: int, most: int) -> list[Letter]:
    """A page of what ended on a platform for a reason, the newest first."""
    rows = execute(db, _letters(), platform=platform, reason=reason, skip=skip, most=most)
    return [Letter(*row) for row in rows]


def resend(db: Session, now: datetime, platform: str = "", reason: str = "", number: int = 0) -> int:
    """Queues again what ended on a platform for a reason, one message of it, or everything; how many that were.

    Each goes to the account its person used last. What was overtaken by a newer copy, or is for somebody who left, is
    closed instead: nobody is shown the same twice.
    """
    chosen = _chosen(platform, reason, number)
    _close(db, sa.and_(chosen, _pointless()))
    used = _used(col(Identity.id))
    again = {"state": QUEUED, "due": used.is_not(None), "attempts": 0, "error": "", "not_before": now}
    account = {"identity_id": used, "platform": sa.func.coalesce(_used(col(Identity.platform)), "")}
    return db.connection().execute(sa.update(Delivery).where(chosen).values(**again, **account)).rowcount


def leave(db: Session, platform: str = "", reason: str = "", number: int = 0) -> int:
    """Gives up on the same; how many that were."""
    return _close(db, _chosen(platform, reason, number))


def tell(db: Session, today: date, now: datetime) -> Undelivered | None:
    """Makes the day's todo for HR if something did not arrive, there is no open one and none was made today."""
    if not _any(db) or opened(db) is not None or db.exec(select(Undelivered).where(Undelivered.on == today)).first():
        return None
    return _open(db, today, now)


def settled(db: Session, by_id: int, now: datetime) -> bool:
    """Ends the open todo once nothing is left to decide; whether it was ended."""
    one = opened(db)
    if one is None or _any(db):
        return False
    one.ended_at = now
    db.add(one)
    settle(db, one, by_id, now)
    record(db, "undelivered.ended", one)
    return True


def opened(db: Session) -> Undelivered | None:
    """The one that is not ended."""
    return db.exec(select(Undelivered).where(col(Undelivered.ended_at).is_(None))).first()


def newest(db: Session, today: date, now: datetime) -> Undelivered | None:
    """The open one or the last; the first is made when HR looks before the clock does. None: nothing ever failed."""
    known = select(Undelivered).order_by(col(Undelivered.ended_at).is_not(None), col(Undelivered.id).desc())
    last = db.exec(known).first()
    return last if last is not None or not _any(db) else _open(db, today, now)


def _open(db: Session, today: date, now: datetime) -> Undelivered:
    made = Undelivered(on=today, made_at=now)
    put(db, made)
    owe_all(db, KIND, [(made, person.id) for person in with_role(db, HR)], now)
    record(db, "undelivered.found", made)
    return made


def _close(db: Session, which: sa.ColumnElement[bool]) -> int:
    return db.connection().execute(sa.update(Delivery).where(which).values(state=SKIPPED, due=False)).rowcount


def _used(column: Any) -> sa.ScalarSelect[Any]:
    """A column of the account that the person of a message used last."""
    theirs = sa.select(column).where(col(Identity.person_id) == col(Delivery.person_id)).correlate(Delivery)
    return theirs.order_by(col(Identity.seen_at).desc(), col(Identity.id).desc()).limit(1).scalar_subquery()


def _any(db: Session) -> bool:
    first = sa.select(col(Delivery.platform)).where(_state(DEAD)).order_by(col(Delivery.platform)).limit(1)
    return db.connection().execute(first).first() is not None


def _state(value: str) -> sa.ColumnElement[bool]:
    """Written out, because a partial index is not used for a value that is only bound."""
    return col(Delivery.state) == sa.literal_column(f"'{value}'", sa.String)


def _reason() -> sa.ColumnElement[str]:
    """Why, by what the outbox noted."""
    said = [(col(Delivery.error).startswith(one, autoescape=True), one) for one in (ACCOUNT, ACCESS, MESSAGE)]
    return sa.case(*said, (col(Delivery.error).in_(PASSING), DOWN), else_=FAULT)


def _chosen(platform: str, reason: str, number: int) -> sa.ColumnElement[bool]:
    parts = [_state(DEAD)]
    if platform:
        parts.append(col(Delivery.platform) == platform)
    if reason:
        parts.append(_reason() == reason)
    if number:
        parts.append(col(Delivery.id) == number)
    return sa.and_(*parts)


def _pointless() -> sa.ColumnElement[bool]:
    """Whoever it is for has left, or has a newer copy."""
    newer = aliased(Delivery)
    copied = sa.exists().where(
        col(newer.person_id) == col(Delivery.person_id),
        col(newer.view) == col(Delivery.view),
        col(newer.subject_id) == col(Delivery.subject_id),
        col(newer.subject_id) > 0,
        col(newer.id) > col(Delivery.id),
        col(newer.state).in_((SENT, QUEUED, DEAD)),
    )
    gone = sa.exists().where(col(Person.id) == col(Delivery.person_id), col(Person.left_at).is_not(None))
    return sa.or_(copied, gone)


@lru_cache(maxsize=1)
def _counted() -> sa.Executable:
    people = sa.func.count(sa.distinct(col(Delivery.person_id)))
    reason = _reason().label("reason")
    where = col(Delivery.platform)
    counted = sa.select(where, reason, sa.func.count(), people).where(_state(DEAD))
    return counted.group_by(where, sa.literal_column("reason"))


@lru_cache(maxsize=1)
def _letters() -> sa.Executable:
    return (
        sa.select(col(Delivery.id), col(Delivery.person_id), col(Delivery.subject_noun), col(Delivery.created_at))
        .where(_state(DEAD), col(Delivery.platform) == sa.bindparam("platform"), _reason() == sa.bindparam("reason"))
        .order_by(col(Delivery.id).desc())
        .offset(sa.bindparam("skip"))
        .limit(sa.bindparam("most"))
    )


@lru_cache(maxsize=1)
def _queued() -> sa.Executable:
    fresh = col(Delivery.attempts) == 0
    since = sa.case((fresh, col(Delivery.not_before)), else_=col(Delivery.created_at))
    begun = sa.or_(col(Delivery.not_before) <= sa.bindparam("now"), ~fresh)
    by = col(Delivery.platform)
    waits = (_state(QUEUED), sa.and_(col(Delivery.due)), begun)  # `due` alone, as its partial index says it
    oldest = sa.func.min(since, type_=Delivery.__table__.c.not_before.type)  # type: ignore[attr-defined]
    return sa.select(by, sa.func.count(), oldest).where(*waits).group_by(by).order_by(by)
