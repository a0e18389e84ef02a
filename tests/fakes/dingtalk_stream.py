"""The Stream gateway of the fake DingTalk: tickets, frames, acks, pings, and every way a connection can die."""

import asyncio
import json
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from tests.fakes.dingtalk_store import Json, Refuse, Store

TICKET = 90.0
KNOWN = {
    ("EVENT", "*"),
    ("CALLBACK", "/v1.0/im/bot/messages/get"),
    ("CALLBACK", "/v1.0/card/instances/callback"),
    ("CALLBACK", "/v1.0/graph/api/invoke"),
}


@dataclass
class Link:
    """One open connection; `leaving`: it was told to go, and gets nothing any more."""

    socket: web.WebSocketResponse
    topics: frozenset[tuple[str, str]]
    name: str
    leaving: bool = False
    pongs: int = 0


@dataclass(frozen=True)
class Ack:
    """The answer to a frame."""

    code: int
    data: Any
    seconds: float


@dataclass
class _Waiting:
    name: str
    begun: float
    ack: "asyncio.Future[Ack]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Gateway:
    """POST /v1.0/gateway/connections/open and GET /connect. `refusals` are the answers of the next openings;
    `silent`: a dead server, that neither pushes nor answers pings; `grace`: seconds from a disconnect to the end."""

    def __init__(self, store: Store, client_id: str, secret: str) -> None:
        self.store, self._client_id, self._secret = store, client_id, secret
        self.links: list[Link] = []
        self.opened = 0
        self.silent = False
        self.grace = 10.0
        self.refusals: list[Refuse] = []
        self.asked: list[Json] = []
        self._tickets: dict[str, tuple[float, frozenset[tuple[str, str]]]] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._changed = asyncio.Event()
        self._random = random.Random(1)
        self._ends: set[asyncio.Task[None]] = set()

    def open(self, base: str, body: Json) -> Json:
        """Where to connect, with a ticket for one use."""
        self.asked.append(body)
        if self.refusals:
            raise self.refusals.pop(0)
        if (body.get("clientId"), body.get("clientSecret")) != (self._client_id, self._secret):
            raise Refuse("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        wanted = body.get("subscriptions")
        topics = frozenset((str(one.get("type")), str(one.get("topic"))) for one in wanted or ())
        if not topics or not topics <= KNOWN:
            raise Refuse("invalidParameter.subscriptions", f"{sorted(topics - KNOWN)}")
        if not body.get("ua"):
            self.store.flag("a connection without ua")
        ticket = self.store.made("ticket-")
        self._tickets[ticket] = (self.store.clock() + TICKET, topics)
        return {"endpoint": f"{base.replace('http', 'ws', 1)}/connect", "ticket": ticket}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /connect."""
        until, topics = self._tickets.pop(request.query.get("ticket", ""), (0.0, frozenset()))
        if until <= self.store.clock():
            return web.Response(status=401, text="ticket is invalid")
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        link = Link(socket, topics, self.store.made("conn"))
        self.opened += 1
        self._moved(link, here=True)
        try:
            async for came in socket:
                await self._heard(link, came)
        finally:
            self._moved(link, here=False)
        return socket

    async def connected(self, times: int = 1, links: int = 1, seconds: float = 10.0) -> None:
        """Waits until so many connections are there and so many were opened in all."""
        async with asyncio.timeout(seconds):
            while len(self.links) < links or self.opened < times:
                self._changed.clear()
                await self._changed.wait()

    async def gone(self, seconds: float = 10.0) -> None:
        """Waits until no connection is left."""
        async with asyncio.timeout(seconds):
            while self.links:
                self._changed.clear()
                await self._changed.wait()

    async def push(self, kind: str, topic: str, data: Json, seconds: float = 3.0, **headers: str) -> Ack | None:
        """A frame to ONE of those who want it, and its ack; None if there is none in time."""
        wanted = (kind, "*" if kind == "EVENT" else topic)
        fitting = [link for link in self.links if not link.leaving and (wanted in link.topics or kind == "SYSTEM")]
        if not fitting:
            return None
        return await self._pushed(self._random.choice(fitting), kind, topic, data, seconds, headers)

    async def _pushed(
        self, link: Link, kind: str, topic: str, data: Json, seconds: float, headers: dict[str, str]
    ) -> Ack | None:
        name = self.store.made("frame_")
        waiting = self._waiting[name] = _Waiting(name, time.monotonic())
        about = {"appId": "1305", "connectionId": link.name, "contentType": "application/json", "messageId": name}
        about |= {"time": str(int(self.store.clock() * 1000)), "topic": topic}
        frame = {"specVersion": "1.0", "type": kind, "headers": about | headers}
        if not self.silent:
            await link.socket.send_str(json.dumps(frame | {"data": json.dumps(data, ensure_ascii=False)}))
        try:
            return await asyncio.wait_for(waiting.ack, seconds)
        except TimeoutError:
            return None
        finally:
            del self._waiting[name]

    async def ping(self, seconds: float = 3.0) -> bool:
        """A ping to every connection; whether all gave the same back."""
        good = True
        for link in list(self.links):
            said = {"opaque": self.store.made("opaque")}
            ack = await self._pushed(link, "SYSTEM", "ping", said, seconds, {})
            good = good and ack is not None and ack.code == 200 and ack.data == said
        return good

    async def disconnect(self, links: Iterable[Link] | None = None) -> None:
        """Tells connections to go: nothing is routed there from now on, and after the grace they are closed."""
        for link in list(self.links if links is None else links):
            link.leaving = True
            about = {"topic": "disconnect", "contentType": "application/json", "connectionId": link.name}
            data = json.dumps({"reason": "connection is expired"})
            frame = {"specVersion": "1.0", "type": "SYSTEM", "headers": about, "data": data}
            await link.socket.send_str(json.dumps(frame))
            ending = asyncio.create_task(self._end(link))
            self._ends.add(ending)
            ending.add_done_callback(self._ends.discard)

    async def kill(self, *, code: int = 0) -> None:
        """Ends every connection: with a closing frame, or, without a code, as a cut wire does."""
        for link in list(self.links):
            if code:
                await link.socket.close(code=code)
            elif link.socket._req is not None and link.socket._req.transport:
                link.socket._req.transport.abort()

    async def raw(self, text: str) -> None:
        """Something that is no frame, to everybody."""
        for link in list(self.links):
            await link.socket.send_str(text)

    async def stop(self) -> None:
        """Ends everything."""
        for ending in list(self._ends):
            ending.cancel()
        await self.kill()

    async def _end(self, link: Link) -> None:
        await asyncio.sleep(self.grace)
        await link.socket.close()

    async def _heard(self, link: Link, came: WSMessage) -> None:
        if came.type is WSMsgType.PING and not self.silent:
            await link.socket.pong(came.data)
        if came.type is not WSMsgType.TEXT:
            return
        frame = _frame(came.data)
        name = str((frame.get("headers") or {}).get("messageId") or "")
        waiting = self._waiting.get(name)
        wrong = _wrong(frame)
        if wrong and not (wrong == "messageId" and link.leaving):  # a disconnect has none to give back
            self.store.flag(f"an ack with a wrong {wrong}")
        elif waiting and not waiting.ack.done():
            seconds = time.monotonic() - waiting.begun
            waiting.ack.set_result(Ack(int(frame["code"]), json.loads(frame.get("data") or "null"), seconds))
        elif name:
            self.store.flag("an ack too late, or twice")

    def _moved(self, link: Link, *, here: bool) -> None:
        (self.links.append if here else self.links.remove)(link)
        self._changed.set()


def _frame(raw: str) -> Json:
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _wrong(frame: Json) -> str:
    """The part of an ack that is wrong; "" if none is."""
    headers = frame.get("headers")
    if not isinstance(frame.get("code"), int) or not isinstance(headers, dict):
        return "code"
    if headers.get("contentType") != "application/json":
        return "contentType"
    if not isinstance(headers.get("messageId"), str) or not headers["messageId"]:
        return "messageId"
    data = frame.get("data", "")
    if not isinstance(data, str):
        return "data"
    try:
        json.loads(data or "null")
    except ValueError:
        return "data"
    return ""
