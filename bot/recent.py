"""A memory of what came last, which forgets what is oldest: for guesses and shortcuts that may be lost."""

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """At most `most` values by key."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()

    def put(self, key: K, value: V) -> None:
        """Remembers a value as the newest."""
        self._held[key] = value
        self._held.move_to_end(key)
        while len(self._held) > self._most:
            self._held.popitem(last=False)

    def get(self, key: K) -> V | None:
        """The value, if it is still remembered."""
        return self._held.get(key)

    def drop(self, key: K) -> None:
        """Forgets a value."""
        self._held.pop(key, None)

    def __contains__(self, key: K) -> bool:
        return key in self._held
