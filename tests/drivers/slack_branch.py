"""Hands and eyes of a person in one of several workspaces that share a bot."""

from typing import Any

import aiohttp

from bot.platforms.slack import Slack
from tests.drivers.slack import SlackDriver
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_oauth import Branch, placed
from tests.fakes.slack_store import Json


class Within:
    """A fake Slack as one workspace sees it."""

    def __init__(self, fake: FakeSlack, store: Branch) -> None:
        self._fake, self.store = fake, store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._fake, name)


class BranchDriver(SlackDriver):
    """One workspace of a fake that holds several; whoever plays starts the bot and the fake."""

    def __init__(self, platform: Slack, fake: FakeSlack, branch: Branch, base: str) -> None:
        super().__init__()
        self.fake, self.tenant, self.branch = Within(fake, branch), branch.team, branch  # type: ignore[assignment]
        self.platform, self.base = platform, base
        self._http = aiohttp.ClientSession()

    async def exchange(self, kind: str, payload: Json) -> tuple[int, Json]:
        """The same from this workspace."""
        return await super().exchange(kind, placed(payload, self.branch))

    async def stop(self) -> None:
        """Leaves the fake to the others."""
        if self._http:
            await self._http.close()
