"""An account's own page, where a platform has one: a copy like every other, of which there is one that is turned."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col

from models.base import batches, execute
from models.delivery import ANSWER, BULK, LOOKED_AT, PAGE, PAGED, Delivery
from models.direct import dialect_name
from models.identity import Identity
from models.person import Person


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
    """Something happened that everybody's home says, such as a new stage of a cycle."""
    db.flush()
    homes = sa.and_(col(Delivery.subject_noun) == Person.noun, col(Delivery.state) == PAGED)
    urgent = sa.case((col(Delivery.due), col(Delivery.priority)), else_=BULK)
    db.connection().execute(sa.update(Delivery).where(homes).values(due=True, dirty=True, priority=urgent))


def close(db: Session, people: Collection[int]) -> None:
    """The pages of people who left are drawn once more, as those of nobody, whatever they show."""
    db.flush()
    for some in batches(sorted(people)):
        theirs = sa.and_(col(Delivery.person_id).in_(some), col(Delivery.state) == PAGED)
        db.connection().execute(sa.update(Delivery).where(theirs).values(due=True, dirty=True))


_PAGED = sa.literal_column(f"'{PAGED}'", sa.String)  # written out, or its partial index is not used
_TURN = sa.update(Delivery).where(col(Delivery.identity_id) == sa.bindparam("account"), col(Delivery.state) == _PAGED)


@lru_cache(maxsize=2)
def _begin(dialect: str) -> sa.Executable:
    made = (sqlite_insert if dialect == "sqlite" else postgres_insert)(Delivery)
    return made.on_conflict_do_nothing(index_elements=["identity_id"], index_where=col(Delivery.state) == _PAGED)
