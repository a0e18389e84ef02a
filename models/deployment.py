"""What this database is: a few facts about the deployment itself."""

from typing import ClassVar

from sqlmodel import Field, Session, select

from models.base import Row

SAMPLE = "sample"


class Deployment(Row, table=True):
    """One fact: `key` "sample" is there if the database holds an invented company that anybody may play."""

    noun: ClassVar[str] = "deployment"
    key: str = Field(unique=True)
    value: str = ""


def is_sample(db: Session) -> bool:
    """Whether the company in this database is invented."""
    return db.exec(select(Deployment.id).where(Deployment.key == SAMPLE)).first() is not None


def mark_sample(db: Session, name: str) -> None:
    """Notes that the company is invented."""
    db.add(Deployment(key=SAMPLE, value=name))
