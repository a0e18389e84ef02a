"""The pace of the calls as they are really made: a process that was held up does not make up for it all at once."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from bot.capability import Platform, Rate, Rates
from models.budget import PAGE, REDRAW, SEND

# A call may arrive later than it was made: so much more of a window is kept clear, at most so many seconds.
CLEAR, MOST_CLEAR = 0.04, 0.5
FASTER = 0.8  # of the even distance: what was held up is made up for, by a quarter more calls
Way = tuple[str, str]


class Pace:
    """Calls of one method by this process: never more in a window than are declared, and never in a bunch."""

    def __init__(self, rates: Sequence[Rate], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._turn = clock, asyncio.Lock()
        self._windows = [(_length(one), deque[float](maxlen=one.calls)) for one in rates]
        self._steps = [[0.0, FASTER * one.seconds / one.calls, one.at_once - 1] for one in rates]

    async def __call__(self) -> None:
        """Returns when one more call may be made, which is then counted; first come, first served."""
        if not self._windows:
            return
        async with self._turn:
            if (wait := self._wait(self._clock())) > 0:
                await asyncio.sleep(wait)
            self._count(self._clock())

    def _wait(self, now: float) -> float:
        full = [came[0] + length - now for length, came in self._windows if len(came) == came.maxlen]
        even = [taken - step * room - now for taken, step, room in self._steps]
        return max(full + even)

    def _count(self, now: float) -> None:
        for _length, came in self._windows:
            came.append(now)
        for one in self._steps:
            one[0] = max(one[0], now) + one[1]


class Paces:
    """One for each platform and method."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = platforms  # some are added later
        self._paces: dict[Way, Pace] = {}

    async def __call__(self, way: Way) -> None:
        """Returns when this process may make one more call that way."""
        if way not in self._paces:
            self._paces[way] = Pace(windows(self._platforms[way[0]].rates)[way[1]])
        await self._paces[way]()


def windows(rates: Rates) -> Mapping[str, Sequence[Rate]]:
    """What a platform takes of each method."""
    return {SEND: rates.send, REDRAW: rates.redraw, PAGE: rates.page}


def _length(rate: Rate) -> float:
    return rate.seconds + min(CLEAR * rate.seconds, MOST_CLEAR)
