"""A Slack server on loopback: the Web API, response urls, uploads and Socket Mode, refusing what Slack refuses."""

import asyncio
import io
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from aiohttp import web

from bot.platforms.slack.manifest import SCOPES
from tests.fakes.slack_methods import Methods
from tests.fakes.slack_scopes import NEEDED
from tests.fakes.slack_socket import SocketMode
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


class FakeSlack(SocketMode):
    """One workspace. `clock` is in seconds; `calls` are the methods called, with their arguments."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.store = Store(clock)
        self.calls: list[tuple[str, Json]] = []
        self.refused: list[str] = []
        self.scopes = set(SCOPES)  # what the bot's token was granted
        self.behind = 0.0  # by so many seconds this server's clock is behind
        self.peers: set[object] = set()
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._runner: web.AppRunner | None = None
        self.methods = Methods(self.store, lambda: self.base, self.ticket)
        self.branches = {TOKEN: self.methods}  # the methods of every workspace, by its bot token
        self.ended: dict[str, str] = {}  # what Slack says of tokens that do not work any more
        self.open: dict[str, Callable[[Json, str], Json]] = {}  # methods that take no token

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
        return await self._broken(fault, request) if fault else web.json_response(answer, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        """What goes with every answer."""
        now = formatdate(time.time() - self.behind, usegmt=True)
        return {"X-OAuth-Scopes": ",".join(sorted(self.scopes)), "Date": now}

    def _answer(self, method: str, given: Json, authorization: str) -> Json:
        if method in self.open:
            return self.open[method](given, authorization)
        sent = authorization.removeprefix("Bearer ")
        methods = ({APP_TOKEN: self.methods} if method == "apps.connections.open" else self.branches).get(sent)
        if methods is None or sent in self.ended:
            return {"ok": False, "error": self.ended.get(sent, "invalid_auth" if sent else "not_authed")}
        if method not in methods.table:
            return {"ok": False, "error": "unknown_method"}
        if (needed := NEEDED.get(method, "")) and needed not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": needed, "provided": ",".join(sorted(self.scopes))}
        try:
            return {"ok": True} | methods.table[method](given)
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
        file = request.match_info["file"]
        self._holder(lambda store: file in store.files).files[file]["content"] = content
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.Response:
        methods = self.branches.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if methods is None:
            return web.Response(text="<html>sign in</html>", content_type="text/html")
        if request.match_info["file"] == "moved":
            raise web.HTTPFound("http://127.0.0.1:9/elsewhere")
        held = methods.store.files.get(request.match_info["file"])
        if held is None:  # of another workspace
            return web.Response(status=404)
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
            return web.Response(status=400 if "blocks" in refused.error else 404, text=refused.error)
        return web.Response(text="ok")

    def _holder(self, holds: Callable[[Store], bool]) -> Store:
        """The workspace that something is of; the first one if it is of none."""
        return next((one.store for one in self.branches.values() if holds(one.store)), self.store)

    def respond(self, token: str, body: Mapping[str, Any]) -> None:
        """What a response_url (or a slash command's own response) does."""
        store = self._holder(lambda one: token in one.urls)
        url = store.urls.get(token)
        if url is None:
            raise Refuse("no_such_url")
        if store.clock() - url.made > 1800:
            raise Refuse("expired_url")
        if url.left == 0:
            raise Refuse("used_url")
        url.left -= 1
        source = next((post for post in store.posts if post.ts == url.source), None)
        if body.get("replace_original") and source:
            source.past.append(source.now)
            source.now = store.content(body)
        elif body.get("delete_original") and source:
            source.gone = True
        else:
            user = "" if body.get("response_type") == "in_channel" else url.user
            store.post(url.channel, store.content(body), user)


async def _arguments(request: web.Request) -> Json:
    """The arguments from where the real client puts them: query, form or JSON."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given.update(await request.json())
        return given
    return given | {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
