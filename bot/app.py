"""Composition root: builds every part, and the HTTP application they are served by."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from bot import ops
from bot.capability import Answer, Platform
from bot.charts import Charts, NoPicture
from bot.collecting import Collector
from bot.context import Context
from bot.db import Database
from bot.dispatch import Dispatch
from bot.drawing import Easel
from bot.events import Changed, FromPerson, Who
from bot.outbox import Outbox
from bot.rollcall import RollCall
from bot.router import Router
from bot.scheduler import Scheduler
from bot.staff import Staff
from bot.timing import SharedClock
from bot.vault import Vault
from handlers import ROUTERS
from models import undelivered
from models.access import Actor
from models.identity import Identity
from models.person import Person, roles_of

Clock = Callable[[], datetime]
BODY = 1024 * 1024
RENEWED = 5.0  # seconds for which counted queues are good enough
log = structlog.get_logger()


@dataclass(slots=True)
class Bot:
    """Every part, wired. `platforms` by name may be added to until `start`."""

    db: Database
    vault: Vault
    clock: Clock
    charts: Charts
    locale: str = "en"
    zone: str = "UTC"
    platforms: dict[str, Platform] = field(default_factory=dict)
    router: Router = field(init=False)
    easel: Easel = field(init=False)
    outbox: Outbox = field(init=False)
    dispatch: Dispatch = field(init=False)
    staff: Staff = field(init=False)
    scheduler: Scheduler = field(init=False)
    collector: Collector = field(init=False)
    rollcall: RollCall = field(init=False)
    _stopped: bool = False
    _warming: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.router = Router.merged(ROUTERS)
        self.router.check()
        self.easel = Easel(self.router, self.vault, self.locale, self.zone)
        self.outbox = Outbox(self.db, self.easel, self.platforms, self.charts, self.clock)
        self.dispatch = Dispatch(self.db, self.router, self.easel, self.outbox, self.platforms, self.clock)
        self.staff = Staff(self.db, self.easel, self.outbox, self.clock)
        self.scheduler = Scheduler(self.router, self.dispatch.tick, self.clock)
        self.collector = Collector(self.db, self.vault, self.platforms, self.clock, self.dispatch.tick)
        self.rollcall = RollCall(self.db, self.platforms, self.clock)

    def add(self, *platforms: Platform) -> None:
        """Serves these platforms as well."""
        self.platforms.update({platform.name: platform for platform in platforms})

    async def inbound(self, event: FromPerson | Changed) -> Answer:
        """What every platform hands its events to; never raises."""
        return await (self.staff(event) if isinstance(event, Changed) else self.dispatch(event))

    async def start(self) -> None:
        """Opens the doors."""
        for platform in self.platforms.values():
            await platform.start(self.inbound)
        self._warming = asyncio.create_task(self._warm())
        if isinstance(self.clock, SharedClock):
            self.clock.start()
        self.outbox.start()
        self.collector.start()
        self.rollcall.start()
        self.scheduler.start()

    async def stop(self) -> None:
        """Closes the doors, finishes what is in flight, gives everything back; a second call does nothing."""
        if self._stopped:
            return
        self._stopped = True
        if self._warming is not None:
            await self._warming
        self.scheduler.stop()
        await self.rollcall.stop()
        await self.collector.stop()
        await self.outbox.stop()
        if isinstance(self.clock, SharedClock):
            await self.clock.stop()
        for platform in self.platforms.values():
            await platform.stop()
        await self.charts.stop()

    async def _warm(self) -> None:
        """The first picture should not wait for a worker to start; without one, cards go out with their figures."""
        try:
            await self.charts.start()
        except NoPicture as fault:
            log.warning("no chart worker", fault=ops.frames(fault))

    async def words(self, who: Who) -> Sequence[tuple[str, str]]:
        """The commands an account may type, with what they do, in its reader's language."""
        return await self.db.read(lambda db: self._words(db, who))

    def _words(self, db: Session, who: Who) -> list[tuple[str, str]]:
        found = db.exec(
            select(Person)
            .join(Identity)
            .where(Identity.platform == who.platform, Identity.tenant == who.tenant, Identity.user == who.user)
        ).first()
        if found is None:
            return []
        t = self.easel.texts_for(found)
        actor = Actor(found.id, roles_of(db, found.id))
        ctx = Context(db, actor, t, self.clock(), self.vault, self.router, self.easel.home)
        entries = ((name, self.router.commands[name]) for name in ctx.usable())
        return [(f"perf {name}", t(entry.about)) for name, entry in entries]


def application(bot: Bot) -> web.Application:
    """The HTTP server: the platforms' doors, and health, readiness and metrics."""
    app = web.Application(client_max_size=BODY)
    for platform in bot.platforms.values():
        app.add_routes(platform.routes())
    app.add_routes(
        [web.get("/healthz", _healthz), web.get("/metrics", _metrics(bot)), web.get("/readyz", _readyz(bot))]
    )

    async def lifetime(_app: web.Application) -> AsyncIterator[None]:
        await bot.start()
        yield
        await bot.stop()

    async def stop(_app: web.Application) -> None:
        await bot.stop()

    app.cleanup_ctx.append(lifetime)
    # aiohttp waits for open sockets before it cleans up: the console's pages must be sent away before that.
    app.on_shutdown.append(stop)
    return app


async def _healthz(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


def _metrics(bot: Bot) -> Callable[[web.Request], Awaitable[web.Response]]:
    renewed = -RENEWED

    async def metrics(_request: web.Request) -> web.Response:
        nonlocal renewed
        if time.monotonic() - renewed >= RENEWED:
            renewed = time.monotonic()
            try:
                await bot.db.read(lambda db: _count(db, bot))
            except SQLAlchemyError as fault:
                log.warning("queues not counted", fault=ops.frames(fault))
        return web.Response(body=ops.metrics(), content_type="text/plain")

    return metrics


def _count(db: Session, bot: Bot) -> None:
    """What waits to be sent and what failed, by platform; the same whichever replica is asked."""
    now = bot.clock()
    queues = {one.platform: one for one in undelivered.queues(db, now)}
    failed = Counter[str]()
    for one in undelivered.dead(db):
        failed[one.platform] += one.messages
    for name in bot.platforms:
        queue = queues.get(name, undelivered.Queue(name))
        ops.QUEUED.labels(name).set(queue.queued)
        ops.OLDEST.labels(name).set((now - queue.oldest).total_seconds() if queue.oldest else 0)
        ops.PAUSED.labels(name).set((queue.paused - now).total_seconds() if queue.paused else 0)
        ops.UNDELIVERED.labels(name).set(failed[name])
    ops.NOWHERE.set(undelivered.without_account(db)[1])


def _readyz(bot: Bot) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def readyz(_request: web.Request) -> web.Response:
        states = {name: platform.ready() for name, platform in bot.platforms.items()}
        for name, ready in states.items():
            ops.READY.labels(name).set(ready)
        try:
            states["database"] = await bot.db.read(lambda db: db.exec(select(1)).one() == 1)
        except SQLAlchemyError as fault:
            log.warning("database not ready", fault=ops.frames(fault))
            states["database"] = False
        return web.json_response(states, status=200 if all(states.values()) else 503)

    return readyz
