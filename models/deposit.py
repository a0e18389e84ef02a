"""Stored files by what they hold: the same content once, whoever gave it, in sealed pieces."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from models.base import Row

PIECE = 1024 * 1024  # bytes of one piece: what a key rotation or a reader holds at once


class Deposit(Row, table=True):
    """One content. `digest` is its SHA-256 in hex, `media` its type as it was examined, `size` in bytes; `at` is when
    it was given last."""

    noun: ClassVar[str] = "deposit"
    digest: str = Field(unique=True)
    media: str
    size: int
    at: datetime


class Piece(Row, table=True):
    """A part of a content in its order, sealed by bot.vault."""

    __tablename__ = "deposit_piece"
    __table_args__ = (sa.UniqueConstraint("deposit_id", "number"),)
    noun: ClassVar[str] = "piece"
    deposit_id: int = Field(foreign_key="deposit.id")
    number: int
    sealed: bytes | None = None


def held(db: Session, digest: str, now: datetime) -> Deposit | None:
    """The content with this digest, if it is stored; from now on it counts as given anew, so that nobody who tidies up
    at the same time takes it away."""
    found = db.exec(select(Deposit).where(Deposit.digest == digest).with_for_update()).first()
    if found is not None:
        found.at = now
        db.add(found)
        db.flush()
    return found


def forget(db: Session, before: datetime) -> int:
    """Removes what nobody refers to any more and was given before an instant; how many contents."""
    evidence = SQLModel.metadata.tables["evidence"]
    used = sa.select(evidence.c.id).where(evidence.c.deposit_id == col(Deposit.id)).exists()
    gone = list(db.exec(select(Deposit.id).where(col(Deposit.at) < before, sa.not_(used)).with_for_update()))
    if gone:
        db.connection().execute(sa.delete(Piece).where(col(Piece.deposit_id).in_(gone)))
        db.connection().execute(sa.delete(Deposit).where(col(Deposit.id).in_(gone)))
    return len(gone)
