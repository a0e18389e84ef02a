"""What was decided about a plan at each step, and the frozen texts that were confirmed."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Row, execute
from models.loaded import columns, entity


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


def decide(db: Session, **decision: object) -> None:
    """Stores one decision: the columns of Approval."""
    execute(db, _DECIDE, **decision)


def decisions(db: Session, plan_id: int) -> Sequence[Approval]:
    """What was decided so far, oldest first."""
    return db.exec(select(Approval).where(Approval.plan_id == plan_id).order_by(col(Approval.id))).all()


def newest_decision(db: Session, plan_id: int) -> Approval | None:
    """What was decided last."""
    row = execute(db, _NEWEST, plan=plan_id).first()
    return entity(db, Approval, row) if row is not None else None


def approvers(db: Session, plan_id: int, revision: int) -> frozenset[int]:
    """Who has approved this revision already."""
    return frozenset(execute(db, _APPROVERS, plan=plan_id, revision=revision).scalars())


_DECIDE = sa.insert(Approval)
_NEWEST = (
    sa.select(*columns(Approval))
    .where(col(Approval.plan_id) == sa.bindparam("plan"))
    .order_by(col(Approval.id).desc())
    .limit(1)
)
_APPROVERS = sa.select(col(Approval.by_id)).where(
    col(Approval.plan_id) == sa.bindparam("plan"),
    col(Approval.revision) == sa.bindparam("revision"),
    col(Approval.decision) == "approved",
)
