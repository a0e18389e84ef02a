"""A server in a process of its own, and what it costs: CPU time, memory, time until it first answers."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from bench.asked import Asked

ROOT = Path(__file__).parent.parent
PATH = "/slack/events"
STARTS_WITHIN = 60.0
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")


class Failed(Exception):
    """A server did not do what it was asked; the text says which and what."""


class Process:
    """A running server; `started` is when it was asked to start (monotonic, s)."""

    def __init__(self, name: str, running: subprocess.Popen[bytes], port: int, written: Path) -> None:
        self.name, self.port, self.started = name, port, time.monotonic()
        self._running, self._written = running, written

    @property
    def url(self) -> str:
        """Its door."""
        return f"http://127.0.0.1:{self.port}{PATH}"

    def cpu(self) -> float:
        """CPU seconds used so far by all its threads, user and system, to the nanosecond.

        The clock id of another process is made as clock_getcpuclockid(3) does.
        """
        return time.clock_gettime((~self._running.pid << 3) | 2)

    def memory(self) -> float:
        """Resident MB (10^6 bytes) of the process itself."""
        return _kilobytes(self._running.pid, "Rss") * 1.024e-3

    def whole(self) -> float:
        """MB of the process and its workers; pages that several of them share are counted once."""
        return sum(_kilobytes(pid, "Pss") for pid in _family(self._running.pid)) * 1.024e-3

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._running.poll() is None

    def said(self) -> str:
        """How it stands and what it wrote last, for whoever wants to know why it does not answer."""
        state = "is running" if self.alive else f"ended with status {self._running.returncode}"
        return f"{self.name} {state}: {self._written.read_text(errors='replace')[-1500:]}"

    async def answers(self, session: aiohttp.ClientSession, asked: Asked) -> float:
        """Seconds from its start to its first answer of 200; raises Failed."""
        while time.monotonic() < self.started + STARTS_WITHIN and self.alive:
            try:
                async with session.post(self.url, data=asked.body, headers=asked.headers) as response:
                    await response.read()
                    if response.status == 200:
                        return time.monotonic() - self.started
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.005)
        raise Failed(self.said())


@contextmanager
def running(name: str, command: Sequence[str], env: Mapping[str, str], port: int) -> Iterator[Process]:
    """The server of a Python module, until the end."""
    given = {key: os.environ[key] for key in INHERITED if key in os.environ}
    with tempfile.TemporaryDirectory(prefix="pandian-bench-") as folder:
        written = Path(folder) / "log"
        with written.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=given | dict(env), stdout=output, stderr=output
            )
        try:
            yield Process(name, process, port, written)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _kilobytes(pid: int, name: str) -> int:
    """One line of /proc/PID/smaps_rollup, in kB of 1,024 bytes; 0 for a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)
