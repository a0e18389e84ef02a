"""Where the bot was installed by somebody there: one row a workspace, or a whole organisation of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import Row, record


class Installation(Row, table=True):
    """What a platform gave us for one tenant.

    `tenant` is what accounts there are stored under: a workspace's id, or the organisation's where the whole of it
    installed the bot (`whole`); `enterprise` is the organisation's id, "" for none. `app`, `bot` and `bot_user` are who
    we are there, `name` what the tenant calls itself, `scopes` what was granted, comma separated, `by` the account of
    who installed it. `sealed` is the token, sealed by bot.vault; None since it was revoked or the bot was removed
    (`ended_at`).
    """

    __table_args__ = (sa.UniqueConstraint("platform", "tenant"),)
    noun: ClassVar[str] = "installation"
    platform: str
    tenant: str
    enterprise: str = ""
    whole: bool = False
    app: str = ""
    bot: str = ""
    bot_user: str = ""
    name: str = ""
    scopes: str = ""
    by: str = ""
    sealed: bytes | None = None
    at: datetime
    ended_at: datetime | None = None

    def begin(self, db: Session, now: datetime, /, *, fresh: bool, **values: Any) -> None:
        """What a platform says of it now, and that it has not ended; its token is still to be sealed, by its id."""
        self.sqlmodel_update(values | {"at": now, "ended_at": None})
        db.add(self)
        told = {name: values.get(name, "") for name in ("name", "scopes", "by", "whole")}
        record(db, "installation.made" if fresh else "installation.renewed", self, tenant=self.tenant, **told)

    def end(self, db: Session, now: datetime, why: str) -> None:
        """The token is forgotten: the bot was removed there, or its access was taken back."""
        self.sealed, self.ended_at = None, now
        db.add(self)
        record(db, "installation.ended", self, tenant=self.tenant, why=why)


def of(db: Session, platform: str, tenant: str, *, lock: bool = False) -> Installation | None:
    """The installation of a tenant, ended or not."""
    mine = select(Installation).where(Installation.platform == platform, Installation.tenant == tenant)
    return db.exec(mine.with_for_update() if lock else mine).first()


def living(db: Session, platform: str) -> Sequence[Installation]:
    """The installations that did not end, the oldest first."""
    going = select(Installation).where(Installation.platform == platform, col(Installation.ended_at).is_(None))
    return db.exec(going.order_by(col(Installation.id))).all()
