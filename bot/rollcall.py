"""Who is already there: people whom a platform's own directory lists are reached before they write a first word.

A company of which nobody has opened the bot yet is told of its first cycle all the same. The rule is the one of a first
word (`bot.strangers`): exactly one person has the address, and the platform vouches for it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import structlog
from sqlmodel import Session

from bot.capability import Gone, Platform, Profile
from bot.db import Database, insert_once
from bot.events import Who
from bot.ops import frames
from bot.strangers import introduce
from models import audit
from models.base import changes
from models.delivery import Firing, mark_copies
from models.identity import link_first, nowhere, tenants

FIRST, LOOKS = 5.0, 300.0  # seconds until the first look, and between two
AGAIN = 6 * 3600.0  # seconds after which a directory is read again though the same people are missing
AT_ONCE = 200  # accounts linked in one transaction
Entry = tuple[Who, Profile]
log = structlog.get_logger()


@runtime_checkable
class Roster(Protocol):
    """A platform that tells which accounts there are."""

    def roster(self, tenants: Collection[str]) -> AsyncIterator[Entry]:
        """Every account; `tenants` are those from which somebody wrote, for a platform that does not know its own.
        Raises Gone or OSError; waits by itself where it is asked to."""


class RollCall:
    """Links accounts of people who have none; one replica at a time, and only while somebody is missing."""

    def __init__(self, db: Database, platforms: Mapping[str, Platform], clock: Callable[[], datetime]) -> None:
        self._db, self._platforms, self._clock = db, platforms, clock
        self._loop: asyncio.Task[None] | None = None
        self._asked: dict[str, tuple[frozenset[str], float]] = {}

    def start(self) -> None:
        """Begins to look."""
        self._loop = asyncio.create_task(self._looks(), name="roll call")

    async def stop(self) -> None:
        """Ends at once; what was linked stays."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def work(self) -> int:
        """Links whom it finds; how many accounts."""
        missing = await self._db.read(nowhere)
        called = {name: one for name, one in self._platforms.items() if isinstance(one, Roster) and one.ready()}
        return sum([await self._call(name, one, missing) for name, one in called.items() if self._worth(name, missing)])

    async def _looks(self) -> None:
        pause = FIRST
        while True:
            await asyncio.sleep(pause)
            pause = LOOKS
            try:
                await self.work()
            except Exception as fault:
                log.error("roll call failed", fault=frames(fault))

    def _worth(self, name: str, missing: frozenset[str]) -> bool:
        asked, at = self._asked.get(name, (frozenset[str](), -AGAIN))
        return bool(missing - asked) or (bool(missing) and time.monotonic() - at >= AGAIN)

    async def _call(self, name: str, platform: Roster, missing: frozenset[str]) -> int:
        now = self._clock()
        at = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
        if not await self._db.run(lambda db: insert_once(db, Firing, name=f"roll call {name}", at=at)):
            return 0  # another replica does it at the moment
        known = await self._db.read(lambda db: tenants(db, name))
        try:
            there = [entry async for entry in platform.roster(known) if _address(entry) in missing]
        except (Gone, OSError) as no:
            log.warning("directory not read", platform=name, reason=str(no))
            return 0
        self._asked[name] = (missing, time.monotonic())
        found = _clear(there)
        made = 0
        for start in range(0, len(found), AT_ONCE):
            some = found[start : start + AT_ONCE]
            made += await self._db.run(lambda db, some=some: self._link(db, some))  # type: ignore[misc]
        log.info("accounts found in the directory", platform=name, linked=made)
        return made

    def _link(self, db: Session, found: Sequence[Entry]) -> int:
        now, made = self._clock(), 0
        for who, profile in found:
            account = link_first(db, who.platform, who.tenant, who.user, profile.email)
            if account is not None:
                introduce(db, account, profile, now)
                made += 1
        db.flush()
        audit.append(db, changes(db), None, found[0][0].platform, now)
        mark_copies(db, changes(db))
        return made


def _address(entry: Entry) -> str:
    return entry[1].email.casefold() if entry[1].vouched else ""


def _clear(there: Sequence[Entry]) -> list[Entry]:
    """Without addresses that two accounts have: nobody knows which of them is the person's."""
    counted = Counter(map(_address, there))
    return [entry for entry in there if counted[_address(entry)] == 1]
