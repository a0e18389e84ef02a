"""Platforms that are left alone for a while: they asked for it, or fail again and again."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from models.budget import METHODS

DOWN = 8  # failures one after another until a platform is left alone
LONGEST = 30.0
Way = tuple[str, str]


class Gate:
    """What this process knows at once, before it stands in the database for all; ways are (platform, method)."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._closed: dict[Way, tuple[datetime, float]] = {}
        self._news: set[Way] = set()
        self._failed: Counter[str] = Counter()

    def left(self, way: Way) -> float:
        """For how many seconds it stays closed; no longer than was asked, also if the clock is set back meanwhile."""
        until, seconds = self._closed.get(way, (None, 0.0))
        left = (until - self._clock()).total_seconds() if until else 0.0
        return left if 0 < left <= seconds else 0.0

    def close(self, way: Way, seconds: float) -> None:
        """Nothing goes that way for a while; a longer pause stays as it is."""
        if seconds > self.left(way):
            self._closed[way] = (self._clock() + timedelta(seconds=seconds), seconds)
            self._news.add(way)

    def close_all(self, platform: str, seconds: float) -> None:
        """The same for every method."""
        for method in METHODS:
            self.close((platform, method), seconds)

    def worked(self, platform: str) -> None:
        """A call got through."""
        self._failed.pop(platform, None)

    def failed(self, platform: str) -> None:
        """A call did not: after some of them in a row, ever fewer are tried. Those under way count once."""
        if any(self.left((platform, method)) for method in METHODS):
            return
        self._failed[platform] += 1
        rounds, rest = divmod(self._failed[platform], DOWN)
        if not rest:
            self.close_all(platform, min(LONGEST, 2.0 ** min(rounds, 5)))

    def news(self) -> list[tuple[Way, float]]:
        """What was closed since the last time, with the seconds that are left."""
        told, self._news = self._news, set()
        return [(way, left) for way in sorted(told) if (left := self.left(way))]
