"""Both deliveries, and no proxy between us and loopback."""

from collections.abc import AsyncIterator

import pytest

from tests.platforms.dingtalk.stage import Stage, playing


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def stream() -> AsyncIterator[Stage]:
    """A bot that connects by itself."""
    async with playing("stream") as stage:
        yield stage


@pytest.fixture
async def http() -> AsyncIterator[Stage]:
    """A bot behind its doors."""
    async with playing("http") as stage:
        yield stage


@pytest.fixture(params=["stream", "http"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A bot on each delivery."""
    async with playing(request.param) as made:
        yield made
