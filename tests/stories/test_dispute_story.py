"""Disputes as people live them: filed, answered, ruled on; and what the clock does when nobody does anything."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from bot.events import Tick
from models.cycle import Cycle
from models.dispute import Dispute
from models.releasing import publish
from models.result import Result, lines_of
from tests.stories.scoring import REVENUE, in_stage
from tests.world import World

FORM = {"What is wrong?": f"{REVENUE} · 95.00", "Why is it wrong?": "Two contracts are missing", "Evidence": "CRM 4711"}
MINE = "Dispute my result of Q4 2026…"
POINTS = "The right points, from 0 to 120; now 95.00"


async def published(world: World, *handles: str) -> None:
    """Results of these people, rated A, that their owners can see."""
    number = await in_stage(world, "review", *handles, levels=dict.fromkeys(handles, "A"))
    now = world.clock()
    await world.run(lambda db: publish(db, db.get_one(Cycle, number), now))


async def filed(world: World) -> None:
    """Ana objects to her first item."""
    ana = world["ana"]
    await ana.says("perf dispute")
    await ana.clicks(MINE)
    await ana.fills(FORM)
    assert not ana.last.errors, ana.last.errors


async def ticks(world: World, by: timedelta) -> datetime:
    """Time passes, and the clock strikes once."""
    world.clock.forward(by)
    await world.bot.dispatch.tick(Tick("disputes", world.clock.now.replace(microsecond=0)))
    await world.settle()
    return world.clock.now


def case_of(db: Session) -> Dispute:
    """The only case."""
    return db.exec(select(Dispute)).one()


async def test_a_dispute_is_answered_and_the_result_adjusted(stage: World) -> None:
    world = stage
    ana, dana, helen = world["ana"], world["dana"], world["helen"]
    await published(world, "ana")
    await filed(world)
    ana.sees("My dispute", REVENUE, "Two contracts are missing", "CRM 4711", "98.00, rated A", "filed by Ana Silva")
    dana.sees("Dispute of Ana Silva", "Your answer is due in 12 h (by 22:00)", "95 items: entered by Ana Silva")
    await dana.clicks("Answer…")
    await dana.fills({"How do you see it?": "They were signed in October"})
    helen.sees("Dispute of Ana Silva", "They were signed in October", "answered by Dana")
    await helen.clicks("Adjust…")
    await helen.fills({POINTS: "100", "Why?": "The contracts are in the CRM"})
    assert not helen.last.errors, helen.last.errors
    ana.sees("Adjusted", "98.00 → 100.00, rated A", "95.00 → 100.00", "The contracts are in the CRM", "by Helen Zhou")
    result = await world.run(lambda db: db.exec(select(Result)).one())
    assert (str(result.total), result.revision, result.state) == ("100.00", 2, "acknowledged")
    assert sum(one.contribution or 0 for one in await world.run(lambda db: lines_of(db, result))) == result.total


async def test_time_runs_out_in_the_open(stage: World) -> None:
    world = stage
    ana, dana, helen, boss = world["ana"], world["dana"], world["helen"], world["boss"]
    await published(world, "ana")
    await filed(world)
    await ticks(world, timedelta(hours=6, minutes=5))
    dana.sees("Reminder: 50% of the time is over.", "due in 5 h 5")
    await ticks(world, timedelta(hours=6))
    helen.sees("Dispute of Ana Silva", "Your ruling is due in 11 h 5", "passed on to HR without an answer")
    await ticks(world, timedelta(hours=8))
    helen.sees("Reminder: 80% of the time is over.")
    boss.sees("Dispute of Ana Silva", "was drawn in, because time is running out")
    await ticks(world, timedelta(hours=5))
    await ana.says("perf dispute")
    ana.sees("Your cases", "waits for Helen Zhou, overdue since")
    await helen.clicks("Uphold…")
    await helen.fills({"Why is the result right?": "They were counted already"})
    ana.sees("Upheld: the result stays", "They were counted already")
    case = await world.run(case_of)
    assert (case.state, case.marks) == ("upheld", 3)
