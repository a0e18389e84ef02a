"""A bot on a real HTTP server with the Feishu platform, a fake Feishu and an application of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from aiohttp import web

from bot.capability import Answer, Rates
from bot.cards import Button, Card, Chart, Style, text
from bot.events import Changed, FromPerson, Who
from bot.forms import Field, Kind, Sheet
from bot.platforms.feishu import Feishu
from bot.plots import Bar, Bars
from tests.fakes.feishu import FeishuFake
from tests.fakes.feishu_store import TENANT, Json, Post

ANA, BOB = Who("feishu", TENANT, "ou_ana"), Who("feishu", TENANT, "ou_bob")
GROUP = "oc_group"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
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

    events: list[FromPerson] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    answer: Answer = field(default_factory=Answer)
    waits: float = 0.0
    fails: Exception | None = None
    does: Callable[[FromPerson], Awaitable[Answer]] | None = None

    async def __call__(self, event: FromPerson | Changed) -> Answer:
        if isinstance(event, Changed):
            self.changes.append(event)
            return self.answer
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

    fake: FeishuFake
    platform: Feishu
    app: Application
    clock: Clock
    base: str = ""

    def mine(self, user: str = ANA.user) -> list[Post]:
        """What the bot sent to somebody alone."""
        chat = self.fake.people[user].chat
        return [post for post in self.fake.store.posts if post.chat == chat and post.own and not post.gone]

    def text(self, post: Post) -> str:
        """What is read on a message."""
        return self.fake.render(post.id, "en_us")

    def envelope(self, kind: str = "im.message.receive_v1", **changed: object) -> Json:
        """An event of Ana's saying "perf", its header changed."""
        event, _ = self.fake.spoken(ANA.user, "perf")
        made = self.fake.envelope(kind, event)
        made["header"] |= changed
        return made


@asynccontextmanager
async def playing(delivery: str = "webhook", *, encrypt_key: str | None = None, **how: float) -> AsyncIterator[Stage]:
    """A bot with two people and a group; stops everything at the end."""
    clock, app = Clock(), Application()
    key = {} if encrypt_key is None else {"encrypt_key": encrypt_key}
    fake = FeishuFake(lambda: clock().timestamp(), limited=False, **key)
    fake.by_socket = delivery == "socket"
    for who, name in ((ANA, "Ana Lima"), (BOB, "Bob Reed")):
        fake.add_user(who.user, name=name, email=f"{name.split()[0].lower()}@acme.test", locale="en_us")
    fake.add_group(GROUP, ANA.user, BOB.user)
    await fake.start()
    platform = Feishu(
        fake.app_id,
        fake.secret,
        encrypt_key=fake.encrypt_key,
        verification_token=fake.verification_token,
        base=fake.base,
        delivery="socket" if fake.by_socket else "webhook",
        clock=clock,
        rates=Rates(),
        budget=how.get("budget", 2.2),
        connections=int(how.get("connections", 1)),
    )
    server = web.Application()
    server.add_routes(platform.routes())
    runner = web.AppRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    base = f"http://{host}:{port}"
    fake.events_url, fake.cards_url = f"{base}/feishu/events", f"{base}/feishu/cards"
    await platform.start(app)
    try:
        yield Stage(fake, platform, app, clock, base)
    finally:
        await platform.stop()
        await runner.cleanup()
        await fake.stop()
