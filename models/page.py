"""An account's own page, where a platform has one: a copy like every other, of which there is one that is turned."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, select

from models.base import batches, execute
from models.delivery import ANSWER, BULK, LOOKED_AT, PAGE, PAGED, Delivery
from models.deployment import Deployment, note
from models.direct import dialect_name
from models.identity import Identity
from models.person import Person

STEPS, STEP = "pages", 2000


def turn(
    db: Session, account: Identity, view: str, noun: str, subject: int, facts: Mapping[str, Any], now: datetime
) -> None:
    """The page shows a view of a subject from now on, even if it shows the same already: its reader waits for it, and
    for as long as LOOKED_AT it follows what happens. Whoever is drawing it goes on, and it is drawn once more."""
    shown = {"view": view, "subject_noun": noun, "subject_id": subject, "facts": dict(facts)}
    again = {"due": True, "dirty": True, "drawn": "", "priority": ANSWER, "attempts": 0, "error": ""}
    times = {"not_before": now, "not_after": now + LOOKED_AT, "created_at": now}
    if execute(db, _TURN, account=account.id, **shown, **again, **times).rowcount:
        return
    fixed = {"state": PAGED, "channel": "", "message": PAGE, "lease": "", "doubt": False}
    whose = {"person_id": account.person_id, "identity_id": account.id, "platform": account.platform}
    begin = _begin(dialect_name(db))
    if not execute(db, begin, **whose, **fixed, **shown, **again, **times).rowcount:  # two first looks at one moment
        execute(db, _TURN, account=account.id, **shown, **again, **times)


def outdate(db: Session) -> None:
    """Something happened that everybody's home says, such as a new stage of a cycle: all are drawn again, step by step
    from the beginning."""
    db.flush()
    note(db, STEPS, "0")


def waits(db: Session, now: datetime) -> bool:
    """Whether there are pages to be outdated."""
    return execute(db, _WAITS).first() is not None


def step(db: Session, now: datetime, most: int = STEP) -> int:
    """Outdates the next pages, unless another replica is at it; how many, at least 1."""
    known = db.exec(select(Deployment).where(Deployment.key == STEPS).with_for_update(skip_locked=True)).first()
    if known is None:
        return 0
    # Of messages about people there are many times as many: an expression keeps their index away.
    homes = sa.and_(col(Delivery.subject_noun).concat("") == Person.noun, col(Delivery.state) == _PAGED)
    ahead = sa.select(col(Delivery.id)).where(homes, col(Delivery.id) > int(known.value))
    found = list(db.connection().execute(ahead.order_by(col(Delivery.id)).limit(most)).scalars())
    urgent = sa.case((col(Delivery.due), col(Delivery.priority)), else_=BULK)
    for some in batches(found):
        these = sa.update(Delivery).where(col(Delivery.id).in_(some))
        db.connection().execute(these.values(due=True, dirty=True, priority=urgent))
    if len(found) < most:
        db.delete(known)
    else:
        known.value = str(found[-1])
        db.add(known)
    db.flush()
    return max(len(found), 1)


def close(db: Session, people: Collection[int]) -> None:
    """The pages of people who left are drawn once more, as those of nobody, whatever they show."""
    db.flush()
    for some in batches(sorted(people)):
        theirs = sa.and_(col(Delivery.person_id).in_(some), col(Delivery.state) == PAGED)
        db.connection().execute(sa.update(Delivery).where(theirs).values(due=True, dirty=True))


_PAGED = sa.literal_column(f"'{PAGED}'", sa.String)  # written out, or its partial index is not used
_WAITS = sa.select(col(Deployment.id)).where(col(Deployment.key) == STEPS)
_TURN = sa.update(Delivery).where(col(Delivery.identity_id) == sa.bindparam("account"), col(Delivery.state) == _PAGED)


@lru_cache(maxsize=2)
def _begin(dialect: str) -> sa.Executable:
    made = (sqlite_insert if dialect == "sqlite" else postgres_insert)(Delivery)
    return made.on_conflict_do_nothing(index_elements=["identity_id"], index_where=col(Delivery.state) == _PAGED)
