"""Installing the bot in a workspace: by invitation of who runs it, since a workspace says who its people are.

Accounts are linked by an e-mail address that their workspace vouches for. Whoever could install the bot in a workspace
of their own could say there that they are anybody.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

import structlog
from aiohttp import web
from slack_sdk.oauth import AuthorizeUrlGenerator

from bot.ops import frames
from bot.passes import Pass, Passes
from bot.platforms.slack.grant import Client, Unwanted, granted
from bot.platforms.slack.landing import HEADERS, page, reader
from bot.platforms.slack.manifest import SCOPES
from bot.platforms.slack.wire import Wire
from bot.tenants import Installed, Tenants
from bot.text import Texts

INSTALL, BACK = "/slack/install", "/slack/oauth_redirect"
INVITATION, STATE = "slack invitation", "slack state"
INVITED, BEGUN = timedelta(hours=1), timedelta(minutes=10)
COOKIE = "pandian_installing"
COMMAND = "python -m bot install slack"
TENANT = re.compile(r"[TE][A-Z0-9]{2,30}", re.ASCII)
CODE = re.compile(r"[A-Za-z0-9._-]{1,500}", re.ASCII)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Distribution:
    """What several workspaces need: our app, where browsers reach us, and where installations are kept."""

    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    tenants: Tenants
    passes: Passes


def invitation(public_url: str, passes: Passes, now: datetime, tenant: str = "") -> str:
    """An address at which somebody installs the bot once, within an hour, and only in `tenant` if one is named. Raises
    ValueError if that is no id of Slack's."""
    if tenant and not TENANT.fullmatch(tenant):
        raise ValueError("a workspace is named by its id, such as T0123ABCD; the id of an organisation begins with E")
    made = passes.make(INVITATION, now + INVITED, *([tenant] if tenant else []))
    return f"{public_url.rstrip('/')}{INSTALL}?invitation={made}"


class Installing:
    """The two doors of an installation. `installed` is told of every new one."""

    def __init__(
        self,
        by: Distribution,
        wire: Wire,
        app: str,
        clock: Callable[[], datetime],
        installed: Callable[[str], object],
    ) -> None:
        self._by, self._wire, self._clock, self._installed = by, wire, clock, installed
        self._client = Client(by.client_id, by.client_secret, app)
        self._back = f"{by.public_url.rstrip('/')}{BACK}"
        self._path = urlsplit(self._back).path.removesuffix("oauth_redirect")  # a proxy may put us below a path

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """GET /slack/install and GET /slack/oauth_redirect."""
        doors = ((INSTALL, _logged(self._begin)), (BACK, _logged(self._finish)))
        return [web.get(path, handler, allow_head=False) for path, handler in doors]

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        """To Slack, with a state that only this browser can bring back."""
        t, now = _texts(request), self._clock()
        invited = self._by.passes.read(INVITATION, request.query.get("invitation", ""), now)
        if invited is None or await self._by.tenants.used(_key(invited)):
            log.warning("slack installation refused", reason="invitation")
            return _uninvited(t)
        browser = secrets.token_hex(16)
        state = self._by.passes.make(STATE, now + BEGUN, invited.number, _digest(browser), *invited.said)
        answer = web.Response(status=302, headers={**HEADERS, "Location": self._authorize(state, *invited.said)})
        secure = self._back.startswith("https://")
        age = int(BEGUN.total_seconds())
        answer.set_cookie(COOKIE, browser, max_age=age, path=self._path, httponly=True, samesite="Lax", secure=secure)
        return answer

    def _authorize(self, state: str, tenant: str = "") -> str:
        """Where Slack asks whoever installs us; beside its API, so that a fake or a proxy is all of Slack."""
        scheme, host = urlsplit(self._wire.url)[:2]
        made = AuthorizeUrlGenerator(
            client_id=quote(self._client.id, safe=""),
            redirect_uri=quote(self._back, safe=""),
            scopes=[quote(scope, safe="") for scope in SCOPES],
            authorization_url=f"{scheme}://{host}/oauth/v2/authorize",
        )
        return made.generate(state, team=tenant if tenant.startswith("T") else None)

    async def _finish(self, request: web.Request) -> web.StreamResponse:
        """Back from Slack. State and invitation are used up before the code is exchanged: nothing happens twice."""
        t = _texts(request)
        begun = self._by.passes.read(STATE, request.query.get("state", ""), self._clock())
        if begun is None or len(begun.said) not in (2, 3):
            return _again(t)
        number, digest, *only = begun.said
        if not hmac.compare_digest(_digest(request.cookies.get(COOKIE, "")).encode(), digest.encode()):
            log.warning("slack installation refused", reason="browser")
            return page(t, [t("Please finish the installation in the browser in which you began it.")], 403)
        code = request.query.get("code", "")
        if "error" in request.query or not CODE.fullmatch(code):
            return self._forget(_denied(t))
        if not await self._by.tenants.use(_key(begun), _key(Pass(number, ()))):
            log.warning("slack installation refused", reason="used")
            return _again(t)
        return self._forget(await self._install(t, code, *only))

    def _forget(self, answer: web.Response) -> web.Response:
        answer.del_cookie(COOKIE, path=self._path)
        return answer

    async def _install(self, t: Texts, code: str, only: str = "") -> web.Response:
        try:
            made = await granted(self._wire, self._client, code, self._back, only)
        except Unwanted as no:
            log.warning("slack installation refused", reason=no.message, about=dict(no.values))
            return page(t, [t(no.message, **no.values), _ask(t)], 400)
        await self._by.tenants.save(made)
        self._installed(made.tenant)
        log.info("slack installed", tenant=made.tenant, whole=made.whole)
        return _installed(t, made)


def _logged(handler: Handler) -> Handler:
    """With a page in place of an error of ours; what an exception says may hold what nobody else should read."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as fault:
            log.error("slack installation failed", fault=frames(fault))
            t = _texts(request)
            return page(t, [t("Something went wrong here. Please ask whoever runs Pandian in your company.")], 500)

    return handle


def _texts(request: web.Request) -> Texts:
    return reader(request.headers.get("Accept-Language", ""))


def _installed(t: Texts, made: Installed) -> web.Response:
    said = t("Pandian is installed in {name}.", name=made.name or made.tenant)
    if made.whole:
        list_of = f"https://app.slack.com/manage/{made.tenant}/integrations/profile/{made.app}/workspaces/add"
        more = t("No workspace can use it yet: choose which of them may.")
        return page(t, [said, more], link=(t("Choose workspaces"), list_of))
    more = t("Everybody there can write to it now, or type /perf.")
    return page(t, [said, more], link=(t("Back to Slack"), f"slack://app?team={made.tenant}&id={made.app}"))


def _uninvited(t: Texts) -> web.Response:
    why = t("To install Pandian you need an invitation, which works once and for an hour. This address has none.")
    return page(t, [why, _ask(t)], 403)


def _again(t: Texts) -> web.Response:
    why = t("This installation was finished already, or took longer than ten minutes. Nothing was changed now.")
    return page(t, [why, t("To begin again, open the address of your invitation once more."), _ask(t)], 403)


def _denied(t: Texts) -> web.Response:
    why = t("Slack was not allowed to install Pandian, so nothing was changed.")
    more = t("To begin again, open the address of your invitation once more.")
    return page(t, [why, more], 403)


def _ask(t: Texts) -> str:
    return t("For a new invitation ask whoever runs Pandian in your company: “{command}” prints one.", command=COMMAND)


def _key(used: Pass) -> str:
    return f"install.{used.number}"


def _digest(browser: str) -> str:
    return hashlib.sha256(b"pandian browser\x00" + browser.encode(errors="replace")).hexdigest()
