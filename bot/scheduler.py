"""The clock as a platform: APScheduler proposes ticks, a unique row decides which replica works on one."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.events import Tick
from bot.ops import frames
from bot.router import Router

LATE = 3600
log = structlog.get_logger()


class Scheduler:
    """Runs every declared schedule; a tick that fails is logged and comes again at its next time."""

    def __init__(self, router: Router, tick: Callable[[Tick], Awaitable[None]], clock: Callable[[], datetime]) -> None:
        self._tick, self._clock = tick, clock
        # A busy loop would drop a job after one second by default; a missed one is made up for once.
        self._jobs = AsyncIOScheduler(timezone=UTC, job_defaults={"misfire_grace_time": LATE, "coalesce": True})
        for name, entry in router.ticks.items():
            trigger = CronTrigger.from_crontab(entry.cron, timezone=UTC)
            self._jobs.add_job(self._fire, trigger, args=[name], id=name)

    def start(self) -> None:
        """Begins to propose ticks."""
        self._jobs.start()

    def stop(self) -> None:
        """Proposes no more."""
        if self._jobs.running:
            self._jobs.shutdown(wait=False)

    async def _fire(self, name: str) -> None:
        """Named by the minute it was due in, so that all replicas name the same tick."""
        due = self._clock().replace(second=0, microsecond=0)
        try:
            await self._tick(Tick(name, due))
        except Exception as fault:
            log.error("tick failed", tick=name, fault=frames(fault))
