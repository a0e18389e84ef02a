"""Platforms that are left alone for a while: they asked for it, or fail again and again."""

import time
from collections import Counter

from models.budget import METHODS

DOWN = 8  # failures one after another until a platform is left alone
LONGEST = 30.0
Way = tuple[str, str]


class Gate:
    """What this process knows at once, before it stands in the database for all; ways are (platform, method)."""

    def __init__(self) -> None:
        self._closed: dict[Way, float] = {}
        self._news: set[Way] = set()
        self._failed: Counter[str] = Counter()

    def left(self, way: Way) -> float:
        """For how many seconds it stays closed."""
        return max(0.0, self._closed.get(way, 0.0) - time.monotonic())

    def close(self, way: Way, seconds: float) -> None:
        """Nothing goes that way for a while; a longer pause stays as it is."""
        if seconds > self.left(way):
            self._closed[way] = time.monotonic() + seconds
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
