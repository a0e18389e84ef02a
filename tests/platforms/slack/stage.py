"""A bot on a real HTTP server with the Slack platform, a fake Slack and an application of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from bot.capability import Answer
from bot.cards import Button, Card, Style, text
from bot.events import Changed, Click, Command, FromPerson, Opened, Said, Submitted, Who
from bot.forms import Field, Kind, Sheet
from bot.platforms.slack import Slack
from bot.platforms.slack.waiting import WAITS, Waits
from tests.drivers.slack import SlackDriver
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_payloads import signed
from tests.fakes.slack_store import TEAM

ANA = Who("slack", TEAM, "U0001")
BOB = Who("slack", TEAM, "U0002")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHEET = Sheet(
    "goal.save",
    "New goal for the first half of the year",
    "Save",
    (
        Field("title", "Title", Kind.SHORT),
        Field("weight", "Weight", Kind.NUMBER, hint="In percent"),
        Field("kind", "Kind", Kind.CHOICE, options=(("o", "Objective"), ("h", "Habit"))),
        Field("note", "Note", Kind.LONG, required=False),
    ),
    subject=7,
    version=3,
)
CARD = Card(
    "Goal 7",
    (text("Ship it"),),
    (Button("Approve", "goal.approve", 7, 3, Style.PRIMARY), Button("Reject", "goal.reject", 7, 3, confirm="Sure?")),
    summary="A goal waits for you",
)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


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

    def last(self) -> FromPerson:
        """The newest event."""
        return self.events[-1]

    def clicked(self) -> Click:
        """The newest event, which is a click."""
        event = self.last()
        assert isinstance(event, Click)
        return event

    def submitted(self) -> Submitted:
        """The newest event, which is a filled form."""
        event = self.last()
        assert isinstance(event, Submitted)
        return event

    def commanded(self) -> Command:
        """The newest event, which is a command."""
        event = self.last()
        assert isinstance(event, Command)
        return event

    def said(self) -> Said:
        """The newest event, which is free text."""
        event = self.last()
        assert isinstance(event, Said)
        return event

    def opened(self) -> Opened:
        """The newest event, which is an opened page."""
        event = self.last()
        assert isinstance(event, Opened)
        return event


@dataclass
class Stage:
    """One running bot."""

    driver: SlackDriver
    platform: Slack
    app: Application
    clock: Clock

    @property
    def refused(self) -> list[str]:
        """What the fake refused."""
        return self.driver.fake.refused


def command(stage: Stage, text: str = "goals", **changed: str) -> bytes:
    """A slash command's body."""
    made = payloads.slash(stage.driver.fake.store, "U0001", "C0001", "/perf", text, f"{stage.driver.fake.base}/hooks")
    return urlencode(made | changed).encode()


async def send(stage: Stage, body: bytes, headers: dict[str, str], *, at: float = 0) -> int:
    """The status of a body with a right signature made `at` seconds from now and these other headers."""
    now = stage.clock().timestamp() + at
    status, _ = await stage.driver.post(body, signed(body, now) | headers)
    await stage.platform.settle()
    return status


@asynccontextmanager
async def playing(*, socket: bool = False, waits: Waits = WAITS) -> AsyncIterator[Stage]:
    """A bot with two people and a channel; stops everything at the end."""
    clock, app = Clock(), Application()
    driver = SlackDriver(socket=socket, clock=clock, ping=0.5, waits=waits)
    for who, name in ((ANA, "Ana Lima"), (BOB, "Bob Reed")):
        driver.add_user(who.user, name=name, email=f"{name.split()[0].lower()}@acme.test")
    driver.add_channel("C0001", ANA.user, BOB.user)
    platform = await driver.start()
    server = web.Application()
    server.add_routes(platform.routes())
    runner = web.AppRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await platform.start(app)
    host, port = runner.addresses[0][:2]
    await driver.connect(f"http://{host}:{port}")
    try:
        yield Stage(driver, platform, app, clock)
    finally:
        await platform.stop()
        await runner.cleanup()
        await driver.stop()
