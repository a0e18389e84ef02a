"""The company's results for who leads it (A1): charts with findings, and nothing before everything is published."""

from sqlmodel import Session, select

from models.cycle import Cycle
from models.person import Person, Role
from models.releasing import publish
from tests.stories.scoring import in_stage
from tests.world import World

LEVELS = dict(zip(("ana", "kenji", "dana", "zhao", "oliver", "wei"), "SABBCA", strict=True))


async def _published(world: World) -> None:
    people = [handle for handle in LEVELS if handle in world.people]
    cycle_id = await in_stage(world, "review", *people, levels={handle: LEVELS[handle] for handle in people})
    now = world.clock()
    await world.run(lambda db: _publish(db, cycle_id, now))


def _publish(db: Session, cycle_id: int, now: object) -> None:
    publish(db, db.get_one(Cycle, cycle_id), now)  # type: ignore[arg-type]


def _executive(db: Session) -> str:
    found = db.exec(select(Person.handle).join(Role).where(Role.name == "executive").order_by(Person.id)).first()  # type: ignore[arg-type]
    assert found is not None
    return found


async def test_an_executive_sees_the_company_and_no_single_result(stage: World) -> None:
    await _published(stage)
    chief = stage[await stage.run(_executive)]
    await chief.says("perf overview")
    chief.sees("results of Q4 2026", "Mean of all")
    label = next(one for one in chief.choices_of("Show") if one == "Spread of the results")
    await chief.clicks(label)
    chief.sees("Too few people for a spread")


async def test_nothing_is_shown_before_everything_is_published(world: World) -> None:
    await in_stage(world, "review", "ana", "kenji", levels={"ana": "S", "kenji": "B"})
    chief = world[await world.run(_executive)]
    await chief.says("perf overview")
    chief.sees("No cycle is published as a whole yet")


async def test_an_employee_gets_no_overview(world: World) -> None:
    await _published(world)
    await world["ana"].says("perf overview")
    world["ana"].sees("not for you")
