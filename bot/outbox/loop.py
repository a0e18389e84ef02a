"""The outbox at work: looks for what is due, sends it, writes down the ends, and does the fan-outs in between."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog
from sqlmodel import Session

from bot import storage
from bot.capability import Message, Platform, Ref
from bot.charts import Charts
from bot.db import Database, patiently
from bot.drawing import Easel
from bot.events import Who
from bot.ops import frames
from bot.outbox.claiming import Claims
from bot.outbox.drawing import Drawn, Painter
from bot.outbox.ending import Ended, Ending
from bot.outbox.gate import Gate
from bot.outbox.sending import Outcome, Sender
from bot.posting import AT_ONCE
from models import announcement, closing, fanout, page, upkeep, wave
from models.delivery import newest
from models.leases import BATCH
from models.planning import plan_anew

FLYING = 2 * BATCH  # the most of one platform that this process has leased
REDATED, EXPIRED = 60.0, 10.0  # seconds between two times
STEPPED = (fanout, announcement, wave, closing, page)  # what concerns everybody, each step a transaction of its own
UNSURE = 20.0  # seconds: so long an end waits for a database that is away; then the message is looked for
T = TypeVar("T")
log = structlog.get_logger()


class Outbox:
    """Sends what is due. Its name in leases is its own, so that a late finisher cannot overwrite another."""

    def __init__(
        self,
        db: Database,
        easel: Easel,
        platforms: Mapping[str, Platform],
        charts: Charts,
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._platforms, self._clock = db, platforms, clock
        self._flying: dict[int, str] = {}
        self._claims = Claims(uuid.uuid4().hex, platforms, clock, self._flying)
        self._painter = Painter(easel, platforms, charts, clock)
        gate = Gate(clock)
        self._sender = Sender(platforms, self._painter, gate, self._enclosed)
        self._ending = Ending(self._claims, gate, clock)
        self._wake, self._begun = asyncio.Event(), asyncio.Event()
        self._claiming, self._finishing = asyncio.Lock(), asyncio.Lock()
        self._ended: list[tuple[Drawn, Outcome]] = []
        self._queued = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._soon = 1.0
        self._stopping = False

    def start(self) -> None:
        """Begins to look for due messages."""
        rounds = {"messages": self._messages(), "fan-outs": self._fanouts(), "upkeep": self._upkeep()}
        self._loops = [asyncio.create_task(work, name=name) for name, work in rounds.items()]

    async def stop(self) -> None:
        """Claims nothing more and waits for what is in flight."""
        self._stopping = True
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Returns when nothing that is due now is left, here or leased by another."""
        while await self.spread() or await self.work() or self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """There may be something due: called after every commit that left messages."""
        self._wake.set()
        self._begun.set()

    async def work(self) -> int:
        """Claims what is due once and starts to send it; how many messages that were."""
        async with self._claiming:
            flying = Counter(self._flying.values())
            room = {name: left for name in self._platforms if (left := FLYING - flying[name]) >= BATCH // 2}
            found, self._soon = await self._db.read(lambda db: self._claims.look(db, room, BATCH), brief=True)
            if not found:
                return 0
            taken = await self._db.run(lambda db: self._claims.claim(db, found))
            self.send(await self._db.read(lambda db: self._painter.all(db, taken)) if taken else [])
            return len(taken)

    async def spread(self) -> int:
        """Does the next step of what concerns everybody; about how many people that was, 0 if nothing is left."""
        waiting = await self._db.read(lambda db: [one.step for one in STEPPED if one.waits(db, self._clock())])
        return sum([await self._db.run(partial(stepped, step, self._clock())) for step in waiting])

    def take(self, db: Session) -> list[Drawn]:
        """Leases and draws what is due, a few at most, in the handler's own transaction: what most events lead to.

        Give it to `send` once it is committed. If that never happens, or one cannot be drawn, its lease expires.
        """
        return self._painter.all(db, self._claims.take(db, AT_ONCE))

    def send(self, drawn: Sequence[Drawn]) -> None:
        """Starts to send what was taken; what did not fit is looked for at once."""
        for one in drawn:
            self._flying[one.row.id] = one.account.platform
            self._follow(self._deliver(one))
        if len(drawn) >= AT_ONCE:
            self.wake()

    async def history(self, who: Who, most: int) -> list[tuple[Ref, Message]]:
        """The account's newest messages, oldest first, drawn anew in the reader's language."""
        seen = await self._db.read(
            lambda db: [self._painter.one(db, row) for row in newest(db, who.platform, who.tenant, who.user, most)]
        )
        return [
            (Ref(one.row.channel, one.row.message), await self._painter.message(one.card, one.locale))
            for one in seen
            if one.card is not None
        ]

    async def _enclosed(self, deposit_id: int) -> bytes:
        """The bytes of a stored file that goes with a card."""
        return await self._db.read(lambda db: storage.load(db, self._painter.easel.vault, deposit_id))

    def _follow(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # The three rounds

    async def _messages(self) -> None:
        await self._repeat(self._prepare, 1)
        while not self._stopping:  # a cancellation can be lost in wait_for when both come at once
            if not await self._repeat(self.work, 1):
                await _pause(self._wake, self._soon)

    async def _fanouts(self) -> None:
        while not self._stopping:
            if await self._repeat(self.spread, 1):
                self._wake.set()
            else:
                await _pause(self._begun, 1)

    async def _upkeep(self) -> None:
        redated = -REDATED
        while not self._stopping:
            if time.monotonic() - redated >= REDATED:
                await self._repeat(lambda: self._db.run(lambda db: upkeep.redate(db, self._clock())), 1)
                redated = time.monotonic()
            ended = await self._repeat(lambda: self._db.run(lambda db: upkeep.expire(db, self._clock())), 1)
            await asyncio.sleep(0 if ended else EXPIRED)

    async def _prepare(self) -> None:
        await self._db.run(lambda db: self._claims.prepare(db, alone=self._db.sqlite))

    async def _repeat(self, work: Callable[[], Awaitable[T]], pause: float) -> T | None:
        """What `work` gives; None after a while if it failed: the round goes on."""
        try:
            return await work()
        except Exception as fault:
            log.error("outbox round failed", fault=frames(fault))
            await asyncio.sleep(pause)
            return None

    # Sending

    async def _deliver(self, drawn: Drawn) -> None:
        """Sends one; whoever comes first writes down all that ended meanwhile."""
        outcome = await self._sender(drawn)  # first: the list may be another one by then
        self._ended.append((drawn, outcome))
        if self._queued:
            return
        self._queued = True
        async with self._finishing:
            self._queued = False
            ended, self._ended = self._ended, []
            for one, _outcome in ended:
                self._flying.pop(one.row.id, None)
            self.send(await self._finished(ended))

    async def _finished(self, ended: Ended) -> Sequence[Drawn]:
        """Ends what was sent, all at once, or each by itself if that fails; what can be sent now because of that."""
        try:
            more, gap, taken = await patiently(lambda: self._db.run(lambda db: self._end(db, ended)), UNSURE)
        except Exception as fault:
            log.error("deliveries not finished", fault=frames(fault))
            if len(ended) > 1:
                return [more for one in ended for more in await self._finished([one])]
            failed = fault
            await self._db.run(lambda db: self._ending.give_up(db, ended[0][0], failed))
            return ()
        if more:
            asyncio.get_running_loop().call_later(gap, self._wake.set)
        elif len(self._flying) < BATCH:
            self._wake.set()
        return taken

    def _end(self, db: Session, ended: Ended) -> tuple[bool, float, Sequence[Drawn]]:
        more, gap = self._ending(db, ended)
        return more, gap, self.take(db) if more and not gap and not self._stopping else ()


def stepped(step: Callable[[Session, datetime], int], now: datetime, db: Session) -> int:
    """One step of what concerns everybody."""
    plan_anew(db)
    return step(db, now)


async def _pause(wake: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(wake.wait(), seconds)
    except TimeoutError:
        return
    finally:
        wake.clear()
