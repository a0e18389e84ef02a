"""What keeps plans from being compliant, kept beside each plan so that all of them can be counted at once."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import batches
from models.item import Item, agreed
from models.plan import COMPLIANCE, SUBMITTED, Plan
from models.rules.plans import check_item

SOURCE = "source"


def look_again(db: Session, indicator_id: int) -> None:
    """The owner of an indicator's data agreed: submitted plans that failed for want of that fail no more."""
    db.flush()
    doubted = select(Plan.id).where(col(Plan.state).in_((SUBMITTED, COMPLIANCE)), col(Plan.faults).contains(SOURCE))
    using = select(Item.plan_id).where(Item.indicator_id == indicator_id)
    kept = sa.func.trim(sa.func.replace(" " + col(Plan.faults) + " ", f" {SOURCE} ", " "))
    for some in batches(db.exec(doubted.where(col(Plan.id).in_(using)).order_by(col(Plan.id))).all()):
        mended = sorted(set(some) - _doubted(db, some))
        db.connection().execute(sa.update(Plan).where(col(Plan.id).in_(mended)).values(faults=kept))
    db.expire_all()


def _doubted(db: Session, plan_ids: Sequence[int]) -> set[int]:
    """Of these plans, those whose newest revision has an item without an agreed source."""
    newest = (col(Item.plan_id) == col(Plan.id)) & (col(Item.revision) == col(Plan.revision))
    items = db.exec(select(Item).join(Plan, newest).where(col(Plan.id).in_(plan_ids))).all()
    consent = agreed(db, items)
    checked = ((item, check_item(item.facts(owner_agreed=consent[item.id]))) for item in items)
    return {item.plan_id for item, found in checked if any(one.check == SOURCE for one in found)}
