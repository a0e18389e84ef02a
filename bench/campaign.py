"""`python -m bench --broadcast`: broadcasts of two sizes on both databases, with a limit, other queues, reminders."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bench import ticks
from bench.broadcast import MARKS, Receiver, Sent, baseline, broadcast, prepare, receiver
from bench.report import Target
from bench.ticks import Tick
from tests import postgres

Measured = TypeVar("Measured", Sent, Tick)
SQLITE, POSTGRESQL, TIMES = "SQLite", "PostgreSQL", 2
FLAT = 1.15


@dataclass(frozen=True)
class Sizes:
    """How much is sent: to `people` and a tenth of them, jobs of the other queues, messages of the limited run, whose
    limit is `calls` a second. `latency` in s is what the receiver waits before it answers."""

    people: int = 100_000
    jobs: Mapping[str, int] = field(default_factory=lambda: {"pgqueuer": 5000, "procrastinate": 1500})
    latency: float = 0.04
    calls: int = 150
    limited: int = 3000

    @property
    def sizes(self) -> tuple[int, int]:
        """A small company and the whole one."""
        return self.people // 10, self.people


@dataclass(frozen=True)
class Found:
    """Everything that was measured; `limited` and the others only where there is a PostgreSQL."""

    sizes: Sizes
    sent: Mapping[tuple[str, int], Sent]
    others: Mapping[str, Sent]
    limited: Mapping[str, Sent]
    ticks: Mapping[tuple[str, int], Tick]


class Campaign:
    """Runs everything once, in turn."""

    def __init__(self, sizes: Sizes, server: postgres.Server | None, folder: Path) -> None:
        self._sizes, self._server, self._folder = sizes, server, folder
        self._engines = (SQLITE,) if server is None else (SQLITE, POSTGRESQL)
        self._made = 0

    async def run(self) -> Found:
        """Raises Failed if a message is lost, comes twice or out of order."""
        async with receiver(self._sizes.latency) as to:
            sent = {
                (engine, people): _told(engine, await broadcast(to, self._company(engine, people), people))
                for people in self._sizes.sizes
                for engine in self._engines
            }
            sample = (await to.asked("sample")).decode()
            others = await self._others(to, sample)
            limited = {engine: await self._limited(to, engine) for engine in self._engines}
        return Found(self._sizes, sent, others, limited, await self._ticks())

    async def _others(self, to: Receiver, sample: str) -> Mapping[str, Sent]:
        server = self._server
        jobs = self._sizes.jobs if server is not None else {}
        return {
            name: _told(name, await baseline(to, name, server.create(), many, sample))
            for name, many in jobs.items()
            if server is not None
        }

    async def _limited(self, to: Receiver, engine: str) -> Sent:
        """Several announcements to the same people, so that their order in a conversation shows."""
        people = self._sizes.limited // TIMES
        company = self._company(engine, people)
        return _told(engine, await broadcast(to, company, people, broadcasts=TIMES, calls=self._sizes.calls))

    async def _ticks(self) -> Mapping[tuple[str, int], Tick]:
        return {
            (engine, people): _told(engine, await ticks.measured(self._company(engine, people, ticks.TODOS)))
            for engine in self._engines
            for people in self._sizes.sizes
        }

    def _company(self, engine: str, people: int, todos: int = 0) -> str:
        """A new database with so many people."""
        self._made += 1
        made = self._server.create() if engine == POSTGRESQL and self._server is not None else ""
        return prepare(made or f"sqlite:///{self._folder / f'{self._made}.db'}", people, todos)


def _told(name: str, found: Measured) -> Measured:
    """The same, told on the way: a run takes ten minutes, and what it has found is not lost if it breaks off."""
    print(f"{name}: {found}", file=sys.stderr, flush=True)
    return found


def measured(sizes: Sizes, *, sqlite_only: bool = False) -> tuple[Found, str]:
    """Everything, and why PostgreSQL was left out ("": it was not). That server writes to the disk at every commit."""
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="pandian-bench-") as folder:
        server, skipped = None, "not asked for"
        if not sqlite_only:
            try:
                server, skipped = stack.enter_context(postgres.serving(how=())), ""
            except postgres.Missing as missing:
                skipped = str(missing)
        return asyncio.run(Campaign(sizes, server, Path(folder)).run()), skipped


def lines(found: Found, skipped: str = "") -> Iterator[str]:
    """Everything, as text."""
    sizes = found.sizes
    yield ""
    yield f"broadcast: an announcement to everybody, each sent by chat.postMessage; answers after {sizes.latency:.3f} s"
    marks = " ".join(f"{f'MB, {mark:.0%}':>9}" for mark in MARKS)
    yield f"  {'':<30} {'messages':>9} {'queued s':>9} {'first s':>8} {'a second':>9} {'CPU us each':>12} {marks}"
    for (engine, _people), sent in found.sent.items():
        yield _row(f"ours, {engine}", sent)
    for name, sent in found.others.items():
        yield _row(f"{name}, PostgreSQL", sent)
    yield from _ratios(found)
    yield ""
    yield f"the same with a limit of {sizes.calls} messages in any second, {TIMES} announcements to the same people"
    for engine, sent in found.limited.items():
        used = f"{sent.rate / sizes.calls:.1%} of the limit used, at most {sent.busiest} in a second"
        yield f"  {f'ours, {engine}':<30} {sent.messages:>9} messages, {used}"
    yield from ticks.lines(found.ticks)
    yield ""
    yield from map(str, targets(found))
    yield from _notes(skipped)


def targets(found: Found) -> list[Target]:
    """What is promised, with what was reached."""
    small, large = found.sizes.sizes
    made = []
    for engine in dict.fromkeys(engine for engine, _people in found.sent):
        whole, part, limited = found.sent[engine, large], found.sent[engine, small], found.limited[engine]
        made += [
            Target(f"broadcast, {engine}: messages a second, no limit", 1000.0, whole.rate, "/s", least=True),
            Target(f"broadcast, {engine}: CPU a message, {large} / {small}", 1.3, whole.cpu / part.cpu),
            Target(f"broadcast, {engine}: memory at the end / at a tenth", FLAT, whole.memory[-1] / whole.memory[0]),
            Target(f"broadcast, {engine}: share of the limit used", 0.95, limited.rate / found.sizes.calls, least=True),
            Target(f"broadcast, {engine}: most in any second / limit", 1.0, limited.busiest / found.sizes.calls),
        ]
    return made + ticks.targets(found.ticks)


def _row(name: str, sent: Sent) -> str:
    memory = " ".join(f"{one:>9.0f}" for one in sent.memory)
    first = f"{sent.first:>8.2f}" if sent.memory else f"{'':>8}"
    figures = f"{sent.messages:>9} {sent.queued:>9.2f} {first} {sent.rate:>9.0f} {sent.cpu:>12.0f} {memory}"
    return f"  {name:<30} {figures}".rstrip()


def _ratios(found: Found) -> Iterator[str]:
    ours = found.sent.get((POSTGRESQL, found.sizes.people))
    if ours is None:
        return
    for name, other in found.others.items():
        rate, cpu = ours.rate / other.rate, ours.cpu / other.cpu
        yield f"  ours, PostgreSQL / {name}: {rate:.2f} x the messages a second, {cpu:.2f} x the CPU a message"


def _notes(skipped: str) -> Iterator[str]:
    yield ""
    yield "One replica. CPU is the sending process alone, user and system; what PostgreSQL itself uses is not counted."
    yield "The receiver (bench/receiver.py, plain asyncio) is a process of its own and answers like Slack. Ours claims,"
    yield "checks rights, draws, sends and keeps where each copy is; procrastinate and pgqueuer only post that JSON."
    yield "On a busy machine the messages a second fall with the share of the processors that is left; CPU less so."
    if skipped:
        yield f"PostgreSQL: left out: {skipped}"
