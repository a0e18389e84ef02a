"""The open pages: every message is pushed to all of a person's sockets, and a page knows whether it missed one."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import WSMsgType, web

from bot.platforms.web.guard import Shut

HEARTBEAT = 20
LINES = 400
WAITING = 200
Line = asyncio.Queue[str | None]


class Live:
    """Sockets by user. `at` names the last push: a page that knows the same name has missed nothing."""

    def __init__(self) -> None:
        self._life = secrets.token_hex(4)
        self._pushes: dict[str, int] = {}
        self._lines: dict[str, set[Line]] = {}
        self._sockets: set[web.WebSocketResponse] = set()

    def at(self, user: str) -> str:
        """The name of the person's last push, different after every restart."""
        return f"{self._life}-{self._pushes.get(user, 0)}"

    def push(self, user: str, value: Mapping[str, object]) -> None:
        """Queues the value for every page of the person; a page that does not keep up is sent away and comes back."""
        self._pushes[user] = self._pushes.get(user, 0) + 1
        said = json.dumps({**value, "at": self.at(user)}, ensure_ascii=False)
        for line in self._lines.get(user, ()):
            _offer(line, said)

    async def serve(self, request: web.Request, user: str, since: str) -> web.StreamResponse:
        """One socket, until either side leaves. The page may say "ping" and hears {"kind": "pong"} in its turn."""
        if len(self._sockets) >= LINES:
            raise Shut(503, "too many pages")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=1024)
        await socket.prepare(request)
        line: Line = asyncio.Queue(WAITING)
        line.put_nowait(json.dumps({"kind": "hello", "at": self.at(user), "stale": since != self.at(user)}))
        self._sockets.add(socket)
        self._lines.setdefault(user, set()).add(line)
        writer = asyncio.create_task(_write(socket, line))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and message.data == "ping":
                    _offer(line, '{"kind": "pong"}')
        finally:
            self._sockets.discard(socket)
            self._leave(user, line)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def stop(self) -> None:
        """Sends every page away."""
        sockets = list(self._sockets)
        await asyncio.gather(*(socket.close(code=1001) for socket in sockets), return_exceptions=True)

    def _leave(self, user: str, line: Line) -> None:
        lines = self._lines.get(user, set())
        lines.discard(line)
        if not lines:
            self._lines.pop(user, None)


def _offer(line: Line, said: str) -> None:
    try:
        line.put_nowait(said)
    except asyncio.QueueFull:
        while not line.empty():
            line.get_nowait()
        line.put_nowait(None)


async def _write(socket: web.WebSocketResponse, line: Line) -> None:
    with suppress(ConnectionError):
        while (said := await line.get()) is not None:
            await socket.send_str(said)
        await socket.close(code=1013)
