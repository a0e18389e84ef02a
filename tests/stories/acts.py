"""Acts that several stories begin with."""

from tests.world import World

CYCLE = {
    "Name": "Q4 2026",
    "Period starts on": "2026-10-01",
    "Period ends on": "2026-12-31",
    "Plans agreed by": "2026-11-30",
    "Self scores by": "2027-01-05",
    "Manager scores by": "2027-01-10",
    "Results published by": "2027-01-20",
    "Who approves plans, in this order (1 to 3)": ["line manager"],
    "Languages": ["English", "日本語"],
}
LIBRARY = "Complaint rate"


async def cycle_opened(world: World, **changes: object) -> None:
    """Helen of HR opens a cycle and publishes it."""
    helen = world["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Open a cycle…")
    await helen.fills({**CYCLE, **changes})  # type: ignore[dict-item]
    helen.sees("Q4 2026", "Draft")
    await helen.clicks("Publish")


async def plan_drafted(world: World) -> None:
    """Dana opens Ana's plan and fills it from the position's template."""
    dana = world["dana"]
    await dana.says("perf goals @ana")
    dana.sees("Ana Silva", "No indicators yet")
    await dana.clicks(dana.choices_of("Start from a template")[0])


async def plan_submitted(world: World) -> None:
    """Dana hands Ana's plan in; Eva has to approve, since Dana wrote it."""
    await cycle_opened(world)
    await plan_drafted(world)
    await world["dana"].clicks("Submit")


async def plan_active(world: World) -> None:
    """Ana's plan is approved, passed and confirmed."""
    await plan_submitted(world)
    await world["eva"].clicks("Approve")
    await world["helen"].clicks("Pass")
    await world["ana"].clicks("Confirm")
