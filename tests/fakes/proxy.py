"""A loopback HTTP proxy that spoils what passes: scripted call by call, or at random with a seed."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from tests.fakes.relay import Relay

HOP = frozenset({"host", "connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"})


@dataclass(frozen=True)
class Spoil:
    """What happens to one call. With `after` (and always for `half`) the server has got it and has acted on it.

    status      answered instead: 429 with `retry_after` (s), 500, …
    delay       seconds until it goes on; 60 is a hang
    reset       the connection is torn down
    half        the answer's head and half of its body, then the connection is torn down
    """

    status: int = 0
    retry_after: int = 1
    delay: float = 0.0
    reset: bool = False
    half: bool = False
    after: bool = False


FINE = Spoil()


@dataclass
class Mix:
    """Faults at random: each of them with its share (0..1) of the calls, the same for the same seed."""

    shares: Mapping[Spoil, float]
    seed: int = 1
    _rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)

    def next(self) -> Spoil:
        """The fate of the next call."""
        at = self._rng.random()
        for spoil, share in self.shares.items():
            at -= share
            if at < 0:
                return spoil
        return FINE


class FaultyProxy(Relay):
    """Between a client and `upstream` (http://host:port); `done` counts the spoils by what they were.

    `script` holds what happens to the next calls whose path contains a word, in order; then `mix` decides, for paths
    that contain `mixed`.
    """

    def __init__(self, upstream: str) -> None:
        super().__init__()
        self.upstream = upstream.rstrip("/")
        self.done: Counter[Spoil] = Counter()
        self.mix: Mix | None = None
        self.mixed = ""
        self._script: list[tuple[str, Spoil]] = []
        self._over = asyncio.Event()

    def script(self, path: str, spoils: Iterable[Spoil]) -> None:
        """The next calls whose path contains `path` are spoiled so, one after another."""
        self._script.extend((path, spoil) for spoil in spoils)

    def unscript(self, path: str) -> None:
        """What was scripted for this path and did not happen yet does not happen any more."""
        self._script = [(word, spoil) for word, spoil in self._script if word != path]

    async def release(self) -> None:
        """What hangs is torn down; Slack never hears of it."""
        self._over.set()
        await asyncio.sleep(0)
        self._over = asyncio.Event()

    def _connecting(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=120))

    def _fate(self, path: str) -> Spoil:
        for at, (word, spoil) in enumerate(self._script):
            if word in path:
                del self._script[at]
                return spoil
        return self.mix.next() if self.mix and self.mixed in path else FINE

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        spoil = self._fate(request.path)
        self.done[spoil] += 1
        body = await request.read()
        if spoil.after or spoil.half or spoil == FINE:
            status, headers, answer = await self._forwarded(request, body)
            await asyncio.sleep(spoil.delay)
        else:
            if spoil.delay and not await self._waited(request, spoil.delay):
                return web.Response(status=502)
            if not spoil.status and not spoil.reset:
                status, headers, answer = await self._forwarded(request, body)
        if spoil.reset and request.transport:
            request.transport.abort()
            return web.Response()
        if spoil.half:
            return await _half(request, headers, answer)
        if spoil.status:
            return _refusal(spoil)
        return web.Response(status=status, headers=headers, body=answer)

    async def _waited(self, request: web.Request, seconds: float) -> bool:
        """Whether the client is still there after so long; nothing is passed on for one that has given up."""
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return request.transport is not None and not request.transport.is_closing()
        if request.transport:
            request.transport.abort()
        return False

    async def _forwarded(self, request: web.Request, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        sent = _without_hops(request.headers)
        url = f"{self.upstream}{request.path_qs}"
        async with self.client.request(request.method, url, data=body, headers=sent, allow_redirects=False) as answer:
            return answer.status, _without_hops(answer.headers), await answer.read()


async def _half(request: web.Request, headers: Mapping[str, str], answer: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers)
    response.content_length = len(answer)
    await response.prepare(request)
    await response.write(answer[: len(answer) // 2])
    if request.transport:
        request.transport.abort()
    return response


def _refusal(spoil: Spoil) -> web.Response:
    if spoil.status == 429:
        headers = {"Retry-After": str(spoil.retry_after)}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    return web.Response(status=spoil.status, text="<html>oops</html>", content_type="text/html")


def _without_hops(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in HOP}


def share(total: float, spoils: Sequence[Spoil]) -> dict[Spoil, float]:
    """The same share for each of them."""
    return {spoil: total / len(spoils) for spoil in spoils}
