"""HTTP mode: three doors, each with its own check, that all lead to the reception."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from aiohttp import web

from bot import doorway
from bot.doorway import Refused
from bot.platforms.dingtalk import door
from bot.platforms.dingtalk.reception import Reception

PATHS = {"messages": "/dingtalk/messages", "events": "/dingtalk/events", "cards": "/dingtalk/cards"}
EMPTY = {"msgtype": "empty"}  # nothing is said on the response itself
log = structlog.get_logger()


class Doors:
    """The doors of one app. `pressed_at` is the address that presses are to come to, and `secret` their key."""

    def __init__(self, reception: Reception, lock: door.Lock, clock: Callable[[], datetime], public_url: str) -> None:
        self._reception, self._lock, self._clock = reception, lock, clock
        self.pressed_at = f"{public_url.rstrip('/')}{PATHS['cards']}" if public_url else ""
        self.secret = door.derived(lock.secrets[0])

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Without a token nobody can send events, so there is no door for them."""
        made = [web.post(PATHS["messages"], self._messages), web.post(PATHS["cards"], self._cards)]
        return [*made, web.post(PATHS["events"], self._events)] if self._lock.tokens else made

    async def _messages(self, request: web.Request) -> web.Response:
        async def taken(raw: bytes) -> object:
            door.robot(request.headers, self._lock, self._clock())
            await self._reception.message(doorway.parsed(raw))
            return EMPTY

        return await self._checked(request, taken)

    async def _cards(self, request: web.Request) -> web.Response:
        async def taken(raw: bytes) -> object:
            door.card(request.headers, self._lock, self._clock())
            key = door.fingerprint(raw, request.headers[door.CARD_STAMP])
            return await self._reception.press(doorway.parsed(raw), key)

        return await self._checked(request, taken)

    async def _events(self, request: web.Request) -> web.Response:
        async def taken(raw: bytes) -> object:
            now = self._clock()
            body = door.event(request.query, raw, self._lock, now)
            kind = str(body.get("EventType") or body.get("eventType") or "")
            if kind != "check_url" and not await self._reception.event(kind, body):
                raise Refused(503, "postponed")
            return door.success(self._lock, now)

        return await self._checked(request, taken)

    async def _checked(self, request: web.Request, taken: Callable[[bytes], Awaitable[object]]) -> web.Response:
        try:
            raw = await doorway.raw(request)
            if not self._reception.ready:
                raise Refused(503, "not started")
            return web.json_response(await taken(raw))
        except Refused as refused:
            log.warning("dingtalk request refused", status=refused.status, reason=refused.reason)
            return web.Response(status=refused.status)
