"""HR moves a cycle through its stages: who is told, what is counted, what is refused."""

from decimal import Decimal

import pytest
from sqlmodel import Session, col, select

from models.access import Actor
from models.base import Refused
from models.cycle import Cycle
from models.delivery import Delivery
from models.person import Person, roles_of
from models.result import Result
from models.terms import terms_of
from models.turnout import raters, turnout, unscored
from tests.security.stage import click, who
from tests.stories.scoring import in_stage
from tests.world import World

PEOPLE = ("ana", "kenji", "dana")


def _cycle(db: Session) -> Cycle:
    return db.exec(select(Cycle)).one()


def _sent(db: Session, view: str) -> list[str]:
    wanted = select(Person.handle).join(Delivery, col(Delivery.person_id) == col(Person.id))
    return sorted(db.exec(wanted.where(Delivery.view == view)))


async def _open(world: World) -> None:
    await world["helen"].says("perf cycle")
    await world["helen"].clicks("Q4 2026")


async def test_each_stage_tells_whom_it_concerns_once(world: World) -> None:
    await in_stage(world, "tracking", *PEOPLE)
    helen = world["helen"]
    await _open(world)
    helen.sees("Plans in force", "3 of 3")
    await helen.clicks("Next stage: Self scoring")
    assert await world.run(lambda db: _sent(db, "scorecard.card")) == sorted(PEOPLE)
    await _open(world)
    helen.sees("Self scores in", "0 of 3")
    await helen.clicks("Self scores not in")
    helen.sees("Ana Silva")
    await _open(world)
    assert await world.run(lambda db: len(raters(db, _cycle(db).id))) == 2
    await helen.clicks("Next stage: Scoring")
    assert await world.run(lambda db: _sent(db, "cycle.scoring")) == ["dana", "eva"], "one message for all their people"
    world["dana"].sees("2 people wait for your scores", "Ana Silva")
    await world["dana"].clicks("Score my team")
    await _open(world)
    await helen.clicks("Manager scores not in")
    helen.sees(": 2 people", ": 1 person")


async def test_the_review_counts_and_closing_waits_for_publication(console: World) -> None:
    await in_stage(console, "scoring", *PEOPLE, levels={"ana": "A"})
    helen = console["helen"]
    await _open(console)
    await helen.clicks("Next stage: In review")
    helen.sees("In review", "Results computed: 0 of 3")
    assert await console.run(lambda db: [one.handle for one in unscored(db, _cycle(db).id)]) == ["ana", "dana", "kenji"]


async def test_a_stage_is_opened_once_and_by_hr_alone(console: World) -> None:
    await in_stage(console, "tracking", "ana")
    cycle = await console.run(_cycle)
    dispatch = console.bot.dispatch
    for handle in ("ana", "dana", "eva"):
        answer = await dispatch(click(who(console, handle), "cycle.advance", cycle.id, cycle.version))
        assert "not for you" in answer.toast, handle
    await dispatch(click(who(console, "helen"), "cycle.advance", cycle.id, cycle.version))
    again = await dispatch(click(who(console, "helen"), "cycle.advance", cycle.id, cycle.version))
    assert "moved this cycle to its next stage" in again.toast
    assert (await console.run(_cycle)).state == "self_scoring"


async def test_a_cycle_is_not_closed_over_unpublished_results(console: World) -> None:
    """A result that came after the publication would become final without its owner ever seeing it."""
    await in_stage(console, "review", "ana", "kenji", levels={"ana": "A", "kenji": "B"})
    helen = console["helen"]
    await helen.says("perf publish")
    await helen.clicks("Publish 2 results")
    await console.run(_hidden_again)
    cycle = await console.run(_cycle)
    answer = await console.bot.dispatch(click(who(console, "helen"), "cycle.advance", cycle.id, cycle.version))
    assert "not published yet" in answer.toast
    await helen.says("perf publish")
    await helen.clicks("Publish 1 result")
    await _open(console)
    await helen.clicks("Close the cycle")
    assert (await console.run(_cycle)).state == "closed"
    assert await console.run(lambda db: {one.state for one in db.exec(select(Result))}) == {"final"}
    await console["ana"].says("perf result")
    console["ana"].sees("My result · Q4 2026", "Final")


def _hidden_again(db: Session) -> None:
    result = db.exec(select(Result).order_by(col(Result.id))).first()
    assert result is not None
    result.state, result.published_at = "computed", None
    db.add(result)


async def test_counts_are_those_of_the_cycle(console: World) -> None:
    await in_stage(console, "review", *PEOPLE, levels={"ana": "A", "kenji": "S"}, own={"ana": "B"})
    count = await console.run(lambda db: turnout(db, _cycle(db).id))
    assert (count.plans, count.in_force, count.own, count.manager) == (3, 3, (1, 3), (2, 3))
    assert (count.results, count.wanting, count.published, count.acknowledged) == (2, 1, 0, 0)


async def test_a_manager_does_not_adjust_what_was_calibrated(console: World) -> None:
    """The adjustment would be stored and count for nothing."""
    await in_stage(console, "review", "ana", levels={"ana": "A"})

    def work(db: Session) -> None:
        result, cycle = db.exec(select(Result)).one(), _cycle(db)
        terms = terms_of(cycle)
        helen = Actor(console["helen"].id, roles_of(db, console["helen"].id))
        note = console.bot.easel.vault.seal(("result", "calibration_note", result.id), "As agreed")
        result.calibrate(db, helen, result.version, Decimal(96), note, terms)
        with pytest.raises(Refused, match="calibration"):
            result.adjust(db, Actor(console["dana"].id), result.version, Decimal(2), b"sealed", terms)

    await console.run(work)
    await console["dana"].says("perf result @ana")
    assert "Adjust…" not in console["dana"].messages[-1].buttons
