"""The calls of a month that a DingTalk organisation has: counted, told of at 80 %, and kept for what is urgent."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone

import structlog

from bot.capability import Later, Message
from bot.ops import MONTHLY

CALLS, PUSHES = "calls", "pushes"
WARNED = 0.8
SAVED = 5.0  # seconds after a call by which its count is shared
LONGEST = 6 * 3600.0  # seconds until held messages are tried again: more calls may have been bought by then
CHINA = timezone(timedelta(hours=8))  # the months of DingTalk's accounts
# Adds to what all replicas count under a name; the total, and what stays of it after a restart.
Tally = Callable[[str, int], Awaitable[int]]
log = structlog.get_logger()


class Quota:
    """How many paid calls were made this month. A limit of 0 is none."""

    def __init__(self, calls: int, pushes: int, clock: Callable[[], datetime], tally: Tally | None = None) -> None:
        self._limits = {CALLS: calls, PUSHES: pushes}
        self._clock, self._tally = clock, tally
        self._month = ""
        self._known, self._fresh = {CALLS: 0, PUSHES: 0}, {CALLS: 0, PUSHES: 0}
        self._warned: set[str] = set()
        self._refused_until = datetime.fromtimestamp(0, UTC)
        self._saving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Learns what was used before."""
        self._turn()
        await self._save()

    async def stop(self) -> None:
        """Shares what was not shared yet."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.wait({self._saving})
        await self._save()

    def count(self, kind: str) -> None:
        """One more call (CALLS), or one more message in either direction that is counted by itself (PUSHES)."""
        self._turn()
        self._fresh[kind] += 1
        self._tell(kind)
        if self._tally is not None and (self._saving is None or self._saving.done()):
            self._saving = asyncio.get_running_loop().create_task(self._later())

    def used(self, kind: str) -> int:
        """How many were used this month, as far as is known here."""
        self._turn()
        return self._known[kind] + self._fresh[kind]

    def exhausted(self, seconds: float) -> None:
        """DingTalk itself says that nothing is left; asked again after so many seconds."""
        log.error("dingtalk calls of the month are used up", used=self.used(CALLS))
        self._refused_until = self._clock() + timedelta(seconds=seconds)

    def admit(self, message: Message) -> None:
        """Raises Later for what has to wait: at the limit what nobody waits for, and everything once DingTalk itself
        refuses."""
        now = self._clock()
        if now < self._refused_until:
            raise Later((self._refused_until - now).total_seconds())
        if message.patient and 0 < self._limits[CALLS] <= self.used(CALLS):
            raise Later(min(LONGEST, (_next_month(now) - now).total_seconds()))

    def _turn(self) -> None:
        month = _month(self._clock())
        if month != self._month:
            self._month, self._warned = month, set()
            self._known, self._fresh = {CALLS: 0, PUSHES: 0}, {CALLS: 0, PUSHES: 0}

    def _tell(self, kind: str) -> None:
        used, limit = self._known[kind] + self._fresh[kind], self._limits[kind]
        MONTHLY.labels("dingtalk", kind).set(used)
        if limit and used >= WARNED * limit and kind not in self._warned:
            self._warned.add(kind)
            log.warning("dingtalk quota of the month is nearly used", kind=kind, used=used, of=limit)

    async def _later(self) -> None:
        await asyncio.sleep(SAVED)
        await self._save()

    async def _save(self) -> None:
        """Adds what is new to what all count, and learns what the others did."""
        if self._tally is None:
            return
        for kind in (CALLS, PUSHES):
            month, more = self._month, self._fresh[kind]
            try:
                total = await self._tally(_name(kind, month), more)
            except Exception as error:  # a count that waits does no harm; the next one takes it along
                log.warning("dingtalk quota not shared", error=type(error).__name__)
                return
            if month == self._month:
                self._known[kind], self._fresh[kind] = total, self._fresh[kind] - more
                self._tell(kind)


def counted_as(kind: str, now: datetime) -> str:
    """The name under which all replicas count a kind of call in the month of `now`."""
    return _name(kind, _month(now))


def _name(kind: str, month: str) -> str:
    return f"dingtalk {kind} {month}"


def _month(now: datetime) -> str:
    return f"{now.astimezone(CHINA):%Y-%m}"


def _next_month(now: datetime) -> datetime:
    here = now.astimezone(CHINA)
    following = (here.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)
    return following.astimezone(UTC)
