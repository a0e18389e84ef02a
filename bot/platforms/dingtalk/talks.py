"""Where one may answer without a paid call: the address that each message brings, for as long as it is fresh."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.recent import Recent

LEFT = 300.0  # seconds that an address has to be valid for still


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as a message showed it: `url` takes answers until the instant `until` (seconds since 1970)."""

    url: str
    until: float
    channel: str
    private: bool
    user: str


class Talks:
    """The newest address of every conversation, in this process's memory: without one, the paid way is taken."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._held: Recent[str, Talk] = Recent()

    def learn(self, talk: Talk) -> None:
        """Remembers a conversation: a private one by its user, a group by its id."""
        if talk.url:
            self._held.put(_name(talk.user, "" if talk.private else talk.channel), talk)

    def fresh(self, user: str, channel: str = "") -> Talk | None:
        """The private conversation with a user, or the group `channel`, if it can be answered there."""
        talk = self._held.get(_name(user, channel))
        return talk if talk and talk.until - self._clock().timestamp() > LEFT else None

    def drop(self, talk: Talk) -> None:
        """Forgets an address that is not taken any more."""
        self._held.drop(_name(talk.user, "" if talk.private else talk.channel))


def _name(user: str, channel: str) -> str:
    return f"group:{channel}" if channel else f"user:{user}"
