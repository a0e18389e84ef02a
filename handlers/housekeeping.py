"""Scheduled tidying: what was kept only to recognise repetition or to continue a conversation."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from bot.context import Context
from bot.events import Tick
from bot.router import Router
from models import deposit
from models.chase import forget
from models.delivery import Firing, Inbox
from models.draft import Draft
from models.wish import forget as forget_files

router = Router()
# The longest any platform repeats an event is 8 hours; replays outside of 5 minutes fail the signature anyway.
REMEMBERED = timedelta(days=3)
# A content that nobody refers to any more may be given again in this very moment.
SPARED = timedelta(hours=1)


@router.every("housekeeping", "17 * * * *")
def tidy(ctx: Context, tick: Tick) -> None:
    """Forgets old event ids, old ticks, expired drafts and reminders that were never sent, files nobody keeps."""
    old = tick.at - REMEMBERED
    connection = ctx.db.connection()
    connection.execute(sa.delete(Inbox).where(col(Inbox.at) < old))
    connection.execute(sa.delete(Firing).where(col(Firing.at) < old))
    connection.execute(sa.delete(Draft).where(col(Draft.expires_at) < tick.at))
    forget(ctx.db, old)
    forget_files(ctx.db, tick.at)
    deposit.forget(ctx.db, tick.at - SPARED)
