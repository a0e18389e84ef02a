"""One company in two Slack workspaces: a plan agreed across them, and one of them gone for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from sqlmodel import Session, select

from bot.app import Bot, application
from bot.db import Database
from bot.events import Tick
from bot.installations import Installations
from bot.passes import Passes
from bot.platforms.slack import Distribution, Slack, invitation, utc_now
from bot.sample.small import fill_small
from bot.vault import Vault
from models.identity import Identity
from models.person import Person
from models.plan import Plan
from tests.drivers.slack_branch import BranchDriver
from tests.fakes import slack_oauth as oauth
from tests.fakes.slack import SECRET, FakeSlack
from tests.platforms.slack.spaces import browser, get
from tests.prepared import sqlite_at
from tests.stories.acts import cycle_opened, plan_drafted
from tests.stories.test_undelivered_story import picks
from tests.world import KEY, Clock, Human, QuickCharts, World

HOMES = {"helen": 0, "dana": 0, "eva": 1, "ana": 1}


class Company:
    """The bot, its two workspaces, and everybody where they work."""

    def __init__(self, database: Database, port: int) -> None:
        self.base, self.clock, vault = f"http://127.0.0.1:{port}", Clock(), Vault([KEY])
        self.passes = Passes([KEY])
        self.fake = FakeSlack()
        self.shop = oauth.Distribution(self.fake, [self.base])
        self.branches = (self.shop.add("T0002", "Berlin"), self.shop.add("T0003", "Osaka"))
        self.bot = Bot(database, vault, self.clock, QuickCharts(), zone="Asia/Shanghai")  # type: ignore[arg-type]
        tenants = Installations(database, vault, self.clock, "slack")
        self._several = Distribution(oauth.CLIENT_ID, oauth.CLIENT_SECRET, self.base, tenants, self.passes)

    def open(self) -> None:
        """The platform, once the fake listens."""
        slack = Slack(SECRET, "", api_url=self.fake.api_url, ping=1.0, several=self._several)
        self.bot.add(slack)
        self.drivers = tuple(BranchDriver(slack, self.fake, branch, self.base) for branch in self.branches)

    async def install(self, number: int) -> None:
        """An administrator opens an invitation."""
        self.shop.consenting = self.branches[number]
        async with browser() as visitor:
            assert (await get(visitor, invitation(self.base, self.passes, utc_now())))[0] == 200

    def peopled(self, db: Session) -> World:
        """Everybody in the workspace where they work; linked to nobody yet."""
        worlds = [World(self.bot, driver, self.clock) for driver in self.drivers]
        for person in db.exec(select(Person)):
            world = worlds[HOMES.get(person.handle, 0)]
            user = f"U{person.handle.upper()}"
            world.driver.add_user(user, name=person.name, email=person.email or "")
            worlds[0].people[person.handle] = Human(world, user, person.handle, person.id)
        return worlds[0]


@asynccontextmanager
async def playing(database: Database) -> AsyncIterator[tuple[World, Company]]:
    """The company at work."""
    port = unused_port()
    company = Company(database, port)
    await company.fake.start(0, *company.shop.routes())
    company.open()
    runner = web.AppRunner(application(company.bot))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    company.bot.scheduler.stop()
    await company.bot.rollcall.stop()
    try:
        yield database.now(company.peopled), company
    finally:
        for driver in company.drivers:
            await driver.stop()
        await runner.cleanup()
        await company.fake.stop()


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[tuple[World, Company]]:
    """Nobody has installed the bot, nobody has written to it."""
    database = sqlite_at(tmp_path, fill_small)
    async with playing(database) as made:
        yield made
    database.close()


async def test_a_plan_is_agreed_across_two_workspaces(company: tuple[World, Company]) -> None:
    world, played = company
    helen, dana, eva, ana = (world[handle] for handle in HOMES)
    await helen.says("perf help")
    assert helen.last.status == 403, "nobody has installed the bot"
    for number in (0, 1):
        await played.install(number)
    for human in (helen, dana, eva, ana):
        await human.says("perf help")
    tenants = await world.run(lambda db: {row.user: row.tenant for row in db.exec(select(Identity))})
    assert tenants == {"UHELEN": "T0002", "UDANA": "T0002", "UEVA": "T0003", "UANA": "T0003"}
    await cycle_opened(world)
    await plan_drafted(world)
    await dana.clicks("Submit")
    eva.sees("Ana Silva", "With the approver")
    await eva.clicks("Approve")
    helen.sees("Ana Silva", "Pass")
    played.shop.remove(played.branches[1], "account_inactive")
    await helen.clicks("Pass")
    await world.bot.dispatch.tick(Tick("undelivered", world.clock()))
    await world.settle()
    helen.sees("What could not be delivered", "does not let me write there")
    await played.install(1)
    await picks(world, "See who", "The platform does not let me write there")
    await picks(world, "Send again", "1 message")
    ana.sees("Waiting for confirmation")
    await ana.clicks("Confirm")
    plan = await world.run(lambda db: db.exec(select(Plan).where(Plan.person_id == ana.id)).one())
    assert plan.state == "active"
