"""`keys rotate`: every confidential value sealed with the newest key, batch by batch, resumable after a stop."""

from functools import partial

from sqlmodel import Session, SQLModel, col, select

from bot.db import Database
from bot.vault import Vault
from models.assignment import Assignment
from models.base import Row
from models.calibration import Vote
from models.case import Message
from models.chase import Chase
from models.deposit import Piece
from models.dispute import Dispute
from models.evidence import Evidence
from models.extension import Extension
from models.flag import Flag
from models.installation import Installation
from models.nudge import Remark
from models.opinion import Opinion
from models.person import Person
from models.request import Request
from models.result import Result
from models.scorecard import Score, Scorecard
from models.wish import Offer, Wish

BATCH = 500
PIECES = 16  # of a megabyte each
# Every confidential column; its place in the vault is (table, column, row id).
COLUMNS: tuple[tuple[type[Row], str], ...] = (
    (Person, "salary"),
    (Scorecard, "reason"),
    (Scorecard, "comment"),
    (Score, "comment"),
    (Result, "adjustment_note"),
    (Result, "calibration_note"),
    (Flag, "reason"),
    (Vote, "note"),
    (Dispute, "reason"),
    (Dispute, "evidence"),
    (Dispute, "answer"),
    (Dispute, "ruling"),
    (Chase, "words"),
    (Remark, "words"),
    (Message, "body"),
    (Opinion, "word"),
    (Request, "what"),
    (Request, "answer"),
    (Request, "link"),
    (Request, "reason"),
    (Assignment, "what"),
    (Extension, "reason"),
    (Evidence, "title"),
    (Evidence, "body"),
    (Evidence, "reason"),
    (Offer, "what"),
    (Wish, "file"),
    (Piece, "sealed"),
    (Installation, "sealed"),
)


def rotate(database: Database, vault: Vault) -> int:
    """How many values were sealed anew; raises bot.vault.Unreadable if one cannot be opened, keeping what is done."""
    return sum(_column(database, vault, model, name) for model, name in COLUMNS)


def _column(database: Database, vault: Vault, model: type[Row], name: str) -> int:
    done, start, after = 0, -1, 0
    while after != start:
        start = after
        sealed, after = database.now(partial(_batch, vault=vault, model=model, name=name, after=start))
        done += sealed
    return done


def _batch(db: Session, vault: Vault, model: type[Row], name: str, after: int) -> tuple[int, int]:
    """How many of the next rows were sealed anew, and the last id looked at (`after` itself at the end)."""
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    most = PIECES if model is Piece else BATCH
    rows = db.exec(select(model).where(col(model.id) > after).order_by(col(model.id)).limit(most)).all()
    sealed = 0
    for row in rows:
        envelope: bytes | None = getattr(row, name)
        if envelope is not None and not vault.current(envelope):
            place = (table.name, name, row.id)
            setattr(row, name, vault.seal_bytes(place, vault.open_bytes(place, envelope)))
            db.add(row)
            sealed += 1
    return sealed, rows[-1].id if rows else after
