"""Several workspaces, each with the token it gave us when it installed the bot; all replicas share what is stored."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from bot.capability import Gone, Later
from bot.introduction import Introduction
from bot.platforms.slack import origin
from bot.platforms.slack.api import LOCKED_PAUSE, Locked
from bot.platforms.slack.inbound import Identity
from bot.platforms.slack.workspace import Workspace
from bot.platforms.slack.workspaces import REVOKED, Place, Served, teams
from bot.recent import Recent
from bot.tasks import Tasks
from bot.tenants import Installed, Tenants
from bot.vault import Unreadable

# Slack's words for a token that will never work again; for every other one an operator can do something.
LOST = {"token_revoked", "account_inactive", "invalid_auth", "app_uninstalled"}
# Seconds for which it is believed that a tenant installed the bot, and that it did not: other replicas write, too.
HERE, NOT_HERE = 60.0, 3.0
KEPT = 1000
NOT_INSTALLED = "no access: not installed"
T = TypeVar("T")
Body = Mapping[str, Any]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Held:
    """An installation with its workspace, believed until an instant of the monotonic clock."""

    installed: Installed
    place: Workspace
    until: float

    @property
    def me(self) -> Identity:
        """Who we are there."""
        one = self.installed
        return Identity("" if one.whole else one.tenant, one.bot_user, one.bot, one.app, one.enterprise, one.whole)


class Several:
    """The workspaces and organisations that installed the bot. `now` is the monotonic clock, in seconds."""

    def __init__(
        self,
        name: str,
        make: Callable[[str], Workspace],
        tenants: Tenants,
        tasks: Tasks,
        pause: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self._tenants, self._now = make, tenants, now
        self._held = Recent[str, Held](KEPT)
        self._foreign = Recent[str, float](KEPT)
        self.whoami = Introduction(name, self._known, tasks, pause)

    async def start(self) -> None:
        """Asks Slack who we are anywhere."""
        await self.whoami.start()

    async def stop(self) -> None:
        """Asks no more."""
        await self.whoami.stop()

    def ready(self) -> bool:
        """Whether Slack answered for one of the tenants, or none has installed the bot yet."""
        return self.whoami.made

    async def of(self, body: Body) -> Served | None:
        """The workspace or organisation that a payload is from, if it installed this very app."""
        found = await self._origin(body)
        return None if found is None else (found.place, found.me)

    async def through(self, tenant: str, work: Callable[[Workspace], Awaitable[T]]) -> T:
        """The result of work with the workspace of an account. What stops one workspace does not stop the others."""
        held = await self._find(tenant)
        if held is None:
            raise Gone(NOT_INSTALLED)
        try:
            return await self._tried(held, work)
        except Later as later:
            raise Later(later.seconds) from None

    async def all(self) -> AsyncIterator[Place]:
        """Every workspace, those of organisations one by one."""
        for installed in await self._everywhere():
            held = await self._find(installed.tenant)
            if held is None:
                continue
            for team in await teams(held.place.api, held.me):
                yield installed.tenant, team, held.place

    async def removed(self, body: Body) -> int:
        """Ends the installation, if Slack says so when asked: an event may come late, after a new installation."""
        held = await self._origin(body)
        if held is None:
            return 200
        revoked = body["event"].get("tokens")
        if body["event"]["type"] == REVOKED and not (isinstance(revoked, dict) and _names(revoked, held.me.user)):
            return 200  # what people allowed for themselves, which we never ask for
        try:
            await self._lost(held)
        except (Gone, Later, OSError) as error:
            log.warning("slack event postponed", reason=str(error))
            return 503
        return 200

    def forget(self, tenant: str) -> None:
        """Looks anew at what is stored of a tenant."""
        self._held.drop(tenant)
        self._foreign.drop(tenant)

    async def _tried(self, held: Held, work: Callable[[Workspace], Awaitable[T]]) -> T:
        try:
            return await work(held.place)
        except Locked as no:
            if no.name in LOST and await self._lost(held):
                raise Gone(f"no access: {no.name}") from None
            raise

    async def _origin(self, body: Body) -> Held | None:
        for tenant, whole in origin.tenants(body):
            held = await self._find(tenant)
            if held is not None and held.installed.whole is whole:
                app = held.installed.app
                return held if body.get("api_app_id", app) == app else None
        return None

    async def _find(self, tenant: str) -> Held | None:
        now, held = self._now(), self._held.get(tenant)
        if held is not None and now < held.until:
            return held
        if now < (self._foreign.get(tenant) or 0.0):
            return None
        try:
            installed = await self._tenants.find(tenant)
        except Unreadable:
            log.error("slack token unreadable", tenant=tenant)
            raise Later(LOCKED_PAUSE) from None
        if installed is None:
            self._held.drop(tenant)
            self._foreign.put(tenant, now + NOT_HERE)
            return None
        same = held is not None and held.installed == installed
        place = held.place if held is not None and same else self._make(installed.token)
        held = Held(installed, place, now + HERE)
        self._held.put(tenant, held)
        return held

    async def _lost(self, held: Held) -> bool:
        """Whether a token never works again, so that its installation has ended; Slack is asked once more. Raises
        Later, Gone or OSError where it does not say."""
        try:
            await held.place.api.read("auth.test")
        except Locked as no:
            if no.name not in LOST:
                raise
            tenant = held.installed.tenant
            self.forget(tenant)  # whatever is stored there now counts: it may be another token
            if await self._tenants.end(tenant, held.installed.token, no.name):
                log.warning("slack installation ended", tenant=tenant, reason=no.name)
                return True
        return False

    async def _everywhere(self) -> Sequence[Installed]:
        try:
            return await self._tenants.all()
        except Unreadable:
            log.error("slack token unreadable")
            raise Later(LOCKED_PAUSE) from None

    async def _known(self) -> None:
        """Returns once Slack has answered for one, or if there is none to ask for."""
        failed: Exception | None = None
        for installed in await self._everywhere():
            try:
                held = await self._find(installed.tenant)
                if held is not None and not await self._lost(held):
                    return
            except (Gone, Later, OSError) as error:
                failed = error
        if failed is not None:
            raise failed


def _names(revoked: Mapping[str, Any], bot_user: str) -> bool:
    bots = revoked.get("bot")
    return isinstance(bots, list) and bot_user in bots
