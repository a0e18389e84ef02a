"""The long connection: frames over a WebSocket that we open, with acknowledgements, and begun anew when it breaks."""

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import structlog

from bot.platforms.feishu import frames
from bot.platforms.feishu.api import Api
from bot.platforms.feishu.fragments import Fragments
from bot.platforms.feishu.frames import Frame
from bot.tasks import Tasks

MOST = 16 * 1024 * 1024  # bytes of one frame
SILENT = 2.5  # ping intervals without a sign of life
PATIENCE = 10.0  # seconds until an opening is given up
FINISHING = 5.0  # seconds that work in flight is given when we stop
CLOSING = aiohttp.ClientWSTimeout(ws_close=2.0)  # seconds for an answer to our goodbye
CROWDED = 1000040350  # fifty connections of this app are open; others may go
BUSY = frozenset({1, 1000040343, CROWDED})  # not for ever: tried again
FORBIDDEN = frozenset({403})
log = structlog.get_logger()

# A payload to what is answered: a status as over HTTP, and the JSON of a card's answer (None for events).
Take = Callable[[bytes], Awaitable[tuple[int, Mapping[str, Any] | None]]]


class Shut(Exception):
    """Feishu will not have this app until somebody changes something."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What Feishu says of pace, in seconds; `count` below 0: tried again for ever, as we do anyway."""

    ping: float = 120.0
    interval: float = 120.0
    nonce: float = 30.0

    def told(self, said: object) -> "Timing":
        """With what a ClientConfig says."""
        if not isinstance(said, dict):
            return self
        return Timing(
            max(_seconds(said.get("PingInterval"), self.ping), 0.05),
            _seconds(said.get("ReconnectInterval"), self.interval),
            _seconds(said.get("ReconnectNonce"), self.nonce),
        )


@dataclass(slots=True)
class Line:
    """One open WebSocket."""

    socket: aiohttp.ClientWebSocketResponse
    service: int
    heard: float = field(default_factory=time.monotonic)


class Connection:
    """One of an app's connections; events come over any one of them. It is open, or being opened, until `stop`."""

    def __init__(self, api: Api, take: Take) -> None:
        self._api, self._take = api, take
        self._tasks, self._fragments = Tasks("feishu"), Fragments()
        self._timing = Timing()
        self._line: Line | None = None
        self._work: asyncio.Task[None] | None = None
        self._opened = asyncio.Event()
        self.refused = ""

    async def start(self) -> None:
        """Begins to connect; returns once connected, refused, or after ten seconds."""
        self._work = asyncio.create_task(self._run())
        waits = {self._work, asyncio.create_task(self._opened.wait())}
        _done, left = await asyncio.wait(waits, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        for task in left - {self._work}:
            task.cancel()

    async def stop(self) -> None:
        """Takes nothing more, finishes what is in flight, and closes."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait({self._work})

    def alive(self) -> bool:
        """Whether events arrive: connected, and Feishu was heard of lately."""
        line = self._line
        return line is not None and not line.socket.closed and time.monotonic() - line.heard < self._silence()

    def _silence(self) -> float:
        return SILENT * self._timing.ping + 1.0

    async def _run(self) -> None:
        """Connected, or waiting to be: at first for a moment that spreads everybody, then ever longer."""
        failed = 0
        while True:
            try:
                await self._connected()
                failed = 0
            except Shut as no:
                self.refused = str(no)
                log.error("feishu refuses the long connection", reason=self.refused)
                return
            except (OSError, aiohttp.ClientError, TimeoutError) as error:
                failed += 1
                log.warning("feishu connection failed", error=type(error).__name__, reason=_named(error))
            await asyncio.sleep(self._pause(failed))

    def _pause(self, failed: int) -> float:
        share = secrets.randbelow(1001) / 1000
        if not failed:
            return share * self._timing.nonce
        return min(self._timing.interval, 2.0 ** min(failed, 10)) * (0.5 + share / 2)

    async def _connected(self) -> None:
        """One connection from its opening to its end."""
        url, service = await self._address()
        line = Line(await self._open(url), service)
        self._line = line
        self._opened.set()
        log.info("feishu connection open")
        pinging = asyncio.create_task(self._ping(line))
        try:
            await self._listen(line)
        finally:
            pinging.cancel()
            await asyncio.wait({pinging})
            await self._tasks.settle(FINISHING)
            self._line = None
            await line.socket.close()

    async def _address(self) -> tuple[str, int]:
        answer = await self._api.endpoint()
        code, data = answer.get("code"), answer.get("data")
        if code in BUSY:
            raise OSError(f"code {code}")
        if code != 0 or not isinstance(data, dict):
            raise Shut(f"code {code}" if isinstance(code, int) else "unreadable answer")
        self._timing = self._timing.told(data.get("ClientConfig"))
        url = str(data.get("URL") or "")
        named = parse_qs(urlsplit(url).query)
        service = (named.get("service_id") or [""])[0]
        if not (service.isascii() and service.isdigit() and named.get("device_id")):
            raise OSError("address without ids")
        if urlsplit(url).scheme != "wss" and not self._api.base.startswith("http:"):
            raise OSError("address without TLS")
        return url, int(service)

    async def _open(self, url: str) -> aiohttp.ClientWebSocketResponse:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._api.session.ws_connect(url, max_msg_size=MOST, timeout=CLOSING)
        except aiohttp.WSServerHandshakeError as no:
            raise _rejected(no) from None

    async def _ping(self, line: Line) -> None:
        while True:
            try:
                await line.socket.send_bytes(frames.encode(frames.ping(line.service)))
            except (ConnectionError, aiohttp.ClientError):
                return  # who listens learns it as well
            await asyncio.sleep(self._timing.ping)

    async def _listen(self, line: Line) -> None:
        """Every frame until the connection ends; also when nothing at all is heard of Feishu any more."""
        while True:
            try:
                came = await line.socket.receive(timeout=self._silence())
            except TimeoutError:
                log.warning("feishu connection silent")
                return
            if came.type is not aiohttp.WSMsgType.BINARY:
                if came.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG):
                    continue
                log.info("feishu connection ended", code=line.socket.close_code)
                return
            line.heard = time.monotonic()
            self._came(line, came.data)

    def _came(self, line: Line, data: bytes) -> None:
        try:
            frame = frames.decode(data)
        except frames.Broken as broken:
            log.warning("feishu frame unreadable", reason=str(broken))
            return
        if frame.method == frames.CONTROL:
            self._configured(frame)
        elif (whole := self._fragments.whole(frame)) is not None:
            self._tasks.follow(self._answered(line, replace(frame, payload=whole)))

    def _configured(self, frame: Frame) -> None:
        if frame.header("type") != "pong" or not frame.payload:
            return
        try:
            self._timing = self._timing.told(json.loads(frame.payload))
        except ValueError:
            log.warning("feishu configuration unreadable")

    async def _answered(self, line: Line, frame: Frame) -> None:
        """Hands on what came, whatever its type is called (presses have come as `card` and as `event`), and says what
        became of it: what is not acknowledged as done is sent again."""
        since = time.monotonic()
        status, said = await self._take(frame.payload)
        answer: dict[str, Any] = {"code": 200 if status < 500 else 500}
        if said is not None and status < 400:
            answer["data"] = base64.b64encode(json.dumps(said, ensure_ascii=False).encode()).decode()
        ended = frame.answered(json.dumps(answer).encode(), round(1000 * (time.monotonic() - since)))
        try:
            await line.socket.send_bytes(frames.encode(ended))
        except (ConnectionError, aiohttp.ClientError) as error:
            log.warning("feishu acknowledgement lost", error=type(error).__name__)


def _rejected(no: aiohttp.WSServerHandshakeError) -> Exception:
    """What a refused upgrade means; its reasons stand in headers."""
    headers: Mapping[str, str] = no.headers or {}
    status, detail = _int(headers.get("Handshake-Status")), _int(headers.get("Handshake-Autherrcode"))
    if detail == CROWDED:
        return OSError("too many connections")
    if status in FORBIDDEN:
        return Shut(f"handshake {status}")
    return OSError(f"handshake {status or no.status}")


def _named(error: BaseException) -> str:
    """The text of an error that we made ourselves; others may hold an address with a ticket in it."""
    return str(error) if type(error) is OSError else ""


def _int(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 16 else 0


def _seconds(said: object, default: float) -> float:
    usable = isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said <= 3600
    return float(said) if usable else default  # type: ignore[arg-type]
