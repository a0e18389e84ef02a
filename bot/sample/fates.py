"""What becomes of each plan in the cycle under way: how far it gets, and when each step is taken."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from bot.sample import running
from bot.sample.running import Running, Step
from bot.sample.times import at_work
from models.plan import Plan

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START: tuple[Step, ...] = (running.draft, running.submit)
APPROVED: tuple[Step, ...] = (running.approve, running.approve)
AGAIN: tuple[Step, ...] = (*START, running.return_, running.submit, *APPROVED, running.pass_)

# Fate → the steps until today. "draft" and "empty" wait for their setter, the others for whoever comes next.
FATES: dict[str, tuple[Step, ...]] = {
    "active": (*START, *APPROVED, running.pass_, running.confirm),
    "second": (*AGAIN, running.confirm),
    "submitted": START,
    "compliance": (*START, *APPROVED),
    "stray": (running.draft, running.stray, running.submit, *APPROVED),
    "confirming": (*START, *APPROVED, running.pass_),
    "returned": (*START, running.return_),
    "rejected": (running.draft, running.stray, running.submit, *APPROVED, running.return_),
    "objected": (*START, *APPROVED, running.pass_, running.object_),
    "draft": (running.draft,),
    "empty": (),
}
# Out of 200 people; everybody else's plan is active. Those of the cast are fixed.
COUNTS = {
    "second": 6,
    "submitted": 18,
    "compliance": 12,
    "stray": 3,
    "confirming": 12,
    "returned": 7,
    "rejected": 2,
    "objected": 2,
    "draft": 9,
    "empty": 5,
}
FIXED = {
    "ana": "empty",
    "bo": "active",
    "boss": "active",
    "eva": "active",
    "dana": "active",
    "helen": "active",
    "mei": "confirming",
    "kenji": "active",
    "wang": "active",
}
BLOCKED = 12


def fates(handles: Sequence[str], rng: Random) -> dict[str, str]:
    """A fate for everybody, by handle."""
    free = [handle for handle in handles if handle not in FIXED]
    rng.shuffle(free)
    scale = len(handles) / 200
    drawn = [fate for fate, count in COUNTS.items() for _one in range(round(count * scale))]
    drawn += ["active"] * (len(free) - len(drawn))
    return {**dict(zip(free, drawn, strict=True)), **FIXED}


def agenda(
    stage: Running, plans: dict[int, Plan], wanted: dict[str, str]
) -> Iterator[tuple[datetime, int, Plan, Step]]:
    """Every step of every plan with its time, numbered so that equal times keep their order."""
    number = 0
    for handle, person in stage.organisation.people.items():
        steps = FATES[wanted[handle]]
        later = list(_reports(stage, handle)) if wanted[handle] in ("active", "second") else []
        finished = stage.now - stage.rng.uniform(0.2, 3.5) * DAY if not later else stage.opened + 15 * DAY
        times = _spread(len(steps), stage, finished)
        for at, step in (*zip(times, steps, strict=True), *later):
            number += 1
            yield at, number, plans[person.id], step


def _spread(count: int, stage: Running, finished: datetime) -> list[datetime]:
    """Rising instants in working hours: the first soon after the opening, the last near `finished`."""
    first = stage.opened + stage.rng.uniform(1, 6) * DAY
    gap = (finished - first) / max(count - 1, 1)
    times: list[datetime] = []
    for number in range(count):
        wanted = at_work(first + gap * number + stage.rng.uniform(-2, 2) * HOUR, stage.rng)
        earliest = times[-1] + timedelta(minutes=7) if times else stage.opened
        times.append(min(max(wanted, earliest), stage.now - (count - number) * timedelta(minutes=2)))
    return times


def _reports(stage: Running, handle: str) -> Iterator[tuple[datetime, Step]]:
    """What follows a confirmation: values from the sources twice, then what people write, some with a blocker."""
    rng = stage.rng
    for days in (7.0, 2.0):
        yield stage.now - days * DAY, running.measure
    if handle == "bo" or rng.random() < 0.75:
        yield _lately(stage, rng.uniform(4.5, 6)), running.checkin
    if handle == "bo":
        yield _lately(stage, 2), running.checkin
    if handle == "bo" or rng.random() < BLOCKED / 140:
        yield _lately(stage, 1.5), running.blocked_checkin


def _lately(stage: Running, days: float) -> datetime:
    """So many days ago or soon after, but not in the future."""
    return min(at_work(stage.now - days * DAY, stage.rng), stage.now - HOUR)
