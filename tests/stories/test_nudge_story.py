"""Reminders as people live them: one message a day, done or put off, heard of by the next level, stood in for."""

from datetime import UTC, datetime

from sqlmodel import Session, col, select

from bot.events import Tick
from models.audit import Audit
from models.escalation import Escalation
from models.nudge import Nudge
from models.todo import Todo
from tests.stories.acts import cycle_opened, plan_submitted
from tests.world import World

SET = "Set indicators for Ana Silva"


async def strikes(world: World, when: datetime) -> None:
    """It is a later moment, and the clock strikes."""
    world.clock.now = when
    await world.bot.dispatch.tick(Tick("nudges", when))
    await world.settle()


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment of 2026 as clocks in Shanghai show it (eight hours ahead of UTC)."""
    return datetime(2026, month, day, hour - 8, minute, tzinfo=UTC)


def reminders(db: Session, person_id: int) -> int:
    """How many reminders somebody had."""
    return len(db.exec(select(Nudge).where(Nudge.person_id == person_id)).all())


async def test_a_reminder_comes_merged_and_is_done_from_the_message(stage: World) -> None:
    world = stage
    await cycle_opened(world)
    dana = world["dana"]
    await strikes(world, at(27, 9))
    seen = dana.sees("A reminder", "things wait for you", SET, "by 30 Nov 2026, 23:59")
    assert seen is not None
    await strikes(world, at(27, 9, 10))
    assert await world.run(lambda db: reminders(db, dana.id)) == 1
    await dana.clicks(SET)
    dana.sees("Ana Silva", "No indicators yet")
    await dana.clicks(dana.choices_of("Start from a template")[0])
    await dana.clicks("Submit")
    live = [one for one in dana.messages if "A reminder" in one.text]
    assert not world.bot.platforms[world.driver.name].can.updates or not any(SET in one.text for one in live), (
        "a card never lies"
    )
    await strikes(world, at(30, 9))
    assert SET not in dana.card("A reminder", "wait").text
    assert await world.run(lambda db: reminders(db, dana.id)) == 2


async def test_putting_off_and_hearing_of_it(stage: World) -> None:
    world = stage
    await cycle_opened(world)
    dana, eva, helen = world["dana"], world["eva"], world["helen"]
    await strikes(world, at(27, 9))
    await dana.clicks("Tomorrow at 10:00")
    dana.sees("I remind you again on 28 Nov 2026, 10:00")
    await strikes(world, at(30, 9))
    dana.sees("A reminder", "wait")
    await strikes(world, at(2, 9, month=12))
    eva.sees("late. Please talk to them.", "Dana", "setting indicators, overdue since 30 Nov 2026, 23:59")
    assert "Ana Silva" not in eva.card("late. Please talk to them.", "Dana").text, "nobody else's affairs"
    await strikes(world, at(4, 9, month=12))
    helen.sees("late. Please talk to them.", "Dana", "setting indicators")
    levels = await world.run(lambda db: sorted({one.level for one in db.exec(select(Escalation))}))
    assert levels == [1, 2]


async def test_who_stands_in_decides_and_the_trail_says_for_whom(stage: World) -> None:
    world = stage
    eva, oliver = world["eva"], world["oliver"]
    await plan_submitted(world)
    await eva.says("perf away")
    await eva.clicks("I will be away…")
    form = {"First day away": "2026-11-23", "Last day away": "2026-11-27", "Who stands in": "Oliver Grant"}
    await eva.fills(form)
    assert not eva.last.errors, eva.last.errors
    eva.sees("Your absence", "Oliver")
    oliver.sees("You stand in for Eva", "2 things wait for them now")
    await oliver.says("perf")
    await oliver.clicks("Approve Ana Silva's plan (for Eva Lindqvist)")
    await oliver.clicks("Approve")
    entry = await world.run(lambda db: db.exec(select(Audit).where(Audit.action == "plan.approved")).one())
    assert entry.actor_id == oliver.id
    assert f'"on_behalf_of":{eva.id}' in entry.body
    await eva.clicks("End this absence")
    open_now = select(Todo).where(Todo.kind == "plan.approve", col(Todo.done_at).is_(None))
    assert not await world.run(lambda db: db.exec(open_now).all())
