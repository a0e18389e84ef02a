"""Who a bot is on a platform: asked once by however many want to know it, and again until there is an answer."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

import structlog

from bot.capability import Gone, Later
from bot.tasks import Tasks

T = TypeVar("T")
log = structlog.get_logger()


class Introduction(Generic[T]):
    """What `ask` answered. `pause` are the seconds between two tries of a platform that did not answer at the start:
    before it knows us nobody would call us ready, and nothing would be sent to us."""

    def __init__(
        self, platform: str, ask: Callable[[], Coroutine[Any, Any, T]], tasks: Tasks, pause: float = 10.0
    ) -> None:
        self._platform, self._ask, self._tasks, self._pause = platform, ask, tasks, pause
        self._answer: asyncio.Task[T] | None = None
        self.knocking: asyncio.Task[None] | None = None

    async def __call__(self) -> T:
        """The answer; a failure is raised and asked again the next time."""
        if self._answer is None or (self._answer.done() and not self.made):
            self._answer = self._tasks.start(self._ask())
        return await asyncio.shield(self._answer)

    @property
    def made(self) -> bool:
        """Whether the platform has answered."""
        asked = self._answer
        return asked is not None and asked.done() and not asked.cancelled() and asked.exception() is None

    async def start(self) -> None:
        """Asks; where there is no answer, goes on asking until there is one."""
        if (pause := await self._unknown()) is not None:
            self.knocking = asyncio.create_task(self._knock(pause))

    async def again(self) -> None:
        """Forgets the answer and asks anew, until there is one: the platform may not know us any more."""
        if self.knocking is None or self.knocking.done():
            self._answer = None
            await self.start()

    async def stop(self) -> None:
        """Asks no more."""
        if self.knocking is not None:
            self.knocking.cancel()
            await asyncio.wait({self.knocking})

    async def _unknown(self) -> float | None:
        """After how many seconds to ask again, None once there is an answer."""
        try:
            await self()
        except (Gone, Later, OSError) as error:
            log.error("platform does not know this bot", platform=self._platform, reason=str(error))
            asked = error.seconds if isinstance(error, Later) and not error.entirely else 0.0
            return max(self._pause, asked)
        return None

    async def _knock(self, pause: float | None) -> None:
        while pause is not None:
            await asyncio.sleep(pause)
            pause = await self._unknown()
