"""Copies of cards that follow what happens: the clock has them drawn again while they are young."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models.delivery import BULK, SENT, SHOWN, Delivery


def young(db: Session, noun: str, view: str, since: datetime) -> frozenset[int]:
    """What the live copies of a view that were sent since then are about."""
    found = sa.select(col(Delivery.subject_id)).where(_live(noun, view, since)).distinct()
    return frozenset(db.connection().execute(found).scalars())


def outdate(db: Session, noun: str, view: str, subjects: Collection[int], since: datetime) -> int:
    """Has the live copies about these subjects drawn again; how many those are."""
    these = sa.and_(_live(noun, view, since), col(Delivery.subject_id).in_(sorted(subjects)))
    return (
        db.connection().execute(sa.update(Delivery).where(these).values(dirty=True, due=True, priority=BULK)).rowcount
    )


def begun(db: Session, identity_id: int) -> bool:
    """Whether something stands in an account's conversation already."""
    sent = (col(Delivery.identity_id) == identity_id, col(Delivery.state) == SENT)
    return db.connection().execute(sa.select(col(Delivery.id)).where(*sent).limit(1)).first() is not None


def last(db: Session, person_id: int, view: str, subject: int) -> Mapping[str, Any]:
    """The facts of the copy of a view of a subject that somebody was sent last; none if there was none."""
    mine = (col(Delivery.person_id) == person_id, col(Delivery.view) == view, col(Delivery.subject_id) == subject)
    found = sa.select(col(Delivery.facts)).where(*mine).order_by(col(Delivery.id).desc()).limit(1)
    facts: Mapping[str, Any] = db.connection().execute(found).scalar() or {}
    return facts


def _live(noun: str, view: str, since: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Delivery.subject_noun) == noun,
        col(Delivery.view) == view,
        col(Delivery.state).in_(SHOWN),
        col(Delivery.created_at) >= since,
    )
