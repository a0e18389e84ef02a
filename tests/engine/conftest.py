"""One stage for the tests of this folder: starting processes is what takes long."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests import postgres
from tests.conftest import migrated_on, needed
from tests.engine.stage import Stage, staged
from tests.fakes.proxy import FaultyProxy

PEOPLE = 120


@pytest.fixture(scope="session")
def crashing() -> Iterator[postgres.Crashing]:
    """A PostgreSQL server that may be killed."""
    with needed(postgres.crashing()) as server:
        yield server


@pytest.fixture(scope="session")
def migrated(crashing: postgres.Crashing) -> str:
    """A database of that server at the newest revision, to be copied."""
    return migrated_on(crashing)


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
