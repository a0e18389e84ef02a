"""Accounts on platforms, and the one-time codes that link one where the platform vouches for nothing."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Refused, Row
from models.person import Person, active

CODE_LIFE = timedelta(hours=24)
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class Identity(Row, table=True):
    """One person's account; `channel` is the private conversation there once it is known, `seen_at` the last use."""

    __table_args__ = (sa.UniqueConstraint("platform", "tenant", "user"),)
    noun: ClassVar[str] = "identity"
    platform: str
    tenant: str = ""
    user: str
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: str = ""
    seen_at: datetime


class LinkCode(Row, table=True):
    """A code that HR made for one person: only its hash is kept, it works once and for a day."""

    noun: ClassVar[str] = "link"
    digest: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id")
    made_by_id: int = Field(foreign_key="person.id")
    expires_at: datetime
    used_at: datetime | None = None


def link_by_email(db: Session, platform: str, tenant: str, user: str, email: str, now: datetime) -> Identity | None:
    """Links an account whose address the platform vouches for; None unless exactly one free person fits."""
    if not email:
        return None
    fitting = select(Person).where(sa.func.lower(Person.email) == email.casefold(), active())
    found = db.exec(fitting.with_for_update()).all()
    if len(found) != 1 or _taken(db, platform, tenant, found[0].id):
        return None
    return _link(db, platform, tenant, user, found[0].id, now)


def make_code(db: Session, person: Person, made_by_id: int, now: datetime) -> str:
    """A new code for a person, to be handed over outside of the unlinked account."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(10))
    db.add(LinkCode(digest=_digest(code), person_id=person.id, made_by_id=made_by_id, expires_at=now + CODE_LIFE))
    return code


def link_by_code(db: Session, platform: str, tenant: str, user: str, code: str, now: datetime) -> Identity:
    """Links the account that says a valid code; Refused with one sentence for every way it can be wrong (T40, T41)."""
    wrong = Refused("This code is not valid. Please ask HR for a new one.")
    said = select(LinkCode).where(LinkCode.digest == _digest(code.strip().upper()))
    entry = db.exec(said.with_for_update()).first()
    if entry is None or entry.used_at is not None or entry.expires_at <= now:
        raise wrong
    person = db.get(Person, entry.person_id)
    if person is None or person.left_at is not None or _taken(db, platform, tenant, person.id):
        raise wrong
    entry.used_at = now
    db.add(entry)
    return _link(db, platform, tenant, user, person.id, now)


def _taken(db: Session, platform: str, tenant: str, person_id: int) -> bool:
    statement = select(Identity.id).where(
        Identity.platform == platform, Identity.tenant == tenant, Identity.person_id == person_id
    )
    return db.exec(statement).first() is not None


def _link(db: Session, platform: str, tenant: str, user: str, person_id: int, now: datetime) -> Identity:
    identity = Identity(platform=platform, tenant=tenant, user=user, person_id=person_id, seen_at=now)
    db.add(identity)
    db.flush()
    return identity


def _digest(code: str) -> str:
    return hmac.new(b"pandian link code", code.encode(), hashlib.sha256).hexdigest()


def accounts(db: Session, person_ids: list[int]) -> dict[int, Identity]:
    """The account each person used last."""
    rows = db.exec(select(Identity).where(col(Identity.person_id).in_(person_ids)).order_by(col(Identity.seen_at)))
    return {row.person_id: row for row in rows}
