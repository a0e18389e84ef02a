"""The ground that stories about scores stand on: a cycle goes through its stages and results come out."""

from decimal import Decimal

from sqlmodel import select

from models.result import Result, lines_of
from tests.stories.scoring import in_stage
from tests.world import World


async def test_results_are_reckoned_from_values_and_levels(world: World) -> None:
    """40 % of 95 points, 30 % of 100, 30 % of A (100): 98; rated A."""
    await in_stage(world, "review", "ana", levels={"ana": "A"})
    result = await world.run(lambda db: db.exec(select(Result)).one())
    assert (result.total, result.rating, result.state) == (Decimal("98.00"), "A", "computed")
    lines = await world.run(lambda db: lines_of(db, result))
    assert [line.contribution for line in lines] == [Decimal("38.00"), Decimal("30.00"), Decimal("30.00")]
    assert sum(line.contribution or 0 for line in lines) == result.total


async def test_a_card_that_was_not_handed_in_gives_no_result(world: World) -> None:
    await in_stage(world, "review", "ana", "boss")
    assert await world.run(lambda db: db.exec(select(Result)).all()) == []
