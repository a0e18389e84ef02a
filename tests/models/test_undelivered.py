"""Messages that did not arrive: counted by reason, sent again to the account in use, told to HR once a day."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.capability import Gone
from bot.db import Database
from bot.platforms.slack import refusals
from models import undelivered
from models.budget import SEND, instant, pause
from models.delivery import DEAD, QUEUED, SENT, SKIPPED, Delivery, enqueue
from models.identity import Identity
from models.person import HR, Person, Role
from models.todo import Todo
from models.undelivered import ACCESS, ACCOUNT, DOWN, FAULT, MESSAGE, REASONS, Counted, Undelivered
from tests.models.rows import AT, account, person

TODAY = AT.date()


def message(db: Session, to: Person, error: str = "", subject: int = 5, state: str = DEAD) -> int:
    """A message to a person's account that ended so; the number."""
    where = db.exec(select(Identity).where(Identity.person_id == to.id)).first()
    about = {"view": "plan.card", "subject_noun": "plan", "subject_id": subject, "facts": {}}
    known = {"person_id": to.id, "identity_id": where.id if where else None}
    (number,) = enqueue(db, [known | about], AT)
    ended = {"state": state, "due": state == QUEUED and where is not None, "error": error}
    db.connection().execute(sa.update(Delivery).where(col(Delivery.id) == number).values(platform="slack", **ended))
    return number


def states(db: Session) -> list[tuple[str, bool, str]]:
    """How every message stands."""
    db.expire_all()
    rows = db.exec(select(Delivery).order_by(col(Delivery.id))).all()
    return [(one.state, one.due, one.error) for one in rows]


def test_reasons_are_counted(database: Database) -> None:
    def work(db: Session) -> None:
        ana, bo = (person(db, name) for name in ("Ana", "Bo"))
        for one in (ana, bo):
            account(db, one, "slack")
        for at, to in enumerate((ana, ana, bo)):
            message(db, to, "account closed: user_disabled", subject=at + 1)
        for error in ("no access: is_archived", "message refused: invalid_blocks", "OSError", "KeyError"):
            message(db, ana, error, subject=9)
        message(db, ana, state=SENT)
        found = undelivered.dead(db)
        assert found[0] == Counted("slack", ACCOUNT, 3, 2)
        assert {one.reason for one in found[1:]} == {ACCESS, MESSAGE, DOWN, FAULT}
        (first, second) = undelivered.letters(db, "slack", ACCOUNT, 1, 5)
        assert [first.person_id, second.person_id] == [ana.id, ana.id]
        assert (first.noun, first.created_at) == ("plan", AT)

    database.now(work)


def test_sending_again_uses_the_account_in_use(database: Database) -> None:
    def work(db: Session) -> None:
        ana, bo, cy = (person(db, name) for name in ("Ana", "Bo", "Cy"))
        for one in (ana, bo, cy):
            account(db, one, "slack")
        number = message(db, ana, "account closed: user_disabled")
        message(db, bo, "account closed: user_disabled")
        message(db, cy, "OSError")
        bo.left_at = AT
        newer = Identity(platform="web", user="new", person_id=ana.id, seen_at=AT + timedelta(days=1))
        db.add_all([bo, newer])
        db.flush()
        assert undelivered.resend(db, AT, "slack", ACCOUNT) == 1
        assert states(db) == [
            (QUEUED, True, ""),
            (SKIPPED, False, "account closed: user_disabled"),
            (DEAD, False, "OSError"),
        ]
        again = db.get_one(Delivery, number)
        assert (again.identity_id, again.platform, again.attempts) == (newer.id, "web", 0)
        assert undelivered.resend(db, AT) == 1
        assert undelivered.resend(db, AT) == 0

    database.now(work)


def test_one_message_is_sent_again_and_what_is_overtaken_is_not(database: Database) -> None:
    def work(db: Session) -> None:
        ana = person(db, "Ana")
        account(db, ana, "slack")
        old, other = message(db, ana, "OSError", 1), message(db, ana, "OSError", 2)
        message(db, ana, "", 1, QUEUED)
        assert undelivered.resend(db, AT, "slack", DOWN, old) == 0
        assert undelivered.resend(db, AT, "slack", ACCOUNT, other) == 0
        assert undelivered.resend(db, AT, "slack", DOWN, other) == 1
        assert [state for state, *_more in states(db)] == [SKIPPED, QUEUED, QUEUED]

    database.now(work)


def test_without_an_account_it_only_waits(database: Database) -> None:
    def work(db: Session) -> None:
        ana = person(db, "Ana")
        message(db, ana, state=QUEUED)
        message(db, ana, state=QUEUED, subject=6)
        assert undelivered.without_account(db) == (1, 2)
        assert undelivered.dead(db) == []
        assert undelivered.queues(db, AT) == []

    database.now(work)


def test_queues_tell_their_age_and_pause(database: Database) -> None:
    def work(db: Session) -> None:
        ana = person(db, "Ana")
        account(db, ana, "slack")
        tried, later = message(db, ana, state=QUEUED), message(db, ana, state=QUEUED, subject=6)
        message(db, ana, state=QUEUED, subject=7)
        values = {tried: {"attempts": 3}, later: {}}
        for number, more in values.items():
            put_off = {"not_before": AT + timedelta(hours=5)} | more
            db.connection().execute(sa.update(Delivery).where(col(Delivery.id) == number).values(**put_off))
        (queue,) = undelivered.queues(db, AT + timedelta(hours=1))
        assert (queue.platform, queue.queued, queue.oldest, queue.paused) == ("slack", 2, AT, None)
        until = AT + timedelta(hours=2)
        pause(db, "slack", [SEND], instant(AT), instant(until))
        pause(db, "web", [SEND], instant(AT), instant(until))
        found = undelivered.queues(db, AT + timedelta(hours=1))
        assert [(one.platform, one.queued, one.paused) for one in found] == [("slack", 2, until), ("web", 0, until)]

    database.now(work)


def test_hr_is_told_once_a_day_and_no_longer_than_needed(database: Database) -> None:
    def work(db: Session) -> None:
        hana, ana = person(db, "Hana"), person(db, "Ana")
        db.add(Role(person_id=hana.id, name=HR))
        account(db, ana, "slack")
        assert undelivered.tell(db, TODAY, AT) is None
        assert undelivered.newest(db, TODAY, AT) is None
        message(db, ana, "OSError", 1)
        first = undelivered.tell(db, TODAY, AT)
        assert first is not None
        message(db, ana, "OSError", 2)
        assert undelivered.tell(db, TODAY, AT) is None
        assert undelivered.newest(db, TODAY, AT) is first
        assert not undelivered.settled(db, hana.id, AT)
        assert undelivered.leave(db, "slack", DOWN) == 2
        assert undelivered.settled(db, hana.id, AT)
        message(db, ana, "OSError", 3)
        assert undelivered.tell(db, TODAY, AT) is None, "not twice on a day"
        assert undelivered.tell(db, TODAY + timedelta(days=1), AT) is not None
        todos = db.exec(select(Todo).where(Todo.assignee_id == hana.id).order_by(col(Todo.id))).all()
        assert [(one.kind, one.done_at is None) for one in todos] == [
            (undelivered.KIND, False),
            (undelivered.KIND, True),
        ]
        assert len(db.exec(select(Undelivered)).all()) == 2

    database.now(work)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("user_disabled", ACCOUNT), ("is_archived", ACCESS), ("invalid_blocks", MESSAGE), ("new", MESSAGE)],
)
def test_slack_says_why_in_our_words(name: str, reason: str) -> None:
    said = str(refusals.explained(Gone(name)))
    assert said == f"{reason}: {name}"
    assert reason in REASONS
