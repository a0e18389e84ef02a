"""Where the bot was installed by somebody there: one row a workspace, or a whole organisation of them."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


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
