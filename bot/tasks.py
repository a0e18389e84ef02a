"""Work of a platform that goes on after its answer: references held, failures logged by name, awaited at the end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from bot.capability import Gone, Later

T = TypeVar("T")
log = structlog.get_logger()


class Tasks:
    """Every task of a platform that was started and is not done."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Starts `work`; its result or failure belongs to who awaits it."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def follow(self, work: Coroutine[Any, Any, object]) -> None:
        """Starts `work` that nobody awaits."""
        self.start(self._logged(work))

    async def settle(self, seconds: float = 30.0) -> None:
        """Waits until nothing runs, at most so long; what still runs then is cancelled."""
        try:
            async with asyncio.timeout(seconds):
                while self._running:
                    await asyncio.wait(set(self._running))
        except TimeoutError:
            for task in self._running:
                task.cancel()

    async def _logged(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except (Gone, Later, OSError) as error:
            log.warning("answer not shown", platform=self._platform, error=type(error).__name__, reason=str(error))
        except Exception as error:
            log.error("answer failed", platform=self._platform, error=type(error).__name__)
