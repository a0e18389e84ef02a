"""A cycle is watched while it runs: who is late, by department and by name, and a reminder to exactly those."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, select

from bot.events import Tick
from models.access import Actor
from models.chase import Chase
from models.cycle import Cycle, Stage
from models.department import Department
from models.indicator import Indicator
from models.nudge import Nudge
from models.scorecard import SELF, Scorecard
from models.todo import Todo
from tests.security.stage import click, who
from tests.stories.acts import plan_submitted
from tests.stories.scoring import in_stage
from tests.world import World

LATE = timedelta(days=11)
PEOPLE = ("ana", "kenji", "zhao")


async def _late(world: World) -> int:
    """Three people have not handed in their self scores, a day after the last one."""
    number = await in_stage(world, "self_scoring", *PEOPLE)
    world.clock.forward(LATE)
    return number


async def _ticks(world: World) -> None:
    """The minute is over."""
    world.clock.forward(timedelta(seconds=40))
    await world.bot.dispatch.tick(Tick("headway", world.clock.now.replace(microsecond=0)))
    await world.settle()


def _hand_in(db: Session, person_id: int, now: datetime) -> None:
    """Their own scores."""
    card = db.exec(select(Scorecard).where(Scorecard.person_id == person_id, Scorecard.kind == SELF)).one()
    card.submit(db, Actor(person_id), card.version, now, [])


def _another(db: Session, zone_now: datetime, person_id: int) -> None:
    """A month that runs beside the quarter: one person has to score themselves."""
    quarter = db.exec(select(Cycle)).one()
    values = quarter.model_dump(exclude={"id", "name", "kind"})
    month = Cycle(**values, name="November", kind="month")
    db.add(month)
    db.flush()
    db.add(Stage(cycle_id=month.id, name="self_scoring", closes_at=zone_now + LATE))
    todo = db.exec(select(Todo).where(Todo.about_id == person_id)).first()
    assert todo is not None
    kept = todo.model_dump(exclude={"id", "cycle_id", "due_at"})
    db.add(Todo(**kept, cycle_id=month.id, due_at=zone_now + LATE))


async def _presses(world: World, handle: str, action: str, subject: int, value: str = "") -> str:
    """What is answered to a press that no card of theirs has."""
    answer = await world.bot.dispatch(click(who(world, handle), action, subject, value=value))
    return answer.toast


async def test_hr_sees_who_is_late_and_reminds_exactly_those(stage: World) -> None:
    world = stage
    helen, ana = world["helen"], world["ana"]
    await _late(world)
    await helen.says("perf progress company")
    helen.sees(
        "Self scoring · Q4 2026", "Sales is furthest behind: 2 of 2 late.", "3 × scores to be handed in", "As of"
    )
    await helen.clicks("Late (3)")
    helen.sees("Late · Self scoring", "Ana Silva · scores to be handed in · 1 day overdue", "Kenji Tanaka", "Min Zhao")
    await helen.clicks("Nudge these now…")
    helen.sees("3 people will be reminded.", "Helen Zhou asks you to look at this.", "Score yourself · 1 day overdue")
    await helen.clicks("Add a sentence of my own…")
    await helen.fills({"Your words": "It takes five minutes."})
    helen.sees("3 people will be reminded.", "It takes five minutes.")
    assert "asks you" not in ana.text, "nothing is sent before it was looked at"
    await helen.clicks("Send")
    helen.sees("3 people are reminded.")
    ana.sees("Helen Zhou asks you to look at this.", "It takes five minutes.", "Score yourself")
    await helen.says("perf progress company")
    await helen.clicks("Late (3)")
    await helen.clicks("Nudge these now…")
    helen.sees("Nobody can be reminded now.", "3 not: were reminded today already")


async def test_a_head_sees_their_own_people_and_the_others_only_by_counts(world: World) -> None:
    number = await _late(world)
    dana, eva, ana = world["dana"], world["eva"], world["ana"]
    await dana.says("perf progress department")
    dana.sees("Sales · Self scoring · Q4 2026", "2 of 2 late.")
    await dana.clicks("Late (2)")
    assert "Ana Silva" in dana.card("Late · Self scoring").text
    assert "Min Zhao" not in dana.text
    await dana.clicks("Nudge these now…")
    dana.sees("2 people will be reminded.")
    await dana.clicks("Send")
    ana.sees("Dana Petrova asks you to look at this.")
    assert "asks you" not in world["zhao"].text
    await eva.says("perf progress company")
    eva.sees("Sales is furthest behind: 2 of 2 late.")
    assert "Ana Silva" not in eva.text
    assert "Late (3)" not in eva.messages[-1].buttons
    for value in ("0 self_scoring late 0", "2 self_scoring late 0"):
        assert "not for you" in await _presses(world, "eva", "cycle.names", number, value)
    other = await world.run(lambda db: db.exec(select(Department.id).where(Department.code == "operations")).one())
    for value in ("0 self_scoring late", f"{other} self_scoring late", "0 self_scoring tardy", "x", "team x late"):
        assert "not for you" in await _presses(world, "dana", "cycle.chase", number, value)
    await ana.says("perf progress company")
    ana.sees("not for you")


async def test_a_reminder_is_its_authors_and_goes_once(console: World) -> None:
    world = console
    await _late(world)
    helen = world["helen"]
    await helen.says("perf progress company")
    await helen.clicks("Late (3)")
    await helen.clicks("Nudge these now…")
    asked = await world.run(lambda db: db.exec(select(Chase)).one())
    for handle in ("henry", "dana", "eva"):
        for action in ("chase.send", "chase.word", "chase.names"):
            assert "not for you" in await _presses(world, handle, action, asked.id)
    preview = helen.card("3 people will be reminded.")
    await helen.clicks("Send", on=preview)
    helen.sees("Sent on 4 Dec 2026", "to 3 people")
    answer = await world.bot.dispatch(click(who(world, "helen"), "chase.send", asked.id, asked.version))
    assert "Helen Zhou sent this reminder" in answer.toast
    assert await world.run(lambda db: len(db.exec(select(Nudge)).all())) == len(PEOPLE)


async def test_a_line_manager_reminds_their_own_people(world: World) -> None:
    await _late(world)
    dana = world["dana"]
    await dana.says("perf progress team")
    await dana.clicks("Who is late")
    dana.sees("My team · Self scoring · Q4 2026", "2 of 2 late.")
    await dana.clicks("Late (2)")
    await dana.clicks("Nudge these now…")
    dana.sees("2 people will be reminded.")


async def test_a_live_card_follows_and_an_old_one_does_not(world: World) -> None:
    await _late(world)
    helen = world["helen"]
    await helen.says("perf progress company")
    helen.card("3 × scores to be handed in")
    await world.run(lambda db: _hand_in(db, world["ana"].id, world.clock.now))
    await _ticks(world)
    helen.card("2 × scores to be handed in")
    world.clock.forward(timedelta(hours=2))
    await world.run(lambda db: _hand_in(db, world["zhao"].id, world.clock.now))
    await _ticks(world)
    helen.card("2 × scores to be handed in")
    await helen.clicks("Refresh")
    helen.card("Sales is furthest behind: 1 of 2 late.", "1 × scores to be handed in")


async def test_all_cycles_stand_side_by_side(world: World) -> None:
    await _late(world)
    helen, ana = world["helen"], world["ana"]
    await world.run(lambda db: _another(db, world.clock.now, ana.id))
    await helen.says("perf progress")
    helen.sees("Cycles under way · The company", "Q4 2026", "0 of 3 done · 3 late", "November", "by")
    await helen.clicks("November")
    helen.sees("Self scoring · November", "Nobody is late; 0 of 1 are done.")
    await helen.clicks("All cycles under way")
    await helen.clicks("My own progress")
    helen.sees("Helen Zhou has no plan in")
    await ana.says("perf progress")
    ana.sees("Ana Silva · Q4 2026 progress")


async def test_what_failed_the_checks_is_named_until_it_is_mended(console: World) -> None:
    world = console
    await world.run(lambda db: db.connection().execute(sa.update(Indicator).values(owner_agreed=False)))
    await plan_submitted(world)
    helen, eva, dana = world["helen"], world["eva"], world["dana"]
    await helen.says("perf progress company")
    await helen.clicks("Non-compliant (1)")
    helen.sees("Ana Silva · failed:", "at the desk of Eva Lindqvist")
    await eva.clicks("Approve")
    await helen.clicks("Return…")
    await helen.fills({"What should change?": "Please link it"})
    await dana.says("perf progress department")
    await dana.clicks("Non-compliant (1)")
    dana.sees("Ana Silva · given back by HR · failed:", "at your desk")
