"""The stages a story is played on: each platform, both engines, and three poorer platforms."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.capability import Capabilities
from bot.db import Database
from bot.sample.small import fill_small
from bot.vault import Vault
from tests import postgres
from tests.drivers import Driver
from tests.drivers.dingtalk import DingTalkDriver
from tests.drivers.feishu import FeishuDriver
from tests.drivers.slack import SlackDriver
from tests.drivers.web import WebDriver
from tests.prepared import nobody
from tests.world import KEY, START, World, playing

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
    "dingtalk": DingTalkDriver,
    "dingtalk-http": lambda: DingTalkDriver(stream=False),
    "dingtalk-forms": lambda: DingTalkDriver(forms=True),
    "dingtalk-links": lambda: DingTalkDriver(level="action"),
    "dingtalk-text": lambda: DingTalkDriver(level="text"),
    "no-forms": lambda: WebDriver(NO_FORMS),
    "few-buttons": lambda: WebDriver(FEW),
    "lines-only": lambda: WebDriver(LINES),
}
WHOLE = [pytest.param(name, marks=pytest.mark.postgres if "postgresql" in name else ()) for name in DRIVERS]
# Told by one story, unless there is time; DingTalk itself is a platform without long forms.
ONCE = ["dingtalk-forms", "dingtalk-links", "dingtalk-text", "no-forms"]
RARE = ONCE if os.environ.get("SOAK") == "1" else []
EVERY = [one for one in WHOLE if one.values[0] not in ONCE or RARE]
FORMS = ["console", "slack", "feishu"]  # every form is one there; elsewhere long ones are a conversation


@pytest.fixture(scope="session")
def small_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small company, to be copied."""
    path = tmp_path_factory.mktemp("small") / "small.db"
    shutil.copyfile(migrated_file, path)
    _settle_in(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def small_database(server: postgres.Server, migrated_database: str) -> str:
    """A PostgreSQL database with the small company, to be copied."""
    url = server.create(migrated_database)
    _settle_in(url)
    return url


def _settle_in(url: str) -> None:
    database = Database(url)
    database.now(lambda db: fill_small(db, Vault([KEY]), START))
    database.close()


def _database(name: str, request: pytest.FixtureRequest, folder: Path) -> Database:
    if name.endswith("postgresql"):
        server: postgres.Server = request.getfixturevalue("server")
        return Database(server.create(request.getfixturevalue("small_database")))
    shutil.copyfile(request.getfixturevalue("small_file"), folder / "pandian.db")
    return Database(f"sqlite:///{folder / 'pandian.db'}")


async def _play(name: str, request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[World]:
    database = _database(name, request, folder)
    try:
        async with playing(DRIVERS[name](), database, fill=nobody) as world:
            yield world
    finally:
        database.close()


@pytest.fixture(params=EVERY)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Every stage there is; a test may ask for the WHOLE of them by name."""
    async for world in _play(str(request.param), request, tmp_path):
        yield world


@pytest.fixture(params=[*FORMS, "slack-socket", "feishu-socket", "dingtalk", "dingtalk-http", *RARE[:1]])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """The console and every platform by both of its deliveries."""
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
        async with playing(driver, database, fill=nobody) as world:
            yield world, driver
    finally:
        database.close()
