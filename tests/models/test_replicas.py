"""Two replicas that come to the same thing at the same moment: one does it, the other leaves it, neither fails."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from bot.db import Database, alone, insert_once
from bot.outbox.loop import stepped
from models import wave
from models.base import put
from models.cycle import Cycle, Stage
from models.delivery import Delivery, Firing
from models.nudge import Nudge
from models.person import HR, Role
from models.plan import Plan
from models.scorecard import Scorecard
from models.stages import run
from models.todo import Todo
from tests import postgres
from tests.models.rows import AT, account, person

T = TypeVar("T")
pytestmark = pytest.mark.postgres
PEOPLE, CYCLES, ROUNDS = 30, 4, 3
DAY = timedelta(days=1)


def test_a_step_is_planned_for_its_values(pair: tuple[Database, Database]) -> None:
    """PostgreSQL's plan for any values compared everybody with everybody."""

    def step(db: Session, _now: datetime) -> int:
        return int(db.connection().execute(sa.text("SHOW plan_cache_mode")).scalar() == "force_custom_plan")

    assert pair[0].now(partial(stepped, step, AT)) == 1
    assert pair[0].now(lambda db: step(db, AT)) == 0, "nothing else is"


def told_of(db: Session) -> set[str]:
    """The tables of reminders that PostgreSQL has statistics of (-1 before the first ANALYZE)."""
    asked = sa.text("SELECT relname FROM pg_class WHERE relname IN ('ripe', 'nudge') AND reltuples > 0")
    return set(db.connection().execute(asked).scalars())


@pytest.fixture
def pair(server: postgres.Server, migrated_database: str) -> Iterator[tuple[Database, Database]]:
    """One database, as two processes see it."""
    url = server.create(migrated_database)
    both = (Database(url), Database(url))
    yield both
    for one in both:
        one.close()
    server.drop(url)


def together(pair: tuple[Database, Database], work: Callable[[Session], T]) -> list[T]:
    """What each of the two got, who began at the same moment; raises what one of them raised."""
    both = threading.Barrier(2)

    def one(database: Database) -> T:
        both.wait(20)
        return database.now(work)

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(one, pair))


def company(db: Session) -> None:
    """Everybody reports to the first, who is HR; in each cycle everybody has a plan in force, and it is time."""
    for number in range(1, PEOPLE + 1):
        made = person(db, f"P{number}")
        made.manager_id = 1 if number > 1 else None
        account(db, made)
    put(db, Role(person_id=1, name=HR))
    day = AT.date()
    for number in range(CYCLES):
        cycle = Cycle(kind="quarter", name=f"{number}", owner_id=1, chain=[], languages=[], starts_on=day, ends_on=day)
        cycle.state = "tracking"
        put(db, cycle)
        for at, name in enumerate(("setting", "tracking", "self_scoring", "scoring", "published")):
            put(db, Stage(cycle_id=cycle.id, name=name, closes_at=AT + (at - 1) * DAY))
        for owner in range(1, PEOPLE + 1):
            put(db, Plan(cycle_id=cycle.id, person_id=owner, changed_at=AT, effective=1))


def test_each_cycle_is_moved_on_by_one_of_two(pair: tuple[Database, Database]) -> None:
    pair[0].now(company)
    states = ("self_scoring", "scoring")
    for round_, state in enumerate(states):
        now = AT + round_ * DAY + timedelta(minutes=1)
        moved = together(pair, lambda db, now=now: [one.cycle.id for one in run(db, now)])  # type: ignore[misc]
        assert sorted(moved[0] + moved[1]) == sorted(set(moved[0] + moved[1])), "nothing twice"
        left = pair[0].now(lambda db, now=now: [one.cycle.id for one in run(db, now)])  # type: ignore[misc]
        assert sorted(moved[0] + moved[1] + left) == list(range(1, CYCLES + 1)), "nothing left out"
        assert pair[1].now(lambda db: {one.state for one in db.exec(select(Cycle))}) == {state}
    cards = pair[0].now(lambda db: db.exec(select(Scorecard.plan_id, Scorecard.kind)).all())
    assert len(cards) == len(set(cards)) == CYCLES * (2 * PEOPLE - 1)
    owed = pair[0].now(lambda db: db.exec(select(Todo.kind, Todo.subject_id, Todo.assignee_id)).all())
    assert len(owed) == len(set(owed)) == CYCLES * (2 * PEOPLE - 1)


def owing(db: Session) -> None:
    """Everybody owes two things, due tomorrow."""
    company(db)
    long_ago = AT - 30 * DAY
    for who in range(1, PEOPLE + 1):
        for plan in (who, PEOPLE + who):
            todo = Todo(kind="plan.submit", subject_noun="plan", subject_id=plan, assignee_id=who, created_at=long_ago)
            todo.cycle_id, todo.due_at = 1, AT + DAY
            put(db, todo)


def test_reminders_are_made_by_one_of_two_and_shared_by_both(pair: tuple[Database, Database]) -> None:
    """As the clock does it: whoever holds the tick begins, then both go on with it in small steps."""
    pair[0].now(owing)
    for round_ in range(ROUNDS):
        now = AT + timedelta(minutes=10 * round_)

        def tick(db: Session, now=now) -> bool:  # type: ignore[no-untyped-def]
            if not alone(db, "nudges") or not insert_once(db, Firing, name="nudges", at=now):
                return False
            return wave.begin(db, now) is not None

        assert sorted(together(pair, tick)) == [False, True]
        for _step in range(200):
            if not any(together(pair, partial(stepped, partial(wave.step, most=7), now))):
                break
        assert not pair[0].now(lambda db, now=now: wave.waits(db, now))  # type: ignore[misc]
        made = pair[1].now(lambda db: db.exec(select(Nudge.person_id).order_by(Nudge.person_id)).all())  # type: ignore[arg-type]
        assert len(made) == len(set(made)) == PEOPLE, "one a person and day"
        sent = pair[0].now(lambda db: db.exec(select(Delivery.person_id)).all())
        assert sorted(sent) == made, "and one message each"
    assert pair[0].now(told_of) == {"ripe", "nudge"}, "steps of a large wave go by statistics of it"
