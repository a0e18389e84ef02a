"""What is wrong with an indicator is said in the form, at the field, in the reader's language (G1–G6)."""

from decimal import Decimal

import pytest
from sqlmodel import select

from models.goal import Goal
from models.indicator import Indicator, goal_of, library
from models.item import Item
from models.person import Person
from models.plan import Plan
from tests.stories.acts import cycle_opened, plan_drafted
from tests.stories.conftest import FORMS
from tests.world import World

GOOD = {
    "Name": "Overdue share of new loans",
    "Formula": "overdue new loans / all new loans",
    "Direction": "lower is better",
    "Unit": "%",
    "Target": "2.5",
    "Weight in %": "10",
    "Data source": "Loan system, monthly report",
}


async def _own_form(world: World) -> str:
    """Opens the form for an own indicator; the first strategic goal's name."""
    await cycle_opened(world)
    dana = world["dana"]
    await dana.says("perf goals @ana")
    await dana.clicks("Write one…")
    return dana.form.options["Strategic goal it serves"][0]


@pytest.mark.parametrize("world", FORMS, indirect=True)
@pytest.mark.parametrize(
    ("changes", "label", "words"),
    [
        ({"Data source": ""}, "Data source", "Where will the figure come from?"),
        ({"Strategic goal it serves": ""}, "Strategic goal it serves", "serves no strategic goal"),
        ({"Name": "Improve satisfaction", "Formula": "Make it better"}, "Formula", "cannot be checked"),
        ({"Target": ""}, "Target", "A target is needed"),
        ({"Unit": ""}, "Unit", "in which unit"),
        ({"Weight in %": "3"}, "Weight in %", "from 5% to 60%"),
        ({"Weight in %": "12.3"}, "Weight in %", "whole or half percents"),
        ({"Weight in %": "many"}, "Weight in %", "Please enter a number"),
        ({"Target": "NaN"}, "Target", "Please enter a number"),
    ],
)
async def test_own_indicator_is_checked_at_the_field(
    world: World, changes: dict[str, str], label: str, words: str
) -> None:
    goal = await _own_form(world)
    dana = world["dana"]
    given = {**GOOD, "Strategic goal it serves": goal, **changes}
    await dana.fills({name: value for name, value in given.items() if value})
    dana.refuses(label, words)
    assert dana.form.title == "Write an indicator", "the form stays open"
    await dana.fills({**GOOD, "Strategic goal it serves": goal, "Weight in %": "１０"})
    stored = await world.run(lambda db: db.exec(select(Item).where(Item.name == GOOD["Name"])).one())
    assert (stored.weight, stored.target, stored.direction) == (Decimal(10), Decimal("2.5"), "lower")


async def test_errors_are_in_the_readers_language(console: World) -> None:
    def japanese(db: object) -> None:
        dana = db.get(Person, console["dana"].id)  # type: ignore[attr-defined]
        dana.locale = "ja"
        db.add(dana)  # type: ignore[attr-defined]

    await cycle_opened(console)
    await console.run(japanese)
    dana = console["dana"]
    await dana.says("perf goals @ana")
    write = next(label for label in dana.messages[-1].buttons if label.endswith("…") and "ライブラリ" not in label)
    await dana.clicks(write)
    await dana.fills({})
    assert dana.last.errors
    assert all(any("\u3040" <= char <= "\u30ff" for char in said) for said in dana.last.errors.values())


@pytest.mark.parametrize("world", FORMS, indirect=True)
async def test_weights_that_do_not_total_100_are_refused_at_the_field(world: World) -> None:
    await cycle_opened(world)
    await plan_drafted(world)
    dana = world["dana"]
    await dana.clicks("Weights…")
    labels = dana.form.labels
    await dana.fills({labels[0]: "30"})
    dana.refuses(labels[-1], "The weights total 105%", "5% too much")
    await dana.fills({labels[0]: "30", labels[1]: "10"})
    assert not dana.last.errors
    dana.sees("Weights total 100%", "30%")


@pytest.mark.parametrize("world", FORMS, indirect=True)
async def test_an_implausible_target_needs_a_reason(world: World) -> None:
    """Against what was reached last time: more than 50 % away asks for a reason (G6)."""
    await cycle_opened(world)
    await plan_drafted(world)
    dana = world["dana"]

    def remember(db):  # type: ignore[no-untyped-def]
        item = db.exec(select(Item).where(Item.kind == "quantitative")).first()
        item.last = item.target
        db.add(item)
        return item.name, item.target

    name, last = await world.run(remember)
    await dana.clicks(name)
    await dana.fills({"Target": str(last * 2)})
    dana.refuses("Target", "Last time it was")
    await dana.fills(
        {"Target": str(last * 2), "Stretch": str(last * 3), "Reason, if the target is far from last time": "New market"}
    )
    assert not dana.last.errors
    stored = await world.run(lambda db: db.exec(select(Item).where(Item.name == name)).one())
    assert (stored.target, stored.reason) == (last * 2, "New market")


@pytest.mark.parametrize("world", FORMS, indirect=True)
async def test_an_indicator_from_the_library_brings_its_definition(world: World) -> None:
    await cycle_opened(world)
    dana = world["dana"]
    await dana.says("perf goals @ana")
    await dana.clicks("Add from library…")
    usable = await world.run(lambda db: [i.names["en"] for i in library(db) if i.owner_agreed and goal_of(db, i)])
    name = next(name for name in dana.form.options["Indicator"] if name in usable)
    await dana.fills({"Indicator": name, "Weight in %": "20"})
    assert not dana.last.errors, dana.last.errors
    item, indicator = await world.run(lambda db: (db.exec(select(Item)).one(), db.exec(select(Indicator)).all()))
    source = next(one for one in indicator if one.id == item.indicator_id)
    assert (item.formula, item.source) == (source.formulas["en"], source.sources["en"])
    assert item.goal_id is not None


async def test_removing_and_too_few_indicators(world: World) -> None:
    await cycle_opened(world)
    await plan_drafted(world)
    dana = world["dana"]

    def shorten(db):  # type: ignore[no-untyped-def]
        plan = db.exec(select(Plan).where(Plan.person_id == world["ana"].id)).one()
        for item in plan.items(db)[2:]:
            db.delete(item)

    await world.run(shorten)
    await dana.says("perf goals @ana")
    await dana.clicks("Submit")
    dana.sees("A plan has 3 to 10 indicators; this one has 2")


async def test_strategic_goals_are_measurable(console: World) -> None:
    goals = await console.run(lambda db: db.exec(select(Goal)).all())
    assert goals
    assert all(goal.measures and goal.target is not None and goal.unit for goal in goals)
