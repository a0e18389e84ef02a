"""What people thought of HR's answers: kept apart from the cases, and counted five at a time."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Row

SCORES = (1, 2, 3, 4, 5)
TOGETHER = 5
BITS = 62


class Opinion(Row, table=True):
    """One rating of who was in charge: no case, no author, no time, and a number by chance. `word` is sealed by
    bot.vault. `shown` once five about the same person are together: no figure ever changes by fewer than five."""

    __tablename__ = "case_opinion"
    __table_args__ = (sa.Index("ix_case_opinion_owner", "owner_id", "shown"), {"sqlite_with_rowid": False})
    noun: ClassVar[str] = "opinion"
    id: int = Field(sa_type=sa.BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    owner_id: int = Field(foreign_key="person.id")
    score: int
    word: bytes | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """A mean of 1 to 5 over so many ratings, a multiple of five."""

    ratings: int
    mean: Decimal


def express(db: Session, owner_id: int, score: int) -> Opinion:
    """Keeps a rating from 1 to 5; the fifth that waits about somebody makes all five count. The caller seals a word."""
    if score not in SCORES:
        raise ValueError("a rating is from 1 to 5")
    made = Opinion(id=secrets.randbits(BITS), owner_id=owner_id, score=score)
    db.add(made)
    db.flush()
    waiting = sa.and_(col(Opinion.owner_id) == owner_id, col(Opinion.shown).is_(False))
    many = db.exec(select(sa.func.count()).select_from(Opinion).where(waiting)).one()
    if many >= TOGETHER:
        db.connection().execute(sa.update(Opinion).where(waiting).values(shown=True))
        db.expire(made)
    return made


def satisfaction(db: Session, owner_id: int | None = None) -> Satisfaction | None:
    """Of everybody in HR, or of one of them; None below five ratings."""
    wanted = select(sa.func.count(), sa.func.sum(Opinion.score)).where(col(Opinion.shown).is_(True))
    if owner_id is not None:
        wanted = wanted.where(Opinion.owner_id == owner_id)
    many, total = db.exec(wanted).one()
    return Satisfaction(many, Decimal(int(total)) / many) if many >= TOGETHER else None


def words_about(db: Session, owner_id: int) -> Sequence[Opinion]:
    """What was written about somebody's answers, in no order that means anything."""
    theirs = select(Opinion).where(Opinion.owner_id == owner_id, col(Opinion.shown).is_(True))
    return db.exec(theirs.where(col(Opinion.word).is_not(None)).order_by(col(Opinion.id))).all()
