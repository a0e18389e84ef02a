"""One console per test, with a client that is not a browser."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.platforms.web.sample import Sample


@pytest.fixture
async def sample() -> AsyncIterator[Sample]:
    """The sample bot, serving."""
    served = Sample()
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def client(sample: Sample) -> AsyncIterator[aiohttp.ClientSession]:
    """Plain HTTP to the console, with the header that a page of it would send."""
    async with aiohttp.ClientSession(
        sample.base, headers={"Origin": sample.base}, timeout=aiohttp.ClientTimeout(total=10)
    ) as session:
        yield session
