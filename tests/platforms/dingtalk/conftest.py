"""Both deliveries, the fake alone with a clock that is moved by hand, and no proxy between us and loopback."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.dingtalk import DingTalkFake
from tests.platforms.dingtalk.stage import Stage, playing


class Hand:
    """A clock in seconds that is moved by hand."""

    now = 1_772_442_000.0

    def __call__(self) -> float:
        return self.now


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


@pytest.fixture
def clock() -> Hand:
    """Some day in 2026."""
    return Hand()


@pytest.fixture
async def fake(clock: Hand) -> AsyncIterator[DingTalkFake]:
    """A company of two and their group."""
    async with DingTalkFake(clock, limited=False) as made:
        made.add_user("0147ana", name="Ana Lima", email="ana@acme.test", manager="0147bob")
        made.add_user("0147bob", name="Bob Reed")
        made.add_group("cidTeam==", "0147ana", "0147bob")
        yield made
