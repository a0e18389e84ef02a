"""Messages: what is to be sent, and where every copy of what was sent stands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, select

from models.base import Change, Row, json_field
from models.identity import Identity
from models.person import Person

QUEUED, SENT, SKIPPED, DEAD = "queued", "sent", "skipped", "dead"
LEASE = timedelta(seconds=60)
BATCH = 50


class Delivery(Row, table=True):
    """One message to one account: a view of a subject with a few facts, drawn when it is sent.

    `dirty` means that the subject changed after this copy was drawn. `drawn` is the digest of what the copy shows.
    `lease_until` fences a send: whoever holds it may finish it. Without an account (`identity_id` is null) the message
    waits until the person links one.
    """

    __table_args__ = (
        sa.Index("ix_delivery_due", "due", "not_before"),
        sa.Index("ix_delivery_copy", "subject_noun", "subject_id", "state"),
        sa.Index("ix_delivery_account", "identity_id", "id"),
    )
    noun: ClassVar[str] = "delivery"
    person_id: int = Field(foreign_key="person.id", index=True)
    identity_id: int | None = Field(default=None, foreign_key="identity.id")
    view: str
    subject_noun: str = ""
    subject_id: int = 0
    facts: dict[str, Any] = json_field(default_factory=dict)
    state: str = QUEUED
    due: bool = True
    dirty: bool = False
    attempts: int = 0
    not_before: datetime
    lease: str = ""
    lease_until: datetime | None = None
    channel: str = ""
    message: str = ""
    drawn: str = ""
    error: str = ""
    created_at: datetime
    sent_at: datetime | None = None


class Inbox(Row, table=True):
    """Every event that was accepted, by the platform's own id; kept longer than any platform repeats itself."""

    __table_args__ = (sa.UniqueConstraint("platform", "tenant", "key"), sa.Index("ix_inbox_at", "at"))
    noun: ClassVar[str] = "inbox"
    platform: str
    tenant: str = ""
    key: str
    at: datetime


class Firing(Row, table=True):
    """A tick that was worked on: the unique row decides which replica did it."""

    __table_args__ = (sa.UniqueConstraint("name", "at"),)
    noun: ClassVar[str] = "tick"
    name: str
    at: datetime


Addressed = tuple[Delivery, Identity, Person]


def enqueue(db: Session, messages: Sequence[Mapping[str, Any]], now: datetime) -> list[int]:
    """Stores messages to be sent; each names person_id, identity_id, view, subject_noun, subject_id and facts."""
    if not messages:
        return []
    rows = [{"state": QUEUED, "created_at": now, "not_before": now, **_EMPTY, **message} for message in messages]
    statement = sa.insert(Delivery).returning(col(Delivery.id))
    return list(db.connection().execute(statement, rows).scalars())


def adopt(db: Session, person_id: int, identity_id: int, now: datetime) -> None:
    """Messages that waited for a person without an account go to the one just linked."""
    waits = sa.and_(col(Delivery.person_id) == person_id, col(Delivery.identity_id).is_(None))
    db.connection().execute(sa.update(Delivery).where(waits).values(identity_id=identity_id, not_before=now))


def mark_copies(db: Session, made: Iterable[Change], now: datetime) -> int:
    """Every copy of a card about what changed is drawn again; how many those are."""
    marked = 0
    for noun, subject in {(change.noun, change.subject) for change in made}:
        about = sa.and_(col(Delivery.subject_noun) == noun, col(Delivery.subject_id) == subject)
        drawn = sa.or_(col(Delivery.state) == SENT, col(Delivery.lease) != "")
        statement = sa.update(Delivery).where(about, drawn).values(dirty=True, due=True, not_before=now)
        marked += db.connection().execute(statement).rowcount
    return marked


def mark_pressed(db: Session, identity_id: int, message: str, now: datetime) -> int:
    """The copy that somebody just pressed is drawn again, whatever it shows; 1 if it is remembered, else 0."""
    statement = (
        sa.update(Delivery)
        .where(col(Delivery.identity_id) == identity_id, col(Delivery.message) == message, col(Delivery.state) == SENT)
        .values(dirty=True, due=True, not_before=now, drawn="")
    )
    return db.connection().execute(statement).rowcount


def claim(db: Session, owner: str, platforms: Sequence[str], now: datetime) -> list[Addressed]:
    """Leases what is due, oldest first. A new message waits for every older one of its account, also for one in flight
    or put off, so that order is kept whatever the other replicas do; messages that are redrawn do not wait."""
    older = aliased(Delivery)
    waiting = sa.exists().where(
        col(older.identity_id) == col(Delivery.identity_id),
        col(older.id) < col(Delivery.id),
        col(older.state) == QUEUED,
        col(older.due).is_(True),
    )
    taken: Sequence[Addressed] = db.exec(
        _addressed()
        .where(
            col(Delivery.due).is_(True),
            col(Delivery.not_before) <= now,
            sa.or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now),
            sa.or_(col(Delivery.state) != QUEUED, ~waiting),
            col(Identity.platform).in_(platforms),
        )
        .order_by(col(Delivery.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Delivery)
    ).all()
    leased = {"lease": owner, "lease_until": now + LEASE, "dirty": False}
    for delivery, _account, _person in taken:
        delivery.attempts += 1
        delivery.sqlmodel_update(leased)
        db.add(delivery)
    return list(taken)


def was_shown(db: Session, person_id: int, noun: str, subject: int) -> bool:
    """Whether somebody was ever sent a card about a subject."""
    about = sa.and_(col(Delivery.subject_noun) == noun, col(Delivery.subject_id) == subject)
    statement = select(Delivery.id).where(about, Delivery.state == SENT, Delivery.person_id == person_id)
    return db.exec(statement.limit(1)).first() is not None


def newest(db: Session, platform: str, tenant: str, user: str, most: int) -> list[Addressed]:
    """The messages an account can see, oldest first."""
    mine = sa.and_(col(Identity.platform) == platform, col(Identity.tenant) == tenant, col(Identity.user) == user)
    statement = _addressed().where(mine, Delivery.state == SENT).order_by(col(Delivery.id).desc()).limit(most)
    return list(reversed(db.exec(statement).all()))


def close(db: Session, delivery: Delivery, owner: str, /, **values: object) -> bool:
    """Ends a send unless another owner took it over; a change that came meanwhile makes it due again."""
    statement = (
        sa.update(Delivery)
        .where(_leased(delivery, owner))
        .values(due=col(Delivery.dirty), lease="", lease_until=None, **values)
    )
    return db.connection().execute(statement).rowcount > 0


def postpone(db: Session, delivery: Delivery, owner: str, until: datetime, error: str, attempts: int) -> None:
    """Gives a send back, to be tried again later."""
    statement = (
        sa.update(Delivery)
        .where(_leased(delivery, owner))
        .values(not_before=until, lease="", lease_until=None, error=error, attempts=attempts)
    )
    db.connection().execute(statement)


def _leased(delivery: Delivery, owner: str) -> sa.ColumnElement[bool]:
    """Whether the lease is still the one that was claimed: not another owner's, and not a later one of the same."""
    mine = sa.and_(col(Delivery.lease) == owner, col(Delivery.lease_until) == delivery.lease_until)
    return sa.and_(col(Delivery.id) == delivery.id, mine)


def _addressed() -> Any:
    joined = select(Delivery, Identity, Person).join(Identity, col(Identity.id) == col(Delivery.identity_id))
    return joined.join(Person, col(Person.id) == col(Delivery.person_id))


_EMPTY = {
    "due": True,
    "dirty": False,
    "attempts": 0,
    "lease": "",
    "channel": "",
    "message": "",
    "drawn": "",
    "error": "",
}
