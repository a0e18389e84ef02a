"""Slack: HTTP or Socket Mode in, the Web API out."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot import doorway
from bot.capability import Answer, Capabilities, Gone, Inbound, Later, Message, Profile, Rates, Ref
from bot.doorway import Refused
from bot.events import Attached, Changed, Click, Command, FromPerson, Opened, Said, Submitted, Who
from bot.introduction import Introduction
from bot.platforms.slack import bolt, door, inbound, shape
from bot.platforms.slack.answering import Answering
from bot.platforms.slack.api import Api
from bot.platforms.slack.delivery import SETTLING, Delivery
from bot.platforms.slack.inbound import Identity
from bot.platforms.slack.limits import BLOCKS_MESSAGE, ELEMENTS, ROWS, SECTION
from bot.platforms.slack.manifest import manifest
from bot.platforms.slack.pictures import Pictures
from bot.platforms.slack.profiles import profile_of
from bot.platforms.slack.refusals import explained
from bot.platforms.slack.sockets import Sockets
from bot.tasks import Tasks
from bot.text import negotiate

__all__ = ["Slack", "manifest"]

PATH = "/slack/events"
API = "https://slack.com/api/"
# Seconds until Slack is answered without waiting for the handler. Slack grants 3 s and never repeats these; what comes
# later is shown through response_url. A press or a form that is not stored by then is not acknowledged: Slack says that
# it did not work, and a form stays open. Events are repeated by Slack, so they are answered when they are committed.
WAITS: Mapping[type, float] = {Command: 0.9, Click: 2.4, Submitted: 2.4}
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
        self._app_token, self._clock, self._ping = app_token, clock, ping
        self._api = Api(bot_token, api_url)
        self._delivery = Delivery(self._api, Pictures(self._api), settling)
        self._tasks = Tasks(self.name)
        self._answering = Answering(self._api, self._delivery, self._tasks)
        self._inbound: Inbound | None = None
        self._bolt: AsyncApp | None = None
        self._sockets: Sockets | None = None
        self._whoami = Introduction(self.name, self._introduced, self._tasks, ping)
        self._matched: set[bytes] = set()

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """POST /slack/events; none in Socket Mode."""
        return [] if self._app_token else [web.post(PATH, self._door)]

    async def start(self, inbound: Inbound) -> None:
        """Opens the session, asks who we are and connects."""
        self._inbound = inbound
        self._api.open()
        self._bolt = bolt.build(self._api, self._whoami, self._take)
        await self._whoami.start()
        if self._app_token:
            self._sockets = Sockets(self._bolt, self._app_token, ping=self._ping, direct=self._api.direct)
            await self._sockets.start()

    async def stop(self) -> None:
        """Disconnects; answers on their way are finished first."""
        await self._whoami.stop()
        if self._sockets:
            await self._sockets.stop()
        await self._tasks.settle()
        await self._api.close()

    async def settle(self) -> None:
        """Waits until every answer on its way is shown."""
        await self._tasks.settle()

    def ready(self) -> bool:
        """Whether Slack knows us and, in Socket Mode, is connected."""
        return self._whoami.made and (self._sockets is None or self._sockets.alive())

    async def deliver(self, to: Who, message: Message, channel: str = "") -> Ref:
        """Sends to the account's direct conversation, or `channel`. Raises Later, Gone or OSError."""
        self._answering.reads(to.user, message.locale)
        try:
            return await self._delivery.send(to.user, channel, message)
        except Gone as refused:
            raise explained(refused) from None

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Redraws a sent message. Raises Later, Gone or OSError."""
        self._answering.reads(to.user, message.locale)
        await self._delivery.redraw(ref, message)

    async def profile(self, who: Who) -> Profile | None:
        """The account as Slack knows it; None if there is none. Raises Later, Gone or OSError."""
        try:
            answer = await self._api.read("users.info", user=who.user, include_locale=1)
        except Gone as gone:
            if str(gone) in ("user_not_found", "user_not_visible"):
                return None
            raise
        profile = profile_of(answer["user"])
        self._answering.reads(who.user, negotiate(profile.locale))
        return profile

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people sent, at most `most`. Raises TooLarge, ValueError, Later, Gone or OSError."""
        return await self._api.fetch(url, most)

    async def hand(self, to: Who, message: Message, content: bytes, channel: str = "") -> Ref:
        """Sends a file to the account's direct conversation. Raises Later, Gone or OSError."""
        self._answering.reads(to.user, message.locale)
        try:
            return await self._delivery.hand(to.user, channel, message, content)
        except Gone as refused:
            raise explained(refused) from None

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

    async def _take(self, body: Mapping[str, Any]) -> BoltResponse:
        """What both transports end in. Foreign workspaces and apps are refused (403), unreadable values too (400)."""
        me = await self._whoami()
        if not shape.well_formed(body):
            return BoltResponse(status=400)
        if not inbound.ours(body, me):
            log.warning("slack request refused", status=403, reason="workspace or app")
            return BoltResponse(status=403)
        if (closed := inbound.changed(body, me)) is not None:
            return BoltResponse(status=await self._closed(closed))
        try:
            event = inbound.event(body, me)
        except inbound.Malformed as malformed:
            return self._malformed(body, malformed)
        if event is None:
            return BoltResponse(status=200, body={"options": []} if body.get("type") == "block_suggestion" else "")
        if isinstance(event, Said | Opened | Attached | Click) and event.where.private and not event.where.inline:
            self._delivery.learn(event.who.user, event.where.channel)  # a command may come from a talk of two people
        return await self._handled(body, event)

    async def _closed(self, event: Changed) -> int:
        """An account was closed, if it still is: an event may come late. The status to answer with."""
        try:
            found = await self._api.read("users.info", user=event.who.user)
        except Gone:
            found = {"user": {"deleted": True}}  # nobody knows it any more
        except (Later, OSError) as error:
            log.warning("slack event postponed", reason=str(error))
            return 503
        still = (found.get("user") or {}).get("deleted") is True
        return 503 if still and (await self._asked(event)).unkept else 200

    def _malformed(self, body: Mapping[str, Any], why: inbound.Malformed) -> BoltResponse:
        log.warning("slack value unreadable", reason=str(why))
        if body["type"] != "block_actions":
            return BoltResponse(status=400)
        self._answering.malformed(body, body["user"]["id"])
        return BoltResponse(status=200)

    async def _handled(self, body: Mapping[str, Any], event: FromPerson) -> BoltResponse:
        work = self._tasks.start(self._asked(event))
        await asyncio.wait({work}, timeout=_patience(event))
        if not work.done():
            self._answering.late(body, event, _awaited(work))
            return BoltResponse(status=200 if isinstance(event, Command) else 503)
        try:
            answer = work.result()
            shown = self._answering.answer(body, event, answer)
            return bolt.response(503 if answer.unkept and not shown else 200, shown)
        except Exception as error:  # the dispatcher answers its own; what is left means nothing was committed
            log.error("slack event failed", error=type(error).__name__)
            return BoltResponse(status=500)

    async def _asked(self, event: FromPerson | Changed) -> Answer:
        if self._inbound is None:
            raise RuntimeError("not started")
        return await self._inbound(event)

    async def _introduced(self) -> Identity:
        said = await self._api.read("auth.test")
        team, user, bot = (str(said.get(name) or "") for name in ("team_id", "user_id", "bot_id"))
        return Identity(team, user, bot, await self._app(bot))

    async def _app(self, bot: str) -> str:
        parts = self._app_token.split("-")
        if len(parts) > 3 and parts[2].startswith("A"):
            return parts[2]
        try:
            return str((await self._api.read("bots.info", bot=bot)).get("bot", {}).get("app_id") or "")
        except (Gone, Later, OSError) as error:
            log.warning("slack app id unknown", reason=str(error))
            return ""


def _patience(event: FromPerson) -> float | None:
    """How long Slack can wait for the answer, None where it asks again by itself."""
    return WAITS[Click] if isinstance(event, Attached) and event.wanted else WAITS.get(type(event))


def _challenged(challenge: object) -> web.Response:
    if not isinstance(challenge, str) or len(challenge) > CHALLENGE:
        raise Refused(400, "challenge")
    return web.json_response({"challenge": challenge})


def _awaited(work: asyncio.Task[Answer]) -> Coroutine[Any, Any, Answer]:
    async def wait() -> Answer:
        return await work

    return wait()
