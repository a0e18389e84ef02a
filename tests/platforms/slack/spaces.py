"""A bot that several workspaces install: the door on a real HTTP server, browsers with cookies, two workspaces and an
organisation in the fake Slack, and installations in a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port
from sqlmodel import select

from bot.db import Database
from bot.installations import Installations
from bot.passes import Passes
from bot.platforms.slack import Distribution, Slack, invitation
from bot.vault import Vault
from models.installation import Installation
from tests.fakes import slack_oauth as oauth
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import APP_TOKEN, SECRET, FakeSlack
from tests.fakes.slack_oauth import Branch, placed
from tests.platforms.slack.stage import Application, Clock
from tests.prepared import sqlite_at
from tests.world import KEY

Page = tuple[int, str, str]  # status, text, address


@dataclass
class Spaces:
    """The running bot. `berlin` and `osaka` are workspaces, `grid` an organisation of two."""

    fake: FakeSlack
    slack: Slack
    app: Application
    clock: Clock
    database: Database
    tenants: Installations
    passes: Passes
    base: str
    shop: oauth.Distribution
    berlin: Branch = field(init=False)
    osaka: Branch = field(init=False)
    grid: Branch = field(init=False)

    def __post_init__(self) -> None:
        self.berlin = self.shop.add("T0002", "Berlin <b>& Co</b>")
        self.osaka = self.shop.add("T0003", "Osaka")
        self.grid = self.shop.add("E0001", "Grid", teams=("T0011", "T0012"))
        for branch, user in ((self.berlin, "UBEA"), (self.osaka, "UOTA"), (self.grid, "WGIA")):
            branch.add_user(user, name=user.title(), email=f"{user.lower()}@acme.test")

    @property
    def address(self) -> str:
        """A new invitation."""
        return invitation(self.base, self.passes, self.clock())

    async def installed(self, *branches: Branch) -> None:
        """Somebody installs the bot in each, with a browser."""
        for branch in branches:
            status, text, _at = await self.visit(self.address, branch)
            assert status == 200, text

    async def visit(self, address: str, consenting: Branch | None, language: str = "en") -> Page:
        """Opens an address in a new browser, follows to Slack and back, and presses Allow there, or Cancel."""
        async with browser() as visitor:
            self.shop.consenting = consenting
            return await get(visitor, address, language)

    async def stored(self) -> list[Installation]:
        """The rows."""
        return list(await self.database.run(lambda db: db.exec(select(Installation)).all()))

    async def post(self, branch: Branch, payload: dict[str, Any], team: str = "") -> int:
        """A payload of a workspace to the door: the status."""
        body, kind = payloads.encoded(placed(payload, branch, team))
        headers = payloads.signed(body, self.clock().timestamp()) | {"Content-Type": kind}
        async with browser() as sender, sender.post(f"{self.base}/slack/events", data=body, headers=headers) as answer:
            await answer.read()
        await self.slack.settle()
        return answer.status

    async def says(self, branch: Branch, user: str, text: str = "perf", team: str = "") -> int:
        """A line in the direct conversation: the status."""
        return await self.post(branch, payloads.typed(branch, user, text), team)

    async def tells(self, branch: Branch, kind: str, **about: object) -> int:
        """An event about the app itself: the status. Such events name no installation."""
        made = payloads.happened({"type": kind, **about})
        return await self.post(branch, made | {"authorizations": []} if not branch.whole else made)


def browser() -> aiohttp.ClientSession:
    """A browser of its own, which keeps cookies of 127.0.0.1, too."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def get(visitor: aiohttp.ClientSession, address: str, language: str = "en", *, follow: bool = True) -> Page:
    """The page at an address."""
    headers = {"Accept-Language": language}
    async with visitor.get(address, headers=headers, allow_redirects=follow) as answer:
        return answer.status, await answer.text(), answer.headers.get("Location", str(answer.url))


def slack_on(fake: FakeSlack, base: str, tenants: Installations, clock: Clock, app_token: str = "") -> Slack:
    """The platform, as one replica has it."""
    several = Distribution(oauth.CLIENT_ID, oauth.CLIENT_SECRET, base, tenants, Passes((KEY,)))
    ping = 0.5 if app_token else 0.02
    return Slack(SECRET, "", app_token, fake.api_url, clock, ping=ping, settling=(0.01,), several=several)


def kept(database: Database, clock: Clock, *keys: bytes) -> Installations:
    """The installations in a database."""
    return Installations(database, Vault(keys or (KEY,)), clock, "slack")


@asynccontextmanager
async def serving(slack: Slack, app: Application, port: int) -> AsyncIterator[None]:
    """The platform behind its doors."""
    server = web.Application()
    server.add_routes(slack.routes())
    runner = web.AppRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await slack.start(app)
    try:
        yield
    finally:
        await slack.stop()
        await runner.cleanup()


@asynccontextmanager
async def distributed(folder: Path, *, socket: bool = False) -> AsyncIterator[Spaces]:
    """Everything, with nothing installed yet."""
    clock, app, port = Clock(), Application(), unused_port()
    base = f"http://127.0.0.1:{port}"
    fake = FakeSlack(lambda: clock().timestamp())
    shop = oauth.Distribution(fake, [base])
    await fake.start(0, *shop.routes())
    database = sqlite_at(folder)
    tenants = kept(database, clock)
    slack = slack_on(fake, base, tenants, clock, APP_TOKEN if socket else "")
    try:
        async with serving(slack, app, port):
            yield Spaces(fake, slack, app, clock, database, tenants, Passes((KEY,)), base, shop)
    finally:
        await fake.stop()
        database.close()
