"""Messages that need mending: too late to be sent, held by nobody any more, or dated by a clock that was set back."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from models import budget
from models.budget import instant
from models.delivery import PAGED, QUEUED, SKIPPED, Delivery
from models.identity import Identity
from models.leases import LEASE

LONGEST = timedelta(seconds=300)  # the longest that a message is put off after a failure
SLACK = timedelta(seconds=10)
CHUNK = 5000
LATE = "too late"
RATE_LIMITED = "rate limited"


def expire(db: Session, now: datetime, most: int = CHUNK) -> int:
    """Ends messages that are not to be sent any more, a few thousand at once, and forgets that pages are to be drawn
    again that nobody looks at; how many."""
    ended = {"state": SKIPPED, "due": False, "error": LATE}
    return _expire(db, now, most, QUEUED, ended) + _expire(db, now, most, PAGED, {"due": False, "dirty": False})


def _expire(db: Session, now: datetime, most: int, state: str, ended: Mapping[str, object]) -> int:
    late = (col(Delivery.due), col(Delivery.state) == state, col(Delivery.not_after) <= now, _free(now))
    some = sa.select(col(Delivery.id)).where(*late).limit(most).with_for_update(skip_locked=True)
    written = sa.update(Delivery).where(col(Delivery.id).in_(some.scalar_subquery())).values(**ended)
    return db.connection().execute(written).rowcount


def abandon(db: Session, now: datetime) -> int:
    """Ends every lease: for a process that knows that it is the only one on this database. How many those were."""
    held = sa.update(Delivery).where(col(Delivery.due), col(Delivery.lease_until) > now)
    return db.connection().execute(held.values(lease_until=now)).rowcount


def redate(db: Session, now: datetime) -> None:
    """After the clock was set back: leases, what is put off and budgets lie as far ahead as they may, not further.

    What was queued or put off by the clock of before may go now; what was asked for at a time keeps its time.
    """
    connection, due = db.connection(), col(Delivery.due)
    leased = sa.update(Delivery).where(due, col(Delivery.lease_until) > now + LEASE + SLACK)
    connection.execute(leased.values(lease_until=now + LEASE))
    at_once = sa.and_(col(Delivery.not_before) == col(Delivery.created_at), col(Delivery.not_before) > now + SLACK)
    failed = sa.and_(col(Delivery.error).not_in(["", RATE_LIMITED]), col(Delivery.not_before) > now + LONGEST + SLACK)
    connection.execute(sa.update(Delivery).where(due, sa.or_(at_once, failed)).values(not_before=now))
    resting = sa.update(Identity).where(col(Identity.free_at) > now + LEASE)
    connection.execute(resting.values(free_at=None))
    budget.redate(db, instant(now))


def _free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now)
