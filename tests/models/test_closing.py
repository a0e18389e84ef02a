"""The end of scoring in steps: the same as at once, whatever happens in between, killed or by two at a time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bench import scored
from bot.db import Database
from models import closing
from models.access import Actor
from models.audit import Audit
from models.base import Refused
from models.cycle import RECKONING, reviewed
from models.examination import examine
from models.flag import CORRECTED, OPEN, Flag
from models.lateness import take_late
from models.peer import DECLINED, PASSED, Peer
from models.person import HR, Role
from models.releasing import look_again, publish
from models.result import Result
from models.scorecard import LOCKED, MANAGER, SUBMITTED, Scorecard
from models.stages import move, obstacle, run
from models.todo import Todo
from models.turnout import turnout
from tests import postgres
from tests.models.closed import FEW, NOW, SOME, at_once, begin, company, more, state, steps, the_cycle

BY = 7


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    people=st.integers(1, 90), seed=st.integers(1, 1000), most=st.integers(5, 40), late=st.booleans(), by=st.booleans()
)
def test_in_steps_is_the_same_as_at_once(people: int, seed: int, most: int, late: bool, by: bool) -> None:
    told = []
    for stepwise in (False, True):
        with company(max(people, 10), seed) as database:

            def begun(db: Session) -> None:
                cycle = the_cycle(db)
                cycle.terms = {**cycle.terms, "late": late}
                db.add(cycle)
                db.flush()
                begin(db, BY * by) if stepwise else at_once(db, BY * by)  # noqa: B023

            database.now(begun)
            if stepwise:
                steps(database, most, lambda number: closing._MEMORY.forget("") if number in (3, 9, 27) else None)
            told.append(database.now(state))
            assert database.now(lambda db: the_cycle(db).state) == "review"
            assert closing.KEPT not in database.now(lambda db: the_cycle(db).terms)
    assert told[0] == told[1]


def test_very_many_are_done_in_steps_by_the_clock() -> None:
    """What people see on the way is so, and what rests on the results waits."""
    with company(SOME) as database:
        (moved,) = database.now(lambda db: run(db, NOW))
        assert moved.state == RECKONING
        seen: list[tuple[str, int, int]] = []

        def look(_number: int) -> None:
            seen.append(database.now(_seen))

        assert steps(database, 50, look) > 12
        assert {one[0] for one in seen} == {RECKONING, "review"}
        assert [one[1] for one in seen] == sorted(one[1] for one in seen), "the count of results only grows"
        assert seen[-1][0] == "review"
        assert [one[0] for one in seen].count("review") == 1, "the review opens with the last step"
        assert database.now(lambda db: the_cycle(db).state) == "review"
        entries = database.now(lambda db: db.exec(select(Audit.body)).all())
        assert sum('"flag.raised"' in one for one in entries) > 5
        assert sum('"cycle.advanced"' in one and '"review"' in one for one in entries) == 1
        assert database.now(lambda db: closing.step(db, NOW)) == 0


def _seen(db: Session) -> tuple[str, int, int]:
    cycle, count = the_cycle(db), turnout(db, scored.NOW)
    if cycle.state == RECKONING:
        assert reviewed(db, cycle.id), "neither plans nor values are changed any more"
        assert obstacle(db, cycle, NOW) is None
        with pytest.raises(Refused, match="after the review"):
            publish(db, cycle, NOW)
        with pytest.raises(Refused, match="being computed"):
            take_late(db, cycle, cycle.version, NOW, Actor(1), allowed=True)
        with pytest.raises(Refused, match="by hand"):
            move(db, cycle, Actor(1), cycle.version, NOW, NOW.date())
        assert run(db, NOW) == []
    return cycle.state, count.results, count.flags


def test_few_are_done_at_once() -> None:
    with company(FEW) as database:
        (moved,) = database.now(lambda db: run(db, NOW))
        assert moved.state == "review"
        assert database.now(lambda db: turnout(db, scored.NOW).results) > 0
        assert not database.now(lambda db: closing.waits(db, NOW))


class Killed(BaseException):
    """As kill -9: nothing of the transaction is kept."""


def test_a_killed_step_leaves_nothing_and_the_next_goes_on() -> None:
    with company(FEW) as database:
        database.now(at_once_by_nobody)
        expected = database.now(state)
    with company(FEW) as database:
        database.now(begin)

        def killed(db: Session) -> None:
            closing.step(db, NOW, 9)
            raise Killed

        def between(_number: int) -> None:
            with pytest.raises(Killed):
                database.now(killed)

        steps(database, 9, between)
        assert database.now(state) == expected


def at_once_by_nobody(db: Session) -> None:
    at_once(db, 0)


def test_what_comes_in_late_meanwhile_counts() -> None:
    """As if it had come in just before: its result and the flags are those of the scores as they are."""
    with company(FEW) as database:

        def late(db: Session) -> None:
            cycle = the_cycle(db)
            cycle.terms = {**cycle.terms, "late": True}
            begin(db)

        database.now(late)
        handed: list[int] = []

        def between(number: int) -> None:
            if number % 3 == 1 and len(handed) < 2:
                handed.append(database.now(_hand_in))

        steps(database, 9, between)
        assert len(handed) == 2

        def check(db: Session) -> None:
            results = db.exec(select(Result).where(col(Result.plan_id).in_(handed))).all()
            assert len(results) == 2
            known = state(db)
            assert examine(db, the_cycle(db), NOW) == [], "the rules have nothing to add"
            assert state(db)["flag"] == known["flag"]

        database.now(check)


def _hand_in(db: Session) -> int:
    wanted = select(Scorecard).where(Scorecard.kind == MANAGER, Scorecard.state == "open").limit(1)
    card = db.exec(wanted.order_by(col(Scorecard.id))).one()
    rater = card.waits_for_id
    card.advance(db, state=SUBMITTED, rater_id=rater, submitted_at=NOW, late=True, waits_for_id=None)
    assert look_again(db, the_cycle(db), [card], NOW) == []
    return card.plan_id


def test_what_a_rule_is_in_the_way_of_is_said_and_tried_again() -> None:
    """Nobody in HR can decide a flag: the cycle waits, says so, and goes on when somebody can."""
    with company(SOME) as database:

        def nobody(db: Session) -> None:
            for role in db.exec(select(Role)).all():
                db.delete(role)
            begin(db)

        database.now(nobody)
        steps(database, 120)
        assert database.now(lambda db: the_cycle(db).state) == RECKONING
        held = database.now(lambda db: obstacle(db, the_cycle(db), NOW))
        assert held is not None
        assert "Nobody in HR" in held.message
        database.now(lambda db: db.add_all([Role(person_id=1, name=HR), Role(person_id=2, name=HR)]))
        database.now(lambda db: run(db, NOW))
        steps(database, 120)
        assert database.now(lambda db: the_cycle(db).state) == "review"
        stuck = select(Todo).where(Todo.kind == "cycle.advance")
        assert len(database.now(lambda db: db.exec(stuck).all())) == 1


def test_what_ends_and_what_stays() -> None:
    with company(FEW) as database:
        database.now(begin)
        steps(database, 9)

        def check(db: Session) -> Any:
            assert not db.exec(
                select(Scorecard).where(Scorecard.cycle_id == scored.NOW, Scorecard.state == "open")
            ).all()
            assert db.exec(select(Scorecard).where(Scorecard.state == LOCKED)).all()
            assert {one.state for one in db.exec(select(Peer))} == {DECLINED, PASSED}
            assert not db.exec(select(Todo).where(Todo.kind == "peer.answer", col(Todo.done_at).is_(None))).all()
            gone = db.exec(select(Flag).where(Flag.rule == "alliance_department", Flag.key == 1)).one()
            assert gone.state in (CORRECTED, OPEN)

        database.now(check)


@pytest.mark.postgres
def test_two_replicas_do_it_once(server: postgres.Server, migrated_database: str) -> None:
    url = server.create(migrated_database)
    both = (Database(url), Database(url))
    try:
        with both[0].writer.begin() as connection:
            scored.fill(connection, FEW, FEW)
        both[0].now(more)
        both[0].now(begin)
        with ThreadPoolExecutor(2) as threads:
            for _round in range(200):
                done = list(threads.map(lambda one: one.now(lambda db: closing.step(db, NOW, 9)), both))
                if not any(done):
                    break
        found = both[0].now(lambda db: (the_cycle(db).state, state(db)))
    finally:
        for one in both:
            one.close()
        server.drop(url)
    with company(FEW) as database:
        database.now(at_once_by_nobody)
        expected = database.now(state)
    assert found[0] == "review"
    counts = [{table: rows.split()[0] for table, rows in one.items()} for one in (found[1], expected)]
    assert counts[0] == counts[1]
