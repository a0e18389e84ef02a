"""What may be sent now: messages that are due, as far as the platforms' limits allow, leased for this process."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.capability import Platform, Rate
from bot.outbox.pace import windows
from models import budget, upkeep
from models.budget import SECOND, Meter, Window, instant
from models.delivery import ANSWER, BULK, ORDINARY, QUEUED, Addressed
from models.direct import dialect_name
from models.identity import Identity
from models.leases import claim, due, rest, take

# Calls are spent up to so long ahead, and made when their time has come: a claim that is late costs no pace.
AHEAD = SECOND // 2
Claimed = tuple[Addressed, float]


class Claims:
    """Leases messages in the name of `owner`. `flying` are the messages this process is sending at the moment: whatever
    the clock says, they are not leased again."""

    def __init__(
        self,
        owner: str,
        platforms: Mapping[str, Platform],
        clock: Callable[[], datetime],
        flying: Collection[int],
    ) -> None:
        self._owner, self._platforms, self._clock, self._flying = owner, platforms, clock, flying

    def prepare(self, db: Session, *, alone: bool) -> None:
        """Says in the database what the platforms take. `alone`: nobody else works there, so nobody holds a lease."""
        for name in sorted(self._platforms):
            budget.declare(db, name, self._windows(name))
        if alone:
            upkeep.abandon(db, self._clock())

    def look(self, db: Session, room: Mapping[str, int], most: int) -> tuple[list[int], float]:
        """The ids of what could be leased, at most `room` for a platform; and after how many seconds to look again."""
        now = self._clock()
        limits: dict[tuple[str, str, int], int] = {}
        paged = [name for name in room if self._platforms[name].can.page]
        waits = [1.0]
        for name, left in room.items():
            meters = budget.meters(db, name) if self._limited(name) else {}
            for method, state in budget.METHODS.items():
                meter = meters.get(method, Meter())
                for rank in (ANSWER, ORDINARY, BULK):
                    fits = _fitting(meter, instant(now), min(left, most), bulk=rank == BULK)
                    limits[name, state, rank] = fits
                    waits += [_until(meter, instant(now))] if left and not fits else []
        found = [one for one in due(db, list(room), now, most, limits, paged) if one not in self._flying]
        return found, min(waits)

    def claim(self, db: Session, found: Sequence[int]) -> list[Claimed]:
        """Leases what was found, as far as it still is due and fits the budgets, which are spent; when to send it."""
        now, slots = self._clock(), dict[int, int]()

        def grant(rows: Sequence[Addressed]) -> Sequence[Addressed]:
            mine = [row for row in rows if row[0].id not in self._flying]
            slots.update(self._slots(db, mine, instant(now)))
            return self._lanes(db, [row for row in mine if row[0].id in slots], now)

        taken = claim(db, self._owner, list(self._platforms), now, found=found, grant=grant, lanes=self._gaps())
        here = time.monotonic()
        return [(row, here + (slots[row[0].id] - instant(now)) / SECOND) for row in taken]

    def take(self, db: Session, most: int) -> list[Claimed]:
        """A few at once, all that fit now."""
        now = self._clock()

        def grant(rows: Sequence[Addressed]) -> Sequence[Addressed]:
            mine = [row for row in rows if row[0].id not in self._flying]
            names = sorted({row[1].platform for row in mine})
            fits = {name: self._spent(db, name, mine, instant(now)) for name in names}
            return self._lanes(db, [row for row in mine if _method(row) in fits[row[1].platform]], now)

        taken = take(db, self._owner, list(self._platforms), now, most, grant, lanes=self._gaps())
        return [(row, 0.0) for row in taken]

    def _slots(self, db: Session, rows: Sequence[Addressed], now: int) -> dict[int, int]:
        """The instant at which each may be sent, of those that may be soon."""
        slots: dict[int, int] = {}
        for name in sorted({row[1].platform for row in rows}):
            mine = [row for row in rows if row[1].platform == name]
            meters = budget.meters(db, name, lock=True) if self._limited(name) else {}
            for row in mine:
                meter = meters.get(_method(row))
                at = meter.next(now, bulk=row[0].priority == BULK) if meter else now
                if at <= now + AHEAD:
                    slots[row[0].id] = at
                    if meter:
                        meter.spend(at)
            budget.keep(db, name, meters)
        return slots

    def _spent(self, db: Session, name: str, rows: Sequence[Addressed], now: int) -> set[str]:
        wanted = Counter(_method(row) for row in rows if row[1].platform == name)
        windows = {method: len(limits) for method, limits in self._windows(name).items()}
        return budget.spend(db, name, wanted, windows, now)

    def _lanes(self, db: Session, rows: Sequence[Addressed], now: datetime) -> Sequence[Addressed]:
        """Only on PostgreSQL two can claim for one conversation at once: the second sees then that it rests."""
        if self._gaps() and dialect_name(db) == "postgresql":
            self.rest(db, [row[1] for row in rows if row[0].state == QUEUED], now)
        return rows

    def rest(self, db: Session, accounts: Sequence[Identity], now: datetime) -> float:
        """Accounts that are sent something get nothing more for as long as their platform asks; the longest of these
        times in seconds."""
        gaps = {name: self._platforms[name].rates.gap for name in {one.platform for one in accounts}}
        for name, gap in gaps.items():
            if gap:
                mine = sorted({one.id for one in accounts if one.platform == name})
                rest(db, mine, now + timedelta(seconds=gap))
        return max(gaps.values(), default=0.0)

    def _gaps(self) -> bool:
        return any(platform.rates.gap for platform in self._platforms.values())

    def _limited(self, name: str) -> bool:
        return any(self._windows(name).values())

    def _windows(self, name: str) -> dict[str, list[Window]]:
        return {method: _read(rates) for method, rates in windows(self._platforms[name].rates).items()}


def _read(rates: Sequence[Rate]) -> list[Window]:
    return [Window(one.calls, one.seconds, one.at_once) for one in rates]


def _method(row: Addressed) -> str:
    return budget.METHOD_OF[row[0].state]


def _fitting(meter: Meter, now: int, most: int, *, bulk: bool) -> int:
    """How many calls fit soon."""
    if not meter.windows:
        return most
    trial, fits = Meter(list(meter.windows)), 0
    while fits < most and (at := trial.next(now, bulk=bulk)) <= now + AHEAD:
        trial.spend(at)
        fits += 1
    return fits


def _until(meter: Meter, now: int) -> float:
    """Seconds until the next call of a broadcast can be spent, a little less than the whole time ahead."""
    return max(0.02, (meter.next(now, bulk=True) - now - AHEAD // 2) / SECOND)
