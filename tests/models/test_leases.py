"""Who goes first, who waits, what is too late, what ended nobody knows how, and what a clock that jumps does."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from bot.db import Database
from models import budget, upkeep
from models.base import Change
from models.budget import SEND, instant
from models.delivery import (
    ANSWER,
    BULK,
    DEAD,
    ORDINARY,
    QUEUED,
    SKIPPED,
    Delivery,
    dead,
    enqueue,
    mark_copies,
    resend,
)
from models.identity import Identity
from models.leases import LEASE, claim, close, close_all, due, more_for, postpone, rest, take
from tests.models.rows import AT
from tests.models.test_delivery import ON, claimed, joined, sent, stored

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def ana(database: Database) -> tuple[int, int]:
    """Ana's id and her account's."""
    return joined(database, "Ana")


def queued(database: Database, to: tuple[int, int], subject: int = 5, **more: object) -> int:
    """A new message about a plan."""
    message = {"person_id": to[0], "identity_id": to[1], "view": "plan.card", "subject_noun": "plan", "facts": {}}
    return database.now(lambda db: enqueue(db, [{**message, "subject_id": subject, **more}], AT))[0]


def taken(database: Database, at: datetime = AT) -> list[int]:
    """What a handler gets."""
    return [row[0].id for row in database.now(lambda db: take(db, "handler", ON, at, 8))]


def test_an_answer_overtakes_a_broadcast_to_the_same_person(database: Database, ana: tuple[int, int]) -> None:
    broadcast, told = queued(database, ana, 1, priority=BULK), queued(database, ana, 2)
    answer = queued(database, ana, 3, priority=ANSWER)
    order = []
    while rows := claimed(database):
        order += [row.id for row in rows]
        assert len(rows) == 1, "one at a time in one conversation"
        assert sent(database, rows[0])
    assert order == [answer, told, broadcast]


def test_nothing_overtakes_what_is_on_its_way(database: Database, ana: tuple[int, int]) -> None:
    broadcast = queued(database, ana, 1, priority=BULK)
    (flying,) = claimed(database)
    answer = queued(database, ana, 2, priority=ANSWER)
    assert (flying.id, claimed(database), taken(database)) == (broadcast, [], [])
    assert sent(database, flying)
    assert taken(database) == [answer]


def test_a_handler_takes_no_broadcast(database: Database, ana: tuple[int, int]) -> None:
    for number in range(20):
        queued(database, joined(database, f"P{number}"), priority=BULK)
    told = queued(database, ana, priority=ORDINARY)
    assert taken(database) == [told]


def test_what_is_for_tomorrow_keeps_nobody_waiting(database: Database, ana: tuple[int, int]) -> None:
    tomorrow = queued(database, ana, 1, not_before=AT + 24 * HOUR)
    now = queued(database, ana, 2)
    (row,) = claimed(database)
    assert (row.id, sent(database, row)) == (now, True)
    assert [row.id for row in claimed(database, at=AT + 24 * HOUR)] == [tomorrow]


def test_what_is_too_late_is_not_sent_any_more(database: Database, ana: tuple[int, int]) -> None:
    late = queued(database, ana, 1, not_after=AT + MINUTE)
    timely = queued(database, ana, 2)
    after = AT + 2 * MINUTE
    assert [database.now(lambda db, at=at: upkeep.expire(db, at)) for at in (AT, after, after)] == [0, 1, 0]  # type: ignore[misc]
    row = stored(database, late)
    assert (row.state, row.due, row.error) == (SKIPPED, False, upkeep.LATE)
    assert [row.id for row in claimed(database, at=after)] == [timely]


def test_a_conversation_rests(database: Database, ana: tuple[int, int]) -> None:
    database.now(lambda db: rest(db, [ana[1]], AT + timedelta(seconds=1)))
    told = queued(database, ana)
    assert (claimed(database), taken(database)) == ([], [])
    assert taken(database, AT + timedelta(seconds=1)) == [told]


def test_a_method_that_is_paused_stops_for_everybody_and_nothing_else_does(
    database: Database, ana: tuple[int, int]
) -> None:
    shown = queued(database, ana)
    sent(database, claimed(database)[0])
    queued(database, ana, 6), queued(database, joined(database, "Chen", "feishu"))
    until = AT + MINUTE / 2
    database.now(lambda db: budget.pause(db, "slack", [SEND], instant(AT), instant(until)))
    database.now(lambda db: mark_copies(db, [Change("plan.approved", "plan", 5, {})]))
    assert taken(database) == [shown]
    both = database.now(lambda db: due(db, ("slack", "feishu"), AT, 9))
    assert len(both) == 1
    assert len(claimed(database, at=until)) == 1


def test_a_send_that_ended_nobody_knows_how_is_doubtful_until_it_ends(database: Database, ana: tuple[int, int]) -> None:
    number = queued(database, ana)
    assert not claimed(database)[0].doubt
    (lapsed,) = claimed(database, "two", AT + LEASE)
    assert (lapsed.doubt, stored(database, number).doubt) == (True, True)
    database.now(lambda db: postpone(db, lapsed, AT + LEASE, "rate limited", 1, doubt=lapsed.doubt))
    (again,) = claimed(database, "two", AT + LEASE)
    assert again.doubt
    assert database.now(lambda db: close(db, again, state="sent", doubt=False))
    assert not stored(database, number).doubt


def test_many_ends_are_written_at_once_and_fenced(database: Database) -> None:
    for number in range(12):
        queued(database, joined(database, f"P{number}"))
    rows = claimed(database)
    stolen = database.now(lambda db: claim(db, "two", ON, AT + LEASE, found=[rows[0].id]))
    ends = [(row, {"state": "sent", "message": f"m{row.id}"}) for row in rows]
    assert database.now(lambda db: close_all(db, ends)) == 11
    assert (stored(database, rows[0].id).state, stored(database, rows[11].id).message) == (QUEUED, f"m{rows[11].id}")
    assert len(stolen) == 1


def test_dead_letters_are_listed_and_sent_again(database: Database, ana: tuple[int, int]) -> None:
    numbers = [queued(database, to) for to in (ana, joined(database, "Bob"))]
    for row in claimed(database):
        database.now(lambda db, row=row: close(db, row, state=DEAD, error="account closed"))  # type: ignore[misc]
    assert [row.id for row in database.now(lambda db: dead(db, 9))] == numbers[::-1]
    assert [row.id for row in database.now(lambda db: dead(db, 9, numbers[1]))] == numbers[:1]
    assert database.now(lambda db: resend(db, [*numbers, 99], AT)) == numbers
    assert database.now(lambda db: resend(db, numbers, AT)) == []
    assert sorted(row.id for row in claimed(database)) == numbers


def test_a_clock_that_is_set_back_stops_nothing_and_sends_nothing_twice(
    database: Database, ana: tuple[int, int]
) -> None:
    flying = queued(database, ana)
    (mine,) = claimed(database)
    failed, later = joined(database, "Bob"), joined(database, "Eva")
    queued(database, failed), queued(database, later, not_before=AT + MINUTE)
    (trouble,) = claimed(database)
    database.now(lambda db: postpone(db, trouble, AT + MINUTE, "TimeoutError", 1, doubt=True))
    immediate = queued(database, joined(database, "Dan"))
    database.now(lambda db: rest(db, [later[1]], AT + MINUTE))
    back = AT - HOUR
    assert claimed(database, "two", back) == []
    database.now(lambda db: upkeep.redate(db, back))
    assert {row.id for row in claimed(database, "two", back)} == {trouble.id, immediate}, "not what is on its way"
    assert claimed(database, "two", back + LEASE - timedelta(seconds=1)) == []
    assert sent(database, mine), "its sender still holds it"
    assert stored(database, flying).state == "sent"
    assert database.now(lambda db: db.get_one(Identity, later[1])).free_at is None


def test_a_process_that_is_alone_waits_for_no_lease(database: Database, ana: tuple[int, int]) -> None:
    number = queued(database, ana)
    claimed(database)
    assert database.now(lambda db: upkeep.abandon(db, AT)) == 1
    (again,) = claimed(database, "two", AT)
    assert (again.id, again.doubt) == (number, True)


def test_accounts_are_asked_together_for_more(database: Database, ana: tuple[int, int]) -> None:
    def more(db: Session) -> bool:
        return more_for(db, [ana[1], 999])

    assert not database.now(more)
    number = queued(database, ana)
    assert database.now(more)
    claimed(database)
    assert not database.now(more)
    assert database.now(lambda db: db.get_one(Delivery, number)).platform == "slack"
