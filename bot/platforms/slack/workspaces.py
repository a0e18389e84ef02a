"""Which workspaces this bot serves: the one of a token."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Protocol

import structlog

from bot.capability import Gone, Later
from bot.introduction import Introduction
from bot.platforms.slack.api import Api
from bot.platforms.slack.inbound import Identity, ours
from bot.platforms.slack.workspace import Workspace
from bot.tasks import Tasks

Body = Mapping[str, Any]
# A workspace and who we are there.
Served = tuple[Workspace, Identity]
log = structlog.get_logger()


class Workspaces(Protocol):
    """The workspaces that are served."""

    async def start(self) -> None:
        """Finds out who we are, and goes on trying where Slack does not answer."""

    async def stop(self) -> None:
        """Asks no more."""

    def ready(self) -> bool:
        """Whether Slack knows us."""

    async def of(self, body: Body) -> Served | None:
        """The workspace a payload is from, None for a foreign one. Raises Later, Gone or OSError while Slack has not
        said who we are."""

    async def at(self, tenant: str) -> Workspace:
        """The workspace of an account. Raises Later, Gone or OSError."""

    def all(self) -> AsyncIterator[tuple[str, str, Workspace]]:
        """The tenant of every workspace, the id of the workspace where it is one of an organisation that is served as a
        whole (else ""), and the workspace. Raises Later, Gone or OSError."""


class One:
    """The workspace of the bot token in the environment."""

    def __init__(
        self, name: str, make: Callable[[str], Workspace], token: str, app_token: str, tasks: Tasks, pause: float
    ) -> None:
        self._make, self._token, self._app_token = make, token, app_token
        self._made: Workspace | None = None
        self.whoami = Introduction(name, self._introduced, tasks, pause)

    async def start(self) -> None:
        """Asks who we are."""
        await self.whoami.start()

    async def stop(self) -> None:
        """Asks no more."""
        await self.whoami.stop()

    def ready(self) -> bool:
        """Whether Slack knows us."""
        return self.whoami.made

    async def of(self, body: Body) -> Served | None:
        """The workspace, if the payload is from it and for this app."""
        me = await self.whoami()
        return (self._workspace, me) if ours(body, me) else None

    async def at(self, tenant: str) -> Workspace:
        """The workspace: there is only one."""
        return self._workspace

    async def all(self) -> AsyncIterator[tuple[str, str, Workspace]]:
        """The one workspace."""
        yield (await self.whoami()).team, "", self._workspace

    @property
    def _workspace(self) -> Workspace:
        self._made = self._made or self._make(self._token)
        return self._made

    async def _introduced(self) -> Identity:
        return await introduced(self._workspace.api, self._app_token)


async def introduced(api: Api, app_token: str = "") -> Identity:
    """Who we are with a token. Raises Later, Gone or OSError."""
    said = await api.read("auth.test")
    team, user, bot = (str(said.get(name) or "") for name in ("team_id", "user_id", "bot_id"))
    return Identity(team, user, bot, app_in(app_token) or await _app(api, bot))


def app_in(app_token: str) -> str:
    """The app that an app-level token names, "" if none."""
    parts = app_token.split("-")
    return parts[2] if len(parts) > 3 and parts[2].startswith("A") else ""


async def _app(api: Api, bot: str) -> str:
    try:
        return str((await api.read("bots.info", bot=bot)).get("bot", {}).get("app_id") or "")
    except (Gone, Later, OSError) as error:
        log.warning("slack app id unknown", reason=str(error))
        return ""
