"""A bot on a real HTTP server with the DingTalk platform, a fake DingTalk and an application of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from aiohttp import web

from bot.capability import Answer, Rates
from bot.cards import Button, Card, Chart, Style, text
from bot.events import Changed, FromPerson, Who
from bot.forms import Field, Kind, Sheet
from bot.platforms.dingtalk import DingTalk
from bot.plots import Bar, Bars
from tests.fakes.dingtalk import DingTalkFake
from tests.fakes.dingtalk_screen import Shown
from tests.fakes.dingtalk_store import CORP, Post

ANA, BOB = Who("dingtalk", CORP, "0147ana"), Who("dingtalk", CORP, "0147bob")
GROUP = "cidGroup=="
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PUBLIC = "https://pandian.example"
SHEET = Sheet(
    "goal.save",
    "New goal",
    "Save",
    (
        Field("title", "Title", Kind.SHORT),
        Field("weight", "Weight", Kind.NUMBER, hint="In percent"),
        Field("kind", "Kind", Kind.CHOICE, options=(("o", "Objective"), ("h", "Habit"))),
        Field("due", "Due", Kind.DATE, required=False),
    ),
    subject=7,
    version=3,
)
FILLED = {"Title": "Ship", "Weight": "60", "Kind": "Habit", "Due": "2026-12-31"}
CARD = Card(
    "Goal 7",
    (text("Ship it"),),
    (Button("Approve", "goal.approve", 7, 3, Style.PRIMARY), Button("Reject", "goal.reject", 7, 3)),
    summary="A goal waits for you",
)
CHART = Chart("Progress", "of March", Bars((Bar("Ship", 0.5, "50 %"),)))
E_ = TypeVar("E_")
Delivery = Literal["stream", "http"]
Level = Literal["card", "action", "text"]


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        """Later by so much."""
        self.now += timedelta(**time)


@dataclass
class Application:
    """Answers with what the test puts there, and remembers what came."""

    events: list[FromPerson | Changed] = field(default_factory=list)
    answer: Answer = field(default_factory=Answer)
    waits: float = 0.0
    fails: Exception | None = None
    does: Callable[[FromPerson | Changed], Awaitable[Answer]] | None = None

    async def __call__(self, event: FromPerson | Changed) -> Answer:
        self.events.append(event)
        await asyncio.sleep(self.waits)
        if self.fails:
            raise self.fails
        return await self.does(event) if self.does else self.answer

    def last(self, kind: type[E_]) -> E_:
        """The newest event, which is of that kind."""
        event = self.events[-1]
        assert isinstance(event, kind)
        return event


@dataclass
class Stage:
    """One running bot."""

    fake: DingTalkFake
    platform: DingTalk
    app: Application
    clock: Clock
    base: str = ""

    def mine(self, user: str = ANA.user) -> list[tuple[Post, Shown]]:
        """What the bot sent to somebody alone, as it looks now."""
        return self.fake.view(user)

    @property
    def newest(self) -> Shown:
        """What Ana reads last."""
        return self.mine()[-1][1]


@asynccontextmanager
async def playing(delivery: Delivery = "stream", **how: Any) -> AsyncIterator[Stage]:
    """A bot with two people and a group; `how` goes to the platform. Stops everything at the end."""
    clock, app = Clock(), Application()
    fake = DingTalkFake(lambda: clock().timestamp(), limited=False)
    for who, name in ((ANA, "Ana Lima"), (BOB, "Bob Reed")):
        fake.add_user(who.user, name=name, email=f"{name.split()[0].lower()}@acme.test", language="en_US")
    fake.add_group(GROUP, ANA.user, BOB.user)
    await fake.start()
    platform = DingTalk(fake.client_id, fake.client_secret, **_given(fake, delivery) | {"clock": clock} | how)
    server = web.Application()
    server.add_routes(platform.routes())
    runner = web.AppRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    base = f"http://{host}:{port}"
    if delivery == "http":
        fake.messages_url, fake.events_url = f"{base}/dingtalk/messages", f"{base}/dingtalk/events"
        fake.cards_url = f"{base}/dingtalk/cards"
    await platform.start(app)
    try:
        if delivery == "stream":
            await fake.gateway.connected()
        yield Stage(fake, platform, app, clock, base)
    finally:
        await platform.stop()
        await runner.cleanup()
        await fake.stop()


def _given(fake: DingTalkFake, delivery: Delivery) -> dict[str, Any]:
    return {
        "robot_code": fake.client_id,
        "aes_key": fake.aes_key,
        "token": fake.token,
        "base": fake.base,
        "old_base": fake.old_base,
        "delivery": delivery,
        "public_url": PUBLIC if delivery == "http" else "",
        "rates": Rates(),
    }
