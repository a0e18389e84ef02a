"""How an indicator is scored is set in one form, checked at its fields, and said in words to everybody (all stages)."""

from decimal import Decimal

import pytest
from sqlmodel import Session, select

from models.approval import Frozen
from models.item import Item
from models.plan import Plan
from tests.stories.acts import cycle_opened, plan_active, plan_drafted
from tests.stories.conftest import FORMS
from tests.world import World

LOANS, VISITS, CARE = "Loans paid out", "Customer visits with minutes", "Care for customers in advice"
BY_STEPS, ANCHORED = "by steps", "60 points at the floor, 100 at the target, 120 at the stretch"
VETO = "veto: without points here, the whole result is held down"


async def test_steps_are_typed_checked_and_said_in_words(stage: World) -> None:
    await cycle_opened(stage)
    await plan_drafted(stage)
    dana = stage["dana"]
    await _open_rule(stage, VISITS)
    await dana.fills({"How it is scored": BY_STEPS, "Steps": "20; 30"})
    dana.refuses("Steps", "Write each step as value: points")
    await _again(stage, VISITS)
    await dana.fills({"How it is scored": BY_STEPS, "Steps": "３６：１００；20: 60"})
    assert not dana.last.errors, dana.last.errors
    dana.sees("60 points from 20 times and 100 points from 36 times; none below 20 times.")
    dana.sees("just below 20 times: 0 points, from 20 times on: 60.")
    item = await stage.run(lambda db: _item(db, VISITS))
    assert (item.rule, item.kind, item.steps) == ("steps", "quantitative", [["20", "60"], ["36", "100"]])
    dana.sees("Mind the jump: just below 20 times: 0 points, from 20 times on: 60.")


async def test_a_veto_has_no_weight_and_is_named_on_the_card(stage: World) -> None:
    await cycle_opened(stage)
    await plan_drafted(stage)
    dana = stage["dana"]
    await _open_rule(stage, VISITS)
    await dana.fills({"Counts as": VETO})
    dana.sees(VISITS, "veto", "the whole result is held at the lowest passing score")
    item = await stage.run(lambda db: _item(db, VISITS))
    assert (item.part, item.weight) == ("veto", None)
    await dana.says("perf goals @ana")
    dana.card("Ana Silva", "Weights total 92.5%", "veto")
    await dana.clicks("Submit")
    dana.sees("The weights total 92.5%")


@pytest.mark.parametrize("world", FORMS, indirect=True)
@pytest.mark.parametrize(
    ("given", "label", "words"),
    [
        ({"How it is scored": ANCHORED}, "Floor", "needs a floor"),
        ({"How it is scored": ANCHORED, "Floor": "36"}, "Floor", "worse than the target"),
        ({"How it is scored": BY_STEPS}, "Steps", "at least one step"),
        ({"How it is scored": BY_STEPS, "Steps": "1,000: 60"}, "Steps", "value: points"),
        ({"How it is scored": BY_STEPS, "Steps": "10: 100; 20: 60"}, "Steps", "Every better value"),
        ({"How it is scored": "rated by described levels"}, "Levels, if it cannot be counted", "what each level"),
        ({"Counts as": "bonus points on top"}, "How it is scored", "given by steps"),
        (
            {"Counts as": "bonus points on top", "How it is scored": BY_STEPS, "Steps": "1: 30"},
            "Steps",
            "20 at most",
        ),
        ({"Most points": "80"}, "Most points", "100 points or more"),
        ({"Weight in %": ""}, "Weight in %", "A weight is needed"),
        ({"Weight in %": "3"}, "Weight in %", "from 5% to 60%"),
        ({"Target": ""}, "Target", "A target is needed"),
    ],
)
async def test_a_rule_that_cannot_work_is_refused_at_the_field(
    world: World, given: dict[str, str], label: str, words: str
) -> None:
    await cycle_opened(world)
    await plan_drafted(world)
    dana = world["dana"]
    before = await world.run(lambda db: _item(db, VISITS).model_dump())
    await _open_rule(world, VISITS)
    await dana.fills({"Floor": "", **given})
    dana.refuses(label, words)
    assert await world.run(lambda db: _item(db, VISITS).model_dump()) == before


@pytest.mark.parametrize("world", FORMS, indirect=True)
async def test_bonus_and_penalty_points_are_written_by_hand(world: World) -> None:
    await cycle_opened(world)
    await plan_drafted(world)
    dana = world["dana"]
    await dana.says("perf goals @ana")
    await dana.clicks("Write one…")
    goal = dana.form.options["Strategic goal it serves"][0]
    penalty = {
        "Name": "Late month-end reports",
        "Formula": "Number of reports handed in after the third working day",
        "Direction": "lower is better",
        "Unit": "items",
        "Counts as": "penalty points",
        "Data source": "General ledger",
        "Strategic goal it serves": goal,
    }
    await dana.fills({**penalty, "Weight in %": "10", "Steps": "1: 2; 3: 5"})
    dana.refuses("Weight in %", "has no weight")
    await dana.fills({**penalty, "Weight in %": "", "Steps": "1: 2; 3: 5"})
    assert not dana.last.errors, dana.last.errors
    dana.sees("Late month-end reports", "penalty points", "Weights total 100%")
    await dana.clicks("Definitions")
    dana.sees("2 points from 1 items and 5 points from 3 items", "These points are taken off the total.")
    await dana.says("perf goals @ana")
    await dana.clicks("Weights…")
    assert "Late month-end reports" not in dana.form.labels


async def test_a_changed_rule_is_part_of_the_amendment_and_of_the_frozen_text(world: World) -> None:
    await plan_active(world)
    ana, dana = world["ana"], world["dana"]
    first = await world.run(lambda db: db.exec(select(Frozen)).one())
    assert '"part":"weighted"' in first.text
    await ana.says("perf goals")
    await ana.clicks("Propose a change")
    await ana.clicks("Definitions")
    await ana.clicks(VISITS)
    await ana.fills({"How it is scored": BY_STEPS, "Steps": "20: 60; 36: 100", "Most points": "110"})
    await ana.says("perf goals")
    await ana.clicks("Send the change…")
    await ana.fills({"Why is the change needed?": "Visits come in tours"})
    dana.sees(
        f"{VISITS} – How it is scored: by the number of accepted pieces of evidence → by steps",
        f"{VISITS} – Steps: none → 20: 60; 36: 100",
        f"{VISITS} – Most points: 120 → 110",
    )
    await dana.clicks("Accept")
    newest = await world.run(lambda db: db.exec(select(Frozen).order_by(Frozen.id.desc())).first())  # type: ignore[attr-defined]
    assert newest is not None
    assert '"steps":[["20","60"],["36","100"]]' in newest.text
    kept = await world.run(lambda db: db.exec(select(Frozen).order_by(Frozen.id)).first())  # type: ignore[arg-type]
    assert kept is not None
    assert (kept.text, kept.digest) == (first.text, first.digest)


@pytest.mark.parametrize("world", FORMS, indirect=True)
async def test_levels_are_explained_and_no_value_is_taken_for_what_people_rate(world: World) -> None:
    await plan_active(world)
    ana = world["ana"]
    await ana.says("perf goals")
    await ana.clicks("Definitions")
    ana.sees(CARE, "People choose the level that fits", "S: advised against a loan that did not fit")
    ana.sees("60 points at 650 × 10k CNY, 100 at 900 × 10k CNY", "none below 650 × 10k CNY")
    assert "Set a scoring rule" not in ana.messages[-1].text
    await ana.says("perf checkin")
    care = next(option for option in ana.form.options["Indicator"] if option.startswith(CARE))
    assert care == f"{CARE} (by levels)"
    await ana.fills({"Indicator": care, "Value reached so far": "4"})
    ana.refuses("Value reached so far", "rated by its levels")


async def _open_rule(world: World, name: str) -> None:
    """Dana opens the form of an item's rule from the definitions."""
    await world["dana"].clicks("Definitions")
    await world["dana"].clicks(name)


async def _again(world: World, name: str) -> None:
    """Where a form stays open it is filled again; a conversation is begun anew."""
    if world.driver.form(world["dana"].user) is None:
        await world["dana"].says("cancel")
        await world["dana"].says("perf goals @ana")
        await _open_rule(world, name)


def _item(db: Session, name: str) -> Item:
    newest = select(Item).join(Plan).where(Item.name == name).order_by(Item.id.desc())  # type: ignore[attr-defined]
    found = db.exec(newest).first()
    assert found is not None
    return found


def test_the_weight_of_the_sample_is_what_the_story_says() -> None:
    from models.content import content

    weights = dict(content().templates["finance-sales"].items)
    assert Decimal(100) - weights["finance-visits"] == Decimal("92.5")
