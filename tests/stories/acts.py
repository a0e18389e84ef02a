"""Acts that several stories begin with."""

from tests.world import World

PERIOD = {"Name": "Q4 2026", "Period starts on": "2026-10-01", "Period ends on": "2026-12-31"}
DATES = {
    "Plans agreed by": "2026-11-30",
    "Work on the plans until": "2026-12-31",
    "Self scores by": "2027-01-05",
    "Manager scores by": "2027-01-10",
    "Flags and calibration done by": "2027-01-15",
    "Results published by": "2027-01-20",
    "Disputes taken until": "2027-01-27",
}
LIBRARY = "Complaint rate"


async def cycle_drafted(world: World) -> None:
    """Helen of HR begins a quarter by the usual pattern and gives it name, period and dates."""
    helen = world["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Open a cycle…")
    await helen.fills({"Begin with": "Quarter, by the usual pattern"})
    helen.sees("Draft", "Nothing is missing")
    await helen.clicks("Name and period…")
    await helen.fills(PERIOD)
    await helen.clicks("Dates of the stages…")
    await helen.fills(DATES)
    helen.sees("Q4 2026", "Draft")


async def cycle_opened(world: World) -> None:
    """Helen of HR drafts a cycle and publishes it."""
    await cycle_drafted(world)
    await world["helen"].clicks("Publish")


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
