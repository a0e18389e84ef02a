"""What this database is: a few facts about the deployment itself."""

from typing import ClassVar

from sqlmodel import Field, Session, select

from models.base import Row

SAMPLE, ZONE = "sample", "zone"


class Deployment(Row, table=True):
    """One fact: `key` "sample" is there if the database holds an invented company that anybody may play; "zone" is the
    company's, as the clock last knew it."""

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
