"""What this database is: a few facts about the deployment itself."""

from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Session, col, select

from models.base import Row
from models.direct import dialect_name

SAMPLE, ZONE = "sample", "zone"


class Deployment(Row, table=True):
    """One fact: `key` "sample" is there if the database holds an invented company that anybody may play; "zone" is the
    company's, as the clock last knew it; "pages" how far models.page is with all of them; others are counts of what a
    platform was asked in a month."""

    noun: ClassVar[str] = "deployment"
    key: str = Field(unique=True)
    value: str = ""


def is_sample(db: Session) -> bool:
    """Whether the company in this database is invented."""
    return db.exec(select(Deployment.id).where(Deployment.key == SAMPLE)).first() is not None


def mark_sample(db: Session, name: str) -> None:
    """Notes that the company is invented."""
    db.add(Deployment(key=SAMPLE, value=name))


def company_zone(db: Session) -> str:
    """The zone of people who have none of their own."""
    return db.exec(select(Deployment.value).where(Deployment.key == ZONE)).first() or "UTC"


def note_zone(db: Session, zone: str) -> None:
    """Keeps the company's zone, which only the environment knows."""
    held = db.exec(select(Deployment).where(Deployment.key == ZONE)).first() or Deployment(key=ZONE)
    if held.value != zone:
        held.value = zone
        db.add(held)


def note(db: Session, key: str, value: str) -> None:
    """Keeps a fact, in the place of what it was."""
    insert = sqlite_insert if dialect_name(db) == "sqlite" else postgres_insert
    noted = insert(Deployment).values(key=key, value=value)
    db.connection().execute(noted.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def add_to(db: Session, key: str, more: int) -> int:
    """Adds to a fact that is a count; what it is now, whoever else adds to it at the same moment."""
    insert = sqlite_insert if dialect_name(db) == "sqlite" else postgres_insert
    total = sa.cast(sa.cast(col(Deployment.value), sa.BigInteger) + more, sa.String)
    counted = insert(Deployment).values(key=key, value=str(more))
    adding = counted.on_conflict_do_update(index_elements=["key"], set_={"value": total})
    return int(db.connection().execute(adding.returning(col(Deployment.value))).scalar_one())


def count_of(db: Session, key: str) -> int:
    """A fact that is a count."""
    return int(db.exec(select(Deployment.value).where(Deployment.key == key)).first() or 0)
