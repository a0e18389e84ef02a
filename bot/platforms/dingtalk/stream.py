"""The stream: a WebSocket that we open with a ticket, frames with acknowledgements, and the next one before it ends."""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog

from bot.capability import Gone, Later
from bot.doorway import Body, Refused, parsed
from bot.platforms.dingtalk.api import Api
from bot.tasks import Tasks

MESSAGES, CARDS = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"
AGENT = "pandian/1"
SUBSCRIPTIONS = (
    {"type": "EVENT", "topic": "*"},
    {"type": "CALLBACK", "topic": MESSAGES},
    {"type": "CALLBACK", "topic": CARDS},
)
MOST = 16 * 1024 * 1024  # bytes of one frame
PATIENCE = 10.0  # seconds until an opening is given up
DRAINED = 10.0  # seconds after which DingTalk closes a connection that it said goodbye on
FINISHING = 5.0  # seconds that work in flight is given when we stop
CLOSING = aiohttp.ClientWSTimeout(ws_close=2.0)  # seconds for an answer to our goodbye
LONGEST = 60.0  # seconds between two tries
Frame = Mapping[str, Any]
# A frame's kind, topic, headers and content to a status as over HTTP, and the object to acknowledge it with.
Take = Callable[[str, Mapping[str, Any], Body], Awaitable[tuple[int, object]]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a dead connection is noticed, in seconds: our own pings, and the longest silence that is believed.

    Sockets have been seen that answer pings and bring nothing any more; a new one costs nothing.
    """

    ping: float = 25.0
    silent: float = 180.0


@dataclass(slots=True)
class Line:
    """One open WebSocket; `leaving` is set once nothing new is sent over it."""

    socket: aiohttp.ClientWebSocketResponse
    leaving: asyncio.Event = field(default_factory=asyncio.Event)


class Stream:
    """One of an app's connections: it is open, or being opened, until `stop`. DingTalk chooses at random among all that
    are, so each of them takes everything."""

    def __init__(self, api: Api, take: Take, pulse: Pulse | None = None) -> None:
        self._api, self._take, self._pulse = api, take, pulse or Pulse()
        self._tasks = Tasks("dingtalk")
        self._lines: list[Line] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._work: asyncio.Task[None] | None = None
        self._opened = asyncio.Event()

    async def start(self) -> None:
        """Begins to connect; returns once connected, or after ten seconds."""
        self._work = asyncio.create_task(self._run())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._opened.wait()

    async def stop(self) -> None:
        """Takes nothing more, finishes what is in flight, and closes."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait({self._work})
        await self._tasks.settle(FINISHING)
        for task in self._serving:
            task.cancel()
        if self._serving:
            await asyncio.wait(set(self._serving))

    async def settle(self) -> None:
        """Waits until everything that came is acknowledged."""
        await self._tasks.settle()

    def alive(self) -> bool:
        """Whether anything can come."""
        return any(not line.socket.closed and not line.leaving.is_set() for line in self._lines)

    async def _run(self) -> None:
        """The next connection is opened as soon as the one before says goodbye, and ever later while that fails."""
        failed = 0
        while True:
            try:
                line = await self._open()
            except (OSError, aiohttp.ClientError, TimeoutError, ValueError, Gone, Later) as error:
                failed += 1
                log.warning("dingtalk stream failed", error=type(error).__name__, reason=_named(error))
                await asyncio.sleep(_pause(failed, error))
                continue
            since = time.monotonic()
            self._serve(line)
            await line.leaving.wait()
            if time.monotonic() - since > 1.0:
                failed = 0
            else:  # one that ends at once does so again
                failed += 1
                await asyncio.sleep(_pause(failed))

    async def _open(self) -> Line:
        answer = await self._api.connection({"ua": AGENT, "subscriptions": SUBSCRIPTIONS})
        endpoint, ticket = str(answer.get("endpoint") or ""), str(answer.get("ticket") or "")
        if not endpoint or not ticket:
            raise OSError("no ticket")
        if not endpoint.startswith("wss://") and not self._api.base.startswith("http:"):
            raise OSError("address without TLS")
        url = f"{endpoint}?ticket={quote(ticket, safe='')}"
        async with asyncio.timeout(PATIENCE):
            socket = await self._api.session.ws_connect(
                url, max_msg_size=MOST, heartbeat=self._pulse.ping, timeout=CLOSING
            )
        log.info("dingtalk stream open")
        return Line(socket)

    def _serve(self, line: Line) -> None:
        self._lines.append(line)
        self._opened.set()
        task = asyncio.create_task(self._served(line))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _served(self, line: Line) -> None:
        """One connection from its opening to its end."""
        try:
            await self._listen(line)
        except (OSError, aiohttp.ClientError) as error:
            log.warning("dingtalk stream broke", error=type(error).__name__)
        finally:
            line.leaving.set()
            self._lines.remove(line)
            await line.socket.close()

    async def _listen(self, line: Line) -> None:
        """Every frame until the connection ends, or until nothing was heard for so long that it counts as dead."""
        while True:
            try:
                # The timeout of `receive` itself begins anew with every pong.
                async with asyncio.timeout(DRAINED if line.leaving.is_set() else self._pulse.silent):
                    came = await line.socket.receive()
            except TimeoutError:
                if not line.leaving.is_set():
                    log.warning("dingtalk stream silent")
                return
            if came.type is aiohttp.WSMsgType.TEXT:
                await self._came(line, came.data.encode())
            elif came.type is not aiohttp.WSMsgType.BINARY:
                if not line.leaving.is_set():
                    log.info("dingtalk stream ended", code=line.socket.close_code)
                return

    async def _came(self, line: Line, data: bytes) -> None:
        try:
            frame = parsed(data)
            headers = frame.get("headers")
            if not isinstance(headers, dict):
                raise Refused(400, "headers")
        except Refused as refused:
            log.warning("dingtalk frame unreadable", reason=refused.reason)
            return
        kind, topic = str(frame.get("type")), str(headers.get("topic"))
        if kind == "SYSTEM" and topic == "disconnect":
            log.info("dingtalk stream says goodbye")
            line.leaving.set()
        elif kind == "SYSTEM":
            await self._acknowledge(line, headers, 200, str(frame.get("data") or "{}"))
        else:
            self._tasks.follow(self._answered(line, kind, headers, frame))

    async def _answered(self, line: Line, kind: str, headers: Mapping[str, Any], frame: Frame) -> None:
        """Hands on what came, and says what became of it."""
        try:
            status, said = await self._take(kind, headers, parsed(str(frame.get("data")).encode()))
        except Refused as refused:
            log.warning("dingtalk payload refused", status=refused.status, reason=refused.reason)
            status, said = refused.status, {}
        await self._acknowledge(line, headers, status, json.dumps(said, ensure_ascii=False))

    async def _acknowledge(self, line: Line, headers: Mapping[str, Any], status: int, data: str) -> None:
        back = {"messageId": headers.get("messageId"), "contentType": "application/json"}
        ack = {"code": status, "headers": back, "message": "OK" if status == 200 else "error", "data": data}
        try:
            await line.socket.send_str(json.dumps(ack, ensure_ascii=False))
        except (ConnectionError, aiohttp.ClientError) as error:
            log.warning("dingtalk acknowledgement lost", error=type(error).__name__)


def _pause(failed: int, error: Exception | None = None) -> float:
    """Seconds before the next try, never the same for all."""
    asked = error.seconds if isinstance(error, Later) else 0.0
    return max(asked, min(LONGEST, 2.0 ** min(failed - 1, 6) / 2) * (0.5 + secrets.randbelow(501) / 1000))


def _named(error: BaseException) -> str:
    """The text of an error that we made ourselves; others may hold an address with a ticket in it."""
    return str(error) if type(error) is OSError or isinstance(error, Gone | Later) else ""
