"""One stage for the tests of this folder: starting processes is what takes long."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from bot.db import Database
from models import migrations
from tests import postgres
from tests.conftest import CI
from tests.engine.stage import Stage, staged
from tests.fakes.proxy import FaultyProxy

PEOPLE = 120


@pytest.fixture(scope="session")
def crashing() -> Iterator[postgres.Crashing]:
    """A PostgreSQL server that may be killed."""
    try:
        with postgres.crashing() as server:
            yield server
    except postgres.Missing as reason:
        pytest.fail(str(reason)) if CI else pytest.skip(str(reason))


@pytest.fixture(scope="session")
def migrated(crashing: postgres.Crashing) -> str:
    """A database of that server at the newest revision, to be copied."""
    url = crashing.create()
    database = Database(url)
    migrations.upgrade(database.writer)
    database.close()
    return url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(
    crashing: postgres.Crashing, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Two replicas on one PostgreSQL behind a balancer, and Slack behind a proxy that spoils nothing yet."""
    url = crashing.create(migrated)
    async with staged(tmp_path_factory.mktemp("engine"), url, PEOPLE, ["--pace", "0.02"]) as made:
        proxy = FaultyProxy(made.slack.url)
        await proxy.start()
        made.proxy = proxy
        await made.add(2, proxy.url)
        yield made
        await proxy.stop()
