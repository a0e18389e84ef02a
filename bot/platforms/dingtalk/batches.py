"""One call for up to twenty people: what is equal and nobody waits for is gathered for a moment."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.tasks import Tasks

MOST = 20  # people of one call
GATHERED = 1.0  # seconds
# Sends one message to several people; what became of it for each whom it did not reach.
Send = Callable[[Sequence[str], str, str], Awaitable[Mapping[str, Exception]]]
Wait = asyncio.Future[None]


class Batches:
    """Equal messages to several people."""

    def __init__(self, send: Send, tasks: Tasks, gathered: float = GATHERED) -> None:
        self._send, self._tasks, self._gathered = send, tasks, gathered
        self._waiting: dict[tuple[str, str], dict[str, Wait]] = {}

    async def __call__(self, user: str, key: str, param: str) -> None:
        """Sends with the next call that carries this message. Raises what that means for this one person."""
        batch = self._waiting.get((key, param))
        if batch is None:
            batch = self._waiting[key, param] = {}
            self._tasks.start(self._soon((key, param), batch))
        if user in batch:  # the same twice to one person is two messages
            self._go((key, param), batch)
            await self(user, key, param)
            return
        waiting = batch[user] = asyncio.get_running_loop().create_future()
        if len(batch) == MOST:
            self._go((key, param), batch)
        await waiting

    async def _soon(self, what: tuple[str, str], batch: dict[str, Wait]) -> None:
        await asyncio.sleep(self._gathered)
        self._go(what, batch)

    def _go(self, what: tuple[str, str], batch: dict[str, Wait]) -> None:
        if self._waiting.get(what) is batch:
            del self._waiting[what]
            self._tasks.start(self._sent(what, batch))

    async def _sent(self, what: tuple[str, str], batch: Mapping[str, Wait]) -> None:
        failed: Mapping[str, Exception] = {}
        try:
            failed = await self._send(list(batch), *what)
        except Exception as error:  # everybody's: each is told, and the outbox decides
            failed = dict.fromkeys(batch, error)
        for user, waiting in batch.items():
            if waiting.done():
                continue
            if user in failed:
                waiting.set_exception(failed[user])
            else:
                waiting.set_result(None)
