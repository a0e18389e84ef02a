"""Whose scores count how much: HR sets it on the cycle card, until the first score is given."""

import pytest
from sqlmodel import select

from models.cycle import Cycle
from models.terms import terms_of
from tests.stories.conftest import FORMS
from tests.stories.scoring import in_stage
from tests.stories.test_scores_story import moved_on
from tests.world import World

MANAGER, OWN, PEERS = "Line manager, %", "Self score, %", "Colleagues, %"


@pytest.mark.parametrize("world", FORMS, indirect=True)
async def test_HR_sets_who_scores(world: World) -> None:
    await in_stage(world, "tracking", "ana")
    helen = world["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Who scores…")
    await helen.fills({MANAGER: "70", OWN: "10", PEERS: "10"})
    helen.refuses(MANAGER, "exactly 100%")
    await helen.fills({MANAGER: "70", OWN: "10", PEERS: "20"})
    assert not helen.last.errors
    cycle = await world.run(lambda db: db.exec(select(Cycle)).one())
    assert {rater: int(weight) for rater, weight in terms_of(cycle).raters.items()} == {
        "manager": 70,
        "self": 10,
        "peer": 20,
    }


async def test_nobodys_result_rests_on_their_own_score(console: World) -> None:
    await in_stage(console, "tracking", "ana")
    helen = console["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    card = helen.messages[-1]
    await helen.clicks("Who scores…")
    await helen.fills({MANAGER: "0", OWN: "100", PEERS: "0"})
    helen.refuses(MANAGER, "their own score alone")
    await moved_on(console)
    await helen.clicks("Who scores…", on=card)
    assert terms_of(await console.run(lambda db: db.exec(select(Cycle)).one())).raters["manager"] == 100
