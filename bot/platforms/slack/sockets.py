"""Socket Mode, with a watchdog that starts the connection anew when it is only half alive."""

import asyncio
import contextlib
import time

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from bot.platforms.slack.quiet import hushed

SILENT = 6  # ping intervals without a sign of life; the SDK itself gives up after 4
log = structlog.get_logger()


class Sockets:
    """One connection to Slack. `ping` is in seconds; `direct` goes past a proxy of the environment."""

    def __init__(self, app: AsyncApp, app_token: str, *, ping: float = 10.0, direct: bool = False) -> None:
        self._app, self._token, self._ping, self._direct = app, app_token, ping, direct
        self._handler: AsyncSocketModeHandler | None = None
        self._watch: asyncio.Task[None] | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._since = 0.0

    async def start(self) -> None:
        """Starts connecting and watching; returns once connected, or after one ping interval."""
        self._connect()
        self._watch = asyncio.create_task(self._watching())
        if self._connecting:
            await asyncio.wait({self._connecting}, timeout=self._ping)

    async def stop(self) -> None:
        """Disconnects."""
        if self._watch:
            self._watch.cancel()
            await asyncio.wait({self._watch})
        await self._disconnect()

    def alive(self) -> bool:
        """Whether events arrive: connected, all of the SDK's tasks running, and Slack answered a ping lately."""
        client = self._handler.client if self._handler else None
        if client is None or client.current_session is None or client.current_session.closed or client.stale:
            return False
        running = (client.message_processor, client.message_receiver, client.current_session_monitor)
        heard = max(client.last_ping_pong_time or 0.0, self._since)
        return all(task and not task.done() for task in running) and time.time() - heard < SILENT * self._ping

    def _connect(self) -> None:
        handler = AsyncSocketModeHandler(self._app, self._token, logger=hushed(), ping_interval=self._ping)
        if self._direct:
            handler.client.proxy = None
        self._handler, self._since = handler, time.time()
        self._connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]

    async def _disconnect(self) -> None:
        handler, self._handler = self._handler, None
        if self._connecting:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        if handler is None:
            return
        client = handler.client
        with contextlib.suppress(TimeoutError):  # a peer that does not answer the closing handshake
            async with asyncio.timeout(self._ping):
                await handler.close_async()  # type: ignore[no-untyped-call]
        tasks = [t for t in (client.message_processor, client.message_receiver, client.current_session_monitor) if t]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.aiohttp_client_session.close()

    async def _watching(self) -> None:
        """The SDK has got stuck after a disconnect, and retries a used-up address for ever: then all starts anew."""
        seen = time.time()
        while True:
            await asyncio.sleep(self._ping)
            if self.alive():
                seen = time.time()
            elif time.time() - seen >= SILENT * self._ping:
                log.warning("slack connection restarted", silent=round(time.time() - seen))
                await self._disconnect()
                self._connect()
                seen = time.time()
