"""Messages that are being pressed: nothing redraws one before its press was answered."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

HELD = 3.0  # seconds a redraw waits for the answer to a press
AFTER = 0.05  # seconds between an answer that was given and what may follow it
log = structlog.get_logger()


class Pressing:
    """Presses of one platform that are being answered."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._pressed: dict[str, list[asyncio.Event]] = {}

    @contextmanager
    def answering(self, message: str) -> Iterator[None]:
        """While a press on a message is answered, and a moment longer."""
        done = asyncio.Event()
        self._pressed.setdefault(message, []).append(done)
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(AFTER, self._answered, message, done)

    async def over(self, message: str) -> None:
        """Returns when no press on the message that is under way now is unanswered, or after some seconds."""
        for pressed in list(self._pressed.get(message, ())):
            try:
                async with asyncio.timeout(HELD):
                    await pressed.wait()
            except TimeoutError:
                log.warning("press unanswered", platform=self._platform)

    def _answered(self, message: str, done: asyncio.Event) -> None:
        done.set()
        waiting = self._pressed.get(message, [])
        if done in waiting:
            waiting.remove(done)
        if not waiting:
            self._pressed.pop(message, None)
