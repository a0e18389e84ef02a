"""Long scorecards: a page of four is stored before the next opens; what could not be measured is left out, with why."""

from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.checkin import Measurement
from models.item import Item
from models.plan import Plan
from models.result import Result
from models.scorecard import Score
from tests.stories.conftest import FORMS
from tests.stories.scoring import REVENUE, TEAMWORK, in_stage
from tests.stories.test_scores_story import moved_on
from tests.world import World

MORE = [f"Trait {number}" for number in range(1, 5)]


def _five(db: Session, world: World) -> None:
    """Four more rated items: five in all."""
    plan = db.exec(select(Plan).where(Plan.person_id == world["ana"].id)).one()
    for place, name in enumerate(MORE, 4):
        item = Item(plan_id=plan.id, revision=1, position=place, name=name, weight=Decimal(5))
        item.kind, item.rule, item.levels = "qualitative", "rated", "A: does it well."
        db.add(item)
        db.flush()
        item.lineage = item.id


def _unmeasured(db: Session, world: World) -> None:
    item = db.exec(select(Item).where(Item.name == REVENUE)).one()
    db.connection().execute(sa.delete(Measurement).where(col(Measurement.lineage) == item.lineage))


def _levels(db: Session) -> list[str]:
    return [one.level for one in db.exec(select(Score).order_by(col(Score.lineage)))]


@pytest.mark.parametrize("world", FORMS, indirect=True)
async def test_a_page_is_stored_before_the_next_one(world: World) -> None:
    await in_stage(world, "self_scoring", "ana")
    await world.run(lambda db: _five(db, world))
    ana = world["ana"]
    await ana.says("perf score")
    await ana.clicks("Rate…")
    assert [label for label in ana.form.labels if not label.startswith("Comment")] == [TEAMWORK, *MORE[:3]]
    await ana.fills({TEAMWORK: "A", **dict.fromkeys(MORE[:3], "B")})
    assert await world.run(_levels) == ["A", "B", "B", "B"]
    assert MORE[3] in ana.form.labels
    await ana.says("perf score")
    ana.sees(f"Still to score: {MORE[3]}.")
    await ana.clicks("Rate…")
    await ana.fills({MORE[3]: "C"})
    assert await world.run(_levels) == ["A", "B", "B", "B", "C"]
    ana.sees("Everything is scored.")


async def test_what_was_not_measured_is_left_out_with_a_reason(world: World) -> None:
    """Its weight goes to the others: 30 % of 100 and 30 % of 100 make 100."""
    await in_stage(world, "scoring", "ana")
    await world.run(lambda db: _unmeasured(db, world))
    dana = world["dana"]
    await dana.says("perf score @ana")
    dana.sees("nothing measured", f"Still to score: {REVENUE} and {TEAMWORK}.")
    await dana.clicks("Rate…")
    await dana.fills({REVENUE: "Leave out", TEAMWORK: "A"})
    dana.refuses(f"Comment: {REVENUE}", "why it is left out")
    await dana.fills({REVENUE: "Leave out", TEAMWORK: "A", f"Comment: {REVENUE}": "The CRM was replaced"})
    dana.sees("left out", "The CRM was replaced", "100.00 points, A")
    await dana.clicks("Hand in")
    await moved_on(world)
    assert (await world.run(lambda db: db.exec(select(Result)).one())).total == Decimal(100)


async def test_the_person_leaves_nothing_out(console: World) -> None:
    """What could not be measured is not asked on the own card."""
    await in_stage(console, "self_scoring", "ana")
    await console.run(lambda db: _unmeasured(db, console))
    ana = console["ana"]
    await ana.says("perf score")
    ana.sees(f"Still to score: {TEAMWORK}.")
    await ana.clicks("Rate…")
    assert REVENUE not in ana.form.labels
    assert "Leave out" not in ana.form.options[TEAMWORK]
