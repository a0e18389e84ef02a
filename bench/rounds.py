"""Rounds: every server is asked in turn, again and again, so that a noisy minute falls on all of them alike."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

import aiohttp
from aiohttp.test_utils import unused_port

from bench import asked
from bench.asked import Asked
from bench.process import Failed, Process, running
from bench.variants import Variant, environment

SETTLED = 0.3
ARRIVES_WITHIN = 60.0


@dataclass(frozen=True)
class Sizes:
    """How much is asked: requests a round of servers that work and of those that only acknowledge."""

    rounds: int = 4
    works: int = 30
    acks: int = 100
    warm: int = 20
    connections: int = 4
    starts: int = 2

    @property
    def presses(self) -> int:
        """Plans that must wait: one for each press, and one for each start."""
        return self.rounds * self.works + self.warm + self.starts


@dataclass
class Measured:
    """One server's figures: CPU in microseconds per request, start-up in s, memory in MB."""

    works: bool
    cpu: list[float] = field(default_factory=list)
    started: list[float] = field(default_factory=list)
    idle: float = 0.0
    loaded: float = 0.0
    whole: float = 0.0

    @property
    def typical(self) -> float:
        """The median CPU of a request."""
        return median(self.cpu)


class Slack:
    """The fake Slack, in a process of its own."""

    def __init__(self, process: Process, session: aiohttp.ClientSession) -> None:
        self.base = f"http://127.0.0.1:{process.port}"
        self._session = session

    async def ready(self) -> None:
        """Waits until it serves."""
        for _ in range(1000):
            try:
                await self.counts()
                return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.01)
        raise Failed("the fake Slack does not start")

    async def counts(self) -> Mapping[str, int]:
        """What arrived so far."""
        async with self._session.get(self.base) as response:
            found: Mapping[str, int] = await response.json()
            return found

    async def arrived(self, method: str, many: int, who: str) -> None:
        """Waits for the calls of one round."""
        for _ in range(int(ARRIVES_WITHIN / 0.02)):
            if (await self.counts()).get(method, 0) >= many:
                return
            await asyncio.sleep(0.02)
        raise Failed(f"{who}: {method} came {(await self.counts()).get(method, 0)} times, not {many}")


class Bench:
    """All servers for one kind of request. `expected`: the calls to Slack that belong to one request."""

    def __init__(self, kind: str, sizes: Sizes, expected: Iterable[str]) -> None:
        self._make: Callable[[int, str], Asked] = asked.press if kind == "press" else asked.home
        self._sizes, self._expected = sizes, tuple(expected)
        self.figures: dict[str, Measured] = {}

    async def run(self, variants: list[Variant]) -> Mapping[str, Measured]:
        """Starts them all, asks them in turn, stops them."""
        async with AsyncExitStack() as stack:
            connector = aiohttp.TCPConnector(limit=self._sizes.connections, keepalive_timeout=600)
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
            port = unused_port()
            process = stack.enter_context(running("fake Slack", ["bench.slack", str(port)], {}, port))
            slack = Slack(process, session)
            await slack.ready()
            servers = []
            for variant in variants:
                numbers = itertools.count()
                server = await self._started(stack, session, slack, variant, numbers)
                servers.append((variant, server, numbers))
            await self._rounds(session, slack, servers)
        return self.figures

    async def _started(
        self,
        stack: AsyncExitStack,
        session: aiohttp.ClientSession,
        slack: Slack,
        variant: Variant,
        numbers: Iterable[int],
    ) -> Process:
        """Starts a server several times and leaves the last one running."""
        figures = self.figures[variant.name] = Measured(variant.works)
        for left in reversed(range(self._sizes.starts)):
            port = unused_port()
            env = environment(variant, port, f"{slack.base}/api/")
            server = stack.enter_context(running(variant.name, variant.command, env, port)) if not left else None
            async with _once(variant, env, port, server) as process:
                one = self._make(next(iter(numbers)), f"{slack.base}/hooks")
                figures.started.append(await process.answers(session, one))
                await asyncio.sleep(SETTLED)
                figures.idle = process.memory()
        assert server is not None
        return server

    async def _rounds(
        self,
        session: aiohttp.ClientSession,
        slack: Slack,
        servers: list[tuple[Variant, Process, "itertools.count[int]"]],
    ) -> None:
        for at in range(self._sizes.rounds + 1):
            for variant, server, numbers in servers:
                many = self._sizes.works if variant.works else self._sizes.acks
                many = self._sizes.warm if at == 0 else many
                used = await self._round(session, slack, variant, server, list(itertools.islice(numbers, many)))
                if at:
                    self.figures[variant.name].cpu.append(used / many * 1e6)
        for variant, server, _numbers in servers:
            self.figures[variant.name].loaded = server.memory()
            self.figures[variant.name].whole = server.whole()

    async def _round(
        self,
        session: aiohttp.ClientSession,
        slack: Slack,
        variant: Variant,
        server: Process,
        numbers: list[int],
    ) -> float:
        """CPU seconds of so many requests, until everything they cause has arrived and is finished."""
        waiting = iter([self._make(number, f"{slack.base}/hooks") for number in numbers])
        before, counted = server.cpu(), await slack.counts()
        workers = (self._asks(session, server, variant, waiting) for _ in range(self._sizes.connections))
        try:
            await asyncio.gather(*workers)
        except aiohttp.ClientConnectionError as broken:
            raise Failed(server.said()) from broken
        for method in self._expected if variant.works else ():
            await slack.arrived(method, counted.get(method, 0) + len(numbers), variant.name)
        await asyncio.sleep(SETTLED)
        return server.cpu() - before

    async def _asks(
        self, session: aiohttp.ClientSession, server: Process, variant: Variant, waiting: Iterable[Asked]
    ) -> None:
        """One connection: the next request as soon as the last is answered."""
        for one in waiting:
            async with session.post(server.url, data=one.body, headers=one.headers) as response:
                answer = await response.read()
            if response.status != 200 or (variant.works and not self._whole(answer)):
                raise Failed(f"{variant.name} answered {response.status} {answer[:200]!r}")

    def _whole(self, answer: bytes) -> bool:
        """Whether the answer holds what was asked for: a home rides on it, a press is shown elsewhere."""
        return bool(self._expected) or len(json.loads(answer).get("blocks", ())) > 5


@asynccontextmanager
async def _once(variant: Variant, env: Mapping[str, str], port: int, kept: Process | None) -> AsyncIterator[Process]:
    """The server that stays, or one that is stopped at once."""
    if kept is not None:
        yield kept
        return
    with running(variant.name, variant.command, env, port) as process:
        yield process
