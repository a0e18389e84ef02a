"""DingTalk: a stream or HTTP in, its two APIs out."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

import structlog
from aiohttp import web

from bot.capability import Gone, Inbound, Message, Profile, Rates, Ref
from bot.directory import listed
from bot.events import Who
from bot.introduction import Introduction
from bot.platforms.dingtalk import directory, door, render
from bot.platforms.dingtalk.answering import Answering
from bot.platforms.dingtalk.api import Api
from bot.platforms.dingtalk.cardcalls import BUTTONS, Templates
from bot.platforms.dingtalk.delivery import RATES, Delivery, Ways
from bot.platforms.dingtalk.files import Files
from bot.platforms.dingtalk.inbound import NAME
from bot.platforms.dingtalk.manifest import manifest
from bot.platforms.dingtalk.profiles import People
from bot.platforms.dingtalk.quota import Quota, Tally
from bot.platforms.dingtalk.reception import Reception
from bot.platforms.dingtalk.render import Level
from bot.platforms.dingtalk.stream import Pulse, Stream
from bot.platforms.dingtalk.webdoors import Doors
from bot.tasks import Tasks
from bot.text import negotiate

__all__ = ["DingTalk", "manifest"]

API, OLD_API = "https://api.dingtalk.com", "https://oapi.dingtalk.com"
# Seconds until a press is answered without waiting for the handler: DingTalk grants two, and never asks again.
BUDGET = 1.5
FREE_PLAN = (5000, 3000)  # calls of a month, and messages that come by stream or go by a conversation's own address
log = structlog.get_logger()


def utc_now() -> datetime:
    """The instant."""
    return datetime.now(UTC)


class DingTalk:
    """The DingTalk platform (`bot.capability.Platform`), as an internal app of one company.

    With `delivery="stream"` everything comes over a connection of our own, with "http" to our doors; events of the
    directory then need `token` and `aes_key`. `level` is the richest kind of message: template cards, messages with
    links, or numbered text. Short forms are cards where `form_template` names a published copy of our template, else
    a conversation. `quota` are the paid calls and pushed messages of a month (0: no limit), counted by `tally` for all
    replicas. Raises ValueError, naming the variable, for a missing or weak secret.
    """

    name = NAME

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        robot_code: str = "",
        aes_key: str = "",
        token: str = "",
        base: str = API,
        old_base: str = OLD_API,
        delivery: Literal["stream", "http"] = "stream",
        form_template: str = "",
        level: Level = "card",
        card_template: str = "",
        agent_id: str = "",
        corp_id: str = "",
        public_url: str = "",
        quota: tuple[int, int] = FREE_PLAN,
        tally: Tally | None = None,
        clock: Callable[[], datetime] = utc_now,
        rates: Rates = RATES,
        pulse: Pulse | None = None,
        budget: float = BUDGET,
    ) -> None:
        lock = door.Lock.of(client_id, client_secret, token, aes_key)
        templates = Templates(card_template or BUTTONS, form_template)
        ways = Ways(robot_code or client_id, level, templates, agent_id, stream=delivery == "stream")
        self.rates, self.can = rates, render.capabilities(level, bool(form_template))
        self._tasks, self._quota = Tasks(self.name), Quota(*quota, clock, tally)
        self._api = Api(client_id, lock.secrets[0], base, old_base, self._quota)
        self._delivery = Delivery(self._api, ways, self._quota, self._tasks, clock)
        self._people, self._files = People(self._api), Files(self._api, self._delivery, ways.robot)
        self._answering = Answering(self._delivery, self._tasks, clock)
        self._reception = Reception(self._answering, self._delivery, self._people, self._tasks, corp_id, budget)
        self._doors = None if ways.stream else Doors(self._reception, lock, clock, public_url)
        self._stream = Stream(self._api, self._reception.framed, pulse) if ways.stream else None
        self._whoami = Introduction(self.name, self._introduced, self._tasks)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """POST /dingtalk/messages, /dingtalk/cards and, with a token, /dingtalk/events; none with a stream."""
        return self._doors.routes() if self._doors else []

    async def start(self, inbound: Inbound) -> None:
        """Opens the session, asks for a token and connects."""
        self._reception.begin(inbound)
        self._api.open()
        await self._quota.start()
        await self._whoami.start()
        if self._stream is not None:
            await self._stream.start()

    async def stop(self) -> None:
        """Disconnects; answers on their way are finished first."""
        await self._whoami.stop()
        if self._stream is not None:
            await self._stream.stop()
        await self._tasks.settle()
        await self._quota.stop()
        await self._api.close()

    async def settle(self) -> None:
        """Waits until everything that came is handled, and every answer on its way is shown."""
        if self._stream is not None:
            await self._stream.settle()
        await self._reception.settle()

    def ready(self) -> bool:
        """Whether DingTalk knows us and, with a stream, it is open."""
        return self._whoami.made and (self._stream is None or self._stream.alive())

    async def deliver(self, to: Who, message: Message, channel: str = "") -> Ref:
        """Sends to the account's private conversation, wherever that is. Raises Later, Gone or OSError."""
        self._reading(to.user, message)
        return await self._delivery.send(to.user, message)

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Redraws a sent card. Raises Later, Expired, Gone or OSError."""
        self._reading(to.user, message)
        await self._delivery.redraw(ref, message)

    async def hand(self, to: Who, message: Message, content: bytes, channel: str = "") -> Ref:
        """Sends a file to the account's private conversation. Raises Later, Gone or OSError."""
        self._reading(to.user, message)
        return await self._files.hand(to.user, message, content)

    async def roster(self, tenants: Collection[str]) -> AsyncIterator[tuple[Who, Profile]]:
        """Every account of the company (`bot.rollcall.Roster`), once its id is known. Raises Gone or OSError."""
        async for entry in listed(self.name, tenants, lambda: directory.accounts(self._api)):
            yield entry

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people sent. Raises TooLarge, ValueError, Later, Gone or OSError."""
        return await self._files.fetch(url, most)

    async def profile(self, who: Who) -> Profile | None:
        """The account as DingTalk knows it; None if there is none. Raises Later, Gone or OSError."""
        profile = await self._people.profile(who.user)
        if profile is not None and profile.locale:
            self._answering.guess(who.user, negotiate(profile.locale))
        return profile

    def _reading(self, user: str, message: Message) -> None:
        if self._people.left(user):
            raise Gone("account closed: left")
        self._answering.reads(user, message.locale)

    async def _introduced(self) -> Mapping[str, str]:
        """A token is all that tells us that DingTalk knows the app; then presses are told where to go."""
        await self._api.token()
        if self._doors and self._doors.pressed_at:
            try:
                await self._delivery.cards.register(self._doors.pressed_at, self._doors.secret)
            except Gone as refused:
                log.error("dingtalk does not take the address for presses", reason=str(refused))
        return {}
