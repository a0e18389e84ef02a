"""Slack: HTTP or Socket Mode in, the Web API out."""

import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp

from bot import doorway
from bot.capability import Capabilities, Gone, Inbound, Message, Profile, Rates, Ref
from bot.doorway import Refused
from bot.events import Who
from bot.platforms.slack import bolt, door, inbound, shape
from bot.platforms.slack.api import Api
from bot.platforms.slack.arrivals import Arrivals, Tally
from bot.platforms.slack.charts import Charting, native
from bot.platforms.slack.delivery import SETTLING
from bot.platforms.slack.installing import Distribution, Installing, invitation
from bot.platforms.slack.leaving import Leaving
from bot.platforms.slack.limits import BLOCKS_MESSAGE, ELEMENTS, ROWS, SECTION
from bot.platforms.slack.manifest import manifest
from bot.platforms.slack.receiving import Receiving
from bot.platforms.slack.several import Several
from bot.platforms.slack.sockets import Sockets
from bot.platforms.slack.waiting import WAITS, Waits
from bot.platforms.slack.wire import Wire
from bot.platforms.slack.workspace import Workspace
from bot.platforms.slack.workspaces import One, Workspaces, app_in
from bot.tasks import Tasks

__all__ = ["Distribution", "Slack", "invitation", "manifest"]

PATH = "/slack/events"
API = "https://slack.com/api/"
CHALLENGE = 500
# A file's address with the tenant in front whose token may read it; what was kept before there were tenants has none.
FILE = re.compile(r"(?:([TE][A-Z0-9]{1,30}):)?(.*)", re.ASCII | re.DOTALL)
UNLIMITED = Rates()
log = structlog.get_logger()


def utc_now() -> datetime:
    """The instant."""
    return datetime.now(UTC)


class Slack:
    """The Slack platform (`bot.capability.Platform`).

    `signing_secret` may hold several active secrets, comma separated, newest first; with `app_token` events come by
    Socket Mode, over so many `connections`, and there is no door. `ping` is the Socket Mode interval in seconds,
    `rates` is what the workspace takes (`limits.rates`). With `several` every workspace that installs the bot is
    served, in place of the one of `bot_token`. `tally` keeps which kinds of events ever came, for the doctor. Raises
    ValueError, naming the variable, for a missing or weak secret.
    """

    name = inbound.NAME
    can = Capabilities(buttons=ELEMENTS, blocks=BLOCKS_MESSAGE, text=SECTION, rows=ROWS - 1, draws=native, page=True)

    def __init__(
        self,
        signing_secret: str,
        bot_token: str,
        app_token: str = "",
        api_url: str = API,
        clock: Callable[[], datetime] = utc_now,
        *,
        ping: float = 10.0,
        settling: Sequence[float] = SETTLING,
        rates: Rates = UNLIMITED,
        connections: int = 2,
        waits: Waits = WAITS,
        several: Distribution | None = None,
        tally: Tally | None = None,
    ) -> None:
        self.rates, self._connections, self._waits, self._tally = rates, connections, waits, tally
        if not bot_token.strip() and several is None:
            raise ValueError("SLACK_BOT_TOKEN is empty")
        self._secrets = () if app_token and not signing_secret.strip() else door.secrets_of(signing_secret)
        self._app_token, self._clock, self._ping, self._settling = app_token, clock, ping, settling
        self._charting = Charting(clock)
        self.can = replace(self.can, draws=self._charting.draws)
        self._wire = Wire(api_url)
        self._tasks = Tasks(self.name)
        self._workspaces: Workspaces = One(self.name, self._workspace, bot_token, app_token, self._tasks, ping)
        self._doors: Sequence[web.AbstractRouteDef] = [] if app_token else [web.post(PATH, self._door)]
        if several is not None:
            tenants = Several(self.name, self._workspace, several.tenants, self._tasks, ping)
            installing = Installing(several, self._wire, app_in(app_token), clock, tenants.forget)
            self._workspaces, self._doors = tenants, [*self._doors, *installing.routes()]
        self._bolt: AsyncApp | None = None
        self._sockets: Sockets | None = None
        self._matched: set[bytes] = set()

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """POST /slack/events, but not in Socket Mode; with several workspaces those of an installation."""
        return self._doors

    async def start(self, inbound: Inbound) -> None:
        """Opens the session, asks who we are and connects."""
        self._wire.open()
        receiving = Receiving(self._workspaces, self._tasks, inbound, self._waits)
        take = Leaving(self._workspaces, receiving)
        self._bolt = bolt.build(self._wire, Arrivals(take, self._tally, self._tasks) if self._tally else take)
        await self._workspaces.start()
        if self._app_token:
            self._sockets = Sockets(self._bolt, self._app_token, self._wire, ping=self._ping, count=self._connections)
            await self._sockets.start()

    async def stop(self) -> None:
        """Disconnects; answers on their way are finished first."""
        await self._workspaces.stop()
        if self._sockets:
            await self._sockets.stop()
        await self._tasks.settle()
        await self._wire.close()

    async def settle(self) -> None:
        """Waits until every answer on its way is shown."""
        await self._tasks.settle()

    def ready(self) -> bool:
        """Whether Slack knows us and, in Socket Mode, is connected."""
        return self._workspaces.ready() and (self._sockets is None or self._sockets.alive())

    async def deliver(self, to: Who, message: Message, channel: str = "") -> Ref:
        """Sends to the account's direct conversation, or `channel`. Raises Later, Gone or OSError."""
        return await self._workspaces.through(to.tenant, lambda place: place.deliver(to.user, message, channel))

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Redraws a sent message. Raises Later, Gone or OSError."""
        await self._workspaces.through(to.tenant, lambda place: place.update(to.user, ref, message))

    async def profile(self, who: Who) -> Profile | None:
        """The account as Slack knows it; None if there is none. Raises Later, Gone or OSError."""
        return await self._workspaces.through(who.tenant, lambda place: place.profile(who.user))

    async def roster(self, tenants: Collection[str]) -> AsyncIterator[tuple[Who, Profile]]:
        """Every account of every workspace (`bot.rollcall.Roster`). Raises Gone or OSError."""
        failed: Exception | None = None
        async for tenant, team, place in self._workspaces.all():
            try:
                async for user, profile in place.members(team):
                    yield Who(self.name, tenant, user), profile
            except (Gone, OSError) as error:  # the other workspaces have people as well
                failed = error
        if failed is not None:
            raise failed

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people sent, at most `most`. Raises TooLarge, ValueError, Later, Gone or OSError."""
        tenant, place = FILE.fullmatch(url).groups("")  # type: ignore[union-attr]
        return await self._workspaces.through(tenant, lambda workspace: workspace.api.fetch(place, most))

    async def hand(self, to: Who, message: Message, content: bytes, channel: str = "") -> Ref:
        """Sends a file to the account's direct conversation. Raises Later, Gone or OSError."""
        return await self._workspaces.through(to.tenant, lambda place: place.hand(to.user, message, content, channel))

    def _workspace(self, token: str) -> Workspace:
        return Workspace(Api(token, self._wire), self._tasks, self._settling, self._charting, self._clock)

    async def _door(self, request: web.Request) -> web.Response:
        try:
            body = await self._checked(request)
            if not shape.well_formed(body):
                raise Refused(400, "shape")
            return await self._dispatched(body, request)
        except Refused as refused:
            log.warning("slack request refused", status=refused.status, reason=refused.reason)
            return web.Response(status=refused.status, headers={"X-Slack-No-Retry": "1"})

    async def _checked(self, request: web.Request) -> dict[str, Any]:
        raw = await doorway.raw(request)
        secret = door.verified(request.headers, raw, self._secrets, self._clock())
        if secret not in self._matched:
            self._matched.add(secret)
            log.info("slack signing secret in use", key=door.fingerprint(secret))
        return door.parsed(raw, request.content_type)

    async def _dispatched(self, body: dict[str, Any], request: web.Request) -> web.Response:
        if self._bolt is None:
            return web.Response(status=503)
        if "ssl_check" in body:
            return web.Response()
        match body.get("type"):
            case "url_verification":
                return _challenged(body.get("challenge"))
            case "app_rate_limited":
                log.warning("slack limits our events")
                return web.Response()
        answer = await self._bolt.async_dispatch(bolt.request(body, request.headers))
        if not answer.body:
            return web.Response(status=answer.status)
        return web.Response(status=answer.status, text=answer.body, content_type="application/json")


def _challenged(challenge: object) -> web.Response:
    if not isinstance(challenge, str) or len(challenge) > CHALLENGE:
        raise Refused(400, "challenge")
    return web.json_response({"challenge": challenge})
