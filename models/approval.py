"""What was decided about a plan at each step, and the frozen texts that were confirmed."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Row


class Approval(Row, table=True):
    """One decision on one revision: `decision` is the past tense of the action, `reason` what the person wrote."""

    __table_args__ = (sa.Index("ix_approval_plan", "plan_id", "revision"),)
    noun: ClassVar[str] = "approval"
    plan_id: int = Field(foreign_key="plan.id")
    revision: int
    step: int
    decision: str
    by_id: int = Field(foreign_key="person.id")
    reason: str = ""
    at: datetime


class Frozen(Row, table=True):
    """The confirmed text of a revision and its sha256: the copy in the performance file."""

    __tablename__ = "plan_frozen"
    __table_args__ = (sa.UniqueConstraint("plan_id", "revision"),)
    noun: ClassVar[str] = "frozen"
    plan_id: int = Field(foreign_key="plan.id")
    revision: int
    text: str = Field(sa_type=sa.Text)
    digest: str
    by_id: int = Field(foreign_key="person.id")
    at: datetime


def decisions(db: Session, plan_id: int, revision: int | None = None) -> Sequence[Approval]:
    """What was decided so far, oldest first."""
    statement = select(Approval).where(Approval.plan_id == plan_id)
    if revision is not None:
        statement = statement.where(Approval.revision == revision)
    return db.exec(statement.order_by(col(Approval.id))).all()
