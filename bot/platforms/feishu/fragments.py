"""Payloads that come in several frames: kept for five seconds until the last one is there."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.platforms.feishu.frames import Frame

LIFE = 5.0  # seconds
PARTS, OPEN = 256, 1024


@dataclass(slots=True)
class Heap:
    """What came of one payload so far, by its place."""

    sum: int
    until: float
    parts: dict[int, bytes] = field(default_factory=dict)


class Fragments:
    """Payloads of which something is missing, by message id."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heaps: dict[str, Heap] = {}

    def whole(self, frame: Frame) -> bytes | None:
        """The payload, once this frame completes it; frames may come in any order, and twice."""
        total, place = _small(frame.header("sum", "1")), _small(frame.header("seq", "0"))
        if total <= 1:
            return frame.payload
        self._forget()
        if total > PARTS or place >= total or len(self._heaps) >= OPEN:
            return None
        name = frame.header("message_id")
        heap = self._heaps.get(name)
        if heap is None or heap.sum != total:
            heap = self._heaps[name] = Heap(total, self._clock() + LIFE)
        heap.parts[place] = frame.payload
        if len(heap.parts) < total:
            return None
        del self._heaps[name]
        return b"".join(heap.parts[at] for at in range(total))

    def _forget(self) -> None:
        now = self._clock()
        for name in [name for name, heap in self._heaps.items() if heap.until <= now]:
            del self._heaps[name]


def _small(said: str) -> int:
    """A number of a header; one that is none makes the frame stand for itself."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0
