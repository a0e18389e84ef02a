"""Results: from the opening of self scoring to the acknowledgement, on every stage (S1, S2, S6)."""

from sqlmodel import select

from models.cycle import Cycle
from models.result import Result
from tests.stories.scoring import in_stage
from tests.world import World


async def _result(world: World, handle: str) -> Result:
    return await world.run(lambda db: db.exec(select(Result).where(Result.person_id == world[handle].id)).one())


async def _state(world: World) -> str:
    return await world.run(lambda db: db.exec(select(Cycle)).one().state)


async def test_result_is_adjusted_published_explained_and_acknowledged(stage: World) -> None:
    await in_stage(stage, "review", "ana", "kenji", levels={"ana": "A", "kenji": "B"}, own={"ana": "S"})
    ana, dana, helen = stage["ana"], stage["dana"], stage["helen"]
    await ana.says("perf result")
    ana.sees("No result is published for you yet")
    await dana.says("perf result @ana")
    dana.sees("Ana Silva · Q4 2026", "98.00", "Not published yet")
    await dana.clicks("Adjust…")
    await dana.fills({"Points up or down, computed: 98.00 · A from 95": "2.5", "Why?": "Led the audit, unasked"})
    dana.sees("The total is 100.50 now, A.")
    await dana.says("perf result @ana Q4 2026")
    dana.sees("100.50", "Adjusted by Dana")
    await helen.says("perf publish")
    helen.sees("Publish · Q4 2026", "Ready")
    await helen.clicks("Publish 2 results")
    assert await _state(stage) == "published"
    ana.sees("My result · Q4 2026", "100.50", "Led the audit, unasked", "A: from 95 to under 105 points")
    assert "93.50" not in ana.text, "Kenji's total is Kenji's"
    await ana.clicks("How was this computed?")
    ana.sees("38.00 + 30.00 + 30.00 = 98.00", "98.00 + 2.50 = 100.50", "S from 105")
    await ana.clicks(next(one for one in ana.choices_of("Where does this number come from?") if "contracts" in one))
    ana.sees("100 × 95 / 100 = 95.00", "95.00 × 40% = 38.00", "entered by hand", "Ana Silva")
    await ana.clicks("Back to the result")
    await ana.clicks("Acknowledge")
    assert (await _result(stage, "ana")).state == "acknowledged"
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    helen.sees("Acknowledged", "1 of 2")
    await helen.clicks("Not acknowledged yet")
    helen.sees("Kenji")
