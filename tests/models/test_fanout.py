"""One message to many: whom it reaches, once each, whoever dies in between."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.db import Database
from models.audience import Audience
from models.base import put
from models.cycle import Cycle
from models.delivery import BULK, MOVED, SENT, Delivery
from models.department import Department
from models.fanout import Reach, begin, progress, step, waits
from models.identity import Identity
from models.leases import claim, close
from models.person import Person, Role
from models.todo import Todo
from tests.models.rows import AT, account, person

PEOPLE = 50


@pytest.fixture
def company(database: Database) -> None:
    """Fifty people: the first leads, HR is the second, the last has left, the third has no account."""

    def work(db: Session) -> None:
        for number, path in ((1, "/1/"), (2, "/1/2/"), (3, "/1/2/3/"), (11, "/11/")):
            put(db, Department(id=number, code=str(number), names={}, path=path))
        for number in range(1, PEOPLE + 1):
            made = person(db, f"P{number}")
            made.department_id = {1: 1, 2: 2, 3: 3}.get(number % 10, 11)
            made.manager_id = 1 if number > 1 else None
            made.left_at = AT if number == PEOPLE else None
            if number != 3:
                account(db, made)
        put(db, Role(person_id=2, name="hr"))
        db.get_one(Department, 3).head_id = 7

    database.now(work)


def ids(database: Database, audience: Audience) -> set[int]:
    """Who that is."""
    found = database.now(lambda db: db.exec(select(Person.id).where(audience.clause(db))).all())
    assert database.now(audience.count) == len(found)
    return set(found)


@pytest.mark.usefixtures("company")
def test_an_audience_is_the_union_of_its_parts(database: Database) -> None:
    everybody = set(range(1, PEOPLE))
    assert ids(database, Audience(everybody=True)) == everybody
    assert ids(database, Audience()) == set()
    below = {number for number in everybody if number % 10 in (2, 3)}
    assert ids(database, Audience(departments=(2,))) == below
    assert ids(database, Audience(roles=("hr", "manager", "head"))) == {1, 2, 7}
    assert ids(database, Audience(people=(9, 50, 9, 10**6))) == {9}
    assert ids(database, Audience(departments=(2,), roles=("manager",), people=(9,))) == below | {1, 9}
    assert len(ids(database, Audience(people=tuple(range(1, 60_000))))) == PEOPLE - 1
    one = Audience(departments=(2,), people=(9,))
    assert one.kept() == {"departments": [2], "people": [9]}
    assert (Audience.read(one.kept()), Audience.read({"other": 1})) == (one, Audience())
    with pytest.raises(ValueError, match="no role"):
        ids(database, Audience(roles=("king",)))


def begun(database: Database, audience: Audience, **more: object) -> Cycle:
    """A fan-out about a cycle."""

    def work(db: Session) -> Cycle:
        days: dict[str, Any] = {"starts_on": AT.date(), "ends_on": AT.date(), "chain": ["manager"], "languages": ["en"]}
        cycle = Cycle(kind="quarter", name="Q1", state="setting", owner_id=1, **days)
        put(db, cycle)
        begin(db, "cycle.opened", cycle, audience, AT, facts={"owed": 2}, **more)  # type: ignore[arg-type]
        return cycle

    return database.now(work)


def done(database: Database, most: int = 7, at: datetime = AT) -> list[int]:
    """All the steps there are."""
    steps: list[int] = []
    while database.now(lambda db: waits(db, at)):
        steps.append(database.now(lambda db: step(db, at, most)))
    return steps


@pytest.mark.usefixtures("company")
def test_everybody_is_reached_once_and_owes_a_todo(database: Database) -> None:
    cycle = begun(database, Audience(everybody=True), kind="cycle.read", due_at=AT + timedelta(days=1))
    assert database.now(lambda db: progress(db, cycle, "cycle.opened")) == Reach(PEOPLE - 1)
    assert sum(done(database)) == PEOPLE - 1
    rows = database.now(lambda db: db.exec(select(Delivery)).all())
    assert sorted(row.person_id for row in rows) == list(range(1, PEOPLE))
    assert {(row.priority, row.platform, row.due, row.facts["owed"]) for row in rows if row.person_id != 3} == {
        (BULK, "slack", True, 2)
    }
    (lost,) = [row for row in rows if row.person_id == 3]
    assert (lost.identity_id, lost.due) == (None, False)
    owed = database.now(lambda db: db.exec(select(Todo).where(Todo.kind == "cycle.read")).all())
    assert {(todo.assignee_id, todo.subject_id, todo.nudges) for todo in owed} == {
        (number, cycle.id, 0) for number in range(1, PEOPLE)
    }
    assert database.now(lambda db: progress(db, cycle, "cycle.opened")) == Reach(PEOPLE - 1, PEOPLE - 2, waiting=1)


@pytest.mark.usefixtures("company")
def test_a_second_one_replaces_the_copies_of_the_first_and_owes_nothing_twice(database: Database) -> None:
    cycle = begun(database, Audience(people=(1, 2)), kind="cycle.read")
    done(database)
    for row, *_whom in database.now(lambda db: claim(db, "one", ["slack"], AT)):
        database.now(lambda db, row=row: close(db, row, state=SENT, message=f"m{row.id}"))  # type: ignore[misc]
    database.now(lambda db: begin(db, "cycle.opened", cycle, Audience(people=(2, 4)), AT, kind="cycle.read"))
    done(database)
    views = database.now(lambda db: db.exec(select(Delivery.person_id, Delivery.view).order_by(col(Delivery.id))).all())
    assert views == [(1, "cycle.opened"), (2, MOVED), (2, "cycle.opened"), (4, "cycle.opened")]
    assert len(database.now(lambda db: db.exec(select(Todo)).all())) == 3
    assert database.now(lambda db: progress(db, cycle, "cycle.opened")) == Reach(3, queued=2, delivered=1)


@contextmanager
def dying() -> Iterator[None]:
    """A process that ends before its transaction does."""
    with pytest.raises(KeyboardInterrupt):
        yield


@pytest.mark.usefixtures("company")
def test_who_dies_in_a_step_leaves_it_to_the_next(database: Database) -> None:
    begun(database, Audience(everybody=True), kind="cycle.read")
    database.now(lambda db: step(db, AT, 7))

    def dies(db: Session) -> None:
        assert step(db, AT, 7) == 7
        raise KeyboardInterrupt

    with dying():
        database.now(dies)
    with ThreadPoolExecutor(3) as threads:  # and three who share the rest
        list(threads.map(lambda _number: done(database), range(3)))
    reached = database.now(lambda db: db.exec(select(Delivery.person_id)).all())
    assert sorted(reached) == list(range(1, PEOPLE))
    assert len(database.now(lambda db: db.exec(select(Todo)).all())) == PEOPLE - 1


@pytest.mark.usefixtures("company")
def test_it_begins_and_ends_when_it_was_told_to(database: Database) -> None:
    hour = timedelta(hours=1)
    begun(database, Audience(everybody=True), after=AT + hour, until=AT + 2 * hour)
    assert done(database) == []
    assert done(database, most=1000, at=AT + hour) == [PEOPLE - 1]
    (limit,) = set(database.now(lambda db: db.exec(select(Delivery.not_after)).all()))
    assert limit == AT + 2 * hour
    begun(database, Audience(everybody=True), until=AT + hour)
    assert done(database, at=AT + hour) == [0]


@pytest.mark.usefixtures("company")
def test_the_account_that_was_used_last_is_written_to(database: Database) -> None:
    def work(db: Session) -> int:
        made = Identity(platform="feishu", user="x", person_id=5, seen_at=AT + timedelta(hours=1))
        put(db, made)
        return made.id

    newer = database.now(work)
    begun(database, Audience(people=(5,)))
    done(database)
    row = database.now(lambda db: db.exec(select(Delivery)).one())
    assert (row.identity_id, row.platform) == (newer, "feishu")
