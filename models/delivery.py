"""Messages: what is to be sent, and where every copy of what was sent stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col

from models.base import Change, Row, batches, execute, json_field, owners
from models.identity import ROLES, Identity, roles_in
from models.loaded import columns, split
from models.person import Person

MOVED = "moved"
QUEUED, SENT, PAGED, SKIPPED, DEAD = "queued", "sent", "page", "skipped", "dead"
SHOWN = (SENT, PAGED)  # what somebody has before them, and what follows its subject therefore
PAGE = "page"  # stands for the id of a message where the account's own page is meant
LOOKED_AT = timedelta(days=30)  # a page that nobody opened for so long is left alone
# What goes first: the answer to somebody who waits for it, one message, what goes to many at once.
ANSWER, ORDINARY, BULK = 0, 1, 2
FEW, MANY = 8, 500  # up to FEW are marked one by one, by statements that are prepared; more of them MANY at a time

# Most rows are history: what is looked for at every claim are those that are due.
_ONLY_DUE: Mapping[str, Any] = {"sqlite_where": sa.text("due = 1"), "postgresql_where": sa.text("due")}


class Delivery(Row, table=True):
    """One message to one account: a view of a subject with a few facts, drawn when it is sent.

    `dirty` means that the subject changed after this copy was drawn. `drawn` is the digest of what the copy shows.
    `lease` fences a send: whoever holds it may finish it; `doubt` means that a send before ended nobody knows how.
    After `not_after` it is not sent any more. Without an account (`identity_id` is null) the message is not due, and
    waits until the person links one; `platform` is the account's. A row in the state PAGED is what stands on the
    account's own page there, which has no place in the conversation and is never sent anew: it is only redrawn.
    """

    __table_args__ = (
        sa.Index("ix_delivery_due", "platform", "state", "priority", "not_before", **_ONLY_DUE),
        sa.Index("ix_delivery_lane", "identity_id", "state", **_ONLY_DUE),
        sa.Index("ix_delivery_late", "not_after", **_ONLY_DUE),
        sa.Index("ix_delivery_copy", "subject_noun", "subject_id", "state"),
        sa.Index("ix_delivery_account", "identity_id", "id"),
        sa.Index(
            "ux_delivery_page",
            "identity_id",
            unique=True,
            sqlite_where=sa.text("state = 'page'"),
            postgresql_where=sa.text("state = 'page'"),
        ),
        sa.Index(
            "ix_delivery_dead",
            "platform",
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        ),
    )
    noun: ClassVar[str] = "delivery"
    person_id: int = Field(foreign_key="person.id", index=True)
    identity_id: int | None = Field(default=None, foreign_key="identity.id")
    view: str
    subject_noun: str = ""
    subject_id: int = 0
    facts: dict[str, Any] = json_field(default_factory=dict)
    state: str = QUEUED
    platform: str = Field(default="", sa_column_kwargs={"server_default": ""})
    priority: int = Field(default=ORDINARY, sa_column_kwargs={"server_default": sa.text("1")})
    due: bool = True
    dirty: bool = False
    attempts: int = 0
    not_before: datetime
    not_after: datetime | None = None
    lease: str = ""
    lease_until: datetime | None = None
    channel: str = ""
    message: str = ""
    drawn: str = ""
    doubt: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
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
    """Stores messages to be sent; each names person_id, identity_id, view, subject_noun, subject_id and facts, and may
    name the account's platform, a priority, not_before and not_after.

    An older copy of the same view of the same subject in the same conversation gives way: only one stays live.
    """
    if not messages:
        return []
    _give_way(db, [one for one in messages if one["identity_id"] is not None and one["subject_id"]])
    fresh = {"state": QUEUED, "created_at": now, "not_before": now, **_EMPTY}
    rows = [{**fresh, **message, "due": message["identity_id"] is not None} for message in _placed(db, messages)]
    if len(rows) == 1:
        return [execute(db, _ENQUEUE, **rows[0]).scalar()]
    db.flush()
    return list(db.connection().execute(_ENQUEUE, rows).scalars())


def _placed(db: Session, messages: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """With the platform of the account, for those who did not say it."""
    lost = sorted({one["identity_id"] or 0 for one in messages if "platform" not in one})
    known = dict[int, str]()
    for some in batches(lost):
        known.update({row.id: row.platform for row in execute(db, _PLATFORMS, accounts=some)})
    return ({"platform": known.get(one["identity_id"], ""), **one} for one in messages)


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
    begins = sa.case((col(Delivery.not_before) > now, col(Delivery.not_before)), else_=now)
    place = sa.select(col(Identity.platform)).where(col(Identity.id) == identity_id).scalar_subquery()
    due = {"identity_id": identity_id, "platform": place, "due": True, "not_before": begins}
    db.connection().execute(sa.update(Delivery).where(waits).values(**due))


def mark_copies(db: Session, made: Iterable[Change], people: Iterable[int] = ()) -> int:
    """Every copy of a card about what changed, and of the people's own cards, is drawn again; how many those are."""
    about: dict[str, set[int]] = {"person": set(people)}
    for change in made:
        about.setdefault(change.noun, set()).add(change.subject)
    owned = owners(db) | about["person"]
    if few := len(owned) <= FEW:
        del about["person"]
    marked = [_mark(db, noun, sorted(subjects)) for noun, subjects in sorted(about.items()) if subjects]
    return sum(marked) + (_mark_pages(db, sorted(owned), _MARK_PEOPLE if few else _MARK_PAGES) if owned else 0)


def _mark(db: Session, noun: str, subjects: Sequence[int]) -> int:
    """The copies about subjects of one noun; of many, because a publication touches everybody's cards."""
    if len(subjects) <= FEW:
        return execute(db, _MARK_COPIES, noun=noun, subjects=subjects, priority=ANSWER, **_OUTDATED).rowcount
    db.flush()
    marked = 0
    for start in range(0, len(subjects), MANY):
        some = col(Delivery.subject_id).in_(subjects[start : start + MANY])
        written = sa.update(Delivery).where(col(Delivery.subject_noun) == noun, some, _SHOWN_NOW)
        written = written.values(priority=BULK, **_OUTDATED)
        marked += db.connection().execute(written).rowcount
    return marked


def _mark_pages(db: Session, people: Sequence[int], how: sa.Executable) -> int:
    """The home pages of people, and of whom they report to, whose team they are; nobody waits for these. `_MARK_PEOPLE`
    marks whatever a few people have before them of their own as well."""
    db.flush()
    parts = [people[start : start + MANY] for start in range(0, len(people), MANY)]
    return sum([execute(db, how, people=part, **_OUTDATED).rowcount for part in parts])


def mark_pressed(db: Session, identity_id: int, message: str) -> int:
    """The copy (or PAGE) that somebody just pressed is drawn again, whatever it shows; 1 if it is kept, else 0."""
    at = {"account": identity_id, "at": message}
    return execute(db, _MARK_PRESSED, drawn="", priority=ANSWER, **_OUTDATED, **at).rowcount


def was_shown(db: Session, person_id: int, noun: str, subject: int) -> bool:
    """Whether somebody was ever sent a card about a subject."""
    return execute(db, _SHOWN, person=person_id, noun=noun, subject=subject).first() is not None


def newest(db: Session, platform: str, tenant: str, user: str, most: int) -> list[Addressed]:
    """The messages an account can see, oldest first."""
    rows = execute(db, _NEWEST, platform=platform, tenant=tenant, user=user, most=most)
    return [addressed(db, row) for row in reversed(rows.all())]


def dead(db: Session, most: int, before: int = 0) -> Sequence[Delivery]:
    """The messages that were given up, the newest first; of those that began before the one with number `before`."""
    given_up = sa.select(Delivery).where(col(Delivery.state) == DEAD)
    older = given_up.where(col(Delivery.id) < before) if before else given_up
    return db.scalars(older.order_by(col(Delivery.id).desc()).limit(most)).all()


def resend(db: Session, ids: Sequence[int], now: datetime) -> list[int]:
    """Queues messages again that were given up; the ids of those that were."""
    sent: list[int] = []
    for some in batches(ids):
        mine = sa.and_(col(Delivery.id).in_(some), col(Delivery.state) == DEAD, col(Delivery.identity_id).is_not(None))
        again = {"state": QUEUED, "due": True, "attempts": 0, "error": "", "not_before": now, "not_after": None}
        sent += db.scalars(sa.update(Delivery).where(mine).values(**again).returning(col(Delivery.id))).all()
    return sent


def addressed(db: Session, row: Sequence[Any]) -> Addressed:
    """A row of `ADDRESSED`; the session's objects are brought up to date."""
    delivery, account, person, roles = split(db, row, Delivery, Identity, Person, anew=True)
    return delivery, account, person, roles_in(roles)


ADDRESSED = (
    sa.select(*columns(Delivery), *columns(Identity), *columns(Person), ROLES)
    .join(Identity, col(Identity.id) == col(Delivery.identity_id))
    .join(Person, col(Person.id) == col(Delivery.person_id))
)
_NEWEST = (
    ADDRESSED.where(
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
    "priority": ORDINARY,
    "not_after": None,
    "dirty": False,
    "doubt": False,
    "attempts": 0,
    "lease": "",
    "channel": "",
    "message": "",
    "drawn": "",
    "error": "",
}
_OUTDATED = {"dirty": True, "due": True}
_PLATFORMS = sa.select(col(Identity.id), col(Identity.platform)).where(
    col(Identity.id).in_(sa.bindparam("accounts", expanding=True))
)
_ENQUEUE = sa.insert(Delivery).returning(col(Delivery.id))
_SHOWN_NOW = sa.and_(col(Delivery.view) != MOVED, sa.or_(col(Delivery.state).in_(SHOWN), col(Delivery.lease) != ""))
_MARK_COPIES = sa.update(Delivery).where(
    col(Delivery.subject_noun) == sa.bindparam("noun"),
    col(Delivery.subject_id).in_(sa.bindparam("subjects", expanding=True)),
    _SHOWN_NOW,
)
_TOUCHED = col(Person.id).in_(sa.bindparam("people", expanding=True))
_CONCERNED = sa.select(col(Person.id)).where(_TOUCHED).union(sa.select(col(Person.manager_id)).where(_TOUCHED))
_ABOUT_THEM = sa.update(Delivery).where(
    col(Delivery.subject_noun) == Person.noun, col(Delivery.subject_id).in_(_CONCERNED)
)
_URGENT = sa.case((col(Delivery.due), col(Delivery.priority)), else_=BULK)
_MARK_PAGES = _ABOUT_THEM.where(col(Delivery.state) == PAGED).values(priority=_URGENT)
_OWN = col(Delivery.subject_id).in_(sa.bindparam("people", expanding=True))
_MARK_PEOPLE = _ABOUT_THEM.where(sa.or_(col(Delivery.state) == PAGED, sa.and_(_OWN, _SHOWN_NOW))).values(
    priority=sa.case((_OWN, ANSWER), else_=_URGENT)
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
    col(Delivery.state).in_(SHOWN),
)
_SHOWN = (
    sa.select(col(Delivery.id))
    .where(
        col(Delivery.subject_noun) == sa.bindparam("noun"),
        col(Delivery.subject_id) == sa.bindparam("subject"),
        col(Delivery.state).in_(SHOWN),
        col(Delivery.person_id) == sa.bindparam("person"),
    )
    .limit(1)
)
