"""The manager's batch: ten people in twelve presses, and what looks odd is handed in singly, its reason read."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from models.cycle import Cycle
from models.flag import Flag
from models.person import Person
from models.scorecard import MANAGER, Score, Scorecard
from tests.drivers import Seen
from tests.stories.scoring import in_stage
from tests.world import Human, World

BEGIN = "Score my people"


def next_month(db: Session) -> None:
    """A younger cycle is under way as well, in which nothing is scored yet."""
    old = db.exec(select(Cycle)).one()
    days: dict[str, Any] = {"starts_on": old.starts_on + timedelta(days=1), "ends_on": old.ends_on}
    db.add(Cycle(kind="month", name="Younger", state="setting", owner_id=old.owner_id, chain=[], languages=[], **days))


async def people_of_dana(world: World, count: int) -> list[str]:
    """So many new people who report to Dana, by handle; without accounts, they only are scored."""

    def hire(db: Session) -> list[Person]:
        dana = db.get_one(Person, world["dana"].id)
        place: dict[str, Any] = {"department_id": dana.department_id, "manager_id": dana.id, "locale": "en"}
        rows = [
            Person(number=f"N{n:02}", name=f"Person {n:02}", handle=f"n{n:02}", **place) for n in range(1, count + 1)
        ]
        db.add_all(rows)
        db.flush()
        return rows

    hired = await world.run(hire)
    for one in hired:
        world.people[one.handle] = Human(world, one.number, one.handle, one.id)
    return [one.handle for one in hired]


async def states(world: World) -> list[str]:
    """The states of the managers' cards, by name of the person."""

    def read(db: Session) -> Sequence[str]:
        cards = select(Scorecard.state).join(Person, col(Person.id) == col(Scorecard.person_id))
        return db.exec(cards.where(Scorecard.kind == MANAGER).order_by(col(Person.name))).all()

    return list(await world.run(read))


def _cards(human: Human) -> list[Seen]:
    """What somebody sees without the question whether a button was meant, where that is a message of its own."""
    return [one for one in human.messages if not one.text.startswith("Please confirm")]


async def test_ten_people_take_twelve_presses(stage: World) -> None:
    """Every press is answered: by the same message where the platform can redraw, else by a new one."""
    world = stage
    await in_stage(world, "scoring", *await people_of_dana(world, 10))
    dana = world["dana"]
    await dana.says("perf team")
    presses, redraws = 0, world.bot.platforms[world.driver.name].can.updates
    for label in (BEGIN, *"SABCSABCSA", "Hand in all"):
        before, place, drawn = dana.messages[-1].text, len(_cards(dana)), redraws and label in dana.messages[-1].buttons
        await dana.clicks(label)
        presses += 1
        assert dana.messages[-1].text != before, label
        assert len(_cards(dana)) == place + (label == BEGIN) or not drawn, label
    assert presses <= 12
    assert await states(world) == ["submitted"] * 10
    dana.sees("Everything is handed in")


async def test_what_waits_is_one_line_and_what_is_done_keeps_its_cycle(console: World) -> None:
    await in_stage(console, "scoring", *await people_of_dana(console, 2))
    await console.run(next_month)
    dana = console["dana"]
    await dana.says("perf")
    dana.sees("1 thing waits for you", "• Score 2 people")
    for label in ("Score 2 people", "A", "B", "Hand in all"):
        await dana.clicks(label)
    assert "Younger" not in dana.messages[-1].text
    dana.sees("Everything is handed in", "2 people are handed in already.")


async def test_what_is_odd_is_handed_in_singly(world: World) -> None:
    """Measured well and rated D: the rule's sentence is read first, and HR gets the flag afterwards."""
    await in_stage(world, "scoring", *await people_of_dana(world, 3))
    dana, helen = world["dana"], world["helen"]
    await dana.says("perf team")
    for label in (BEGIN, "A", "D", "B"):
        await dana.clicks(label)
    dana.sees("Person 02", "only 50")
    await dana.clicks("Hand in all 2 that are not odd")
    assert await states(world) == ["submitted", "open", "submitted"]
    dana.sees("Person 02", "2 people are handed in already.")
    await dana.clicks("Person 02")
    assert await states(world) == ["submitted"] * 3
    flag = await world.run(lambda db: db.exec(select(Flag)).one())
    assert (flag.rule, flag.waits_for_id) == ("contradiction_rated_below", helen.id)
    helen.sees("only 50")


async def test_pages_can_be_turned_and_looked_at_again(console: World) -> None:
    await in_stage(console, "scoring", *await people_of_dana(console, 3))
    dana = console["dana"]
    await dana.says("perf team")
    await dana.clicks(BEGIN)
    dana.sees("Person 01 · 1 of 3", "3 scores are still to give.", "95")
    await dana.clicks("Next")
    assert "Person 02 · 2 of 3" in dana.messages[-1].text
    await dana.clicks("A")
    assert "Person 03 · 3 of 3" in dana.messages[-1].text
    await dana.clicks("Previous")
    assert "Everything is scored here." in dana.messages[-1].text
    await dana.clicks("Details…")
    dana.sees("Scores of Person 02", "A, 100 points")
    await dana.says("perf team")
    await dana.clicks(BEGIN)
    await dana.clicks("Overview")
    dana.sees("Person 01", "not complete", "Hand in all")


async def test_what_is_pressed_twice_counts_once(console: World) -> None:
    """An outdated page changes nothing."""
    await in_stage(console, "scoring", *await people_of_dana(console, 2))
    dana = console["dana"]
    await dana.says("perf team")
    await dana.clicks(BEGIN)
    page = dana.messages[-1]
    await dana.clicks("A", on=page)
    await dana.clicks("D", on=page)
    scores = await console.run(lambda db: db.exec(select(Score)).all())
    assert [one.level for one in scores] == ["A"]


async def test_without_anybody_to_score_there_is_no_button(console: World) -> None:
    await in_stage(console, "self_scoring", "ana")
    dana = console["dana"]
    await dana.says("perf team")
    assert BEGIN not in dana.messages[-1].buttons
