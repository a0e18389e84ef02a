"""Absences: who is away from when to when, and who stands in (rules: docs/rules.md)."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, select

from models.base import Refused, Row, Versioned, execute, put, record
from models.person import HR, Person, active, roles_of, superior
from models.rules.workdays import DAY, calendar

LONGEST = 366
# A question to HR is read by who is in charge of it alone: it is handed on as a whole, never done for another.
CASES = ("case.read", "case.answer", "case.hand", "case.close")
# What nobody can do for another: it is asked of the person themselves, or of nobody.
PERSONAL = ("peer.answer", "plan.confirm", "result.acknowledge", "announcement.confirm", *CASES)


class Absence(Versioned, table=True):
    """Somebody is away on whole days of their zone, `from_on` and `to_on` included. `active` follows the clock."""

    __table_args__ = (
        sa.Index("ix_absence_person", "person_id", "active"),
        sa.Index("ix_absence_delegate", "delegate_id", "active"),
    )
    noun: ClassVar[str] = "absence"
    person_id: int = Field(foreign_key="person.id")
    delegate_id: int | None = Field(default=None, foreign_key="person.id")
    from_on: date
    to_on: date
    starts_at: datetime
    ends_at: datetime
    active: bool = False
    ended_at: datetime | None = None
    made_by_id: int = Field(foreign_key="person.id")

    @property
    def joined_id(self) -> int | None:
        """Who stands in is drawn in: they see it."""
        return self.delegate_id

    def end(self, db: Session, at: int, now: datetime) -> None:
        """They are back earlier, or it does not happen."""
        if self.ended_at is not None or self.ends_at <= now:
            raise Refused("This absence is over already.")
        self.advance(db, at, active=False, ended_at=now)
        record(db, "absence.ended", self)


def declare(
    db: Session,
    person: Person,
    from_on: date,
    to_on: date,
    delegate: Person | None,
    by_id: int,
    now: datetime,
    home: str,
) -> Absence:
    """Somebody will be away; it begins at once if its first day has come. `home` is the company's zone."""
    here = calendar(person.zone or home)
    starts, ends = here.at(from_on, time()), here.at(to_on + DAY, time())
    if to_on < from_on or ends <= now:
        raise Refused("The last day must be today or later, and not before the first.", field="to_on")
    if (to_on - from_on).days >= LONGEST:
        raise Refused("That is more than a year. Please ask HR.", field="to_on")
    if _overlaps(db, person.id, starts, ends):
        raise Refused("There is an absence in these days already. End it first: perf away.", field="from_on")
    if delegate is not None:
        _expect_fit(db, person, delegate, starts, ends)
    absence = Absence(
        person_id=person.id,
        delegate_id=delegate.id if delegate is not None else None,
        from_on=from_on,
        to_on=to_on,
        starts_at=starts,
        ends_at=ends,
        active=starts <= now,
        made_by_id=by_id,
    )
    put(db, absence)
    record(db, "absence.declared", absence, delegate=absence.delegate_id)
    return absence


def switch(db: Session, now: datetime) -> Sequence[Absence]:
    """Begins and ends what the clock says, however long nobody looked; the absences that began."""
    running = col(Absence.ended_at).is_(None)
    over = sa.and_(col(Absence.active).is_(True), col(Absence.ends_at) <= now)
    ended = db.exec(select(Absence).where(over).order_by(col(Absence.id))).all()
    for one in ended:
        one.advance(db, active=False)
        record(db, "absence.over", one)
    begun = sa.and_(col(Absence.active).is_(False), col(Absence.starts_at) <= now, col(Absence.ends_at) > now, running)
    fresh = db.exec(select(Absence).where(begun).order_by(col(Absence.id))).all()
    for one in fresh:
        one.advance(db, active=True)
        record(db, "absence.begun", one)
    return fresh


def coming(db: Session, person_id: int, now: datetime) -> Sequence[Absence]:
    """The absences of somebody that are not over, the next one first."""
    mine = sa.and_(col(Absence.person_id) == person_id, col(Absence.ends_at) > now, col(Absence.ended_at).is_(None))
    return db.exec(select(Absence).where(mine).order_by(col(Absence.starts_at))).all()


def standing_in(db: Session, person_id: int, now: datetime) -> Sequence[Absence]:
    """The absences in which somebody stands in for another, now or later."""
    mine = sa.and_(col(Absence.delegate_id) == person_id, col(Absence.ends_at) > now, col(Absence.ended_at).is_(None))
    return db.exec(select(Absence).where(mine).order_by(col(Absence.starts_at))).all()


def away(person: Any) -> sa.ColumnElement[bool]:
    """Whether the person is away now."""
    gone = aliased(Absence)
    return sa.exists().where(gone.person_id == person, col(gone.active).is_(True))


def acts_for(db: Session, actor_id: int, absent_id: int, owner_id: int | None) -> bool:
    """Whether somebody may do what waits for another, who is away, about `owner_id`: who stands in, unless it is about
    them; then who is next above the absent one (threat T20). What is about the absent themselves is nobody else's."""
    row = execute(db, _NOW_AWAY, person=absent_id).first()
    if row is None or row.delegate_id is None or owner_id in (absent_id, actor_id):
        return False
    if row.delegate_id != owner_id:
        return bool(row.delegate_id == actor_id)
    above = superior(db, db.get_one(Person, absent_id), frozenset({row.delegate_id}))
    return above is not None and above.id == actor_id


def for_another(db: Session, actor_id: int, action: str, subject: Row | None, owner_id: int | None) -> bool:
    """Whether it waits for somebody who is away and whom the actor stands in for; what they then do in this transaction
    is written down with on whose behalf (models.audit)."""
    waited: int | None = getattr(subject, "waits_for_id", None)
    if subject is None or waited is None or action in PERSONAL or not acts_for(db, actor_id, waited, owner_id):
        return False
    behalf(db)[subject.noun, subject.id] = waited
    return True


def behalf(db: Session) -> dict[tuple[str, int], int]:
    """On whose behalf this transaction acts, by the subject: the audit trail says so."""
    found: dict[tuple[str, int], int] = db.info.setdefault("behalf", {})
    return found


def _overlaps(db: Session, person_id: int, starts: datetime, ends: datetime) -> bool:
    same = sa.and_(
        col(Absence.person_id) == person_id,
        col(Absence.ended_at).is_(None),
        col(Absence.starts_at) < ends,
        col(Absence.ends_at) > starts,
    )
    return db.exec(select(Absence.id).where(same).limit(1)).first() is not None


def _expect_fit(db: Session, person: Person, delegate: Person, starts: datetime, ends: datetime) -> None:
    """Refuses who cannot stand in, saying why."""
    if delegate.id == person.id or delegate.left_at is not None:
        raise Refused("Please name somebody else who works here.", field="delegate")
    if HR in roles_of(db, person.id) and HR not in roles_of(db, delegate.id):
        raise Refused("What waits for HR is for HR only. Please name somebody in HR.", field="delegate")
    if _overlaps(db, delegate.id, starts, ends):
        raise Refused("They are away in these days, too. Please name somebody else.", field="delegate")


def delegates() -> sa.ColumnElement[bool]:
    """That an absence is under way with somebody who stands in and works here."""
    here = sa.select(col(Person.id)).where(active())
    return sa.and_(col(Absence.active).is_(True), col(Absence.delegate_id).in_(here))


_NOW_AWAY = sa.select(col(Absence.delegate_id)).where(
    col(Absence.person_id) == sa.bindparam("person"), col(Absence.active).is_(True)
)
