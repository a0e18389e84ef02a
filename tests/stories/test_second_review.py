"""Flags and calibration: what HR looks at before results are published (S3, S4, S5)."""

from decimal import Decimal

from sqlmodel import Session, select

from models.access import Actor
from models.cycle import Cycle
from models.flag import Flag
from models.item import items_of
from models.plan import Plan
from models.releasing import recompute
from models.result import Result
from models.scorecard import Scorecard
from models.terms import terms_of
from tests.stories.scoring import in_stage, manager_card
from tests.world import World

FAILED = {"ana": (Decimal(20), Decimal(6))}
WHY = "20 points on average"


async def _flagged(world: World) -> int:
    """Ana's contracts reach 20 of 100, her error rate twice the target; Dana rated her S."""
    return await in_stage(world, "review", "ana", "kenji", levels={"ana": "S", "kenji": "B"}, values=FAILED)


async def _flag(world: World) -> Flag:
    return await world.run(lambda db: db.exec(select(Flag)).one())


async def test_a_contradiction_is_told_with_its_figures_and_corrected(stage: World) -> None:
    cycle_id = await _flagged(stage)
    helen = stage["helen"]
    await helen.says("perf flags")
    helen.sees("Ana Silva", "Measured low, rated high")
    await helen.clicks(next(one for one in helen.choices_of("Open a flag") if "Ana Silva" in one))
    helen.sees("Measured low, rated high", "What was measured reaches", "110")
    await helen.clicks("Give scores back…")
    await helen.fills({"What should be looked at again?": "Contracts are at 20 of 100"})
    assert (await _flag(stage)).state == "correcting"
    await stage.run(lambda db: _rated_again(db, cycle_id, stage["ana"].id))
    flag = await _flag(stage)
    assert (flag.state, flag.resolved_by_id) == ("corrected", helen.id)
    await helen.says("perf flags")
    helen.sees("0 flags are not decided")


def _rated_again(db: Session, cycle_id: int, person_id: int) -> None:
    """Dana gives a C and hands in; the results are reckoned anew."""
    card, cycle = manager_card(db, cycle_id, person_id), db.get_one(Cycle, cycle_id)
    plan, level = db.get_one(Plan, card.plan_id), terms_of(cycle).level("C")
    assert card.waits_for_id is not None
    assert level is not None
    rater = Actor(card.waits_for_id)
    item = next(one for one in items_of(db, plan.id, plan.effective) if one.rule == "rated")
    card.rate(db, rater, card.version, cycle.published_at, item, level)  # type: ignore[arg-type]
    card.submit(db, rater, card.version, cycle.published_at, [])  # type: ignore[arg-type]
    recompute(db, cycle, cycle.published_at, [plan])  # type: ignore[arg-type]


async def test_scores_stand_with_a_reason_and_a_second_decision_is_told(world: World) -> None:
    await _flagged(world)
    helen = world["helen"]
    await helen.says("perf flags")
    await helen.clicks(next(one for one in helen.choices_of("Open a flag") if "Ana Silva" in one))
    card = helen.card("Measured low, rated high", "Give scores back…")
    await helen.clicks("The scores stand…")
    await helen.fills({"Why are the scores right?": "The CRM was down all quarter"})
    helen.sees("Scores stand", "The CRM was down all quarter", "Helen")
    assert "CRM was down" not in str((await _flag(world)).figures)
    await helen.clicks("Dismiss…", on=card)
    helen.sees("already decided")


async def test_nobody_decides_a_flag_about_themselves(world: World) -> None:
    """Helen is of HR and has a flag: another one in HR looks into it, and she does not even see it."""
    failed = {"helen": FAILED["ana"]}
    await in_stage(world, "review", "helen", "kenji", levels={"helen": "S", "kenji": "B"}, values=failed)
    flag = await _flag(world)
    assert flag.waits_for_id not in (None, world["helen"].id)
    await world["helen"].says("perf flags")
    world["helen"].sees("found nothing odd")


async def test_calibration_shows_the_spread_takes_votes_and_changes_with_a_reason(stage: World) -> None:
    await in_stage(stage, "review", "ana", "kenji", levels={"ana": "A", "kenji": "B"})
    dana, helen = stage["dana"], stage["helen"]
    await dana.says("perf calibrate")
    dana.sees("Calibration", "Ana Silva", "98")
    await dana.clicks(next(one for one in dana.choices_of("Open a result") if "Ana Silva" in one))
    await dana.clicks("Question…")
    await dana.fills({"What should be talked about?": "She covered for two people"})
    await helen.says("perf calibrate")
    await helen.clicks(next(one for one in helen.choices_of("Open a result") if "Ana Silva" in one))
    helen.sees("asks: She covered for two people")
    await helen.clicks("Change the total…")
    await helen.fills({"New total": "106", "Because …": "She covered for two people"})
    result = await stage.run(lambda db: db.exec(select(Result).where(Result.person_id == stage["ana"].id)).one())
    assert (result.total, result.rating, result.state) == (Decimal("106.00"), "S", "calibrated")
    assert (result.origin, result.computed) == ("calibrated", Decimal("98.00"))
    assert b"two people" not in (result.calibration_note or b"")


async def test_calibration_is_for_those_who_know_the_people(world: World) -> None:
    await in_stage(world, "review", "ana", levels={"ana": "A"})
    await world["ana"].says("perf calibrate")
    assert "98" not in world["ana"].text
    cards = await world.run(lambda db: db.exec(select(Scorecard)).all())
    assert cards
