"""Socket Mode over several connections, each with a watchdog that starts it anew when it is only half alive."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.capability import Gone, Later
from bot.platforms.slack.api import Api
from bot.platforms.slack.quiet import hushed
from bot.platforms.slack.wire import Wire

SILENT = 6  # ping intervals without a sign of life; the SDK itself gives up after 4
LONGEST = 60.0  # seconds between two tries to connect
# Why Slack ends a connection for which it is of no use to ask for another at once.
RESTING = {
    "link_disabled": "Socket Mode was switched off in the app's settings",
    "too_many_websockets": "Slack takes ten connections of an app: lower SLACK_CONNECTIONS, or the replicas",
}
log = structlog.get_logger()


class Addresses:
    """Where to connect to, asked for by one connection after another: apps.connections.open is of tier 1. Nobody asks
    while Slack wants to be left alone, and ever more seldom while it refuses. `pause` is in seconds."""

    def __init__(self, wire: Wire, app_token: str, pause: float) -> None:
        self._api, self._pause = Api(app_token, wire), pause
        self._turn = asyncio.Lock()
        self._until, self._failed = 0.0, 0

    def left(self) -> float:
        """For how many seconds nobody asks."""
        return max(0.0, self._until - time.monotonic())

    async def __call__(self) -> str:
        """A new address, good for one connection. Raises Later, Gone or OSError."""
        async with self._turn:
            await asyncio.sleep(self.left())
            try:
                found = await self._api.read("apps.connections.open")
            except Later as later:
                self._rest(later.seconds, str(later))
                raise
            except (Gone, OSError) as no:
                self._failed += 1
                self._rest(min(LONGEST, self._pause * 2 ** min(self._failed, 9)), str(no))
                raise
            self._failed = 0
            return str(found["url"])

    def _rest(self, seconds: float, reason: str) -> None:
        log.warning("slack gives no address", reason=reason, seconds=round(seconds, 1))
        self._until = time.monotonic() + seconds


class Client(SocketModeClient):
    """The SDK's client, with addresses that are shared out among several."""

    def __init__(self, line: "Line", wire: Wire, ping: float) -> None:
        super().__init__("", logger=hushed(), web_client=wire.client(None), ping_interval=ping)
        if wire.direct:
            self.proxy = None
        self._line = line
        self.asking: set[asyncio.Task[Any]] = set()  # the SDK keeps no reference to who waits for an address

    async def issue_new_wss_url(self) -> str:
        """An address when one may be had. Raises Later, Gone or OSError."""
        if asking := asyncio.current_task():
            self.asking.add(asking)
            asking.add_done_callback(self.asking.discard)
        await asyncio.sleep(self._line.resting())
        return await self._line.addresses()

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Notes greetings and farewells; the SDK connects anew by itself after any farewell."""
        if message.get("type") == "hello":
            log.info("slack connected", connections=message.get("num_connections"))
        if message.get("type") == "disconnect" and self._line.parted(message):
            await self.disconnect()  # type: ignore[no-untyped-call]
        await super().run_message_listeners(message, raw_message)


class Line:
    """One connection. `ping` is in seconds."""

    def __init__(self, app: AsyncApp, addresses: Addresses, wire: Wire, ping: float) -> None:
        self.addresses, self._app, self._wire, self._ping = addresses, app, wire, ping
        self.client: Client | None = None
        self._watch: asyncio.Task[None] | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._since, self._rests = 0.0, 0.0

    async def start(self) -> None:
        """Starts connecting and watching; returns once connected, or after one ping interval."""
        connecting = self._connect()
        self._watch = asyncio.create_task(self._watching())
        await asyncio.wait({connecting}, timeout=self._ping)

    async def stop(self) -> None:
        """Disconnects."""
        if self._watch:
            self._watch.cancel()
            await asyncio.wait({self._watch})
        await self._disconnect()

    def alive(self) -> bool:
        """Whether events arrive: connected, all of the SDK's tasks running, and Slack answered a ping lately."""
        client = self.client
        if client is None or client.current_session is None or client.current_session.closed or client.stale:
            return False
        running = (client.message_processor, client.message_receiver, client.current_session_monitor)
        heard = max(client.last_ping_pong_time or 0.0, self._since)
        return all(task and not task.done() for task in running) and time.time() - heard < SILENT * self._ping

    def resting(self) -> float:
        """For how many seconds this connection is not opened again."""
        return max(0.0, self._rests - time.monotonic())

    def parted(self, farewell: Mapping[str, Any]) -> bool:
        """Takes note of a farewell; whether the connection is to be given up before another is asked for."""
        reason = str(farewell.get("reason"))
        if reason not in RESTING:
            log.info("slack disconnects", reason=reason)
            return False
        log.warning("slack disconnects", reason=reason, advice=RESTING[reason])
        self._rests = time.monotonic() + min(LONGEST, SILENT * self._ping)
        return True

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """An envelope → the app → its ack, where there is one (any other is sent again by Slack)."""
        answer = await run_async_bolt_app(self._app, request)
        await send_async_response(client, request, answer, time.time())

    def _connect(self) -> asyncio.Task[None]:
        self.client, self._since = Client(self, self._wire, self._ping), time.time()
        self.client.socket_mode_request_listeners.append(self._handle)
        self._connecting = asyncio.create_task(self.client.connect())  # type: ignore[no-untyped-call]
        return self._connecting

    async def _disconnect(self) -> None:
        client, self.client = self.client, None
        if self._connecting:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        if client is None:
            return
        with contextlib.suppress(TimeoutError):  # a peer that does not answer the closing handshake
            async with asyncio.timeout(self._ping):
                await client.close()  # type: ignore[no-untyped-call]
        own = (client.message_processor, client.message_receiver, client.current_session_monitor, *client.asking)
        tasks = [task for task in own if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.aiohttp_client_session.close()

    async def _watching(self) -> None:
        """The SDK has got stuck after a disconnect, and retries a used-up address for ever: then all starts anew, but
        not while there is no address to be had."""
        seen = time.time()
        while True:
            await asyncio.sleep(self._ping)
            if self.alive() or self.resting() or self.addresses.left():
                seen = time.time()
            elif time.time() - seen >= SILENT * self._ping:
                log.warning("slack connection restarted", silent=round(time.time() - seen))
                await self._disconnect()
                self._connect()
                seen = time.time()


class Sockets:
    """Every connection of this process; Slack hands each event to one of an app's connections, ten at most."""

    def __init__(self, app: AsyncApp, app_token: str, wire: Wire, *, ping: float = 10.0, count: int = 1) -> None:
        addresses = Addresses(wire, app_token, ping)
        self.lines = [Line(app, addresses, wire, ping) for _ in range(count)]

    async def start(self) -> None:
        """Starts connecting and watching; returns once connected, or after one ping interval."""
        await asyncio.gather(*(line.start() for line in self.lines))

    async def stop(self) -> None:
        """Disconnects."""
        await asyncio.gather(*(line.stop() for line in self.lines))

    def alive(self) -> bool:
        """Whether events arrive: over one connection at least."""
        return any(line.alive() for line in self.lines)
