"""A Feishu server on loopback: the API with every check, what it pushes, and the long connection."""

import asyncio
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import BodyPartReader, web

from tests.fakes.feishu_contacts import (
    BASE,
    DEPARTMENT,
    EMAIL,
    JOB,
    LOOKUP,
    NAME,
    NUMBER,
    TREE,
    UNIT,
    Contacts,
    bot_info,
)
from tests.fakes.feishu_media import Media
from tests.fakes.feishu_press import Pressing
from tests.fakes.feishu_routes import BATCH, SEND, UPDATE, URGENT, Messages
from tests.fakes.feishu_store import BOT, BOT_NAME, TENANT, Json, Person, Refuse, Store

SECRET = "fake-secret-of-nobody-0123456789"
KEY = "fake-encrypt-key-0123456789"
VERIFICATION = "fake-verification-token-0123456789"
SCOPES = (NAME, EMAIL, NUMBER, DEPARTMENT, JOB, LOOKUP, BASE, UNIT, TREE, SEND, UPDATE, URGENT, BATCH)
MORE_SCOPES = ("im:user_agent:read", "im:resource", "im:message.p2p_msg:readonly", "im:message.group_at_msg:readonly")
Handler = Callable[[web.Request, Json], Json]
_apps = itertools.count(1)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call: an HTTP status, a code with its status (400 if none), a dead connection, a wait.
    `after`: only once the call has had its effect."""

    status: int = 0
    code: int = 0
    msg: str = "fault"
    reset: bool = False
    hang: float = 0.0
    after: bool = False
    wait: int = 1


class FeishuFake(Pressing):
    """One company and one app with credentials of its own. `clock` is in seconds; `calls` are "METHOD path" with their
    bodies, `refused` the answers with a code. `limited`: the limits of calls hold; `locking`: a card is not updated
    while a press on it waits; `enabled`: the bot ability is on."""

    tenant = TENANT
    secret = SECRET

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        *,
        encrypt_key: str = KEY,
        verification_token: str = VERIFICATION,
        limited: bool = True,
    ) -> None:
        app_id = f"cli_fake{next(_apps):08d}"
        super().__init__(Store(clock), app_id, encrypt_key, verification_token, {*SCOPES, *MORE_SCOPES})
        self.messages = Messages(self.store, self.scopes, app_id)
        self.messages.limited = limited
        self.contacts, self.media = Contacts(self.store, self.scopes), Media(self.store)
        self.enabled = True
        self.subscribed = ["im.message.receive_v1", "application.bot.menu_v6"]
        self.calls: list[tuple[str, Json]] = []
        self.refused: list[str] = []
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._runner: web.AppRunner | None = None
        self.base = ""

    @property
    def people(self) -> Mapping[str, Person]:
        """Accounts by open_id."""
        return self.store.people

    async def start(self, port: int = 0) -> None:
        """Listens on a loopback port, a free one unless it is given."""
        self.links.stopped = False
        app = web.Application(client_max_size=64 * 1024 * 1024)
        for (method, path), handler in self._table().items():
            app.router.add_route(method, f"/open-apis{path}", self._door(path, handler))
        app.router.add_post("/open-apis/auth/v3/tenant_access_token/internal", self._token)
        app.router.add_get("/open-apis/im/v1/messages/{id}/resources/{key}", self._resource)
        app.router.add_post("/callback/ws/endpoint", self._endpoint)
        app.router.add_get("/ws", self.links.serve)
        app.router.add_route("*", "/{rest:.*}", _nowhere)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        self.http = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Stops listening."""
        await self.links.stop()
        if self.http:
            await self.http.close()
        if self._runner:
            await self._runner.cleanup()

    def fail(self, path: str, *faults: Fault) -> None:
        """The next calls of a "METHOD /path/{id}" go wrong, one after another."""
        self._faults[path].extend(faults)

    def called(self, path: str) -> list[Json]:
        """The bodies of every call of a "METHOD /path/{id}"."""
        return [body for name, body in self.calls if name == path]

    def expire_tokens(self) -> None:
        """No token given out so far is good any more."""
        self.store.tokens.clear()

    def add_user(self, user: str, *, name: str, email: str = "", vouched: bool = True, locale: str = "zh_cn") -> Person:
        """Makes the account known."""
        return self.store.add(Person(user, name, email, vouched, locale))

    def add_group(self, chat: str, *users: str) -> None:
        """Makes a group with the bot and these people."""
        self.store.groups[chat] = {BOT, *users}

    def _table(self) -> dict[tuple[str, str], Handler]:
        more: dict[tuple[str, str], Handler] = {
            ("GET", "/bot/v3/info"): self._bot,
            ("GET", "/application/v6/scopes"): self._granted,
            ("GET", "/application/v6/applications/{id}/app_versions"): self._versions,
        }
        return more | {**self.contacts.routes(), **self.messages.routes(), **self.media.routes()}

    def _bot(self, _: web.Request, __: Json) -> Json:
        if not self.enabled:
            raise Refuse(230006, "The bot ability is not activated.")
        return bot_info(BOT_NAME)

    def _granted(self, _: web.Request, __: Json) -> Json:
        return {"scopes": [{"scope_name": one, "grant_status": 1, "scope_type": "tenant"} for one in self.scopes]}

    def _versions(self, request: web.Request, _: Json) -> Json:
        if "application:application.app_version:readonly" not in self.scopes:
            raise Refuse(99991672, "Access denied. One of the following scopes is required.")
        about = {"app_id": request.match_info["id"], "version": "1.0.0", "status": 1, "events": list(self.subscribed)}
        return {"items": [about], "has_more": False}

    def _door(self, path: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def door(request: web.Request) -> web.StreamResponse:
            name = f"{request.method} {path}"
            body = await _body(request)
            return await self._replied(name, request, body, lambda: self._called(name, handler, request, body))

        return door

    async def _replied(
        self, name: str, request: web.Request, body: Json, work: Callable[[], web.Response]
    ) -> web.StreamResponse:
        self.calls.append((name, body))
        fault = self._faults[name].pop(0) if self._faults[name] else None
        if fault and not fault.after:
            return await _broken(fault, request)
        try:
            answer = work()
        except Refuse as refused:
            self.refused.append(f"{name}: {refused}")
            answer = web.json_response(
                {"code": refused.code, "msg": refused.msg, "error": {"log_id": "l1", "troubleshooter": ""}},
                status=refused.status,
                headers=refused.headers,
            )
        answer.headers["X-Tt-Logid"] = "l1"
        return await _broken(fault, request) if fault else answer

    def _called(self, name: str, handler: Handler, request: web.Request, body: Json) -> web.Response:
        self._bearer(request.headers.get("Authorization", ""))
        self._rate(name)
        if None in body:
            raise Refuse(9499, "Bad Request")
        data = handler(request, body)
        outer = data if "bot" in data else {"data": data}
        return web.json_response({"code": 0, "msg": "success"} | outer)

    def _bearer(self, said: str) -> None:
        token = said.removeprefix("Bearer ").strip()
        if not said.startswith("Bearer ") or not token:
            raise Refuse(99991661, "Missing access token for authorization.")
        if not token.startswith(("t-", "u-")):
            raise Refuse(99991671, "Invalid access token for authorization.")
        if self.store.tokens.get(token, 0.0) <= self.store.clock():
            raise Refuse(99991663, "Invalid access token for authorization. Please make a test attempt again.")

    def _rate(self, name: str) -> None:
        if not self.messages.limited:
            return
        for most, seconds in ((50, 1.0), (1000, 60.0)):
            wait = self.store.window.full(name, most, seconds)
            if wait:
                reset = {"x-ogw-ratelimit-limit": str(most), "x-ogw-ratelimit-reset": str(int(wait) + 1)}
                raise Refuse(99991400, "request trigger frequency limit", status=429, headers=reset)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        return await self._replied("POST /auth", request, body, lambda: self._granting(body))

    def _granting(self, body: Json) -> web.Response:
        if body.get("app_id") != self.app_id:
            raise Refuse(10003, "invalid param", status=200)
        if body.get("app_secret") != self.secret:
            raise Refuse(10014, "app secret invalid", status=200)
        token, life = self.store.token()
        return web.json_response({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": life})

    async def _resource(self, request: web.Request) -> web.StreamResponse:
        def work() -> web.Response:
            self._bearer(request.headers.get("Authorization", ""))
            return self.media.resource(request)

        return await self._replied("GET /im/v1/messages/{id}/resources/{key}", request, {}, work)

    async def _endpoint(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        self.calls.append(("POST /callback/ws/endpoint", body))
        return self.links.endpoint(self.base, body, self.app_id, self.secret)


async def _nowhere(_: web.Request) -> web.Response:
    return web.json_response({"code": 99991201, "msg": "404 page not found"}, status=404)


async def _broken(fault: Fault, request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(fault.hang)
    if fault.reset and request.transport:
        request.transport.abort()
    if not fault.code:
        return web.Response(status=fault.status or 200, text="<html>oops</html>", content_type="text/html")
    headers = {"x-ogw-ratelimit-reset": str(fault.wait)} if fault.code == 99991400 else {}
    return web.json_response({"code": fault.code, "msg": fault.msg}, status=fault.status or 400, headers=headers)


async def _body(request: web.Request) -> Json:
    """What was sent, by name; files as bytes; {None: …} if it is no JSON object."""
    if request.content_type.startswith("multipart/"):
        return await _parts(request)
    raw = await request.read()
    try:
        value = json.loads(raw) if raw else {}
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {None: raw}  # type: ignore[dict-item]


async def _parts(request: web.Request) -> Json:
    """The parts of a form; the vendor's own client sends files without a file name."""
    reader, found = await request.multipart(), dict[str, Any]()
    async for part in reader:
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        found[str(part.name)] = content if part.name in ("image", "file") else content.decode()
    return found
