"""What a conversation has to remember between two lines: an open form, or what the numbers of the last menu mean."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, json_field

LIFE = timedelta(days=7)


class Draft(Row, table=True):
    """One per account and kind ("form" or "menu"); `state` holds what bot.conversation keeps."""

    __table_args__ = (sa.UniqueConstraint("identity_id", "kind"),)
    noun: ClassVar[str] = "draft"
    identity_id: int = Field(foreign_key="identity.id")
    kind: str
    state: dict[str, Any] = json_field()
    expires_at: datetime
