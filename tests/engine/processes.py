"""Processes of a test: replicas of the bot and the fake Slack, started, killed, ended, and gone afterwards."""

import asyncio
import base64
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import unused_port

from tests.fakes.slack import SECRET, TOKEN
from tests.world import KEY

ROOT = Path(__file__).parent.parent.parent
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
STARTS_WITHIN = 60.0
ENDS_WITHIN = 25.0
UNLIMITED = (
    "SLACK_POSTS_PER_MINUTE",
    "SLACK_REDRAWS_PER_MINUTE",
    "SLACK_PAGES_PER_MINUTE",
    "SLACK_SECONDS_PER_CONVERSATION",
)


async def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Waits until something is so; fails with `what` if it is not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)


@dataclass
class Process:
    """A Python module as a process; its output is appended to `written`. It leads a group, so that its own children go
    with it at the end; `kill` hits it alone."""

    command: Sequence[str]
    env: Mapping[str, str]
    written: Path
    _running: subprocess.Popen[bytes] | None = None
    _groups: list[int] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """Of the newest one."""
        assert self._running is not None
        return self._running.pid

    def alive(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.poll() is None

    def launch(self) -> None:
        """Starts it."""
        given = {name: os.environ[name] for name in INHERITED if name in os.environ}
        with self.written.open("ab") as output:
            self._running = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=ROOT,
                env=given | dict(self.env),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._groups.append(self._running.pid)

    def kill(self) -> None:
        """kill -9: it hears nothing of it."""
        assert self._running is not None
        self._running.kill()
        self._running.wait(10)

    async def end(self) -> int:
        """SIGTERM; its exit status."""
        assert self._running is not None
        self._running.terminate()
        return await asyncio.to_thread(self._running.wait, ENDS_WITHIN)

    def bound(self, size: int) -> None:
        """No file of it may grow beyond so many bytes (-1: any size): the way a full disk looks to it."""
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, hard))

    def clean(self) -> None:
        """Ends whatever is left of it."""
        for group in self._groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self._running is not None:
            self._running.wait(10)

    def said(self) -> str:
        """What it wrote."""
        return self.written.read_text(errors="replace")


class Replica(Process):
    """`python -m bot run` for the fake Slack."""

    def __init__(self, name: str, folder: Path, database: str, slack: str, **more: str) -> None:
        self.name, self.port = name, unused_port()
        own = {
            "DATABASE_URL": database,
            "PANDIAN_PORT": str(self.port),
            "PANDIAN_SECRET_KEY": base64.b64encode(KEY).decode(),
            "PANDIAN_CONSOLE": "off",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_API_URL": f"{slack}/api/",
            **dict.fromkeys(UNLIMITED, "0"),
        }
        super().__init__(["bot", "run"], own | more, folder / f"{name}.log")

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    async def ready(self, session: aiohttp.ClientSession) -> None:
        """Returns once it says that it is ready."""
        end = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end and self.alive():
            if await self.status(session) == 200:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.name} did not start: {self.said()[-3000:]}")

    async def status(self, session: aiohttp.ClientSession) -> int:
        """What /readyz answers, 0 for nothing."""
        try:
            async with session.get(f"{self.url}/readyz", timeout=aiohttp.ClientTimeout(total=10)) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0


class SlackProcess(Process):
    """The fake Slack, with its log."""

    def __init__(self, folder: Path, people: int, *options: str) -> None:
        self.port, self.log = unused_port(), folder / "slack.accepted"
        self.log.touch()
        command = ["tests.fakes.served", str(self.port), str(self.log), "--people", str(people), *options]
        super().__init__(command, {}, folder / "slack.log")

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def ready(self, session: aiohttp.ClientSession) -> None:
        """Returns once it listens."""
        end = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end and self.alive():
            try:
                async with session.get(f"{self.url}/control/counts") as answer:
                    assert answer.status == 200
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
        raise AssertionError(f"the fake did not start: {self.said()[-2000:]}")

    async def posts(self, session: aiohttp.ClientSession) -> list[dict[str, Any]]:
        """Every message as it stands."""
        async with session.get(f"{self.url}/control/posts") as answer:
            found: list[dict[str, Any]] = await answer.json()
            return found

    async def fail(self, session: aiohttp.ClientSession, method: str, *faults: Mapping[str, object]) -> None:
        """The next calls of a method go wrong, as tests.fakes.slack.Fault says."""
        body = {"method": method, "faults": faults}
        async with session.post(f"{self.url}/control/fail", json=body) as answer:
            assert answer.status == 200

    def accepted(self, method: str = "chat.postMessage") -> list[dict[str, Any]]:
        """What the log says was accepted, in order."""
        return [line for line in self.lines(method) if not line["refused"]]

    def lines(self, method: str = "chat.postMessage") -> list[dict[str, Any]]:
        """The log's lines about a method."""
        whole = [json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}")]
        return [line for line in whole if line["method"] == method]
