"""When the clock last did something: what happened since is looked at, however long nobody was there."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.delivery import Firing

AT_MOST = timedelta(days=3)


def last_tick(db: Session, name: str, at: datetime) -> datetime:
    """The tick of this name before the one at `at`, at most three days ago."""
    before = select(sa.func.max(Firing.at)).where(Firing.name == name, col(Firing.at) < at)
    found = db.exec(before).one()
    return max(found, at - AT_MOST) if found is not None else at - AT_MOST
