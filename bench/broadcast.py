"""A broadcast: one announcement to everybody, and two other queues that post the same JSON on the same PostgreSQL."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import unused_port

from bench import multitude
from bench.baselines import queues
from bench.process import ROOT, Failed, Process, running
from bench.sending import Given, Notes
from bot.db import Database
from models import migrations

MARKS = (0.1, 0.5, 1.0)
LOOKS_EVERY, STANDS_STILL = 0.2, 60.0
LIMITED = 1.0  # seconds of the window of the limited run


@dataclass(frozen=True)
class Sent:
    """One run: seconds until everything was queued and until the first message came, messages a second from the first
    to the last, CPU microseconds of the sending process a message, its resident MB at `MARKS`, the most that came in
    any second."""

    messages: int
    queued: float
    first: float
    rate: float
    cpu: float
    memory: tuple[float, ...] = ()
    busiest: int = 0


class Receiver:
    """The receiving end, in a process of its own."""

    def __init__(self, process: Process, session: aiohttp.ClientSession) -> None:
        self.api = f"http://127.0.0.1:{process.port}/api/"
        self._base, self._session = f"http://127.0.0.1:{process.port}", session

    async def asked(self, path: str) -> bytes:
        """One question; waits until it serves."""
        for _ in range(1000):
            try:
                async with self._session.get(f"{self._base}/{path}") as response:
                    return await response.read()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
        raise Failed("the receiver does not start")

    async def figures(self, *windows: float) -> dict[str, Any]:
        """What came so far; with windows in s also the most that came in one of them."""
        found: dict[str, Any] = json.loads(await self.asked("figures?" + "&".join(f"window={one}" for one in windows)))
        return found


@asynccontextmanager
async def receiver(latency: float) -> AsyncIterator[Receiver]:
    """A receiver until the end."""
    port = unused_port()
    with running("receiver", ["bench.receiver", str(port), str(latency)], {}, port) as process:
        async with aiohttp.ClientSession() as session:
            found = Receiver(process, session)
            await found.asked("again")
            yield found


def prepare(url: str, people: int, todos: int = 0) -> str:
    """Fills a new database with a company; its URL."""
    with closing(Database(url)) as database:
        migrations.upgrade(database.writer)
        with database.writer.begin() as connection:
            multitude.fill(connection, people, multitude.instant(), todos)
    return url


async def broadcast(to: Receiver, url: str, people: int, *, broadcasts: int = 1, calls: int = 0) -> Sent:
    """Sends to everybody in a database; raises Failed if anything is lost, doubled or out of order."""
    await to.asked("again")
    many = people * broadcasts
    with tempfile.TemporaryDirectory(prefix="pandian-bench-") as folder:
        notes = Path(folder) / "notes"
        given = Given(url, to.api, str(notes), broadcasts, calls)
        env = {"NO_PROXY": "127.0.0.1"}
        with running("sender", ["bench.sending", json.dumps(asdict(given))], env, 0) as sender:
            memory = await _watched(to, sender, many)
            said = sender.said()
        if not notes.exists():
            raise Failed(f"the sender left no notes: {said}")
        told = Notes(**json.loads(notes.read_text()))
    came = await to.figures(LIMITED)
    if told.states != {"sent": many} or came["count"] != many or came["doubled"] or came["disordered"]:
        raise Failed(f"of {many} messages: {told.states}, at the receiver {came}")
    return Sent(
        messages=many,
        queued=told.queued - told.begun,
        first=came["first"] - told.begun,
        rate=_rate(came),
        cpu=1e6 * told.cpu / many,
        memory=memory,
        busiest=came["busiest"][0],
    )


async def _watched(to: Receiver, sender: Process, many: int) -> tuple[float, ...]:
    """The memory of the sender at the marks; raises Failed if it ends too early or nothing comes any more."""
    memory, before, still = [], -1, 0.0
    for mark in MARKS:
        while (count := (await to.figures())["count"]) < mark * many:
            still = still + LOOKS_EVERY if count == before else 0.0
            if still > STANDS_STILL or not sender.alive:
                raise Failed(f"{count} of {many} came; {sender.said()}")
            before = count
            await asyncio.sleep(LOOKS_EVERY)
        memory.append(sender.memory())
    return tuple(memory)


async def baseline(to: Receiver, engine: str, url: str, jobs: int, sample: str) -> Sent:
    """The same by another queue on an empty database; raises Failed if anything is lost or doubled."""
    await to.asked("again")
    given = queues.Given(engine, url, to.api, jobs, sample)
    command = [sys.executable, "-m", "bench.baselines.queues", json.dumps(asdict(given))]
    env = os.environ | {"NO_PROXY": "127.0.0.1"}
    ended = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=300
    )
    if ended.returncode:
        raise Failed(f"{engine}: {ended.stderr[-1500:]}")
    told, came = queues.Run(**json.loads(ended.stdout)), await to.figures(LIMITED)
    if came["count"] != jobs or came["doubled"]:
        raise Failed(f"{engine}: of {jobs} jobs {came} at the receiver")
    return Sent(jobs, told.queued, 0.0, _rate(came), 1e6 * told.cpu / jobs, (), came["busiest"][0])


def _rate(came: Mapping[str, Any]) -> float:
    return float((came["count"] - 1) / max(came["last"] - came["first"], 1e-6))
