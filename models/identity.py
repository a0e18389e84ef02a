"""Accounts on platforms, and the one-time codes that link one where the platform vouches for nothing."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Refused, Row, batches, execute, put, record
from models.loaded import columns, split
from models.person import Person, Role, active

CODE_LIFE = timedelta(hours=24)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when an account was used last whose owner did not write yet
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class Identity(Row, table=True):
    """One person's account; `channel` is the private conversation there once it is known, `seen_at` the last use; no
    new message goes there before `free_at`. `locale` and `zone` are what the platform said last of its owner ("" if it
    never did)."""

    __table_args__ = (sa.UniqueConstraint("platform", "tenant", "user"),)
    noun: ClassVar[str] = "identity"
    platform: str
    tenant: str = ""
    user: str
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: str = ""
    seen_at: datetime
    free_at: datetime | None = None
    locale: str = Field(default="", sa_column_kwargs={"server_default": ""})
    zone: str = Field(default="", sa_column_kwargs={"server_default": ""})


class LinkCode(Row, table=True):
    """A code that HR made for one person: only its hash is kept, it works once and for a day.

    `ended` once it was used or its time is over, so that the card that shows it is drawn again once.
    """

    noun: ClassVar[str] = "link"
    digest: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id")
    made_by_id: int = Field(foreign_key="person.id")
    expires_at: datetime
    used_at: datetime | None = None
    ended: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})

    def valid(self, now: datetime) -> bool:
        """Whether it still links an account."""
        return self.used_at is None and now < self.expires_at


def link_by_email(db: Session, platform: str, tenant: str, user: str, email: str, now: datetime) -> Identity | None:
    """Links an account whose address the platform vouches for; None unless exactly one free person fits."""
    person_id = _with_address(db, email)
    if person_id is None or _taken(db, platform, tenant, person_id):
        return None
    return _link(db, platform, tenant, user, person_id, now)


def link_first(db: Session, platform: str, tenant: str, user: str, email: str) -> Identity | None:
    """The same for an account whose owner did not write yet: only of a person who has none anywhere, since nobody's
    messages go elsewhere than where they were read until now."""
    person_id = _with_address(db, email)
    if person_id is None or accounts(db, [person_id]) or known(db, platform, tenant, user) is not None:
        return None
    return _link(db, platform, tenant, user, person_id, NEVER)


def nowhere(db: Session) -> frozenset[str]:
    """The addresses, in lower case, of people who work here and have no account."""
    alone = ~sa.select(col(Identity.id)).where(col(Identity.person_id) == col(Person.id)).exists()
    addresses = select(sa.func.lower(Person.email)).where(col(Person.email).is_not(None), alone, active())
    return frozenset(db.exec(addresses))


def make_code(db: Session, person: Person, made_by_id: int, now: datetime) -> tuple[LinkCode, str]:
    """A new code for a person, to be handed over outside of the unlinked account: its row, and the code itself."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(10))
    entry = LinkCode(digest=_digest(code), person_id=person.id, made_by_id=made_by_id, expires_at=now + CODE_LIFE)
    put(db, entry)
    return entry, code


def expire_codes(db: Session, now: datetime) -> None:
    """Ends the codes that nobody used in time: the cards that show them are drawn again."""
    unused = sa.and_(col(LinkCode.ended).is_(False), col(LinkCode.used_at).is_(None))
    late = select(LinkCode).where(unused, LinkCode.expires_at <= now)
    for entry in db.exec(late.with_for_update()).all():
        entry.ended = True
        db.add(entry)
        record(db, "link.expired", entry)


def link_by_code(db: Session, platform: str, tenant: str, user: str, code: str, now: datetime) -> Identity:
    """Links the account that says a valid code; Refused with one sentence for every way it can be wrong (T40, T41)."""
    wrong = Refused("This code is not valid. Please ask HR for a new one.")
    said = select(LinkCode).where(LinkCode.digest == _digest(code.strip().upper()))
    entry = db.exec(said.with_for_update()).first()
    if entry is None or not entry.valid(now):
        raise wrong
    person = db.get(Person, entry.person_id)
    if person is None or person.left_at is not None or _taken(db, platform, tenant, person.id):
        raise wrong
    entry.used_at, entry.ended = now, True
    db.add(entry)
    record(db, "link.used", entry)
    return _link(db, platform, tenant, user, person.id, now)


def tenants(db: Session, platform: str) -> frozenset[str]:
    """From where on a platform people have accounts."""
    return frozenset(db.exec(select(Identity.tenant).where(Identity.platform == platform).distinct()))


def _with_address(db: Session, email: str) -> int | None:
    """The one person who has the address; None if that is nobody, or not clear."""
    if not email:
        return None
    fitting = select(Person.id).where(sa.func.lower(Person.email) == email.casefold(), active())
    found = db.exec(fitting.with_for_update()).all()
    return found[0] if len(found) == 1 else None


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


@dataclass(frozen=True, slots=True)
class Known:
    """An account that is linked, whose it is, and the roles they have."""

    account: Identity
    person: Person
    roles: frozenset[str]


def known(db: Session, platform: str, tenant: str, user: str) -> Known | None:
    """Who uses an account."""
    row = execute(db, _KNOWN, platform=platform, tenant=tenant, user=user).first()
    if row is None:
        return None
    account, person, roles = split(db, row, Identity, Person)
    return Known(account, person, roles_in(roles))


def roles_in(joined: str | None) -> frozenset[str]:
    """The roles that a column `ROLES` holds."""
    return frozenset(joined.split(",")) if joined else frozenset()


def begin(db: Session, account: Identity, now: datetime) -> bool:
    """Notes the first use of an account that was linked before its owner wrote; false for who comes second."""
    return execute(db, _BEGIN, account=account.id, seen_at=now).rowcount > 0


def moved(db: Session, account: Identity, channel: str) -> None:
    """Keeps where the private conversation of an account is."""
    execute(db, _MOVED, account=account.id, channel=channel)


def accounts(db: Session, person_ids: list[int]) -> dict[int, int]:
    """The id of the account each person used last, by person."""
    return {person_id: account for person_id, (account, _platform) in addresses(db, person_ids).items()}


def addresses(db: Session, person_ids: list[int]) -> dict[int, tuple[int, str]]:
    """The id and the platform of the account each person used last, by person."""
    found: dict[int, tuple[int, str]] = {}
    for some in batches(person_ids):
        found.update({row.person_id: (row.id, row.platform) for row in execute(db, _ACCOUNTS, people=some)})
    return found


ROLES = (
    sa.select(sa.func.aggregate_strings(col(Role.name), ","))
    .where(col(Role.person_id) == col(Person.id))
    .scalar_subquery()
)
_KNOWN = (
    sa.select(*columns(Identity), *columns(Person), ROLES)
    .join(Person, col(Person.id) == col(Identity.person_id))
    .where(
        col(Identity.platform) == sa.bindparam("platform"),
        col(Identity.tenant) == sa.bindparam("tenant"),
        col(Identity.user) == sa.bindparam("user"),
    )
)
_BEGIN = sa.update(Identity).where(col(Identity.id) == sa.bindparam("account"), col(Identity.seen_at) == NEVER)
_MOVED = sa.update(Identity).where(col(Identity.id) == sa.bindparam("account"))
_ACCOUNTS = (
    sa.select(col(Identity.person_id), col(Identity.id), col(Identity.platform))
    .where(col(Identity.person_id).in_(sa.bindparam("people", expanding=True)))
    .order_by(col(Identity.seen_at))
)
