"""The clock as a platform: APScheduler proposes ticks, a unique row decides which replica works on one."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

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
        self._triggers: dict[str, CronTrigger] = {}
        for name, entry in router.ticks.items():
            trigger = CronTrigger.from_crontab(entry.cron, timezone=UTC)
            self._triggers[name] = trigger
            self._jobs.add_job(self._fire, trigger, args=[name], id=name)

    def start(self) -> None:
        """Begins to propose ticks."""
        self._jobs.start()

    def stop(self) -> None:
        """Proposes no more."""
        if self._jobs.running:
            self._jobs.shutdown(wait=False)

    async def _fire(self, name: str) -> None:
        try:
            await self._tick(Tick(name, self._due(name)))
        except Exception as fault:
            log.error("tick failed", tick=name, fault=frames(fault))

    def _due(self, name: str) -> datetime:
        """The minute it was due in, so that all replicas name the same tick, also one that comes to it late."""
        now = self._clock()
        at, found = now - timedelta(seconds=LATE), None
        while (after := self._triggers[name].get_next_fire_time(None, at)) is not None and after <= now:
            at, found = after + timedelta(seconds=1), after
        return found.astimezone(UTC) if found else now.replace(second=0, microsecond=0)
