"""The long connection of the fake Feishu: addresses, handshakes, pings, fragments, acknowledgements."""

import asyncio
import base64
import itertools
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.feishu_frames import CONTROL, DATA, Frame, decode
from tests.fakes.feishu_store import Json

MOST = 50


@dataclass
class Refusal:
    """An upgrade that is refused: 514 (with an auth code) or 403."""

    status: int
    message: str = "refused"
    auth: int = 0

    def headers(self) -> dict[str, str]:
        """What the client reads."""
        more = {"Handshake-Autherrcode": str(self.auth)} if self.auth else {}
        return {"Handshake-Status": str(self.status), "Handshake-Msg": self.message} | more


@dataclass
class Link:
    """One open connection; `heard` are the types of the control frames that came."""

    socket: web.WebSocketResponse
    service: int
    heard: list[str] = field(default_factory=list)


class LongConnections:
    """`config` is what clients are told; `refusals` and `codes` happen to the next handshakes and address requests."""

    def __init__(self) -> None:
        self.config: dict[str, float] = {
            "ReconnectCount": -1,
            "ReconnectInterval": 1,
            "ReconnectNonce": 0,
            "PingInterval": 1,
        }
        self.links: list[Link] = []
        self.refusals: list[Refusal] = []
        self.codes: list[tuple[int, int]] = []
        self.opened = 0
        self.stopped = False
        self.silent = False  # a half-dead server: neither pongs nor events
        self.acks: list[Frame] = []
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._count = itertools.count(1)
        self._changed = asyncio.Event()
        self._random = random.Random(1)

    def endpoint(self, base: str, body: Json, app_id: str, secret: str) -> web.Response:
        """POST /callback/ws/endpoint."""
        if self.codes or self.stopped:
            code, status = self.codes.pop(0) if self.codes else (1, 200)
            return web.json_response({"code": code, "msg": "refused"}, status=status)
        if (body.get("AppID"), body.get("AppSecret")) != (app_id, secret):
            return web.json_response({"code": 514, "msg": "app_id or app_secret is wrong"})
        if len(self.links) >= MOST:
            return web.json_response({"code": 1000040350, "msg": "too many connections"})
        ticket = f"t{next(self._count)}"
        self._tickets.add(ticket)
        query = f"device_id=d{ticket}&service_id=33554678&access_key=k&ticket={ticket}"
        url = f"{base.replace('http', 'ws', 1)}/ws?{query}"
        return web.json_response({"code": 0, "msg": "ok", "data": {"URL": url, "ClientConfig": self.config}})

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /ws."""
        ticket = request.query.get("ticket", "")
        known = ticket in self._tickets
        refusal = self.refusals.pop(0) if self.refusals else None if known else Refusal(514, "ticket", 1)
        if refusal:
            return web.Response(status=400, headers=refusal.headers())
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=True, max_msg_size=0)
        await socket.prepare(request)
        link = Link(socket, int(request.query["service_id"]))
        self.opened += 1
        self._moved(link, here=True)
        try:
            async for message in socket:
                if message.type is WSMsgType.BINARY:
                    await self._heard(link, decode(message.data))
        finally:
            self._moved(link, here=False)
        return socket

    async def connected(self, times: int = 1, links: int = 1, seconds: float = 10.0) -> None:
        """Waits until so many connections are there and so many were opened in all."""
        async with asyncio.timeout(seconds):
            while len(self.links) < links or self.opened < times:
                self._changed.clear()
                await self._changed.wait()

    async def stop(self) -> None:
        """Ends every connection; no other is opened."""
        self.stopped = True
        await self.disconnect()

    async def disconnect(self, *, rudely: bool = False) -> None:
        """Ends every connection; `rudely`: without a closing frame."""
        for link in list(self.links):
            if rudely and link.socket._req and link.socket._req.transport:
                link.socket._req.transport.abort()
            await link.socket.close()

    async def send(
        self, payload: bytes, kind: str = "event", *, parts: int = 1, shuffled: bool = False, seconds: float = 3.0
    ) -> tuple[int, Json | None]:
        """An event to ONE of the connections: the code of its ack and the answer in it; 0 if there is none in time."""
        await self.connected()
        link, name = self._random.choice(self.links), f"m{next(self._count)}"
        waiting = self._waiting[name] = asyncio.get_running_loop().create_future()
        frames = self._frames(link, name, payload, kind, parts)
        for frame in reversed(frames) if shuffled else frames:
            if not self.silent:
                await link.socket.send_bytes(frame.encode())
        try:
            return _answer(await asyncio.wait_for(waiting, seconds))
        except TimeoutError:
            return 0, None
        finally:
            self._waiting.pop(name, None)

    def _frames(self, link: Link, name: str, payload: bytes, kind: str, parts: int) -> list[Frame]:
        step = max(-(-len(payload) // parts), 1)
        pieces = [payload[at : at + step] for at in range(0, len(payload), step)]
        common = {"type": kind, "message_id": name, "sum": str(len(pieces)), "trace_id": f"trace-{name}"}
        stamp = {"timestamp": str(int(time.time() * 1000))}
        return [
            Frame(DATA, common | {"seq": str(at)} | stamp, piece, link.service, next(self._count), 7)
            for at, piece in enumerate(pieces)
        ]

    async def _heard(self, link: Link, frame: Frame) -> None:
        if frame.method == CONTROL:
            kind = frame.headers["type"]
            link.heard.append(kind)
            if kind == "ping" and not self.silent:
                pong = Frame(CONTROL, {"type": "pong"}, json.dumps(self.config).encode(), link.service)
                await link.socket.send_bytes(pong.encode())
            return
        self.acks.append(frame)
        waiting = self._waiting.get(frame.headers.get("message_id", ""))
        if waiting and not waiting.done():
            waiting.set_result(frame)

    def _moved(self, link: Link, *, here: bool) -> None:
        (self.links.append if here else self.links.remove)(link)
        self._changed.set()


def _answer(ack: Frame) -> tuple[int, Json | None]:
    """The code and the decoded data of an ack; a good one must say how long the work took."""
    said: dict[str, Any] = json.loads(ack.payload)
    if said["code"] == 200 and not ack.headers.get("biz_rt", "").isdecimal():
        return 0, None
    data = said.get("data")
    body = json.loads(base64.b64decode(data)) if data else None
    return int(said["code"]), body
