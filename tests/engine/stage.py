"""The stage of these tests: a database, the fake Slack and replicas as processes, and people who press."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bot.db import Database
from models import migrations
from tests.engine import company
from tests.engine.balancer import Balancer
from tests.engine.presses import Hands
from tests.engine.processes import Replica, SlackProcess, until
from tests.fakes.proxy import FaultyProxy

QUIET, LOOKS = 2.0, 3  # seconds between two looks; so many at which nothing moved


@dataclass
class Stage:
    """Everything that runs. `balancer` stands in front of all replicas, `proxy`, if there is one, before Slack."""

    folder: Path
    url: str
    slack: SlackProcess
    session: aiohttp.ClientSession
    replicas: list[Replica] = field(default_factory=list)
    balancer: Balancer = field(default_factory=Balancer)
    proxy: FaultyProxy | None = None

    async def add(self, count: int, slack: str = "", **more: str) -> None:
        """Starts so many replicas, which reach Slack at `slack` (a proxy) or directly."""
        for _one in range(count):
            replica = Replica(
                f"replica-{len(self.replicas) + 1}", self.folder, self.url, slack or self.slack.url, **more
            )
            self.replicas.append(replica)
            replica.launch()
        await asyncio.gather(*(replica.ready(self.session) for replica in self.replicas))
        self.balancer.backends = [replica.url for replica in self.replicas]

    def clean(self) -> None:
        """Ends whatever is left of the replicas."""
        for replica in self.replicas:
            replica.clean()

    def hands(self, at: str = "") -> Hands:
        """People who press through the balancer, or on one replica."""
        return Hands(self.session, at or self.balancer.url, f"{self.slack.url}/hooks")

    async def restart(self, replica: Replica) -> None:
        """A process that has ended starts again."""
        replica.launch()
        await replica.ready(self.session)

    def database(self) -> Database:
        """The database, beside the processes (on SQLite only once they have ended)."""
        return company.opened(self.url)

    async def posts(self, about: str) -> list[dict[str, Any]]:
        """The messages as they stand in whose text this is, oldest first."""
        return [post for post in await self.slack.posts(self.session) if about in post["text"]]

    async def reached(self, true: Callable[[], bool], seconds: float, what: str) -> None:
        """Waits until something is so; fails with `what` if it is not in time."""
        await until(true, seconds, what)

    async def delivered(self, database: Database, seconds: float) -> None:
        """Returns once nothing is left to be sent. What a dead process had taken is waited for a minute in the real
        world; here that minute passes once nothing of what an owner holds has moved for a while."""
        end, before = time.monotonic() + seconds, deque[Mapping[str, frozenset[int]]](maxlen=LOOKS)
        while (left := await database.read(company.unsent)) and time.monotonic() < end:
            held = await database.read(company.leased)
            still = {owner for owner, some in held.items() if len(before) == LOOKS and _stood(owner, some, before)}
            dead = [delivery for owner in still for delivery in held[owner]]
            await database.run(partial(company.expire, deliveries=dead))
            before.append(held)
            await asyncio.sleep(QUIET)
        assert left == 0, f"{left} messages were not sent within {seconds:.0f} s"


@asynccontextmanager
async def staged(folder: Path, url: str, people: int, slack: Sequence[str] = ()) -> AsyncIterator[Stage]:
    """A company (in an empty database, which is migrated) and the fake Slack; replicas are added by the test."""
    database = company.opened(url)
    migrations.upgrade(database.writer)
    database.now(lambda db: company.fill(db, people))
    database.close()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        fake = SlackProcess(folder, people, *slack)
        stack.callback(fake.clean)
        fake.launch()
        stage = Stage(folder, url, fake, session)
        stack.callback(stage.clean)
        await stage.balancer.start()
        stack.push_async_callback(stage.balancer.stop)
        await fake.ready(session)
        yield stage


def _stood(owner: str, some: frozenset[int], before: Iterable[Mapping[str, frozenset[int]]]) -> bool:
    """Whether an owner held the same at every look; one that lives, but gets no processor, moves sooner than that."""
    return all(look.get(owner) == some for look in before)


def doubles(posts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How often each of our messages stands there, if more than once."""
    seen = Counter(post["key"] for post in posts if post["key"] and not post["gone"])
    return {key: count for key, count in seen.items() if count > 1}
