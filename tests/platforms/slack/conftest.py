"""Both transports, and no proxy between us and loopback."""

from collections.abc import AsyncIterator

import pytest

from tests.platforms.slack.stage import Stage, playing


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def http() -> AsyncIterator[Stage]:
    """A bot behind its HTTP door."""
    async with playing() as stage:
        yield stage


@pytest.fixture(params=["http", "socket"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A bot on each transport."""
    async with playing(socket=request.param == "socket") as made:
        yield made
