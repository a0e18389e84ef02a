"""Slack: HTTP or Socket Mode in, the Web API out."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp

from bot import doorway
from bot.capability import Capabilities, Inbound, Message, Profile, Rates, Ref
from bot.doorway import Refused
from bot.events import Who
from bot.platforms.slack import bolt, door, inbound, shape
from bot.platforms.slack.api import Api
from bot.platforms.slack.delivery import SETTLING
from bot.platforms.slack.limits import BLOCKS_MESSAGE, ELEMENTS, ROWS, SECTION
from bot.platforms.slack.manifest import manifest
from bot.platforms.slack.receiving import Receiving
from bot.platforms.slack.sockets import Sockets
from bot.platforms.slack.wire import Wire
from bot.platforms.slack.workspace import Workspace
from bot.platforms.slack.workspaces import One
from bot.tasks import Tasks

__all__ = ["Slack", "manifest"]

PATH = "/slack/events"
API = "https://slack.com/api/"
CHALLENGE = 500
UNLIMITED = Rates()
log = structlog.get_logger()


def utc_now() -> datetime:
    """The instant."""
    return datetime.now(UTC)


class Slack:
    """The Slack platform (`bot.capability.Platform`).

    `signing_secret` may hold several active secrets, comma separated, newest first; with `app_token` events come by
    Socket Mode and there is no door. `ping` is the Socket Mode interval in seconds, `rates` is what the workspace takes
    (`limits.rates`). Raises ValueError, naming the variable, for a missing or weak secret.
    """

    name = inbound.NAME
    can = Capabilities(buttons=ELEMENTS, blocks=BLOCKS_MESSAGE, text=SECTION, rows=ROWS - 1)

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
    ) -> None:
        self.rates = rates
        if not bot_token.strip():
            raise ValueError("SLACK_BOT_TOKEN is empty")
        self._secrets = () if app_token and not signing_secret.strip() else door.secrets_of(signing_secret)
        self._app_token, self._clock, self._ping, self._settling = app_token, clock, ping, settling
        self._wire = Wire(api_url)
        self._tasks = Tasks(self.name)
        self._workspaces = One(self.name, self._workspace, bot_token, app_token, self._tasks, ping)
        self._bolt: AsyncApp | None = None
        self._sockets: Sockets | None = None
        self._matched: set[bytes] = set()

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """POST /slack/events; none in Socket Mode."""
        return [] if self._app_token else [web.post(PATH, self._door)]

    async def start(self, inbound: Inbound) -> None:
        """Opens the session, asks who we are and connects."""
        self._wire.open()
        self._bolt = bolt.build(self._wire, Receiving(self._workspaces, self._tasks, inbound))
        await self._workspaces.start()
        if self._app_token:
            self._sockets = Sockets(self._bolt, self._app_token, ping=self._ping, direct=self._wire.direct)
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
        return await (await self._workspaces.at(to.tenant)).deliver(to.user, message, channel)

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Redraws a sent message. Raises Later, Gone or OSError."""
        await (await self._workspaces.at(to.tenant)).update(to.user, ref, message)

    async def profile(self, who: Who) -> Profile | None:
        """The account as Slack knows it; None if there is none. Raises Later, Gone or OSError."""
        return await (await self._workspaces.at(who.tenant)).profile(who.user)

    async def roster(self) -> AsyncIterator[tuple[Who, Profile]]:
        """Every account of every workspace (`bot.rollcall.Roster`). Raises Gone or OSError."""
        async for tenant, team, place in self._workspaces.all():
            async for user, profile in place.members(team):
                yield Who(self.name, tenant, user), profile

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people sent, at most `most`. Raises TooLarge, ValueError, Later, Gone or OSError."""
        return await (await self._workspaces.at("")).api.fetch(url, most)

    async def hand(self, to: Who, message: Message, content: bytes, channel: str = "") -> Ref:
        """Sends a file to the account's direct conversation. Raises Later, Gone or OSError."""
        return await (await self._workspaces.at(to.tenant)).hand(to.user, message, content, channel)

    def _workspace(self, token: str) -> Workspace:
        return Workspace(Api(token, self._wire), self._tasks, self._settling)

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
