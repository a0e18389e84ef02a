"""Calibration: what those who know the people say about results before the meeting."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.access import Actor, check
from models.base import Refused, Row, batches, record
from models.result import UNPUBLISHED, Result


class Vote(Row, table=True):
    """One opinion on one result: it agrees, or it is a question to be talked about. `note` is sealed by bot.vault."""

    __table_args__ = (sa.UniqueConstraint("result_id", "by_id"),)
    noun: ClassVar[str] = "vote"
    result_id: int = Field(foreign_key="result.id")
    by_id: int = Field(foreign_key="person.id")
    agrees: bool
    note: bytes | None = None
    at: datetime

    def person_of(self, db: Session) -> int | None:
        """Whose result it is about."""
        return db.get_one(Result, self.result_id).person_id


def vote(db: Session, result: Result, actor: Actor, now: datetime, *, agrees: bool, note: bytes | None = None) -> Vote:
    """Says or changes one's opinion; nobody votes on their own result."""
    check(db, actor, "result.vote", result)
    if result.state not in UNPUBLISHED:
        raise Refused("This result is published; calibration is over.")
    said = db.exec(select(Vote).where(Vote.result_id == result.id, Vote.by_id == actor.id)).first()
    said = said or Vote(result_id=result.id, by_id=actor.id, agrees=agrees, at=now)
    said.agrees, said.note, said.at = agrees, note, now
    db.add(said)
    db.flush()
    record(db, "result.voted", result, agrees=agrees)
    return said


def votes_on(db: Session, result_ids: Sequence[int]) -> dict[int, list[Vote]]:
    """The opinions by result, oldest first."""
    found: dict[int, list[Vote]] = {}
    for some in batches(result_ids):
        for one in db.exec(select(Vote).where(col(Vote.result_id).in_(some)).order_by(col(Vote.id))):
            found.setdefault(one.result_id, []).append(one)
    return found
