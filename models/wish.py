"""Files on their way: what somebody offered and has not decided on, and what has to be fetched from a platform."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.access import Actor, check
from models.base import Refused, Row, Versioned, put, record
from models.evidence import FAILED, Evidence, Seal
from models.identity import Identity

N_ = str
OPEN, KEPT, DROPPED, EXPIRED = "open", "kept", "dropped", "expired"
TOO_LATE = N_("These files were offered too long ago. Please send them again.")
LIFE = timedelta(days=1)  # of an offer nobody answers: until then its files are not stored, only what they are called
REMEMBERED = timedelta(days=7)  # of an offer that is answered, and of a file that could not be kept
MOST = 10  # files in one message
LEASE = timedelta(minutes=2)
PAUSES = (5, 30, 120, 600)  # seconds after a failure
GONE, UNREACHED = "gone", "unreached"


class Offer(Versioned, table=True):
    """Files somebody sent, and what they said beside them (`what`, sealed by bot.vault): kept for an item, or not."""

    noun: ClassVar[str] = "offer"
    person_id: int = Field(foreign_key="person.id", index=True)
    identity_id: int = Field(foreign_key="identity.id")
    state: str = OPEN
    what: bytes | None = None
    at: datetime

    def expect_open(self, db: Session, actor: Actor, right: str, now: datetime) -> None:
        """Refuses who was not asked, and what is answered or was left too long."""
        check(db, actor, right, self)
        if self.state == EXPIRED or (self.state == OPEN and now - self.at > LIFE):
            raise Refused(TOO_LATE)
        if self.state != OPEN or self.what is None:
            raise Refused("This is decided already.")

    def decide(self, db: Session, at: int, state: str) -> None:
        """Kept or dropped: from now on nothing is known of the files but what was made of them."""
        self.advance(db, at, state=state, what=None)
        record(db, f"offer.{state}", self)


class Wish(Row, table=True):
    """A file to be fetched by the account that sent it; `file` is the platform's description, sealed by bot.vault."""

    noun: ClassVar[str] = "wish"
    evidence_id: int = Field(foreign_key="evidence.id", unique=True)
    identity_id: int = Field(foreign_key="identity.id")
    file: bytes | None = None
    tries: int = 0
    not_before: datetime


class Errand(NamedTuple):
    """A wish to see to now: on which platform, and its sealed file."""

    wish: int
    platform: str
    file: bytes
    tries: int


def want(db: Session, piece: Evidence, identity_id: int, now: datetime, seal: Seal, file: str) -> None:
    """Has the file of a piece fetched, by the description the platform gave."""
    wish = Wish(evidence_id=piece.id, identity_id=identity_id, not_before=now)
    put(db, wish)
    wish.file = seal(wish, "file", file)
    db.add(wish)
    db.flush()


def waiting(db: Session, platforms: Collection[str], now: datetime, most: int) -> Sequence[int]:
    """The wishes that are due on these platforms."""
    wanted = select(Wish.id).join(Identity, col(Identity.id) == col(Wish.identity_id))
    due = wanted.where(col(Wish.not_before) <= now, col(Identity.platform).in_(platforms))
    return db.exec(due.order_by(col(Wish.id)).limit(most)).all()


def lease(db: Session, wishes: Sequence[int], now: datetime) -> list[Errand]:
    """Takes wishes that are still due for a while: no other replica sees to them."""
    wanted = select(Wish, Identity.platform).join(Identity, col(Identity.id) == col(Wish.identity_id))
    due = wanted.where(col(Wish.id).in_(wishes), col(Wish.not_before) <= now)
    taken = []
    for wish, platform in db.exec(due.with_for_update(of=Wish, skip_locked=True)).all():
        wish.not_before, wish.tries = now + LEASE, wish.tries + 1
        db.add(wish)
        taken.append(Errand(wish.id, platform, wish.file or b"", wish.tries))
    db.flush()
    return taken


def put_off(db: Session, wish: int, until: datetime) -> None:
    """Tries again later."""
    db.connection().execute(sa.update(Wish).where(col(Wish.id) == wish).values(not_before=until))


def forget(db: Session, now: datetime) -> None:
    """Ends offers that were left, and removes old ones, and what is known of files that could not be kept."""
    left = sa.and_(col(Offer.state) == OPEN, col(Offer.at) < now - LIFE)
    db.connection().execute(sa.update(Offer).where(left).values(state=EXPIRED, what=None))
    old = sa.and_(col(Offer.state) != OPEN, col(Offer.at) < now - REMEMBERED)
    db.connection().execute(sa.delete(Offer).where(old))
    failed = sa.and_(col(Evidence.state) == FAILED, col(Evidence.at) < now - REMEMBERED)
    db.connection().execute(sa.delete(Evidence).where(failed))
