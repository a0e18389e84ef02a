"""How often a method of the Web API may be called, and whom a pause that Slack asks for holds back."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from bot.capability import Later

# Calls a minute, an app and a workspace, by Slack's tiers (docs.slack.dev, Web API rate limits; the tier of each method
# from its reference page and java-slack-sdk's MethodsRateLimits). Bursts are "tolerated" to "generous" from 1 to 4.
TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
SPECIAL = 0  # chat.postMessage: one a second a channel, several hundred a minute; auth.test: hundreds a minute
TIERS: Mapping[str, int] = {
    "apps.connections.open": TIER_1,
    "apps.manifest.export": TIER_3,
    "auth.teams.list": TIER_2,
    "auth.test": SPECIAL,
    "bots.info": TIER_3,
    "chat.postEphemeral": TIER_4,
    "chat.postMessage": SPECIAL,
    "chat.update": TIER_3,
    # Tier 1 and 15 messages at once for apps that are sold outside of Slack's Marketplace (changelog of 29 May 2025);
    # an app that a company made for itself keeps tier 3. It is only asked after a sending broke off.
    "conversations.history": TIER_3,
    "conversations.open": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "oauth.v2.access": TIER_4,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}
# The outbox's: their pauses and paces are kept in the database, for all replicas.
SHARED = frozenset({"chat.postMessage", "chat.update", "views.publish"})
# Where nobody would ask again, the call itself waits, so many seconds at most. A thousand people who open their page
# for the first time at the same moment are ten minutes of users.info.
WAITED: Mapping[str, float] = {"users.info": 900.0, "chat.postEphemeral": 60.0, "views.update": 60.0}
PACED = frozenset({"users.info"})  # called in bursts: here it is held to what its tier promises
MINUTE = 60.0


class Turns:
    """When a method may be called, in one workspace and by this process; `clock` and `sleep` are in seconds."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._closed: dict[str, float] = {}
        self._slots = {method: deque[float](maxlen=TIERS[method]) for method in PACED}

    def left(self, method: str) -> float:
        """For how many seconds Slack wants a method left alone."""
        return max(0.0, self._closed.get(method, 0.0) - self._clock())

    def close(self, method: str, seconds: float) -> None:
        """Nobody calls a method for a while; a longer pause stays as it is."""
        self._closed[method] = max(self._closed.get(method, 0.0), self._clock() + seconds)

    async def __call__(self, method: str) -> None:
        """Returns when the method may be called, first come, first served. Raises Later where nobody waits here, or
        for so long."""
        now, most = self._clock(), WAITED.get(method, 0.0)
        at = max(self._next(method, now), now + self.left(method))
        if at - now > most:
            raise Later(at - now, everywhere=method in SHARED)
        if method in self._slots:
            self._slots[method].append(at)
        while (wait := max(at - self._clock(), self.left(method))) > 0:
            if self._clock() - now + wait > most:
                raise Later(wait, everywhere=method in SHARED)
            await self._sleep(wait)

    def _next(self, method: str, now: float) -> float:
        taken = self._slots.get(method)
        return taken[0] + MINUTE if taken and len(taken) == taken.maxlen else now
