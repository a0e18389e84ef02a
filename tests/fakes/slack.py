"""A Slack server on loopback: the Web API, response urls, uploads and Socket Mode, refusing what Slack refuses."""

import asyncio
import io
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.slack_methods import Methods
from tests.fakes.slack_store import APP, Json, Refuse, Store

TOKEN = "xoxb-1-fake-of-nobody"
APP_TOKEN = f"xapp-1-{APP}-1-fake"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call. `after`: only once the call has had its effect."""

    status: int = 0
    error: str = ""
    retry_after: int = 0
    reset: bool = False
    hang: float = 0.0
    after: bool = False


class FakeSlack:
    """One workspace. `clock` is in seconds; `calls` are the methods called, with their arguments."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.store = Store(clock)
        self.calls: list[tuple[str, Json]] = []
        self.refused: list[str] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.connections = 0
        self.silent = False  # a half-dead server: pings are not answered
        self.stale_tickets = 0  # so many addresses that are given out are used up already
        self.peers: set[object] = set()
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._tickets: set[str] = set()
        self._count = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._arrived = asyncio.Event()
        self.base = ""
        self.methods = Methods(self.store, lambda: self.base, self._ticket)

    @property
    def api_url(self) -> str:
        """Where the Web API is."""
        return f"{self.base}/api/"

    async def start(self, port: int = 0, *more: web.RouteDef) -> None:
        """Listens on a loopback port, a free one unless it is given; `more` doors stand beside Slack's own."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(more)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_post("/hooks/{token}", self._hook)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stops listening."""
        for socket in list(self.sockets):
            await socket.close()
        if self._runner:
            await self._runner.cleanup()

    def fail(self, method: str, *faults: Fault) -> None:
        """The next calls of a method (or "upload", "hook") go wrong, one after another."""
        self._faults[method].extend(faults)

    def called(self, method: str) -> list[Json]:
        """The arguments of every call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given = await _arguments(request)
        self.peers.add(request.transport and request.transport.get_extra_info("peername"))
        self.calls.append((method, given))
        fault = self._faults[method].pop(0) if self._faults[method] else None
        if fault and not fault.after:
            return await self._broken(fault, request)
        answer = self._answer(method, given, request.headers.get("Authorization", ""))
        if not answer["ok"]:
            self.refused.append(f"{method}: {answer['error']} {answer.get('errors', '')}")
        return await self._broken(fault, request) if fault else web.json_response(answer)

    def _answer(self, method: str, given: Json, authorization: str) -> Json:
        wanted = APP_TOKEN if method == "apps.connections.open" else TOKEN
        if not authorization:
            return {"ok": False, "error": "not_authed"}
        if authorization != f"Bearer {wanted}":
            return {"ok": False, "error": "invalid_auth"}
        if method not in self.methods.table:
            return {"ok": False, "error": "unknown_method"}
        try:
            return {"ok": True} | self.methods.table[method](given)
        except Refuse as refused:
            return {"ok": False, "error": refused.error, "errors": [refused.detail]}
        except KeyError as missing:
            return {"ok": False, "error": "invalid_arguments", "errors": [str(missing)]}

    async def _broken(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(fault.hang)
        if fault.reset and request.transport:
            request.transport.abort()
        if fault.error:
            return web.json_response({"ok": False, "error": fault.error})
        if fault.status == 429:
            headers = {"Retry-After": str(fault.retry_after)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        return web.Response(status=fault.status or 200, text="<html>oops</html>", content_type="text/html")

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        self.calls.append(("upload", {"size": len(content), "authorized": "Authorization" in request.headers}))
        if self._faults["upload"]:
            return await self._broken(self._faults["upload"].pop(0), request)
        self.store.files[request.match_info["file"]]["content"] = content
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(text="<html>sign in</html>", content_type="text/html")
        if request.match_info["file"] == "moved":
            raise web.HTTPFound("http://127.0.0.1:9/elsewhere")
        held = self.store.files[request.match_info["file"]]
        return web.Response(body=io.BytesIO(held["content"]), content_type="application/octet-stream")

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.calls.append(("hook", body))
        if self._faults["hook"]:
            return await self._broken(self._faults["hook"].pop(0), request)
        try:
            self.respond(request.match_info["token"], body)
        except Refuse as refused:
            self.refused.append(f"hook: {refused.error} {refused.detail}")
            return web.Response(status=404, text=refused.error)
        return web.Response(text="ok")

    def respond(self, token: str, body: Mapping[str, Any]) -> None:
        """What a response_url (or a slash command's own response) does."""
        url = self.store.urls.get(token)
        if url is None:
            raise Refuse("no_such_url")
        if self.store.clock() - url.made > 1800:
            raise Refuse("expired_url")
        if url.left == 0:
            raise Refuse("used_url")
        url.left -= 1
        source = next((post for post in self.store.posts if post.ts == url.source), None)
        if body.get("replace_original") and source:
            source.past.append(source.now)
            source.now = self.store.content(body)
        elif body.get("delete_original") and source:
            source.gone = True
        else:
            user = "" if body.get("response_type") == "in_channel" else url.user
            self.store.post(url.channel, self.store.content(body), user)

    def _ticket(self) -> str:
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
        self.connections += 1
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}})
        self.sockets.append(socket)
        self._arrived.set()
        try:
            async for message in socket:
                await self._heard(socket, message.type, message.data)
        finally:
            self.sockets.remove(socket)
        return socket

    async def _heard(self, socket: web.WebSocketResponse, kind: WSMsgType, data: Any) -> None:
        if kind is WSMsgType.PING and not self.silent:
            await socket.pong(data)
        if kind is WSMsgType.TEXT:
            ack = json.loads(data)
            waiting = self._acks.pop(ack["envelope_id"], None)
            if waiting and not waiting.done():
                waiting.set_result(ack.get("payload") or {})

    async def connected(self, times: int = 1, seconds: float = 5.0) -> None:
        """Waits until a Socket Mode client is there, having connected so many times."""
        async with asyncio.timeout(seconds):
            while not self.sockets or self.connections < times:
                self._arrived.clear()
                await self._arrived.wait()

    async def envelope(self, kind: str, payload: Json, seconds: float = 3.0, **more: object) -> Json | None:
        """Sends one envelope; the payload of its ack, None if there is none in time."""
        await self.connected()
        envelope_id = f"e{next(self._count)}"
        ack = self._acks[envelope_id] = asyncio.get_running_loop().create_future()
        about = {"envelope_id": envelope_id, "type": kind, "accepts_response_payload": kind != "events_api"}
        await self.sockets[-1].send_json(about | {"payload": payload} | more)
        try:
            return await asyncio.wait_for(ack, seconds)
        except TimeoutError:
            return None

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Asks the client to connect anew."""
        await self.sockets[-1].send_json({"type": "disconnect", "reason": reason})


async def _arguments(request: web.Request) -> Json:
    """The arguments from where the real client puts them: query, form or JSON."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given.update(await request.json())
        return given
    return given | {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
