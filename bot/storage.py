"""Evidence files: stored once by what they hold, in sealed pieces, in the database, where every replica reads them."""

import hashlib
from datetime import datetime

from sqlmodel import Session, col, select

from bot.vault import Unreadable, Vault
from models.base import put
from models.deposit import PIECE, Deposit, Piece, held


def store(db: Session, vault: Vault, content: bytes, media: str, now: datetime) -> Deposit:
    """The stored content; what is there already is not stored a second time."""
    digest = hashlib.sha256(content).hexdigest()
    known = held(db, digest, now)
    if known is not None:
        return known
    made = Deposit(digest=digest, media=media, size=len(content), at=now)
    put(db, made)
    for number, start in enumerate(range(0, len(content), PIECE)):
        piece = Piece(deposit_id=made.id, number=number)
        put(db, piece)
        piece.sealed = vault.seal_bytes(_place(piece), content[start : start + PIECE])
        db.add(piece)
    db.flush()
    return made


def load(db: Session, vault: Vault, deposit_id: int) -> bytes:
    """The bytes; raises bot.vault.Unreadable if a piece is missing, moved or changed."""
    wanted = select(Piece).where(Piece.deposit_id == deposit_id).order_by(col(Piece.number))
    whole = b"".join(vault.open_bytes(_place(piece), piece.sealed or b"") for piece in db.exec(wanted))
    about = db.get(Deposit, deposit_id)
    if about is None or hashlib.sha256(whole).hexdigest() != about.digest:
        raise Unreadable("not what was stored")
    return whole


def _place(piece: Piece) -> tuple[str, str, int]:
    return str(Piece.__tablename__), "sealed", piece.id
