"""What was told, as it is stored to be sent: in conversations, and on the account's own page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.context import Told
from models import delivery, page
from models.identity import Identity, addresses

AT_ONCE = 8  # told to more people by one transaction it is a broadcast
GREETING = "help.welcome"


def enqueue(db: Session, told: Sequence[Told], account: Identity | None, now: datetime) -> bool:
    """An answer goes where the event came from, everything else to the account its reader used last; without one it
    waits. Whether anything can be sent now."""
    away = {one.person_id for one in told if not (one.here and account)}
    used = addresses(db, sorted(away)) if away else {}
    here = (account.id, account.platform) if account else (None, "")
    rank = delivery.ORDINARY if len(told) <= AT_ONCE else delivery.BULK
    rows = [_row(one, here if one.here and account else used.get(one.person_id, (None, "")), rank, now) for one in told]
    delivery.enqueue(db, rows, now)
    return any(row["identity_id"] for row in rows)


def turn(db: Session, told: Told, account: Identity, now: datetime) -> None:
    """What was told stands on the account's own page from now on."""
    page.turn(db, account, told.view, told.noun, told.subject, told.facts, now)


def greeting(person_id: int) -> Told:
    """Who this is, for whoever meets the bot at a place that is no conversation."""
    return Told(person_id, GREETING, "", 0, {}, here=False)


def _row(one: Told, place: tuple[int | None, str], rank: int, now: datetime) -> dict[str, Any]:
    """A message as it is stored; what goes to many is a broadcast, an answer to who waits for it is none."""
    identity_id, platform = place
    return {
        "person_id": one.person_id,
        "identity_id": identity_id,
        "platform": platform,
        "view": one.view,
        "subject_noun": one.noun,
        "subject_id": one.subject,
        "facts": dict(one.facts),
        "priority": delivery.ANSWER if one.here else rank,
        "not_before": max(one.after or now, now),
        "not_after": one.until,
    }
