"""The pace of calls at the platform: what a stalled process is late with is spread, never sent in a bunch."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from bot.capability import Rate, Rates
from bot.db import Database
from bot.outbox.pace import Pace
from models.delivery import SENT
from tests.bot.test_outbox import Receiver, crowd, sending, states, until

CALLS, WINDOW = 40, 0.5


def busiest(came: Sequence[float], seconds: float) -> int:
    """The most in any half-open window of so many seconds."""
    return max(sum(at <= other < at + seconds for other in came) for at in came)


async def test_a_stalled_process_does_not_make_up_for_it_all_at_once(database: Database, tmp_path: Path) -> None:
    """The event loop stands still twice, once for longer than what is spent ahead; counted at the platform."""
    crowd(database, 2 * CALLS)
    box = Receiver(Rates(send=(Rate(CALLS, WINDOW),)))
    async with sending(database, tmp_path, box):
        for stall in (0.2, 0.6):
            before = len(box.came)
            await until(lambda before=before: len(box.came) > before + 5)  # type: ignore[misc]
            time.sleep(stall)  # noqa: ASYNC251
        await until(lambda: states(database) == {SENT: 2 * CALLS})
    times = [at for at, *_rest in box.came]
    assert busiest(times, WINDOW) <= CALLS
    assert busiest(times, WINDOW / 10) <= CALLS / 5, "late ones are spread"


async def test_what_is_late_is_caught_up_within_the_window() -> None:
    """After a stall calls come faster, but not more of them than the window takes."""
    pace, times = Pace([Rate(100, 0.5, 3)]), list[float]()
    for number in range(200):
        await pace()
        times.append(time.monotonic())
        if number in (40, 90):
            time.sleep(0.1)  # noqa: ASYNC251
    assert busiest(times, 0.5) <= 100
    assert times[-1] - times[0] < 1.5


async def test_windows_hold_together_and_no_window_holds_nothing() -> None:
    pace, times = Pace([Rate(20, 0.2, 2), Rate(30, 0.6)]), list[float]()

    async def call() -> None:
        await pace()
        times.append(time.monotonic())

    await asyncio.gather(*(call() for _ in range(45)))
    assert busiest(times, 0.2) <= 20
    assert busiest(times, 0.6) <= 30
    free, before = Pace([]), time.monotonic()
    for _ in range(1000):
        await free()
    assert time.monotonic() - before < 0.5
