"""One message to many: stored as one row, turned into deliveries in chunks by whichever replica has time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.audience import Audience
from models.base import Row, execute, json_field, put
from models.delivery import BULK, DEAD, MOVED, QUEUED, SENT, SHOWN, Delivery
from models.identity import Identity
from models.person import Person
from models.planning import analyze
from models.todo import Todo

CHUNK = 1000
BIG = 5000


class Fanout(Row, table=True):
    """A view of a subject for everybody in an audience, from `not_before` on and not after `not_after`.

    `cursor` is the last person who was reached, `queued` how many were. With a `kind` everybody owes this todo as well,
    until `due_at`. With `own`, a kind of todo, its readers are those who owe it about themselves in this cycle; each
    gets the view of what their todo is about.
    """

    __table_args__ = (sa.Index("ix_fanout_open", "done_at", "not_before"),)
    noun: ClassVar[str] = "fanout"
    view: str
    subject_noun: str
    subject_id: int
    cycle_id: int | None = None
    facts: dict[str, Any] = json_field(default_factory=dict)
    audience: dict[str, Any] = json_field(default_factory=dict)
    kind: str = ""
    own: str = ""
    due_at: datetime | None = None
    cursor: int = 0
    queued: int = 0
    begun_at: datetime
    not_before: datetime
    not_after: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a fan-out has come, in people: `queued` are under way, `waiting` have no account yet."""

    total: int
    queued: int = 0
    delivered: int = 0
    dead: int = 0
    waiting: int = 0


def begin(
    db: Session,
    view: str,
    subject: Row,
    audience: Audience,
    now: datetime,
    *,
    facts: Mapping[str, Any] | None = None,
    after: datetime | None = None,
    until: datetime | None = None,
    kind: str = "",
    own: str = "",
    due_at: datetime | None = None,
) -> Fanout:
    """Stores that a view of a subject goes to an audience; the outbox does it. `facts` are JSON values; with `own` the
    subject is the cycle."""
    made = Fanout(
        view=view,
        subject_noun=subject.noun,
        subject_id=subject.id,
        cycle_id=subject.id if own else getattr(subject, "cycle_id", None),
        facts=dict(facts or {}),
        audience=audience.kept(),
        kind=kind,
        own=own,
        due_at=due_at,
        begun_at=now,
        not_before=after or now,
        not_after=until,
    )
    put(db, made)
    return made


def waits(db: Session, now: datetime) -> bool:
    """Whether a fan-out is due."""
    return execute(db, _WAITS, now=now).first() is not None


def step(db: Session, now: datetime, most: int = CHUNK) -> int:
    """Does the next chunk of the oldest fan-out that is due and that no other replica is at; how many people it was.

    The deliveries, the todos and how far it has come commit together, so nobody is reached twice or left out.
    """
    one = db.exec(
        select(Fanout)
        .where(col(Fanout.done_at).is_(None), col(Fanout.not_before) <= now)
        .order_by(col(Fanout.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if one is None:
        return 0
    late = one.not_after is not None and one.not_after <= now
    last, count = (one.cursor, 0) if late else _chunk(db, one, most)
    if count:
        _give_way(db, one, last)
        _deliver(db, one, last, now)
        if one.kind:
            _owe(db, one, last, now)
    one.cursor, one.queued = last, one.queued + count
    one.done_at = now if late or count < most else None
    db.add(one)
    db.flush()
    _analyze(db, one, count)
    return count


def progress(db: Session, subject: Row, view: str) -> Reach:
    """How far a view of a subject has come with everybody it was begun for."""
    about = (col(Delivery.subject_noun) == subject.noun, col(Delivery.subject_id) == subject.id)
    waits = col(Delivery.identity_id).is_(None)
    counted = sa.select(col(Delivery.state), waits, sa.func.count()).where(*about, col(Delivery.view) == view)
    found = db.connection().execute(counted.group_by(col(Delivery.state), waits)).all()
    by = {(state, bool(waiting)): count for state, waiting, count in found}
    done = sum(by.values())
    return Reach(
        total=done + _ahead(db, subject, view),
        queued=by.get((QUEUED, False), 0),
        delivered=by.get((SENT, False), 0),
        dead=by.get((DEAD, False), 0),
        waiting=by.get((QUEUED, True), 0),
    )


def _ahead(db: Session, subject: Row, view: str) -> int:
    """How many people the fan-outs under way have still to reach."""
    mine = select(Fanout).where(
        Fanout.subject_noun == subject.noun,
        Fanout.subject_id == subject.id,
        Fanout.view == view,
        col(Fanout.done_at).is_(None),
    )
    ahead = 0
    for one in db.exec(mine).all():
        rest = sa.and_(Audience.read(one.audience).clause(db), col(Person.id) > one.cursor)
        ahead += db.connection().execute(sa.select(sa.func.count(col(Person.id))).where(rest)).scalar_one()
    return ahead


def _chunk(db: Session, one: Fanout, most: int) -> tuple[int, int]:
    """The last person of the next chunk, and how many it is."""
    ids = sa.select(col(Person.id)).where(Audience.read(one.audience).clause(db), col(Person.id) > one.cursor)
    chunk = ids.order_by(col(Person.id)).limit(most).subquery()
    last, count = db.connection().execute(sa.select(sa.func.max(chunk.c.id), sa.func.count())).one()
    return last or one.cursor, count


def _reached(db: Session, one: Fanout, last: int) -> sa.ColumnElement[bool]:
    return sa.and_(Audience.read(one.audience).clause(db), col(Person.id) > one.cursor, col(Person.id) <= last)


def _give_way(db: Session, one: Fanout, last: int) -> None:
    """Older copies of the same view of the same subject, as `models.delivery.enqueue` does it."""
    about = col(Delivery.subject_id) == one.subject_id
    if one.own:
        mine = sa.select(col(Todo.subject_id)).join(Person, _own(one, col(Person.id)))
        listed = col(Delivery.subject_id).in_(mine.where(_reached(db, one, last)))
        theirs = (_own(one, col(Delivery.person_id)), col(Todo.subject_id) == col(Delivery.subject_id))
        about = sa.and_(listed, sa.exists().where(*theirs))
    noun = col(Delivery.subject_noun) == _noun(one)
    same = (noun, about, col(Delivery.state) == SENT, col(Delivery.view) == one.view)
    if db.connection().execute(sa.select(col(Delivery.id)).where(*same).limit(1)).first() is None:
        return
    some = col(Delivery.person_id).in_(sa.select(col(Person.id)).where(_reached(db, one, last)))
    outdated = {"view": MOVED, "dirty": True, "due": True, "priority": BULK}
    db.connection().execute(sa.update(Delivery).where(*same, some).values(**outdated))


def _deliver(db: Session, one: Fanout, last: int, now: datetime) -> None:
    """A message each, to the account they used last."""
    used = (
        sa.select(col(Identity.id))
        .where(col(Identity.person_id) == col(Person.id))
        .order_by(col(Identity.seen_at).desc(), col(Identity.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    subject = col(Todo.subject_id) if one.own else sa.literal(one.subject_id)
    everybody = sa.select(col(Person.id).label("person"), used.label("account"), subject.label("subject"))
    everybody = everybody.join(Todo, _own(one, col(Person.id))) if one.own else everybody
    reached = everybody.where(_reached(db, one, last)).subquery()
    account = sa.select(reached, col(Identity.id).label("known"), col(Identity.platform).label("platform"))
    people = account.outerjoin(Identity, col(Identity.id) == reached.c.account).order_by(reached.c.person).subquery()
    values = {
        "person_id": people.c.person,
        "identity_id": people.c.known,
        "platform": sa.func.coalesce(people.c.platform, ""),
        "due": people.c.known.is_not(None),
        "view": _said(one.view),
        "subject_noun": _said(_noun(one)),
        "subject_id": people.c.subject,
        "facts": sa.literal(one.facts, sa.JSON),
        "priority": sa.literal(BULK),
        "not_before": _at(max(now, one.not_before)),
        "not_after": _at(one.not_after),
        "created_at": _at(now),
    }
    _insert(db, Delivery, values)


def _owe(db: Session, one: Fanout, last: int, now: datetime) -> None:
    """The todo each, unless they owe it already."""
    owing = sa.select(col(Person.id).label("person")).where(_reached(db, one, last), _owed(one).is_(None)).subquery()
    values = {
        "assignee_id": owing.c.person,
        "kind": _said(one.kind),
        "subject_noun": _said(one.subject_noun),
        "subject_id": sa.literal(one.subject_id),
        "cycle_id": sa.literal(one.cycle_id, sa.Integer),
        "created_at": _at(now),
        "due_at": _at(one.due_at),
    }
    _insert(db, Todo, values)
    shown = sa.and_(col(Delivery.state).in_(SHOWN), col(Delivery.view) != MOVED)
    about = sa.and_(col(Delivery.subject_noun) == Person.noun, shown)
    some = col(Delivery.subject_id).in_(sa.select(col(Person.id)).where(_reached(db, one, last)))
    outdated = {"dirty": True, "due": True, "priority": BULK}
    db.connection().execute(sa.update(Delivery).where(about, some).values(**outdated))


def _noun(one: Fanout) -> str:
    """What the messages are about: a kind of todo begins with its noun, as every address does."""
    return one.own.partition(".")[0] or one.subject_noun


def _own(one: Fanout, person: Any) -> sa.ColumnElement[bool]:
    """The todo about themselves that makes somebody a reader."""
    mine = sa.and_(col(Todo.assignee_id) == person, col(Todo.about_id) == person, col(Todo.done_at).is_(None))
    return sa.and_(mine, col(Todo.kind) == one.own, col(Todo.cycle_id) == one.cycle_id)


def _owed(one: Fanout) -> sa.ScalarSelect[int]:
    """A todo of this that somebody has open.

    Looked up for each by the little that one person owes: as a NOT EXISTS, and by the index of all that is owed for one
    subject, PostgreSQL compares everybody with everybody as long as its statistics say that hardly anybody owes it.
    """
    mine = sa.and_(col(Todo.assignee_id) == col(Person.id), col(Todo.done_at).is_(None), col(Todo.kind) == one.kind)
    about = sa.and_(col(Todo.subject_noun).concat("") == one.subject_noun, col(Todo.subject_id) + 0 == one.subject_id)
    return sa.select(col(Todo.id)).where(mine, about).limit(1).scalar_subquery()


def _analyze(db: Session, one: Fanout, count: int) -> None:
    """With statistics of empty tables PostgreSQL scans and sorts everything at each claim: 400 ms instead of 0.6. Told
    anew after the first chunk of many, and when there is ten times as much."""
    marks = [CHUNK * 10**power for power in range(4)]
    passed = any(one.queued - count < mark <= one.queued for mark in marks)
    if (count >= CHUNK and passed) or (one.done_at is not None and one.queued >= BIG):
        analyze(db, *(("delivery", "todo") if one.kind else ("delivery",)))


def _insert(db: Session, model: type[Row], values: Mapping[str, Any]) -> None:
    """INSERT … SELECT with these columns; the table's own defaults for the others."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    rows = sa.select(*(value.label(name) for name, value in values.items()))
    db.connection().execute(sa.insert(table).from_select(list(values), rows, include_defaults=True))


def _said(value: str) -> sa.ColumnElement[str]:
    return sa.literal(value, sa.String)


def _at(value: datetime | None) -> sa.ColumnElement[datetime]:
    return sa.literal(value, sa.DateTime(timezone=True))


_WAITS = (
    sa.select(col(Fanout.id))
    .where(col(Fanout.done_at).is_(None), col(Fanout.not_before) <= sa.bindparam("now"))
    .limit(1)
)
