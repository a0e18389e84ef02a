"""Messages: what is to be sent, and where every copy of what was sent stands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, col

from models.base import Change, Row, execute, json_field
from models.identity import ROLES, Identity, roles_in
from models.loaded import columns, split
from models.person import Person

MOVED = "moved"
QUEUED, SENT, SKIPPED, DEAD = "queued", "sent", "skipped", "dead"
LEASE = timedelta(seconds=60)
BATCH = 50
FEW, MANY = 8, 500  # up to FEW are marked one by one, by statements that are prepared; more of them MANY at a time


class Delivery(Row, table=True):
    """One message to one account: a view of a subject with a few facts, drawn when it is sent.

    `dirty` means that the subject changed after this copy was drawn. `drawn` is the digest of what the copy shows.
    `lease_until` fences a send: whoever holds it may finish it. Without an account (`identity_id` is null) the message
    is not due, and waits until the person links one.
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


# A message, the account it goes to, whose that is, and the roles they have.
Addressed = tuple[Delivery, Identity, Person, frozenset[str]]


def enqueue(db: Session, messages: Sequence[Mapping[str, Any]], now: datetime) -> list[int]:
    """Stores messages to be sent; each names person_id, identity_id, view, subject_noun, subject_id and facts.

    An older copy of the same view of the same subject in the same conversation gives way: only one stays live.
    """
    if not messages:
        return []
    _give_way(db, [one for one in messages if one["identity_id"] is not None and one["subject_id"]])
    fresh = {"state": QUEUED, "created_at": now, "not_before": now, **_EMPTY}
    rows = [{**fresh, **message, "due": message["identity_id"] is not None} for message in messages]
    if len(rows) == 1:
        return [execute(db, _ENQUEUE, **rows[0]).scalar()]
    db.flush()
    return list(db.connection().execute(_ENQUEUE, rows).scalars())


def _give_way(db: Session, messages: Sequence[Mapping[str, Any]]) -> None:
    """The older copies of what is shown anew; many at once in one statement that is prepared once."""
    same = [{"account": one["identity_id"], "shown": one["view"], "subject": one["subject_id"]} for one in messages]
    if len(same) > FEW:
        db.flush()
        db.connection().execute(_GIVE_WAY.values(view=MOVED, **_OUTDATED), same)
        return
    for one in same:
        execute(db, _GIVE_WAY, view=MOVED, **one, **_OUTDATED)


def adopt(db: Session, person_id: int, identity_id: int, now: datetime) -> None:
    """Messages that waited for a person without an account go to the one just linked."""
    waits = sa.and_(col(Delivery.person_id) == person_id, col(Delivery.identity_id).is_(None))
    db.connection().execute(sa.update(Delivery).where(waits).values(identity_id=identity_id, due=True, not_before=now))


def mark_copies(db: Session, made: Iterable[Change], people: Iterable[int] = ()) -> int:
    """Every copy of a card about what changed, and of the people's own cards, is drawn again; how many those are."""
    about: dict[str, set[int]] = {"person": set(people)}
    for change in made:
        about.setdefault(change.noun, set()).add(change.subject)
    return sum([_mark(db, noun, sorted(subjects)) for noun, subjects in sorted(about.items()) if subjects])


def _mark(db: Session, noun: str, subjects: Sequence[int]) -> int:
    """The copies about subjects of one noun; of many, because a publication touches everybody's cards."""
    if len(subjects) <= FEW:
        return execute(db, _MARK_COPIES, noun=noun, subjects=subjects, **_OUTDATED).rowcount
    db.flush()
    marked = 0
    for start in range(0, len(subjects), MANY):
        some = col(Delivery.subject_id).in_(subjects[start : start + MANY])
        written = sa.update(Delivery).where(col(Delivery.subject_noun) == noun, some, _SHOWN_NOW).values(**_OUTDATED)
        marked += db.connection().execute(written).rowcount
    return marked


def mark_pressed(db: Session, identity_id: int, message: str) -> int:
    """The copy that somebody just pressed is drawn again, whatever it shows; 1 if it is remembered, else 0."""
    at = {"account": identity_id, "at": message}
    return execute(db, _MARK_PRESSED, drawn="", **_OUTDATED, **at).rowcount


def claim(db: Session, owner: str, platforms: Sequence[str], now: datetime, most: int = BATCH) -> list[Addressed]:
    """Leases at most so many of what is due, oldest first. A new message waits for every older one of its account, also
    for one in flight or put off, so that order is kept whatever the other replicas do; redrawn messages do not wait."""
    rows = execute(db, _due(), platforms=list(platforms), now=now, most=most)
    taken = [_addressed(db, row) for row in rows]
    if not taken:
        return []
    leased = {"lease": owner, "lease_until": now + LEASE, "dirty": False}
    execute(db, _LEASE, ids=[one[0].id for one in taken], **leased)
    for delivery, *_whom in taken:
        for name, value in (*leased.items(), ("attempts", delivery.attempts + 1)):
            set_committed_value(delivery, name, value)
    return taken


def was_shown(db: Session, person_id: int, noun: str, subject: int) -> bool:
    """Whether somebody was ever sent a card about a subject."""
    return execute(db, _SHOWN, person=person_id, noun=noun, subject=subject).first() is not None


def newest(db: Session, platform: str, tenant: str, user: str, most: int) -> list[Addressed]:
    """The messages an account can see, oldest first."""
    rows = execute(db, _NEWEST, platform=platform, tenant=tenant, user=user, most=most)
    return [_addressed(db, row) for row in reversed(rows.all())]


def close(db: Session, delivery: Delivery, owner: str, /, **values: object) -> bool:
    """Ends a send unless another owner took it over; a change that came meanwhile makes it due again."""
    return execute(db, _CLOSE, **_ended(delivery, owner), **values).rowcount > 0


def postpone(db: Session, delivery: Delivery, owner: str, until: datetime, error: str, attempts: int) -> None:
    """Gives a send back, to be tried again later."""
    execute(db, _POSTPONE, not_before=until, error=error, attempts=attempts, **_ended(delivery, owner))


def more_for(db: Session, identity_id: int) -> bool:
    """Whether something else is to be sent or redrawn for an account, that nobody is sending."""
    return execute(db, _MORE, account=identity_id).first() is not None


def _ended(delivery: Delivery, owner: str) -> dict[str, object]:
    """The lease that was claimed, not another owner's and not a later one of the same; and that it ends."""
    known = {"known_id": delivery.id, "known_lease": owner, "known_until": delivery.lease_until}
    return {**known, "lease": "", "lease_until": None}


def _addressed(db: Session, row: Sequence[Any]) -> Addressed:
    """A row of `_ADDRESSED`; the session's objects are brought up to date."""
    delivery, account, person, roles = split(db, row, Delivery, Identity, Person, anew=True)
    return delivery, account, person, roles_in(roles)


_ADDRESSED = (
    sa.select(*columns(Delivery), *columns(Identity), *columns(Person), ROLES)
    .join(Identity, col(Identity.id) == col(Delivery.identity_id))
    .join(Person, col(Person.id) == col(Delivery.person_id))
)
_NEWEST = (
    _ADDRESSED.where(
        col(Identity.platform) == sa.bindparam("platform"),
        col(Identity.tenant) == sa.bindparam("tenant"),
        col(Identity.user) == sa.bindparam("user"),
        col(Delivery.state) == SENT,
        col(Delivery.view) != MOVED,
    )
    .order_by(col(Delivery.id).desc())
    .limit(sa.bindparam("most"))
)
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
_OUTDATED = {"dirty": True, "due": True}
_LEASED = sa.and_(
    col(Delivery.id) == sa.bindparam("known_id"),
    col(Delivery.lease) == sa.bindparam("known_lease"),
    col(Delivery.lease_until) == sa.bindparam("known_until"),
)
_ENQUEUE = sa.insert(Delivery).returning(col(Delivery.id))
_SHOWN_NOW = sa.and_(col(Delivery.view) != MOVED, sa.or_(col(Delivery.state) == SENT, col(Delivery.lease) != ""))
_MARK_COPIES = sa.update(Delivery).where(
    col(Delivery.subject_noun) == sa.bindparam("noun"),
    col(Delivery.subject_id).in_(sa.bindparam("subjects", expanding=True)),
    _SHOWN_NOW,
)
_GIVE_WAY = sa.update(Delivery).where(
    col(Delivery.identity_id) == sa.bindparam("account"),
    col(Delivery.view) == sa.bindparam("shown"),
    col(Delivery.subject_id) == sa.bindparam("subject"),
    col(Delivery.state) == SENT,
)
_MARK_PRESSED = sa.update(Delivery).where(
    col(Delivery.identity_id) == sa.bindparam("account"),
    col(Delivery.message) == sa.bindparam("at"),
    col(Delivery.state) == SENT,
)
_LEASE = (
    sa.update(Delivery)
    .where(col(Delivery.id).in_(sa.bindparam("ids", expanding=True)))
    .values(attempts=col(Delivery.attempts) + 1)
)
_CLOSE = sa.update(Delivery).where(_LEASED).values(due=col(Delivery.dirty))
_POSTPONE = sa.update(Delivery).where(_LEASED)
_SHOWN = (
    sa.select(col(Delivery.id))
    .where(
        col(Delivery.subject_noun) == sa.bindparam("noun"),
        col(Delivery.subject_id) == sa.bindparam("subject"),
        col(Delivery.state) == SENT,
        col(Delivery.person_id) == sa.bindparam("person"),
    )
    .limit(1)
)
_MORE = (
    sa.select(col(Delivery.id))
    .where(col(Delivery.identity_id) == sa.bindparam("account"), col(Delivery.due).is_(True), col(Delivery.lease) == "")
    .limit(1)
)


@lru_cache(maxsize=1)
def _due() -> sa.Executable:
    older = aliased(Delivery)
    waiting = sa.exists().where(
        col(older.identity_id) == col(Delivery.identity_id),
        col(older.id) < col(Delivery.id),
        col(older.state) == QUEUED,
        col(older.due).is_(True),
    )
    return (
        _ADDRESSED.where(
            col(Delivery.due).is_(True),
            col(Delivery.not_before) <= sa.bindparam("now"),
            sa.or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= sa.bindparam("now")),
            sa.or_(col(Delivery.state) != QUEUED, ~waiting),
            col(Identity.platform).in_(sa.bindparam("platforms", expanding=True)),
        )
        .order_by(col(Delivery.id))
        .limit(sa.bindparam("most"))
        .with_for_update(skip_locked=True, of=Delivery)
    )
