"""A message that cannot be redrawn any more is sent anew if there is something to do on it, and only then."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.capability import Expired, Message, Rate, Rates, Ref
from bot.db import Database
from bot.events import Who
from models.budget import REDRAW, SEND, Budget
from models.delivery import MOVED, SENT, Delivery
from tests.bot.test_outbox import Receiver, instant, sending, until
from tests.models.rows import account, person


class Forgetful(Receiver):
    """Takes messages, and never knows them again."""

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Too old."""
        raise Expired("message refused: 230031")


def outdated(database: Database, view: str) -> None:
    """One message that was sent long ago and shows what is not true any more."""

    def work(db: Session) -> None:
        ana = person(db, "Ana")
        past = instant() - timedelta(days=15)
        mine = account(db, ana).id
        about: dict[str, Any] = {"person_id": ana.id, "identity_id": mine, "platform": "slack", "facts": {}}
        stands: dict[str, Any] = {"state": SENT, "dirty": True, "channel": "D1", "message": "m1", "sent_at": past}
        db.add(Delivery(view=view, subject_id=ana.id, created_at=past, not_before=past, **about, **stands))

    database.now(work)


@pytest.mark.parametrize(("view", "times"), [("home.card", 1), (MOVED, 0)])
async def test_an_expired_message_is_sent_anew_once(database: Database, tmp_path: Path, view: str, times: int) -> None:
    """As a new message: with a key of its own, and paid for as one."""
    outdated(database, view)
    before = database.now(lambda db: db.exec(select(Delivery)).one().sent_at)
    limits = (Rate(600, 60),)
    box = Forgetful(Rates(limits, limits))
    async with sending(database, tmp_path, box):
        await until(lambda: not database.now(lambda db: db.exec(select(Delivery.id).where(Delivery.due)).all()))
    row = database.now(lambda db: db.exec(select(Delivery)).one())
    assert len(box.came) == times
    assert (row.state, row.message, row.error) == (
        SENT,
        "1" if times else "m1",
        "" if times else "message refused: expired",
    )
    assert row.sent_at is not None
    assert before is not None
    assert (row.sent_at > before) is bool(times)
    assert [message.key for _at, _user, message in box.came] == [
        f"delivery:{row.id}:{row.sent_at.timestamp():.6f}"
    ] * times
    spent = database.now(lambda db: dict(db.exec(select(Budget.method, Budget.taken).where(Budget.span > 0)).all()))
    assert (spent[REDRAW] > 0, spent[SEND] > 0) == (True, bool(times))
