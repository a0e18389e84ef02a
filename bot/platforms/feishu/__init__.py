"""Feishu (and Lark): long connection or webhook in, the REST API out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import structlog
from aiohttp import web

from bot import doorway
from bot.capability import Answer, Gone, Inbound, Later, Message, Profile, Rates, Ref
from bot.directory import listed
from bot.doorway import Refused
from bot.events import Changed, FromPerson, Submitted, Who
from bot.introduction import Introduction
from bot.platforms.feishu import directory, door, inbound, said
from bot.platforms.feishu.answering import Answering
from bot.platforms.feishu.api import Api
from bot.platforms.feishu.connection import Connection
from bot.platforms.feishu.delivery import RATES, Delivery
from bot.platforms.feishu.elements import Json
from bot.platforms.feishu.inbound import Press
from bot.platforms.feishu.manifest import manifest
from bot.platforms.feishu.pictures import Pictures
from bot.platforms.feishu.profiles import EVENTS, People
from bot.platforms.feishu.render import CAN
from bot.platforms.feishu.said import Identity, Malformed
from bot.recent import Recent
from bot.tasks import Tasks
from bot.text import negotiate

__all__ = ["Feishu", "manifest"]

PATHS = ("/feishu/events", "/feishu/cards")
API = "https://open.feishu.cn"
# Seconds until a press is answered without waiting for the handler: Feishu grants 3, and never asks again. Events are
# repeated, so they are answered when they are committed.
BUDGET = 2.2
REPEATED = 1024  # submissions whose answers are kept for a second press of the same button
Taken = tuple[int, Json | None]
log = structlog.get_logger()


def utc_now() -> datetime:
    """The instant."""
    return datetime.now(UTC)


class Feishu:
    """The Feishu platform (`bot.capability.Platform`).

    With `delivery="webhook"` events and presses come to our doors, where `encrypt_key` and `verification_token`
    (several with commas, newest first) say who may come in; with "socket" over `connections` of our own, without doors.
    Raises ValueError, naming the variable, for a missing or weak secret.
    """

    name = said.NAME
    can = CAN

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        *,
        encrypt_key: str = "",
        verification_token: str = "",
        base: str = API,
        delivery: Literal["webhook", "socket"] = "socket",
        clock: Callable[[], datetime] = utc_now,
        rates: Rates = RATES,
        connections: int = 1,
        budget: float = BUDGET,
    ) -> None:
        for name, value in (("FEISHU_APP_ID", app_id), ("FEISHU_APP_SECRET", app_secret)):
            if not value.strip():
                raise ValueError(f"{name} is empty")
        self.rates, self._clock, self._budget = rates, clock, budget
        self._lock = door.Lock.of(encrypt_key, verification_token) if delivery == "webhook" else None
        self._api = Api(app_id, app_secret, base)
        self._delivery = Delivery(self._api, Pictures(self._api))
        self.can = replace(CAN, draws=self._delivery.draws)
        self._people, self._tasks = People(self._api), Tasks(self.name)
        self._answering = Answering(self._delivery, self._tasks, clock)
        lines = connections if delivery == "socket" else 0
        self._connections = [Connection(self._api, self._framed) for _ in range(lines)]
        self._inbound: Inbound | None = None
        self._whoami = Introduction(self.name, self._introduced, self._tasks)
        self._clients: Recent[str, str] = Recent()
        self._submissions: Recent[str, asyncio.Task[Answer]] = Recent(REPEATED)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """POST /feishu/events and /feishu/cards, which do the same; none with a long connection."""
        return [web.post(path, self._door) for path in PATHS] if self._lock else []

    async def start(self, inbound: Inbound) -> None:
        """Opens the session, asks who we are and connects."""
        self._inbound = inbound
        self._api.open()
        await self._whoami.start()
        await asyncio.gather(*(line.start() for line in self._connections))

    async def stop(self) -> None:
        """Disconnects; answers on their way are finished first."""
        await self._whoami.stop()
        await asyncio.gather(*(line.stop() for line in self._connections))
        await self._tasks.settle()
        await self._api.close()

    async def settle(self) -> None:
        """Waits until every answer on its way is shown."""
        await self._tasks.settle()

    def ready(self) -> bool:
        """Whether Feishu knows us and, with long connections, one is open."""
        return self._whoami.made and (not self._connections or any(line.alive() for line in self._connections))

    async def deliver(self, to: Who, message: Message, channel: str = "") -> Ref:
        """Sends to the account's private conversation, wherever that is. Raises Later, Gone or OSError."""
        if self._people.left(to.user):
            raise Gone("account closed: left")
        self._answering.reads(to.user, message.locale)
        return await self._delivery.send(to.user, message)

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Redraws a sent message. Raises Later, Expired, Gone or OSError."""
        self._answering.reads(to.user, message.locale)
        await self._delivery.redraw(ref, message)

    async def hand(self, to: Who, message: Message, content: bytes, channel: str = "") -> Ref:
        """Sends a file to the account's private conversation. Raises Later, Gone or OSError."""
        if self._people.left(to.user):
            raise Gone("account closed: left")
        return await self._delivery.hand(to.user, message, content)

    async def profile(self, who: Who) -> Profile | None:
        """The account as Feishu knows it; None if there is none. Raises Later, Gone or OSError."""
        return await self._people.profile(who.user, self._clients.get(who.user) or "")

    async def roster(self, tenants: Collection[str]) -> AsyncIterator[tuple[Who, Profile]]:
        """Every account of the company (`bot.rollcall.Roster`), once its key is known. Raises Gone or OSError."""
        async for entry in listed(self.name, tenants, lambda: directory.accounts(self._api)):
            yield entry

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people sent, at most `most`. Raises TooLarge, ValueError, Later, Gone or OSError."""
        return await self._api.fetch(url, most)

    # What comes in

    async def _door(self, request: web.Request) -> web.Response:
        try:
            body = await self._checked(request)
            if door.challenged(body):
                return web.json_response({"challenge": door.challenge(body)})
            status, answer = await self._take(body)
        except Refused as refused:
            log.warning("feishu request refused", status=refused.status, reason=refused.reason)
            return web.Response(status=refused.status)
        return web.json_response(answer or {}, status=status) if status < 400 else web.Response(status=status)

    async def _checked(self, request: web.Request) -> doorway.Body:
        raw = await doorway.raw(request)
        if self._lock is None or self._inbound is None:
            raise Refused(503, "not started")
        return door.opened(request.headers, raw, self._lock, self._clock())

    async def _framed(self, payload: bytes) -> Taken:
        try:
            return await self._take(doorway.parsed(payload))
        except Refused as refused:
            log.warning("feishu payload refused", status=refused.status, reason=refused.reason)
            return refused.status, None

    async def _take(self, body: Mapping[str, Any]) -> Taken:
        """What both deliveries end in: a status, and for presses what is shown."""
        kind = _kind(body, self._api.app_id)
        try:
            if kind in EVENTS:
                return await self._changed(kind, body), None
            if kind not in inbound.KINDS:
                return 200, None
            await self._people.complete(inbound.ids(kind, body))
            event, press = inbound.event(body, await self._whoami())
        except Malformed as malformed:
            return self._malformed(body, kind, malformed)
        except (Gone, Later, OSError) as error:
            log.warning("feishu event postponed", reason=str(error))
            return 503, None
        self._reads(event, body)
        if press is not None:
            return 200, await self._press(event, press)
        return (await self._event(event) if event else 200), None

    def _malformed(self, body: Mapping[str, Any], kind: str, why: Malformed) -> Taken:
        log.warning("feishu value unreadable", kind=kind[:60], reason=str(why))
        if kind != inbound.PRESSED:
            return 400, None
        inner = body.get("event")
        operator = inner.get("operator") if isinstance(inner, dict) else None
        return 200, self._answering.unreadable(str((operator if isinstance(operator, dict) else {}).get("open_id")))

    async def _changed(self, kind: str, body: Mapping[str, Any]) -> int:
        """Somebody came, changed or left: acknowledged once it is kept, since Feishu says it again otherwise."""
        answer = await self._asked(await self._people.changed(kind, body))
        return 503 if answer.unkept else 200

    def _reads(self, event: FromPerson | None, body: Mapping[str, Any]) -> None:
        """The client's language, which only messages tell."""
        inner = body.get("event")
        message = inner.get("message") if isinstance(inner, dict) else None
        locale = said.locale(message) if event and isinstance(message, dict) else ""
        if event and locale:
            self._clients.put(event.who.user, locale)
            self._answering.guess(event.who.user, negotiate(locale))

    async def _event(self, event: FromPerson) -> int:
        try:
            answer = await self._asked(event)
        except Exception as error:  # the dispatcher answers its own; what is left means nothing was committed
            log.error("feishu event failed", error=type(error).__name__)
            return 500
        self._answering.said(event, answer)
        return 503 if answer.unkept else 200

    async def _press(self, event: FromPerson | None, press: Press) -> Json:
        if event is None:
            return {}
        with self._delivery.pressing.answering(event.where.message):
            work = self._once(event)
            await asyncio.wait({work}, timeout=self._budget)
            if not work.done():
                return self._answering.late(event, press, work)
            try:
                return self._answering.pressed(event, press, work.result())
            except Exception as error:
                log.error("feishu press failed", error=type(error).__name__)
                return self._answering.failed(event.who.user)

    def _once(self, event: FromPerson) -> asyncio.Task[Answer]:
        """The work for a press. A form's button that is pressed twice gets the same answer twice, if it was taken."""
        if not isinstance(event, Submitted):
            return self._tasks.start(self._asked(event))
        name = f"{event.who.user}:{event.key}"
        known = self._submissions.get(name)
        if known is None or (known.done() and not _taken(known)):
            known = self._tasks.start(self._asked(event))
            self._submissions.put(name, known)
        return known

    async def _asked(self, event: FromPerson | Changed) -> Answer:
        if self._inbound is None:
            raise RuntimeError("not started")
        return await self._inbound(event)

    # Who we are

    async def _introduced(self) -> Identity:
        told = (await self._api.call("GET", "/bot/v3/info")).get("bot")
        bot = told if isinstance(told, dict) else {}
        return Identity(self._api.app_id, str(bot.get("open_id") or ""), self._api.base)


def _kind(body: Mapping[str, Any], app_id: str) -> str:
    """The type of a 2.0 envelope for this app; "" for the envelope of old, which we never asked for."""
    if body.get("schema") != "2.0":
        return ""
    header = body.get("header")
    kind = header.get("event_type") if isinstance(header, dict) else None
    if not isinstance(header, dict) or not isinstance(kind, str):
        raise Refused(400, "shape")
    if header.get("app_id") != app_id:
        raise Refused(403, "app")
    return kind


def _taken(work: asyncio.Task[Answer]) -> bool:
    return not work.cancelled() and work.exception() is None and not (work.result().errors or work.result().unkept)
