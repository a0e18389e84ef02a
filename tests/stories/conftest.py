"""The stages a story is played on: each platform, both engines, and three poorer platforms."""

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.capability import Capabilities
from bot.db import Database
from bot.sample.small import fill_small
from tests import postgres
from tests.drivers import Driver
from tests.drivers.feishu import FeishuDriver
from tests.drivers.slack import SlackDriver
from tests.drivers.web import WebDriver
from tests.world import World, playing

NO_FORMS = Capabilities(forms=False)
FEW = Capabilities(buttons=2, choices=False, forms=False, tables=False, charts=False, blocks=14, text=800)
LINES = Capabilities(
    buttons=0,
    choices=False,
    forms=False,
    tables=False,
    charts=False,
    links=False,
    updates=False,
    confirms=False,
    blocks=100,
    text=2000,
)
DRIVERS: dict[str, Callable[[], Driver]] = {
    "console": WebDriver,
    "console-postgresql": WebDriver,
    "slack": SlackDriver,
    "slack-socket": lambda: SlackDriver(socket=True),
    "feishu": FeishuDriver,
    "feishu-socket": lambda: FeishuDriver(socket=True),
    "no-forms": lambda: WebDriver(NO_FORMS),
    "few-buttons": lambda: WebDriver(FEW),
    "lines-only": lambda: WebDriver(LINES),
}
EVERY = [pytest.param(name, marks=pytest.mark.postgres if "postgresql" in name else ()) for name in DRIVERS]


def _database(name: str, request: pytest.FixtureRequest, folder: Path) -> Database:
    if name.endswith("postgresql"):
        server: postgres.Server = request.getfixturevalue("server")
        return Database(server.create(request.getfixturevalue("migrated_database")))
    shutil.copyfile(request.getfixturevalue("migrated_file"), folder / "pandian.db")
    return Database(f"sqlite:///{folder / 'pandian.db'}")


async def _play(name: str, request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[World]:
    database = _database(name, request, folder)
    try:
        async with playing(DRIVERS[name](), database, fill=fill_small) as world:
            yield world
    finally:
        database.close()


@pytest.fixture(params=EVERY)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Every stage there is."""
    async for world in _play(str(request.param), request, tmp_path):
        yield world


@pytest.fixture(params=["console", "slack", "feishu"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """The console, Slack and Feishu."""
    async for world in _play(str(request.param), request, tmp_path):
        yield world


@pytest.fixture
async def console(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """The console alone, for what does not depend on a platform."""
    async for world in _play("console", request, tmp_path):
        yield world


@pytest.fixture
async def slack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[World, SlackDriver]]:
    """Slack alone, with its driver, for what only its fake can do."""
    driver = SlackDriver()
    database = _database("slack", request, tmp_path)
    try:
        async with playing(driver, database, fill=fill_small) as world:
            yield world, driver
    finally:
        database.close()
