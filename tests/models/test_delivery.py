"""Messages: in order for each account, by one sender at a time, and drawn again when their subject changes."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.db import Database
from models.base import Change
from models.delivery import (
    DEAD,
    QUEUED,
    SENT,
    Addressed,
    Delivery,
    adopt,
    enqueue,
    mark_copies,
    mark_pressed,
    newest,
)
from models.leases import LEASE, claim, close, postpone
from models.person import Person
from tests.models.rows import AT, account, person

LATER = AT + LEASE + timedelta(seconds=1)
ON = ("slack",)
CHANGED = [Change("plan.approved", "plan", 5, {})]


@pytest.fixture
def ana(database: Database) -> tuple[int, int]:
    """Ana's id and her account's."""
    return joined(database, "Ana")


def joined(database: Database, name: str, platform: str = "slack") -> tuple[int, int]:
    """A person with an account."""

    def work(db: Session) -> tuple[int, int]:
        owner = person(db, name)
        return owner.id, account(db, owner, platform).id

    return database.now(work)


def queue(database: Database, to: tuple[int, int | None], count: int = 1, subject: int = 5) -> list[int]:
    """The ids of new messages about a plan."""
    about = {"view": "plan.card", "subject_noun": "plan", "subject_id": subject, "facts": {}}
    messages = [{"person_id": to[0], "identity_id": to[1], **about}] * count
    return database.now(lambda db: enqueue(db, messages, AT))


def claimed(database: Database, owner: str = "one", at: datetime = AT, on: Sequence[str] = ON) -> list[Delivery]:
    """What an owner gets."""
    taken: list[Addressed] = database.now(lambda db: claim(db, owner, on, at))
    return [delivery for delivery, *_whom in taken]


def sent(database: Database, delivery: Delivery) -> bool:
    """Ends a send well; whether it still was the owner's."""
    place = {"channel": "D1", "message": f"m{delivery.id}", "drawn": "abc"}
    return database.now(lambda db: close(db, delivery, state=SENT, **place))


def stored(database: Database, number: int) -> Delivery:
    """A message as it is now."""
    return database.now(lambda db: db.get_one(Delivery, number))


def test_a_message_is_claimed_once_and_then_sent(database: Database, ana: tuple[int, int]) -> None:
    (number,) = queue(database, ana)
    (mine,) = claimed(database)
    assert (mine.id, mine.attempts, claimed(database, "two")) == (number, 1, [])
    assert sent(database, mine)
    row = stored(database, number)
    assert (row.state, row.due, row.lease, row.lease_until, row.message) == (SENT, False, "", None, f"m{number}")
    assert claimed(database, at=LATER) == []


def test_the_next_message_of_an_account_waits_for_the_one_in_flight(database: Database, ana: tuple[int, int]) -> None:
    bob = joined(database, "Bob")
    first, second, third = queue(database, ana, 3)
    (his,) = queue(database, bob)
    taken = claimed(database)
    assert [row.id for row in taken] == [first, his]
    assert claimed(database, "one") == claimed(database, "two") == []
    assert all([sent(database, taken[0]), sent(database, taken[1])])
    (next_one,) = claimed(database, "two")
    assert next_one.id == second
    database.now(lambda db: postpone(db, next_one, AT + timedelta(minutes=5), "TimeoutError", 1, doubt=True))
    assert claimed(database) == [], "what is put off keeps its place"
    (again,) = claimed(database, at=AT + timedelta(minutes=5))
    assert again.id == second
    database.now(lambda db: close(db, again, state=DEAD, error="gone"))
    assert [row.id for row in claimed(database)] == [third]


def test_two_senders_at_once_share_the_work_and_keep_the_order(database: Database) -> None:
    people = [joined(database, f"P{number}") for number in range(8)]
    for to in people:
        queue(database, to, 3)
    order: dict[int, list[int]] = {to[1]: [] for to in people}
    together = threading.Barrier(3)

    def sender(owner: str) -> None:
        together.wait(20)
        for _round in range(40):
            for delivery in claimed(database, owner):
                order[delivery.identity_id or 0].append(delivery.id)
                assert sent(database, delivery)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(sender, ["one", "two", "three"]))
    assert all(len(numbers) == 3 and numbers == sorted(numbers) for numbers in order.values())


def test_many_messages_of_one_account_do_not_hide_the_others(database: Database, ana: tuple[int, int]) -> None:
    first = queue(database, ana, 60)[0]
    (his,) = queue(database, joined(database, "Bob"))
    assert [row.id for row in claimed(database)] == [first, his]


def test_a_dead_owner_loses_its_lease_and_cannot_finish_late(database: Database, ana: tuple[int, int]) -> None:
    (number,) = queue(database, ana)
    (late,) = claimed(database, "one")
    assert claimed(database, "two", AT + LEASE - timedelta(seconds=1)) == []
    (now_two,) = claimed(database, "two", LATER)
    assert now_two.attempts == 2
    assert not sent(database, late)
    database.now(lambda db: postpone(db, late, LATER + timedelta(days=9), "TimeoutError", 0, doubt=False))
    assert (stored(database, number).state, stored(database, number).not_before) == (QUEUED, AT)
    assert sent(database, now_two)
    assert not sent(database, late)
    assert stored(database, number).state == SENT


def test_a_late_finisher_of_the_same_owner_cannot_finish_a_newer_claim(
    database: Database, ana: tuple[int, int]
) -> None:
    (number,) = queue(database, ana)
    (late,) = claimed(database, "one")
    (newer,) = claimed(database, "one", LATER)
    assert not sent(database, late)
    assert stored(database, number).state == QUEUED
    assert sent(database, newer)


def test_a_change_while_sending_makes_the_copy_due_again(database: Database, ana: tuple[int, int]) -> None:
    (number,) = queue(database, ana)
    (mine,) = claimed(database)
    assert database.now(lambda db: mark_copies(db, CHANGED)) == 1
    assert claimed(database, "two") == [], "not while it is in flight"
    assert sent(database, mine)
    assert stored(database, number).due
    (again,) = claimed(database)
    assert (again.id, again.dirty, again.message) == (number, False, f"m{number}")
    assert sent(database, again)
    assert claimed(database, at=LATER) == []


def test_a_change_marks_every_sent_copy_and_no_other_message(database: Database, ana: tuple[int, int]) -> None:
    bob = joined(database, "Bob")
    for to in (ana, bob):
        queue(database, to)
    other, _waiting = queue(database, ana, subject=6), queue(database, (ana[0], None))
    for delivery in (*claimed(database), *claimed(database)):
        sent(database, delivery)
    while rest := claimed(database):
        for delivery in rest:
            sent(database, delivery)
    fresh = queue(database, bob)
    assert database.now(lambda db: mark_copies(db, CHANGED * 2)) == 1, "Bob's older copy gave way to the fresh one"
    assert not stored(database, other[0]).dirty
    assert not stored(database, fresh[0]).dirty
    again = [row for row in claimed(database) if row.message]
    assert {row.identity_id for row in again} == {ana[1], bob[1]}


def test_redrawing_does_not_wait_for_new_messages_nor_the_other_way_round(
    database: Database, ana: tuple[int, int]
) -> None:
    (old,) = queue(database, ana)
    sent(database, claimed(database)[0])
    database.now(lambda db: mark_copies(db, CHANGED))
    (new,) = queue(database, ana, subject=6)
    assert [row.id for row in claimed(database)] == [old, new]


def test_the_copy_that_was_pressed_is_drawn_again_whatever_it_shows(database: Database, ana: tuple[int, int]) -> None:
    (number,) = queue(database, ana)
    sent(database, claimed(database)[0])
    assert database.now(lambda db: mark_pressed(db, ana[1], f"m{number}")) == 1
    assert (stored(database, number).drawn, claimed(database)[0].id) == ("", number)
    assert database.now(lambda db: mark_pressed(db, ana[1], "another")) == 0


def test_a_platform_that_is_not_asked_for_keeps_its_messages(database: Database) -> None:
    queue(database, joined(database, "Chen", "feishu"))
    assert claimed(database) == []
    assert len(claimed(database, on=("slack", "feishu"))) == 1
    assert claimed(database, on=()) == []


def test_what_was_sent_before_there_was_an_account_goes_to_the_first_one(database: Database) -> None:
    owner = database.now(lambda db: person(db, "Dao").id)
    (number,) = queue(database, (owner, None))
    assert claimed(database) == []

    def link(db: Session) -> None:
        adopt(db, owner, account(db, db.get_one(Person, owner)).id, LATER)

    database.now(link)
    assert [row.id for row in claimed(database, at=LATER)] == [number]


def test_an_account_sees_its_newest_messages_oldest_first(database: Database, ana: tuple[int, int]) -> None:
    numbers = queue(database, ana, 4)
    while rest := claimed(database):
        for delivery in rest:
            sent(database, delivery)
    seen = database.now(lambda db: [row[0].id for row in newest(db, "slack", "", "ana", 3)])
    assert seen == numbers[1:]
    assert database.now(lambda db: newest(db, "slack", "T2", "ana", 3)) == []


def test_nothing_to_send_is_nothing_stored(database: Database) -> None:
    assert database.now(lambda db: enqueue(db, [], AT)) == []
    assert database.now(lambda db: db.exec(select(Delivery)).all()) == []
