"""Who judges somebody's plan: who scores it, and who decides about it or about a dispute of its result."""

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from models.absence import acts_for, behalf
from models.base import Row


def plan_of(subject: Row | None) -> int | None:
    """The plan that a subject is, or belongs to."""
    if subject is None:
        return None
    found: int | None = subject.id if subject.noun == "plan" else getattr(subject, "plan_id", None)
    return found


def scores(db: Session, actor_id: int, subject: Row, owner_id: int | None) -> bool:
    """Whether the actor has to score the plan or did so, as the manager or in the place of one who is away: what they
    then do is written down with on whose behalf."""
    card = SQLModel.metadata.tables["scorecard"]
    wanted = sa.select(card.c.waits_for_id, card.c.rater_id).where(card.c.plan_id == plan_of(subject))
    row = db.connection().execute(wanted.where(card.c.kind == "manager")).first()
    if row is None or owner_id == actor_id:
        return False
    if actor_id in (row.waits_for_id, row.rater_id):
        return True
    if row.waits_for_id is None or not acts_for(db, actor_id, row.waits_for_id, owner_id):
        return False
    behalf(db)[subject.noun, subject.id] = row.waits_for_id
    return True


def decides(db: Session, actor_id: int, subject: Row, owner_id: int | None) -> bool:
    """Whether the plan waits for the actor's decision, or a dispute of its result does, drew them in or is about what
    they scored."""
    if owner_id == actor_id:
        return False
    plan, result, case = (SQLModel.metadata.tables[name] for name in ("plan", "result", "dispute"))
    number = plan_of(subject)
    waits = sa.select(plan.c.id).where(plan.c.id == number, plan.c.waits_for_id == actor_id)
    part = sa.or_(case.c.waits_for_id == actor_id, case.c.joined_id == actor_id, case.c.author_id == actor_id)
    disputed = sa.select(case.c.id).join(result, result.c.id == case.c.result_id)
    either = sa.or_(waits.exists(), disputed.where(result.c.plan_id == number, part).exists())
    return bool(db.connection().execute(sa.select(either)).scalar())
