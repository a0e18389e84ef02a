"""Publication: by HR, once, not over an open flag; everybody hears of their own result and of nobody else's."""

from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, col, select

from models.base import Refused, Stale
from models.cycle import Cycle
from models.delivery import Delivery
from models.department import Department
from models.person import Person
from models.plan import Plan
from models.releasing import releasable
from models.result import Result, release
from models.todo import Todo
from tests.security.stage import click, who
from tests.stories.scoring import in_stage
from tests.world import World, account

FAILED = {"ana": (Decimal(20), Decimal(6))}
LEVELS = {"ana": "S", "kenji": "B", "zhao": "B"}
MANY = 200
DENIED = ("not for you", "无权")


def _cycle(db: Session) -> Cycle:
    return db.exec(select(Cycle)).one()


def _states(db: Session) -> dict[str, str]:
    rows = select(Person.handle, Result.state).join(Result, col(Result.person_id) == col(Person.id))
    return dict(db.exec(rows).all())


def _told(db: Session) -> list[str]:
    wanted = select(Person.handle).join(Delivery, col(Delivery.person_id) == col(Person.id))
    return sorted(db.exec(wanted.where(Delivery.view == "result.card")))


async def test_an_open_flag_holds_results_back_and_is_named(world: World) -> None:
    await in_stage(world, "review", "ana", "kenji", "zhao", levels=LEVELS, values=FAILED)
    helen = world["helen"]
    await helen.says("perf publish")
    helen.sees("1 flag is open", "Ana Silva · Measured low, rated high")
    assert not [one for one in helen.messages[-1].buttons if one.startswith("Publish ")]
    cycle = await world.run(_cycle)
    refused = await world.bot.dispatch(click(who(world, "helen"), "cycle.release", cycle.id, cycle.version))
    assert "1 flags are still open" in refused.toast
    await helen.clicks("Ana Silva · Measured low, rated high")
    await helen.clicks("The scores stand…")
    await helen.fills({"Why are the scores right?": "The CRM was down all quarter"})
    await helen.says("perf publish")
    await helen.clicks("Publish 3 results")
    assert await world.run(_told) == ["ana", "kenji", "zhao"]
    for handle in ("ana", "kenji", "zhao"):
        world[handle].sees("My result · Q4 2026" if handle == "ana" else "Q4 2026")


async def test_a_department_is_published_with_those_below_it_and_no_other(console: World) -> None:
    await in_stage(console, "review", "ana", "kenji", "zhao", levels={"ana": "A", "kenji": "B", "zhao": "B"})
    helen = console["helen"]
    await helen.says("perf publish")
    sales = await console.run(lambda db: _place(db, "ana").name("en"))
    await helen.clicks(sales)
    helen.sees(f"Publish · Q4 2026 · {sales}")
    await helen.clicks("Publish 2 results")
    states = await console.run(_states)
    assert states == {"ana": "published", "kenji": "published", "zhao": "computed"}
    assert (await console.run(_cycle)).state == "review"
    helen.sees("Nothing is left to publish here")
    await helen.says("perf publish")
    await helen.clicks("Publish 1 result")
    assert (await console.run(_cycle)).state == "published"


def _place(db: Session, handle: str) -> Department:
    person = db.exec(select(Person).where(Person.handle == handle)).one()
    return db.get_one(Department, person.department_id)


async def test_nobody_publishes_twice_or_without_the_right(console: World) -> None:
    await in_stage(console, "review", "ana", "kenji", levels={"ana": "A", "kenji": "B"})
    cycle, dispatch = await console.run(_cycle), console.bot.dispatch
    place = await console.run(lambda db: _place(db, "ana").id)
    release = (("cycle.release", cycle.id), ("department.release", place))
    for handle in ("ana", "dana", "eva", "boss", "zhao"):
        for action, subject in (
            ("cycle.release", cycle.id),
            ("department.release", place),
            ("cycle.results", cycle.id),
        ):
            answer = await dispatch(click(who(console, handle), action, subject, cycle.version))
            assert any(word in answer.toast for word in DENIED), (handle, action)
    await dispatch(click(who(console, "helen"), "cycle.release", cycle.id, cycle.version))
    for action, subject in release:
        again = await dispatch(click(who(console, "helen"), action, subject, cycle.version))
        assert "published results on" in again.toast, action
    assert await console.run(_told) == ["ana", "kenji"]
    now = await console.run(_cycle)
    empty = await dispatch(click(who(console, "helen"), "cycle.release", now.id, now.version))
    assert "no finished result" in empty.toast


async def test_hr_publishes_their_own_result_with_all_others_and_sees_it_no_sooner(console: World) -> None:
    values = {"helen": (Decimal(20), Decimal(6))}
    await in_stage(console, "review", "ana", "helen", levels={"ana": "A", "helen": "S"}, values=values)
    helen = console["helen"]
    result = await console.run(lambda db: db.exec(select(Result).where(Result.person_id == helen.id)).one())
    assert result.total == Decimal("41.00")
    await helen.says("perf publish")
    helen.sees("A colleague in HR decides what concerns yourself")
    for action in ("result.show", "result.steps", "result.adjust", "result.acknowledge", "result.calibrate"):
        for version in (result.version, result.version + 1):
            answer = await console.bot.dispatch(click(who(console, "helen"), action, result.id, version))
            assert "not for you" in answer.toast, action
    await helen.says("perf result")
    helen.sees("No result is published for you yet")
    assert "41" not in helen.text


async def test_who_acknowledged_is_counted_and_the_others_are_named(console: World) -> None:
    await in_stage(console, "review", "ana", "kenji", levels={"ana": "A", "kenji": "B"})
    helen, ana = console["helen"], console["ana"]
    await helen.says("perf publish")
    await helen.clicks("Publish 2 results")
    await ana.says("perf")
    ana.sees("Read and acknowledge your result")
    await ana.clicks("Read and acknowledge your result")
    await ana.clicks("Acknowledge")
    await helen.says("perf publish")
    helen.sees("Acknowledged", "1 of 2")
    await helen.clicks("Not acknowledged yet")
    helen.sees("Kenji Tanaka")
    assert "Ana Silva" not in helen.messages[-1].text
    open_todos = select(Todo).where(Todo.kind == "result.acknowledge", col(Todo.done_at).is_(None))
    assert len(await console.run(lambda db: db.exec(open_todos).all())) == 1


async def test_a_result_that_changed_meanwhile_is_not_published(console: World) -> None:
    cycle_id = await in_stage(console, "review", "ana", levels={"ana": "A"})

    def changed(db: Session) -> None:
        found = releasable(db, db.get_one(Cycle, cycle_id))
        db.connection().exec_driver_sql("UPDATE result SET version = version + 1")
        with pytest.raises(Stale):
            release(db, found.ready, console.clock())

    await console.run(changed)


async def test_an_unfinished_result_is_named_and_not_released(console: World) -> None:
    cycle_id = await in_stage(console, "review", "ana", "kenji", levels={"ana": "A"})
    helen = console["helen"]
    await helen.says("perf publish")
    helen.sees("Without a finished result", "Kenji Tanaka")

    def unfinished(db: Session) -> None:
        (result,) = releasable(db, db.get_one(Cycle, cycle_id)).ready
        result.total = None
        with pytest.raises(Refused):
            release(db, [result], console.clock())
        db.rollback()

    await console.run(unfinished)


async def test_two_hundred_people_get_their_own_result_each(console: World) -> None:
    await in_stage(console, "review", "ana", levels={"ana": "A"})
    await console.run(lambda db: _crowd(db, console))
    helen = console["helen"]
    await helen.says("perf publish")
    await helen.clicks(f"Publish {MANY + 1} results")
    rows = select(Delivery).where(Delivery.view == "result.card")
    sent = await console.run(lambda db: db.exec(rows).all())
    assert {one.state for one in sent} == {"sent"}
    assert len({one.person_id for one in sent}) == len(sent) == MANY + 1
    owners = await console.run(lambda db: dict(db.exec(select(Result.id, Result.person_id)).all()))
    assert all(owners[one.subject_id] == one.person_id for one in sent)
    assert (await console.run(_cycle)).state == "published"


def _crowd(db: Session, world: World) -> None:
    """Many colleagues of Ana with a plan and a computed result each."""
    ana, cycle = db.get_one(Person, world["ana"].id), _cycle(db)
    same: dict[str, Any] = {"name": "Colleague", "manager_id": ana.manager_id}
    people = [Person(**same, number=f"N{n}", handle=f"c{n}") for n in range(MANY)]
    db.add_all(people)
    db.flush()
    for person in people:
        db.add(account(world.driver, person, world.clock.now))
    plans = [Plan(cycle_id=cycle.id, person_id=one.id, effective=1, changed_at=world.clock.now) for one in people]
    db.add_all(plans)
    db.flush()
    same = {"cycle_id": cycle.id, "computed": Decimal(90), "total": Decimal(90), "rating": "B"}
    db.add_all([Result(**same, plan_id=plan.id, person_id=plan.person_id) for plan in plans])
