"""A platform that takes messages as cheaply as Python can: `python -m bench.receiver PORT LATENCY`, in its own process.

Any POST is a message: it is answered like `chat.postMessage` after LATENCY seconds. Counted are every arrival by the
receiver's own clock, keys that come twice, and keys of one conversation that come in the wrong order.
"""

import asyncio
import json
import os
import re
import sys
import time
from array import array
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MESSAGE = b"/chat.postMessage"
TICK = 0.005
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
CHANNEL = re.compile(rb'"channel": ?"([^"]+)"')
KEY = re.compile(rb'"key": ?"[^"]*?(\d+)"')
# As in bench.asked, which would take a second to import.
KNOWN = {"ok": True, "team_id": "T1", "user_id": "UBOT", "bot_id": "B1", "bot": {"app_id": "A1"}}


class Taken:
    """What came so far; instants are seconds of the wall clock, so that another process can compare."""

    def __init__(self) -> None:
        self.arrivals, self.sample = array("d"), b""
        self._keys: dict[bytes, int] = {}
        self._seen: set[int] = set()
        self.doubled = self.disordered = self.unkeyed = 0

    def message(self, body: bytes) -> bytes:
        """Counts one message; its conversation."""
        self.arrivals.append(time.time())
        self.sample = self.sample or body
        channel, key = CHANNEL.search(body), KEY.search(body)
        if channel is None or key is None:
            self.unkeyed += 1
            return b"D0"
        place, number = channel[1], int(key[1])
        self.doubled += number in self._seen
        self.disordered += number < self._keys.get(place, 0)
        self._seen.add(number)
        self._keys[place] = number
        return place

    def figures(self, windows: Sequence[float]) -> dict[str, Any]:
        """Everything as JSON; `windows` in seconds: the most that came in any window that long."""
        came = self.arrivals
        found = {"count": len(came), "first": came[0] if came else 0.0, "last": came[-1] if came else 0.0}
        bad = {"doubled": self.doubled, "disordered": self.disordered, "unkeyed": self.unkeyed}
        return found | bad | {"busiest": [busiest(came, window) for window in windows]}


def busiest(came: Sequence[float], window: float) -> int:
    """The most arrivals in any half-open window of so many seconds."""
    start = most = 0
    for end, at in enumerate(came):
        while came[start] <= at - window:
            start += 1
        most = max(most, end - start + 1)
    return most


class Answers:
    """Answers that wait for their time, first in first out, for all connections together."""

    def __init__(self, latency: float) -> None:
        self._latency, self._waiting = latency, deque[tuple[float, asyncio.Transport, bytes]]()

    def give(self, to: asyncio.Transport, answer: bytes, *, at_once: bool = False) -> None:
        """Now, or after the latency."""
        if at_once or not self._latency:
            to.write(answer)
        else:
            self._waiting.append((time.monotonic() + self._latency, to, answer))

    async def run(self) -> None:
        """Gives what is due, every few milliseconds."""
        while True:
            now = time.monotonic()
            while self._waiting and self._waiting[0][0] <= now:
                _due, to, answer = self._waiting.popleft()
                if not to.is_closing():
                    to.write(answer)
            await asyncio.sleep(TICK)


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests may come in pieces or several at once."""

    def __init__(self, board: "Board") -> None:
        self._board, self._held = board, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Opened."""
        assert isinstance(transport, asyncio.Transport)
        self._to = transport

    def data_received(self, data: bytes) -> None:
        """Every whole request in what came so far."""
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            said = LENGTH.search(self._held, 0, end)
            whole = end + 4 + (int(said[1]) if said else 0)
            if len(self._held) < whole:
                return
            request, self._held = self._held[:whole], self._held[whole:]
            self._board.take(self._to, request[: request.index(b"\r\n")].split()[1], request[end + 4 :])


class Board:
    """Messages are counted; what is asked with GET is told; the rest is answered as Slack would a bot it knows."""

    def __init__(self, latency: float) -> None:
        self.answers, self._taken = Answers(latency), Taken()

    def take(self, to: asyncio.Transport, path: bytes, body: bytes) -> None:
        """One request."""
        asked = urlsplit(path.decode("ascii"))
        if path.endswith(MESSAGE):
            place = self._taken.message(body)
            number = b"%06d" % len(self._taken.arrivals)
            said = b'{"ok":true,"channel":"' + place + b'","ts":"1800000000.' + number + b'"}'
            self.answers.give(to, _http(said))
        elif asked.path == "/figures":
            windows = [float(value) for name, value in parse_qsl(asked.query) if name == "window"]
            self.answers.give(to, _http(json.dumps(self._taken.figures(windows)).encode()), at_once=True)
        elif asked.path == "/sample":
            self.answers.give(to, _http(self._taken.sample), at_once=True)
        elif asked.path == "/again":
            self._taken = Taken()
            self.answers.give(to, _http(b"{}"), at_once=True)
        else:
            self.answers.give(to, _http(json.dumps(KNOWN).encode()), at_once=True)


def _http(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


async def serve(port: int, latency: float) -> None:
    """Serves until it is killed; before the others where the system allows it, because it counts by its own clock."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    board = Board(latency)
    await asyncio.get_running_loop().create_server(lambda: Connection(board), "127.0.0.1", port, backlog=1024)
    await board.answers.run()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
