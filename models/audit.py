"""The audit trail: append-only entries with a leaf hash, ready to be sealed into blocks."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, select

from models.absence import behalf
from models.base import Change, Row, canonical, execute

MANY = 20  # up to so many entries one by one, by a statement that is prepared


class Audit(Row, table=True):
    """One thing somebody did. `body` is the canonical text that `leaf` = sha256(0x00 ‖ body) is made of."""

    __table_args__ = (sa.Index("ix_audit_subject", "subject_noun", "subject_id", "id"),)
    noun: ClassVar[str] = "audit"
    at: datetime
    actor_id: int | None = None
    action: str
    subject_noun: str
    subject_id: int
    body: str = Field(sa_type=sa.Text)
    leaf: bytes


def append(db: Session, made: list[Change], actor_id: int | None, platform: str, at: datetime) -> None:
    """Writes the entries of one transaction; who stood in for somebody is written down with for whom."""
    known = behalf(db)
    rows = [_entry(_whose(change, known), actor_id, platform, at) for change in made]
    if len(rows) > MANY:
        db.flush()
        db.connection().execute(_APPEND, rows)
        return
    for row in rows:
        execute(db, _APPEND, **row)


def _whose(change: Change, known: Mapping[tuple[str, int], int]) -> Change:
    absent = known.get((change.noun, change.subject))
    return replace(change, facts={**change.facts, "on_behalf_of": absent}) if absent is not None else change


def _entry(change: Change, actor_id: int | None, platform: str, at: datetime) -> dict[str, object]:
    body = canonical(
        {
            "action": change.action,
            "actor": actor_id,
            "at": at,
            "facts": dict(change.facts),
            "platform": platform,
            "subject": [change.noun, change.subject],
        }
    )
    return {
        "at": at,
        "actor_id": actor_id,
        "action": change.action,
        "subject_noun": change.noun,
        "subject_id": change.subject,
        "body": body,
        "leaf": hashlib.sha256(b"\x00" + body.encode()).digest(),
    }


def acted(db: Session, actor_id: int, noun: str, subject: int) -> bool:
    """Whether somebody did something to a subject before."""
    statement = select(Audit.id).where(
        Audit.subject_noun == noun, Audit.subject_id == subject, Audit.actor_id == actor_id
    )
    return db.exec(statement.limit(1)).first() is not None


def trail(db: Session, noun: str, subject: int) -> Sequence[Audit]:
    """Everything that happened to a subject, oldest first."""
    mine = select(Audit).where(Audit.subject_noun == noun, Audit.subject_id == subject)
    return db.exec(mine.order_by(sa.column("id"))).all()


def last(db: Session, noun: str, subject: int, by_id: int | None = None) -> Audit | None:
    """The newest entry about a subject that changed it; of those that `by_id` made, if somebody is named."""
    statement = select(Audit).where(
        Audit.subject_noun == noun, Audit.subject_id == subject, sa.not_(sa.column("action").like("%.read"))
    )
    if by_id is not None:
        statement = statement.where(Audit.actor_id == by_id)
    return db.exec(statement.order_by(sa.desc(sa.column("id"))).limit(1)).first()


_APPEND = sa.insert(Audit)
