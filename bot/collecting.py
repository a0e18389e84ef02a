"""Files people gave as evidence: fetched from their platforms, examined, handed on; the outbox the other way round."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.capability import Gone, Later, Platform, TooLarge
from bot.db import Database
from bot.events import Fetched, File, unpacked
from bot.ops import frames
from bot.vault import Unreadable, Vault
from models import wish
from models.rules.files import LARGE, MOST, Unfit, examined
from models.wish import GONE, PAUSES, UNREACHED, Errand

AT_ONCE = 2  # a file takes up to 20 MB of memory, and as much again while it is examined and stored
LAST = 2 * len(PAUSES)  # tries
LOOKS = 1.0  # seconds between two looks
BROKEN = 5.0  # and after one that failed
log = structlog.get_logger()


class Collector:
    """Fetches what is wished for; `take` stores it, in one transaction of dispatch."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        platforms: Mapping[str, Platform],
        clock: Callable[[], datetime],
        take: Callable[[Fetched], Awaitable[None]],
    ) -> None:
        self._db, self._vault, self._platforms, self._clock, self._take = db, vault, platforms, clock, take
        self._loop: asyncio.Task[None] | None = None
        self._working = asyncio.Lock()

    def start(self) -> None:
        """Begins to look."""
        self._loop = asyncio.create_task(self._looks(), name="files")

    async def stop(self) -> None:
        """Gives up what is on its way: it is fetched again when its lease is over."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def idle(self) -> None:
        """Returns when nothing that is due now is left."""
        while await self.work():
            pass

    async def work(self) -> int:
        """Fetches a few files that are due; how many."""
        async with self._working:
            names = [name for name, platform in self._platforms.items() if platform.ready()]
            due = await self._db.read(lambda db: wish.waiting(db, names, self._clock(), AT_ONCE), brief=True)
            if not due:
                return 0
            errands = await self._db.run(lambda db: wish.lease(db, due, self._clock()))
            await asyncio.gather(*map(self._see_to, errands))
            return len(errands)

    async def _looks(self) -> None:
        while True:
            try:
                pause = 0.0 if await self.work() else LOOKS
            except Exception as fault:
                log.error("files not fetched", fault=frames(fault))
                pause = BROKEN
            await asyncio.sleep(pause)

    async def _see_to(self, errand: Errand) -> None:
        fetched = await self._fetched(errand)
        if fetched is not None:
            await self._take(fetched)

    async def _fetched(self, errand: Errand) -> Fetched | None:
        """What became of it; None if it is tried again later."""
        if errand.tries > LAST:  # it was fetched, and could not be taken in: not for ever
            return Fetched(errand.wish, fault=UNREACHED)
        try:
            file = self._described(errand)
            content = await self._platforms[errand.platform].fetch(file.url, MOST)
            kind = await asyncio.to_thread(examined, content, file.name)
        except TooLarge:
            return Fetched(errand.wish, fault=LARGE)
        except Unfit as unfit:
            return Fetched(errand.wish, fault=unfit.fault)
        except (Gone, Unreadable, ValueError) as gone:
            log.info("file not to be had", platform=errand.platform, kind=type(gone).__name__)
            return Fetched(errand.wish, fault=GONE)
        except Later as later:
            return await self._again(errand, later.seconds)
        except OSError:
            return await self._again(errand, float(PAUSES[min(errand.tries, len(PAUSES)) - 1]))
        return Fetched(errand.wish, content, kind.ending)

    def _described(self, errand: Errand) -> File:
        file = unpacked(self._vault.open(("wish", "file", errand.wish), errand.file))
        if file is None:
            raise ValueError("no file")
        return file

    async def _again(self, errand: Errand, seconds: float) -> Fetched | None:
        if errand.tries > len(PAUSES):
            return Fetched(errand.wish, fault=UNREACHED)
        until = self._clock() + timedelta(seconds=seconds)
        await self._db.run(lambda db: wish.put_off(db, errand.wish, until))
        return None
