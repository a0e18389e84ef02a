"""The stage: a small company, a fixed clock, and people who type, press and fill forms on one platform."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from aiohttp import web
from aiohttp.test_utils import unused_port
from sqlmodel import Session, select

from bot.app import Bot, application
from bot.cards import Chart
from bot.db import Database
from bot.vault import Vault
from models.identity import Identity
from models.person import Person
from tests.drivers import Driver, Outcome, Seen, SeenForm

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEY = bytes(range(32))
T = TypeVar("T")
QUESTIONS = 30
OPEN = "Open the form"  # Slack opens a form only after a press, so a typed line is answered with this button


class Clock:
    """A clock that only moves when told; every reading is a millisecond later, so that order shows."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def forward(self, by: timedelta) -> None:
        """Lets time pass."""
        self.now += by


class QuickCharts:
    """A stand-in for the worker process where pictures are not what is tested: always the same tiny PNG."""

    async def png(self, chart: Chart, theme: str = "light") -> bytes:
        """One pixel."""
        return PIXEL

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


@dataclass
class Human:
    """One person on the stage. Every action waits until the bot has answered and delivered."""

    world: "World"
    user: str
    handle: str
    id: int
    last: Outcome = field(default_factory=Outcome)

    async def says(self, line: str, *, channel: str = "", mentions: Mapping[str, str] | None = None) -> "Human":
        """Types a line."""
        self.last = await self.world.driver.type(self.user, line, channel=channel, mentions=mentions)
        await self.world.settle()
        newest = self.messages[-1].buttons if self.messages else ()
        if newest == (OPEN,) and self.world.driver.form(self.user) is None:
            await self.clicks(OPEN)
        return self

    async def sends(self, name: str, content: bytes, text: str = "") -> "Human":
        """Sends a file to the bot."""
        self.last = await self.world.driver.attach(self.user, name, content, text)
        await self.world.settle()
        return self

    async def clicks(self, label: str, on: Seen | None = None) -> "Human":
        """Presses the newest button with that label (or the one on a given message), or says its number."""
        newest = next((one for one in reversed(self.messages) if one.buttons or _numbered(one)), None)
        number = on is None and newest is not None and not _shown(newest, label) and _number(newest, label)
        if number:
            return await self.says(number)
        message = on or self._with(label)
        self.last = await self.world.driver.press(self.user, message, _shown(message, label) or label)
        await self.world.settle()
        return self

    async def fills(self, values: Mapping[str, str | Sequence[str]]) -> "Human":
        """Fills the open form by its labels and submits it, or answers its questions one by one."""
        if self.world.driver.form(self.user) is None:
            await self._answers(values)
        else:
            self.last = await self.world.driver.submit(self.user, values)
            await self.world.settle()
        return self

    async def _answers(self, values: Mapping[str, str | Sequence[str]]) -> None:
        answered: set[str] = set()
        for _ in range(QUESTIONS):
            lines = self.messages[-1].text.splitlines()
            asked = next((label for label in values if label in lines), "")
            if "is this right?" in lines[0]:
                await self.says("submit")
                return
            if "Question" not in lines[0] or asked in answered:
                return
            answered.add(asked) if asked else None
            value = values.get(asked, "skip")
            await self.says(value if isinstance(value, str) else ", ".join(value))

    def choices_of(self, label: str) -> tuple[str, ...]:
        """What can be chosen under a heading of the newest message: options of a select or numbered lines."""
        newest = self.messages[-1]
        numbered = [line.split(". ", 1)[1] for line in _below(newest, label) if line.split(". ", 1)[0].isdecimal()]
        return tuple(numbered) or tuple(one for one in newest.buttons)

    def refuses(self, label: str, *words: str) -> None:
        """Asserts that the last form or question was answered at this field with a sentence saying all the words."""
        said = self.last.errors.get(label, "") if self.last.errors else self.messages[-1].text
        assert all(word in said for word in words), f"{label}: {self.last.errors or said}"

    @property
    def form(self) -> SeenForm:
        """The open form."""
        form = self.world.driver.form(self.user)
        assert form is not None, f"{self.handle} has no open form; sees: {self.text[-400:]}"
        return form

    @property
    def messages(self) -> Sequence[Seen]:
        """Everything in the private conversation, oldest first."""
        return self.world.driver.messages(self.user)

    @property
    def text(self) -> str:
        """All that can be read there, the last answer's toast included."""
        return "\n---\n".join([*(message.text for message in self.messages), self.last.toast])

    def card(self, *words: str) -> Seen:
        """The newest message that says all the words."""
        found = [message for message in self.messages if all(word in message.text for word in words)]
        assert found, f"{self.handle} sees no message with {words}; sees:\n{self.text[-1500:]}"
        return found[-1]

    def sees(self, *words: str) -> Seen | None:
        """Asserts that a message or the last toast says all the words."""
        if all(word in self.last.toast for word in words):
            return None
        return self.card(*words)

    def _with(self, label: str) -> Seen:
        found = [message for message in self.messages if _shown(message, label)]
        assert found, f"{self.handle} sees no button {label!r}; sees:\n{self.text[-1500:]}"
        return found[-1]


def _shown(message: Seen, label: str) -> str:
    """The button of a message that says this, whole or cut short, "" if there is none."""
    if label in message.buttons:
        return label
    cut = [one for one in message.buttons if one.endswith("…") and label.startswith(one[:-1].rstrip())]
    return cut[0] if len(cut) == 1 else ""


def _numbered(message: Seen) -> bool:
    """Whether a message has numbers to say: the newest that has, has those that count."""
    return any(line.partition(". ")[0].isdecimal() for line in message.text.splitlines())


def _number(message: Seen, label: str) -> str:
    """The number of a menu line, "" if there is none; the menu begins at the last "1."."""
    lines = message.text.splitlines()
    start = max((at for at, line in enumerate(lines) if line.startswith("1. ")), default=0)
    for line in lines[start:]:
        number, dot, said = line.partition(". ")
        if dot and number.isdecimal() and said == label:
            return number
    return ""


def _below(message: Seen, heading: str) -> list[str]:
    lines = message.text.splitlines()
    return lines[lines.index(heading) + 1 :] if heading in lines else []


@dataclass
class World:
    """A running bot, its platform and its people by handle."""

    bot: Bot
    driver: Driver
    clock: Clock
    people: dict[str, Human] = field(default_factory=dict)

    def __getitem__(self, handle: str) -> Human:
        return self.people[handle]

    async def settle(self) -> None:
        """Waits until everything that is due is delivered and seen."""
        await self.bot.outbox.idle()
        if await self.bot.collector.work():
            await self.bot.collector.idle()
            await self.bot.outbox.idle()
        settled: Callable[[], object] | None = getattr(self.driver, "settled", None)
        if settled is not None:
            await settled()  # type: ignore[misc]

    async def run(self, work: Callable[[Session], T]) -> T:
        """Looks into the database, or arranges something there."""
        return await self.bot.db.run(work)


def user_of(driver: Driver, person: Person) -> str:
    """The account of a person on a platform."""
    match driver.name:
        case "feishu":
            return f"ou_{person.handle}"
        case "dingtalk":
            return f"0147{person.handle}"
        case "web":
            return person.number
    return f"U{person.handle.upper()}"


def account(driver: Driver, person: Person, now: datetime) -> Identity:
    """The linked account of a person."""
    return Identity(
        platform=driver.name, tenant=driver.tenant, user=user_of(driver, person), person_id=person.id, seen_at=now
    )


@asynccontextmanager
async def playing(
    driver: Driver,
    database: Database,
    *,
    fill: Callable[[Session, Vault, datetime], object],
    charts: object | None = None,
    linked: bool = True,
) -> AsyncIterator[World]:
    """A bot on `driver` and `database`, served on a loopback port."""
    clock, vault = Clock(), Vault([KEY])
    bot = Bot(database, vault, clock, charts or QuickCharts(), zone="Asia/Shanghai")  # type: ignore[arg-type]
    database.now(lambda db: fill(db, vault, clock.now))
    world = World(bot, driver, clock)
    database.now(lambda db: _people(db, world, linked=linked))
    bot.add(await driver.start())
    runner = web.AppRunner(application(bot))
    await runner.setup()
    port = unused_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    bot.scheduler.stop()  # real minutes would move a cycle whose story lets days pass: ticks come when it says so
    await bot.rollcall.stop()
    for loop in bot.outbox._loops:  # what is due is looked for when somebody waits for it, and not twice
        loop.cancel()
    try:
        await driver.connect(f"http://127.0.0.1:{port}")
        yield world
    finally:
        await asyncio.wait_for(driver.stop(), 20)
        await asyncio.wait_for(runner.cleanup(), 20)


def _people(db: Session, world: World, *, linked: bool) -> None:
    for person in db.exec(select(Person)):
        user = user_of(world.driver, person)
        locale = {"zh_Hans": "zh-CN", "zh_Hant": "zh-TW", "ja": "ja-JP"}.get(person.locale, "en-US")
        world.driver.add_user(user, name=person.name, email=person.email or "", locale=locale)
        world.people[person.handle] = Human(world, user, person.handle, person.id)
        if linked:
            db.add(account(world.driver, person, world.clock.now))
