"""Two people side by side (A3): item by item, activity by activity, only for who may see both."""

from decimal import Decimal

from tests.stories.scoring import REVENUE, in_stage
from tests.stories.test_batch_story import next_month
from tests.world import World

VALUES = {"ana": (Decimal(95), Decimal(3)), "kenji": (Decimal(60), Decimal(3))}


async def test_a_manager_compares_two_of_their_people(stage: World) -> None:
    await in_stage(stage, "tracking", "ana", "kenji", values=VALUES)
    dana = stage["dana"]
    await dana.says("perf compare @ana @kenji")
    dana.sees("Ana Silva", "Kenji Tanaka", REVENUE, "95%", "60%")
    dana.sees("Ana Silva is further with", "About the same", "Values on record")


async def test_the_newest_plans_of_both_are_compared(world: World) -> None:
    """Not the cycle under way, where one of them still writes a plan."""
    await in_stage(world, "tracking", "ana", "kenji", values=VALUES)
    await world.run(next_month)
    dana = world["dana"]
    await dana.says("perf compare @ana @kenji")
    dana.sees(REVENUE, "95%", "60%")
    assert "Younger" not in dana.messages[-1].text


async def test_who_may_not_see_both_is_told_nothing(world: World) -> None:
    await in_stage(world, "tracking", "ana", "kenji", values=VALUES)
    ana = world["ana"]
    await ana.says("perf compare @kenji")
    assert "60%" not in ana.text
    ana.sees("not for you")
    await ana.says("perf compare @ana @ana")
    ana.sees("same person")
    await ana.says("perf compare")
    ana.sees("Name two people")
