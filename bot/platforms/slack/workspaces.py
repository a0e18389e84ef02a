"""Which workspaces this bot serves: the one of a token."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

import structlog

from bot.capability import Gone, Later
from bot.introduction import Introduction
from bot.platforms.slack.api import Api, Locked
from bot.platforms.slack.inbound import Identity, ours
from bot.platforms.slack.workspace import Workspace
from bot.tasks import Tasks

T = TypeVar("T")
Body = Mapping[str, Any]
# A workspace and who we are there.
Served = tuple[Workspace, Identity]
# The tenant of accounts, the team to name with a token of a whole organisation ("" otherwise), and how it is called.
Place = tuple[str, str, Workspace]
# The events that say that the bot was removed, or that its access was taken back.
REMOVED, REVOKED = "app_uninstalled", "tokens_revoked"
PAGE, MOST = 200, 10_000
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

    async def through(self, tenant: str, work: Callable[[Workspace], Awaitable[T]]) -> T:
        """The result of work with the workspace of an account. Raises Later, Gone or OSError."""

    def all(self) -> AsyncIterator[Place]:
        """Every workspace there is now. Raises Later, Gone or OSError."""

    async def removed(self, body: Body) -> int:
        """Takes an event that says that the bot was removed; the status to answer with."""


class One:
    """The workspace of the bot token in the environment, or the organisation that it is for."""

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

    async def through(self, tenant: str, work: Callable[[Workspace], Awaitable[T]]) -> T:
        """The result of work with the workspace: there is only one. Without access Slack is asked who we are until it
        knows us again, and meanwhile we are not ready."""
        try:
            return await work(self._workspace)
        except Locked as no:
            log.error("slack access lost", reason=no.name)
            await self.whoami.again()
            raise

    async def all(self) -> AsyncIterator[Place]:
        """The workspace, or those of the organisation."""
        me = await self.whoami()
        for team in await teams(self._workspace.api, me):
            yield me.tenant, team, self._workspace

    async def removed(self, body: Body) -> int:
        """The token may not work any more: Slack is asked."""
        if self.whoami.made and not ours(body, await self.whoami()):
            return 403
        log.error("slack access lost", reason=body["event"]["type"])
        await self.whoami.again()
        return 200

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
    enterprise, whole = str(said.get("enterprise_id") or ""), said.get("is_enterprise_install") is True
    app = app_in(app_token) or await _app(api, bot, team)
    return Identity(team, user, bot, app, enterprise, whole and bool(enterprise))


async def teams(api: Api, me: Identity) -> list[str]:
    """The workspaces that a token of a whole organisation is good for, which has to name them; one without a name for
    any other token. Raises Later, Gone or OSError."""
    found, cursor = list[str](), ""
    while me.whole and len(found) < MOST:
        said = await api.read("auth.teams.list", limit=PAGE, cursor=cursor)
        found += [str(one["id"]) for one in said["teams"]]
        cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor or not said["teams"]:
            break
    return found if me.whole else [""]


def app_in(app_token: str) -> str:
    """The app that an app-level token names, "" if none."""
    parts = app_token.split("-")
    return parts[2] if len(parts) > 3 and parts[2].startswith("A") else ""


async def _app(api: Api, bot: str, team: str) -> str:
    """The app of a bot. `team` is what a token of a whole organisation has to name; others need not."""
    try:
        return str((await api.read("bots.info", bot=bot, team_id=team)).get("bot", {}).get("app_id") or "")
    except (Gone, Later, OSError) as error:
        log.warning("slack app id unknown", reason=str(error))
        return ""
