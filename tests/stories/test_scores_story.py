"""Scores from self score to handing in, on every platform; who may see what before publication."""

from datetime import date

from sqlmodel import Session, select

from models.access import Actor
from models.cycle import Cycle
from models.person import Person, roles_of
from models.result import Result
from models.scorecard import Score, Scorecard
from models.stages import advance
from tests.stories.scoring import TEAMWORK, in_stage, manager_card
from tests.world import World

COMMENT = f"Comment: {TEAMWORK}"


async def moved_on(world: World) -> None:
    """Helen moves the cycle to its next stage."""
    now, helen = world.clock(), world["helen"].id

    def work(db: Session) -> None:
        cycle = db.exec(select(Cycle)).one()
        advance(db, cycle, Actor(helen, roles_of(db, helen)), cycle.version, now)

    await world.run(work)


async def test_scores_are_given_and_handed_in(stage: World) -> None:
    world = stage
    await in_stage(world, "self_scoring", "ana")
    ana, dana = world["ana"], world["dana"]
    await ana.says("perf score")
    ana.sees("My scores · Q4 2026", "not scored yet", "95 items", "Hand in")
    await ana.clicks("Rate…")
    await ana.fills({TEAMWORK: "S", COMMENT: "Helped the east team twice"})
    ana.sees("S, 110 points", "Helped the east team twice")
    await ana.clicks("Hand in")
    ana.sees("Handed in by Ana Silva", "It cannot be changed any more")
    await moved_on(world)
    await dana.says("perf score @ana")
    card = dana.sees("Scores of Ana Silva", "95.00 points", "100.00 points", "not scored yet")
    assert card is not None
    assert "self score" not in card.text
    await dana.clicks("Rate…")
    await dana.fills({TEAMWORK: "A", COMMENT: "Reliable"})
    dana.sees("A, 100 points", "self score S", "As it stands: 98.00 points, A.")
    await dana.clicks("Hand in")
    dana.sees("Handed in by Dana", "It cannot be changed any more")
    await ana.says("perf score")
    assert "Reliable" not in ana.text
    assert "points" not in ana.text.replace("S, 110 points", "")
    assert "98" not in ana.text


async def test_a_card_is_refused_while_something_is_missing(console: World) -> None:
    await in_stage(console, "scoring", "ana", own={"ana": "B"})
    dana = console["dana"]
    await dana.says("perf score @ana")
    await dana.clicks("Hand in")
    assert TEAMWORK in dana.last.toast
    assert (await console.run(lambda db: db.exec(select(Scorecard)).all()))[-1].state == "open"


async def test_HR_gives_scores_back_with_a_reason(console: World) -> None:
    cycle = await in_stage(console, "review", "ana", levels={"ana": "A"})
    helen, dana = console["helen"], console["dana"]
    await helen.says("perf score @ana")
    await helen.clicks("Give back…")
    await helen.fills({"What should be looked at again?": "The evidence says otherwise"})
    dana.sees("HR gave these scores back: The evidence says otherwise", "A, 100 points")
    card = await console.run(lambda db: manager_card(db, cycle, console["ana"].id))
    assert (card.state, card.waits_for_id) == ("open", dana.id)
    await dana.clicks(TEAMWORK)
    assert dana.form.values[TEAMWORK]
    await dana.fills({TEAMWORK: "C"})
    await dana.clicks("Hand in")
    result = await console.run(lambda db: db.exec(select(Result)).one())
    assert (str(result.total), result.rating) == ("89.00", "B")


async def test_the_person_never_reads_the_managers_card(console: World) -> None:
    """Not even somebody in HR their own."""
    cycle = await in_stage(console, "review", "ana", "helen", levels={"ana": "A", "helen": "B"})
    for handle in ("ana", "helen"):
        person = console[handle]
        await person.says("perf score")
        assert "points" not in person.text
        assert "Handed in" not in person.text
        card = await console.run(lambda db, who=person.id: manager_card(db, cycle, who))  # type: ignore[misc]
        drawn = await console.run(
            lambda db, who=person.id, at=card.id: console.bot.easel.draw(  # type: ignore[misc]
                db, db.get_one(Person, who), "scorecard.card", at, {}, console.clock()
            )
        )
        assert drawn is None


async def test_drafts_are_the_raters_alone(console: World) -> None:
    await in_stage(console, "scoring", "ana")
    dana, helen = console["dana"], console["helen"]
    await dana.says("perf score @ana")
    await dana.clicks("Rate…")
    await dana.fills({TEAMWORK: "D"})
    await helen.says("perf score @ana")
    helen.sees("Not handed in yet.", "not scored yet")
    assert "50 points" not in helen.text
    kept = await console.run(lambda db: db.exec(select(Score)).one())
    assert (kept.level, str(kept.points)) == ("D", "50.00")


async def test_scores_of_a_month_are_meant_although_another_cycle_is_current(world: World) -> None:
    """Cycles run side by side: a bare command means the card that waits, not the cycle of today's date."""
    month = {"starts_on": date(2026, 9, 1), "ends_on": date(2026, 9, 30), "name": "September 2026"}
    cycle_id = await in_stage(world, "scoring", "ana")
    await world.run(lambda db: _moved(db, cycle_id, month))
    await in_stage(world, "setting", "ana")
    await world["ana"].says("perf score")
    world["ana"].sees("September 2026")
    await world["dana"].says("perf team")
    await world["dana"].clicks("Score my people")
    world["dana"].sees("Ana Silva · 1 of 1")


def _moved(db: Session, cycle_id: int, changes: dict[str, object]) -> None:
    cycle = db.get_one(Cycle, cycle_id)
    for name, value in changes.items():
        setattr(cycle, name, value)
