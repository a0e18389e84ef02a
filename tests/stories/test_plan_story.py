"""A plan agreed in chat: from HR opening a cycle to Ana's progress chart, on every stage."""

import pytest
from sqlmodel import Session, select

from models.approval import Frozen
from models.plan import Plan
from tests.stories.acts import DATES, PERIOD, cycle_drafted, cycle_opened, plan_drafted
from tests.stories.conftest import WHOLE
from tests.world import World


@pytest.mark.parametrize("stage", WHOLE, indirect=True)
async def test_plan_from_cycle_to_progress(stage: World) -> None:
    helen, dana, eva, ana = (stage[name] for name in ("helen", "dana", "eva", "ana"))
    await cycle_opened(stage)
    ana.sees("Q4 2026 begins", "Dana Petrova proposes your indicators")

    await plan_drafted(stage)
    plan = dana.sees("Ana Silva", "Weights total 100%")
    assert plan is None or "1. " in plan.text
    await dana.clicks("Submit")
    eva.sees("Ana Silva", "With the approver")

    await eva.clicks("Return…")
    await eva.fills({"What should change?": "The first weight is too small"})
    dana.sees("Eva Lindqvist returned it", "The first weight is too small")

    await dana.says("perf goals @ana")
    await dana.clicks("Weights…")
    await dana.fills(await _heavier(stage))
    await dana.says("perf goals @ana")
    await dana.clicks("Submit")
    eva.sees("Changed since it was returned", "→ 30%")

    await eva.clicks("Approve")
    helen.sees("Ana Silva", "Checks passed: 8 of 8", "Pass")
    await helen.clicks("Pass")
    ana.sees("Waiting for confirmation")

    await ana.clicks("Definitions")
    ana.sees("Formula", "Data source", "Data owner", "Accountable")
    await ana.clicks("Confirm")
    frozen = await stage.run(lambda db: db.exec(select(Frozen)).one())
    stored = await stage.run(lambda db: db.exec(select(Plan).where(Plan.person_id == ana.id)).one())
    assert (stored.state, stored.digest) == ("active", frozen.digest)

    await _reported(stage)


async def _reported(stage: World) -> None:
    """Ana reports progress with a blocker; Dana reads it."""
    ana, dana = stage["ana"], stage["dana"]
    await ana.says("perf checkin")
    first = await _first_item(stage)
    await ana.fills(
        {"Indicator": await _option(stage, first), "Value reached so far": "40", "What blocks it?": "Legal"}
    )
    ana.sees("progress", first)
    dana.sees("Ana Silva", "Legal")
    await dana.says("perf team")
    dana.sees("My team", "Ana Silva", "In force")
    await dana.says("perf progress team")
    dana.sees("My team · Q4 2026", "Ana Silva")


async def _heavier(stage: World) -> dict[str, str]:
    """The first two weights moved so that the first is 30 %, by label."""
    items = await stage.run(lambda db: [(i.name, i.weight) for i in _plan(db, stage).items(db)])
    (first, one), (second, two) = items[0], items[1]
    assert one is not None
    assert two is not None
    return {first: "30", second: str(one + two - 30)}


async def _first_item(stage: World) -> str:
    return await stage.run(lambda db: _plan(db, stage).items(db)[0].name)


async def _option(stage: World, name: str) -> str:
    form = stage.driver.form(stage["ana"].user)
    options = form.options["Indicator"] if form else stage["ana"].choices_of("Indicator")
    return next(option for option in options if option.startswith(name))


def _plan(db: Session, stage: World) -> Plan:
    return db.exec(select(Plan).where(Plan.person_id == stage["ana"].id)).one()


@pytest.mark.parametrize(
    ("section", "changes", "words"),
    [
        ("Name and period…", {"Period ends on": "2026-09-01"}, "must end after it starts"),
        ("Name and period…", {"Name": ""}, "Please fill this in"),
        ("Dates of the stages…", {"Self scores by": "2026-11-01"}, "after the one before it"),
        ("Dates of the stages…", {"Plans agreed by": "2026-11-01"}, "over already"),
        ("Dates of the stages…", {"Plans agreed by": "soon"}, "Please enter a date"),
    ],
)
async def test_cycle_form_says_what_is_wrong_at_the_field(
    console: World, section: str, changes: dict[str, str], words: str
) -> None:
    helen = console["helen"]
    await cycle_drafted(console)
    await helen.clicks(section)
    await helen.fills(changes)
    (label,) = changes
    helen.refuses(label, words)
    await helen.fills(PERIOD if section.startswith("Name") else DATES)
    helen.sees("Q4 2026", "Draft")
