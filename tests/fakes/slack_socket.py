"""Socket Mode of the fake Slack: addresses for one use, several connections, envelopes and their acks."""

import asyncio
import itertools
import json
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.slack_store import APP, Json


class SocketMode:
    """Connections and what is sent over them. Slack hands every envelope to one of an app's connections; what is
    switched off or too much is told in a farewell (docs.slack.dev, Socket Mode)."""

    def __init__(self) -> None:
        self.base = ""
        self.sockets: list[web.WebSocketResponse] = []
        self.connections, self.turned_away = 0, 0
        self.silent = False  # a half-dead server: pings are not answered
        self.most = 10  # connections an app may have
        self.stale_tickets = 0  # so many addresses that are given out are used up already
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._unacked: dict[str, tuple[web.WebSocketResponse, Json]] = {}  # what is sent again when a connection ends
        self._wires: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._tickets: set[str] = set()
        self._count, self._turn = itertools.count(1), itertools.count()
        self._arrived = asyncio.Event()

    def ticket(self) -> str:
        """An address to connect to."""
        ticket = f"t{next(self._count)}"
        if self.stale_tickets:
            self.stale_tickets -= 1
        else:
            self._tickets.add(ticket)
        return f"{self.base.replace('http', 'ws', 1)}/socket?ticket={ticket}"

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.discard(ticket)  # an address is good for one connection
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if len(self.sockets) >= self.most:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            self.turned_away += 1
        else:
            await self._welcome(socket, request.transport)
        try:
            async for message in socket:
                await self._heard(socket, message.type, message.data)
        finally:
            await self._lost(socket)
        return socket

    async def _welcome(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.connections += 1
        self.sockets.append(socket)
        self._wires[socket] = transport
        about = {"num_connections": len(self.sockets), "connection_info": {"app_id": APP}}
        await socket.send_json({"type": "hello"} | about)
        self._arrived.set()
        await self._repeat()

    async def _lost(self, socket: web.WebSocketResponse) -> None:
        """A connection has ended: events without an ack go to another one, as a retry; nothing else is repeated."""
        if socket not in self.sockets:
            return
        self.sockets.remove(socket)
        del self._wires[socket]
        await self._repeat()

    async def _repeat(self) -> None:
        for name, (at, envelope) in list(self._unacked.items()):
            if at not in self.sockets and self._open():
                again = {"retry_attempt": envelope.get("retry_attempt", 0) + 1, "retry_reason": "timeout"}
                await self._hand(name, envelope | again)

    async def _heard(self, socket: web.WebSocketResponse, kind: WSMsgType, data: Any) -> None:
        if kind is WSMsgType.PING and not self.silent:
            await socket.pong(data)
        if kind is WSMsgType.TEXT:
            ack = json.loads(data)
            self._unacked.pop(ack["envelope_id"], None)
            waiting = self._acks.pop(ack["envelope_id"], None)
            if waiting and not waiting.done():
                waiting.set_result(ack.get("payload") or {})

    async def connected(self, times: int = 1, seconds: float = 5.0, *, at_once: int = 1) -> None:
        """Waits until a Socket Mode client has so many connections, having connected so many times."""
        async with asyncio.timeout(seconds):
            while len(self.sockets) < at_once or self.connections < times:
                self._arrived.clear()
                await self._arrived.wait()

    async def envelope(self, kind: str, payload: Json, seconds: float = 3.0, **more: object) -> Json | None:
        """Sends one envelope; the payload of its ack, None if there is none in time."""
        await self.connected()
        envelope_id = f"e{next(self._count)}"
        ack = self._acks[envelope_id] = asyncio.get_running_loop().create_future()
        about = {"envelope_id": envelope_id, "type": kind, "accepts_response_payload": kind != "events_api"}
        await self._hand(envelope_id, about | {"payload": payload} | more)
        try:
            return await asyncio.wait_for(ack, seconds)
        except TimeoutError:
            return None

    def _open(self) -> list[web.WebSocketResponse]:
        return [socket for socket in self.sockets if not socket.closed]

    async def _hand(self, envelope_id: str, envelope: Json) -> None:
        """To one of the connections, in turn."""
        candidates = self._open() or self.sockets
        socket = candidates[next(self._turn) % len(candidates)]
        if envelope["type"] == "events_api":
            self._unacked[envelope_id] = (socket, envelope)
        await socket.send_json(envelope)

    async def disconnect(self, reason: str = "refresh_requested", socket: web.WebSocketResponse | None = None) -> None:
        """Asks the client to connect anew."""
        await (socket or self.sockets[-1]).send_json({"type": "disconnect", "reason": reason})

    def drop(self, socket: web.WebSocketResponse) -> None:
        """A connection breaks without a word."""
        if transport := self._wires[socket]:
            transport.abort()
