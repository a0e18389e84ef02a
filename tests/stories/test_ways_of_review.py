"""The ways HR and heads take through review: from the cycle, between cycles, between departments, past a flag."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models.cycle import Cycle
from models.department import Department, branches
from tests.stories.scoring import in_stage
from tests.world import World

FAILED = {"ana": (Decimal(20), Decimal(6))}
LEVELS = {"ana": "S", "kenji": "B", "zhao": "B"}


async def test_every_cycle_in_review_can_be_calibrated(console: World) -> None:
    await in_stage(console, "review", "ana", "kenji", levels={"ana": "A", "kenji": "B"})
    await console.run(_another)
    helen, dana = console["helen"], console["dana"]
    await dana.says("perf calibrate")
    dana.sees("Calibration · Month · ", "No result is computed here yet")
    await dana.clicks("Q4 2026")
    dana.sees("Calibration · Q4 2026 · ", "Ana Silva")
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Calibrate…")
    helen.sees("Calibration · Q4 2026 · The company")
    await helen.clicks(next(one for one in helen.choices_of("Open a result") if "Ana" in one))
    await helen.clicks("Agree")
    assert "Agree" not in helen.messages[-1].buttons
    await helen.clicks("Back to the list")
    helen.sees("Calibration · Q4 2026 · The company")


def _another(db: Session) -> None:
    first = db.exec(select(Cycle)).one()
    copied: dict[str, Any] = {name: getattr(first, name) for name in ("chain", "languages", "setter", "owner_id")}
    first_day, last_day = date(2026, 11, 1), date(2026, 11, 30)
    db.add(Cycle(kind="month", name="Month", state="review", starts_on=first_day, ends_on=last_day, **copied))


async def test_help_names_only_what_is_of_use(console: World) -> None:
    for handle in ("ana", "dana", "helen"):
        await console[handle].says("perf help")
    wanted = ("perf calibrate", "perf flags", "perf overview", "perf publish")
    listed = {handle: [one for one in wanted if one in console[handle].text] for handle in ("ana", "dana", "helen")}
    assert listed == {"ana": [], "dana": ["perf calibrate", "perf overview"], "helen": list(wanted)}


async def test_a_flag_given_back_is_told_from_an_open_one(console: World) -> None:
    await in_stage(console, "review", "ana", "kenji", "zhao", levels=LEVELS, values=FAILED)
    helen = console["helen"]
    await helen.says("perf publish")
    helen.sees("A department without an open flag can be published already")
    await helen.clicks("Ana Silva · Measured low, rated high")
    await helen.clicks("Give scores back…")
    await helen.fills({"What should be looked at again?": "Contracts are at 20 of 100"})
    helen.sees("The rule looks again as soon as the corrected scores are handed in.")
    for command in ("perf flags", "perf publish"):
        await helen.says(command)
        helen.sees("Measured low, rated high · Given back for correction")


async def test_departments_are_listed_by_branch_without_the_company_twice(console: World) -> None:
    await console.run(_tree)
    found = await console.run(lambda db: [name for _one, name in branches(db, "en", top=False)])
    everything = await console.run(lambda db: [name for _one, name in branches(db, "en")])
    assert "Sales › East" in found
    assert len(everything) == len(found) + 1


def _tree(db: Session) -> None:
    """One department at the top, and one below Sales."""
    old = db.exec(select(Department).order_by(col(Department.path))).all()
    roots = [one for one in old if one.parent_id is None]
    if len(roots) > 1:
        top = Department(code="top", names={"en": "All"}, path="/")
        db.add(top)
        db.flush()
        for one in roots:
            one.parent_id = top.id
    sales = next(one for one in old if one.name("en") == "Sales")
    db.add(Department(code="east", names={"en": "East"}, parent_id=sales.id, path=f"{sales.path}999/"))


async def test_what_is_missing_stands_before_how_the_cycle_was_set_up(console: World) -> None:
    await in_stage(console, "scoring", "ana", "kenji")
    helen = console["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    assert helen.text.index("Manager scores in") < helen.text.index("Approval")
