"""Stages for attacks: one platform, two platforms on one bot, and a database prepared by a function."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port
from sqlmodel import Session, SQLModel, func, select

import models
from bot.app import Bot, application
from bot.db import Database
from bot.events import Click, Command, Said, Submitted, Where, Who
from bot.vault import Vault
from models.base import changes
from models.identity import Identity
from models.person import Person
from models.plan import Plan
from tests.drivers import Driver
from tests.drivers.slack import SlackDriver
from tests.drivers.web import WebDriver
from tests.prepared import nobody, sqlite_at
from tests.security import company
from tests.world import KEY, Clock, Human, QuickCharts, World, account, user_of

Fill = Callable[[Session, Vault, datetime], None]
SHM = Path("/dev/shm")  # noqa: S108  (a place in memory, where committing costs nothing)
assert models


@lru_cache(maxsize=64)
def filled(*states: tuple[str, str]) -> Fill:
    """A company with a published cycle and plans in these states: (owner's handle, state)."""

    def fill(db: Session, vault: Vault, now: datetime) -> None:
        company.fill(db, vault, now)
        for owner, state in states:
            company.bring(db, state, now, owner=owner)
        changes(db).clear()

    return fill


@asynccontextmanager
async def sharing(drivers: Mapping[str, Driver], database: Database, fill: Fill) -> AsyncIterator[dict[str, World]]:
    """One bot on several platforms; everybody has an account on each. A world by platform name."""
    clock, vault = Clock(), Vault([KEY])
    bot = Bot(database, vault, clock, QuickCharts(), zone="Asia/Shanghai")  # type: ignore[arg-type]
    database.now(lambda db: fill(db, vault, clock.now))
    worlds = {name: World(bot, driver, clock) for name, driver in drivers.items()}
    database.now(lambda db: _accounts(db, worlds, clock.now))
    for driver in drivers.values():
        bot.add(await driver.start())
    runner = web.AppRunner(application(bot))
    await runner.setup()
    port = unused_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        for driver in drivers.values():
            await driver.connect(f"http://127.0.0.1:{port}")
        yield worlds
    finally:
        for driver in drivers.values():
            await driver.stop()
        await runner.cleanup()


def _accounts(db: Session, worlds: Mapping[str, World], now: datetime) -> None:
    known = {(row.platform, row.person_id) for row in db.exec(select(Identity))}
    for person in db.exec(select(Person)):
        for world in worlds.values():
            user = user_of(world.driver, person)
            world.driver.add_user(user, name=person.name, email=person.email or "")
            world.people[person.handle] = Human(world, user, person.handle, person.id)
            if (world.driver.name, person.id) not in known:
                db.add(account(world.driver, person, now))


def who(world: World, handle: str) -> Who:
    """The account of somebody on the stage's platform."""
    return Who(world.driver.name, world.driver.tenant, world[handle].user)


def said(by: Who, text: str, key: str = "") -> Said:
    """A line in the private conversation."""
    return Said(key or uuid4().hex, by, Where(channel=by.user), text)


def command(by: Who, text: str) -> Command:
    """A command, answered in place."""
    return Command(uuid4().hex, by, Where(channel=by.user), text)


def click(by: Who, action: str, subject: int = 0, version: int = 0, value: str = "", key: str = "") -> Click:
    """A press on a message in the private conversation."""
    return Click(key or uuid4().hex, by, Where(channel=by.user, message="m1"), action, subject, version, value)


def submitted(by: Who, action: str, subject: int = 0, version: int = 0, /, **answers: Any) -> Submitted:
    """A filled form."""
    return Submitted(uuid4().hex, by, Where(channel=by.user), action, subject, version, answers)


class Door:
    """Raw JSON to the console's doors, as the page or an attacker sends it."""

    def __init__(self, driver: WebDriver) -> None:
        self._base = driver.base

    async def send(self, door: str, **body: object) -> tuple[int, dict[str, Any]]:
        """Status and answer of one request with exactly this body (a key is made unless given)."""
        sent = {"key": uuid4().hex, **body}
        async with aiohttp.ClientSession() as session:
            url, headers = f"{self._base}/console/api/{door}", {"Origin": self._base}
            async with session.post(url, json=sent, headers=headers) as response:
                answer = await response.json()
        return response.status, answer if isinstance(answer, dict) else {}

    async def press(
        self, user: str, action: str, subject: int, version: int, value: str = "", **more: object
    ) -> tuple[int, dict[str, Any]]:
        """A press with these numbers."""
        press = {"user": user, "action": action, "subject": subject, "version": version, "message": "", "value": value}
        return await self.send("press", **{**press, **more})


@asynccontextmanager
async def play(folder: Path, *platforms: str, fill: Fill) -> AsyncIterator[dict[str, World]]:
    """A prepared company on these platforms ("web", "slack"), in a new database."""
    made: dict[str, Callable[[], Driver]] = {"web": WebDriver, "slack": SlackDriver}
    database = sqlite_at(folder, fill)
    try:
        async with sharing({name: made[name]() for name in platforms}, database, nobody) as worlds:
            yield worlds
    finally:
        database.close()


async def plan_of(world: World, handle: str) -> Plan:
    """Somebody's plan as it is stored now."""

    def work(db: Session) -> Plan:
        return db.exec(select(Plan).where(Plan.person_id == world[handle].id)).one()

    return await world.run(work)


async def count(world: World, model: type[SQLModel]) -> int:
    """How many rows a table has."""
    return await world.run(lambda db: db.exec(select(func.count()).select_from(model)).one())
