"""Scores that HR gives back because of a flag: everybody concerned, and never nobody."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.capability import Answer
from models.base import put
from models.cycle import Cycle
from models.flag import CORRECTING, OPEN, Flag, raise_flags
from models.person import Person
from models.plan import ACTIVE, Plan
from models.rules.sheets import Found
from models.scorecard import MANAGER, SUBMITTED, Scorecard
from tests.security.stage import submitted, who
from tests.stories.scoring import in_stage
from tests.world import World

CROWD = 65  # more than a list of names may hold


async def _crowded(world: World) -> int:
    """A flag about Ana's department, in which everybody's scores are handed in."""
    cycle_id = await in_stage(world, "review", "ana", levels={"ana": "B"})
    now = world.clock()
    return await world.run(lambda db: _flag(db, cycle_id, world["ana"].id, now))


def _flag(db: Session, cycle_id: int, ana_id: int, now: datetime) -> int:
    ana, cycle = db.get_one(Person, ana_id), db.get_one(Cycle, cycle_id)
    for number in range(CROWD):
        made = Person(number=f"C{number}", name=f"Crowd {number:02}", handle=f"crowd{number}", locale="en")
        made.department_id, made.manager_id = ana.department_id, ana.manager_id
        put(db, made)
        plan = Plan(cycle_id=cycle_id, person_id=made.id, state=ACTIVE, effective=1, changed_at=now)
        put(db, plan)
        card = Scorecard(cycle_id=cycle_id, plan_id=plan.id, person_id=made.id, kind=MANAGER, state=SUBMITTED)
        card.rater_id, card.submitted_at = ana.manager_id, now
        db.add(card)
    figures = {"people": CROWD, "rated": 100, "measured": 80, "gap": 20, "limit": 15}
    found = [Found("inflated_gap", "department", ana.department_id or 0, 0, figures)]
    (flag,) = raise_flags(db, cycle, found, frozenset(), now)
    return flag.id


async def _give_back(world: World, flag_id: int, **answers: str | tuple[str, ...]) -> Answer:
    flag = await world.run(lambda db: db.get_one(Flag, flag_id))
    reason = {"reason": "Look again"}
    event = submitted(who(world, "helen"), "flag.correct", flag_id, flag.version, **{**reason, **answers})
    return await world.bot.dispatch(event)


async def _standing(world: World, flag_id: int) -> tuple[str, set[str]]:
    """The flag's state, and the states of the managers' cards."""
    state = (await world.run(lambda db: db.get_one(Flag, flag_id))).state
    cards = await world.run(lambda db: db.exec(select(Scorecard).where(col(Scorecard.kind) == MANAGER)).all())
    return state, {card.state for card in cards}


async def test_everybody_concerned_is_given_back_however_many_they_are(console: World) -> None:
    flag_id = await _crowded(console)
    await _give_back(console, flag_id)
    assert await _standing(console, flag_id) == (CORRECTING, {OPEN})


async def test_a_flag_does_not_wait_for_scores_that_nobody_was_given_back(console: World) -> None:
    """It could never settle itself, and would hold the results back for good."""
    flag_id = await _crowded(console)
    await _give_back(console, flag_id, people=("999999",))
    assert await _standing(console, flag_id) == (OPEN, {SUBMITTED})
