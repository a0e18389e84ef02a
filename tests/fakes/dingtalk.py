"""A DingTalk server on loopback: the new API and the old one with every check, what it pushes, and the gateway."""

import asyncio
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

import aiohttp
from aiohttp import BodyPartReader, web

from tests.fakes.dingtalk_cards import SCOPE, Cards
from tests.fakes.dingtalk_contacts import MAIL, READ, TREE, Contacts
from tests.fakes.dingtalk_people import People
from tests.fakes.dingtalk_sends import ROBOT, TODO, Sends
from tests.fakes.dingtalk_store import CORP, Group, Json, OldRefuse, Person, Refuse, Store

SECRET = "fake-secret-of-nobody-0123456789"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TOKEN = "fake-token-0123456789"
FORM = "forms-of-ours.schema"
AGENT = 4711
SCOPES = {"/v1.0/robot/": ROBOT, "/v1.0/card/": SCOPE, "/v1.0/todo/": TODO}
COUNTED = ("/v1.0/robot/oToMessages", "/v1.0/robot/groupMessages/send", "/v1.0/card/instances", "/v1.0/todo/")
Handler = Callable[[web.Request, Json], Json]
_apps = itertools.count(1)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call: an HTTP status (HTML without a code), a code of the new API or an errcode of the
    old one, a dead connection, a wait. `after`: only once the call has had its effect."""

    status: int = 0
    code: str | int = ""
    reset: bool = False
    hang: float = 0.0
    after: bool = False


class DingTalkFake(People):
    """One company and one app with credentials of its own. `clock` is in seconds; `calls` are "METHOD /path" with their
    bodies, `refused` the answers with an error, `flags` what a real tenant would have suffered without a word.
    `limited`: the limits of calls a second hold."""

    tenant = CORP

    def __init__(self, clock: Callable[[], float] = time.time, *, limited: bool = True) -> None:
        client_id = f"dingfake{next(_apps):08d}"
        super().__init__(Store(clock), client_id, SECRET, AES_KEY, TOKEN)
        self.scopes = {ROBOT, SCOPE, TODO, READ, MAIL, TREE}
        self.agent_id = AGENT
        self.cards = Cards(self.store, client_id)
        self.sends = Sends(self.store, client_id, AGENT, lambda: self.base)
        self.contacts = Contacts(self.store, self.scopes)
        self.limited = limited
        self.form_template = FORM
        self.publish(FORM, "title", "form", "form_btn_text", "form_status", "notice")
        self.calls: list[tuple[str, Json]] = []
        self.refused: list[str] = []
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._runner: web.AppRunner | None = None
        self.base = self.old_base = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def people(self) -> Mapping[str, Person]:
        """Accounts by staff id."""
        return self.store.people

    @property
    def flags(self) -> list[str]:
        """Faults that DingTalk would not have told."""
        return self.store.flags

    async def start(self, port: int = 0) -> None:
        """Listens on a loopback port, a free one unless it is given; both APIs have their own prefix."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        for (method, path), handler in {**self.cards.routes(), **self.sends.routes()}.items():
            app.router.add_route(method, f"/api{path}", self._new(path, handler))
        for path, handler in {**self.contacts.routes(), **self.sends.old_routes()}.items():
            app.router.add_post(f"/oapi{path}", self._old(path, handler))
        app.router.add_post("/api/v1.0/oauth2/accessToken", self._new("/v1.0/oauth2/accessToken", self._token))
        app.router.add_post("/api/v1.0/gateway/connections/open", self._open)
        app.router.add_get("/oapi/gettoken", self._old("/gettoken", self._old_token))
        app.router.add_post("/oapi/media/upload", self._old("/media/upload", self._upload))
        app.router.add_post("/oapi/robot/sendBySession", self._old("/robot/sendBySession", self._hook))
        app.router.add_get("/api/files/{code}", self._file)
        app.router.add_get("/connect", self.gateway.serve)
        app.router.add_route("*", "/api/{rest:.*}", _nowhere)
        app.router.add_route("*", "/oapi/{rest:.*}", _old_nowhere)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, port = self._runner.addresses[0][:2]
        self.root = f"http://{host}:{port}"
        self.base, self.old_base = f"{self.root}/api", f"{self.root}/oapi"
        self.http = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Stops listening."""
        await self.gateway.stop()
        if self.http:
            await self.http.close()
        if self._runner:
            await self._runner.cleanup()

    def fail(self, name: str, *faults: Fault) -> None:
        """The next calls of a "METHOD /path" go wrong, one after another."""
        self._faults[name].extend(faults)

    def called(self, name: str) -> list[Json]:
        """The bodies of every call of a "METHOD /path"."""
        return [body for called, body in self.calls if called == name]

    def expire_tokens(self) -> None:
        """No token given out so far is good any more."""
        self.store.tokens.clear()

    def add_user(self, user: str, *, name: str, email: str = "", vouched: bool = True, **more: Any) -> Person:
        """Makes the account known."""
        person = self.store.people[user] = Person(user, name, email, vouched, **more)
        return person

    def add_group(self, cid: str, *users: str, title: str = "Team") -> None:
        """Makes a group with the robot and these people."""
        self.store.groups[cid] = Group(cid, title, set(users))

    def publish(self, template: str, *variables: str, binds: Mapping[str, str] | None = None) -> None:
        """A template of the company's own: its variables, and what its form sends besides the answers."""
        self.cards.templates[template] = set(variables)
        self.cards.binds[template] = dict(binds or {})

    def _new(self, path: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def door(request: web.Request) -> web.StreamResponse:
            name, body = f"{request.method} {path}", await _body(request)
            return await self._replied(name, request, body, lambda: self._checked(path, handler, request, body))

        return door

    def _old(self, path: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def door(request: web.Request) -> web.StreamResponse:
            name, body = f"{request.method} {path}", await _body(request)
            return await self._replied(name, request, body, lambda: self._old_checked(path, handler, request, body))

        return door

    async def _replied(
        self, name: str, request: web.Request, body: Json, work: Callable[[], Json]
    ) -> web.StreamResponse:
        self.calls.append((name, body))
        fault = self._faults[name].pop(0) if self._faults[name] else None
        if fault and not fault.after:
            return await _broken(fault, request)
        status = 200
        try:
            answer = work()
        except Refuse as refused:
            self.refused.append(f"{name}: {refused}")
            status, answer = refused.status, refused.body
        except OldRefuse as refused:
            self.refused.append(f"{name}: {refused}")
            answer = refused.body
        return await _broken(fault, request) if fault else web.json_response(answer, status=status)

    def _checked(self, path: str, handler: Handler, request: web.Request, body: Json) -> Json:
        if "" in body:
            raise Refuse("InvalidParameter.Body", "no JSON object")
        if path != "/v1.0/oauth2/accessToken":
            self._allowed(path, request.headers.get("x-acs-dingtalk-access-token", ""))
        if self.limited and self.store.window.full(path, 20, 1.0):
            raise Refuse("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", status=403)
        if path.startswith(COUNTED) and not self.store.spend("api"):
            raise Refuse("Forbidden.AccessDenied.ApiCountLimitForOrg", status=403)
        return handler(request, body)

    def _allowed(self, path: str, token: str) -> None:
        if not token:
            raise Refuse("AuthenticationFailed.MissingParameter", "缺少参数：x-acs-dingtalk-access-token")
        if not self.store.good(token):
            raise Refuse("InvalidAuthentication", "不合法的access_token")
        scope = next((scope for prefix, scope in SCOPES.items() if path.startswith(prefix)), "")
        if scope and scope not in self.scopes:
            needed = {"requiredScopes": [scope]}
            raise Refuse("Forbidden.AccessDenied.AccessTokenPermissionDenied", status=403, accessdenieddetail=needed)

    def _old_checked(self, path: str, handler: Handler, request: web.Request, body: Json) -> Json:
        if path not in ("/gettoken", "/robot/sendBySession"):
            token = request.query.get("access_token", "")
            if not self.store.good(token):
                raise OldRefuse(88, "不合法的access_token", "40014")
            if self.limited and self.store.window.full(path, 20, 1.0):
                raise OldRefuse(88, "您的服务器调用钉钉开放平台所有接口的请求都被暂时禁用了", "90018")
        return handler(request, body)

    def _token(self, _: web.Request, body: Json) -> Json:
        if (body.get("appKey"), body.get("appSecret")) != (self.client_id, self.client_secret):
            raise Refuse("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        token, life = self.store.token()
        return {"accessToken": token, "expireIn": life}

    def _old_token(self, request: web.Request, _: Json) -> Json:
        if (request.query.get("appkey"), request.query.get("appsecret")) != (self.client_id, self.client_secret):
            raise OldRefuse(40096, "不合法的appKey或appSecret")
        token, life = self.store.token()
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": life}

    def _upload(self, request: web.Request, body: Json) -> Json:
        name, content = body.get("media", ("", b""))
        return self.contacts.upload(request.query.get("type", str(body.get("type", ""))), name, content)

    def _hook(self, request: web.Request, body: Json) -> Json:
        return self.sends.hook(unquote(request.query.get("session", "")), body)

    async def _open(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        if "json" not in request.headers.get("Accept", ""):
            return web.Response(text="<xml/>", content_type="text/xml")
        return await self._replied(
            "POST /v1.0/gateway/connections/open", request, body, lambda: self.gateway.open(self.root, body)
        )

    async def _file(self, request: web.Request) -> web.Response:
        held = self.store.files.get(request.match_info["code"])
        if held is None:
            return web.Response(status=404)
        return web.Response(body=held.content, content_type="application/octet-stream")


async def _nowhere(_: web.Request) -> web.Response:
    return web.json_response({"code": "InvalidAction.NotFound", "message": "not found"}, status=404)


async def _old_nowhere(_: web.Request) -> web.Response:
    return web.json_response({"errcode": 22, "errmsg": "不合法的请求地址"})


async def _broken(fault: Fault, request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(fault.hang)
    if fault.reset and request.transport:
        request.transport.abort()
    if isinstance(fault.code, int):
        return web.json_response(OldRefuse(fault.code, "fault").body)
    if not fault.code:
        return web.Response(status=fault.status or 200, text="<html>oops</html>", content_type="text/html")
    return web.json_response(Refuse(fault.code).body, status=fault.status or 400)


async def _body(request: web.Request) -> Json:
    """What was sent, by name; the uploaded file as its name and bytes; {"": …} if it is no JSON object."""
    if request.content_type.startswith("multipart/"):
        return await _parts(request)
    raw = await request.read()
    if request.content_type == "application/x-www-form-urlencoded":
        return {name: str(value) for name, value in (await request.post()).items()}
    try:
        value = json.loads(raw) if raw else {}
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"": raw}


async def _parts(request: web.Request) -> Json:
    reader, found = await request.multipart(), dict[str, Any]()
    async for part in reader:
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        found[str(part.name)] = (part.filename or "", content) if part.name == "media" else content.decode()
    return found
