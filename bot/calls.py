"""Calls to an HTTP API: one session, one access token for however many need it, and answers read to a limit."""

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.request import getproxies

import aiohttp

MOST = 4 * 1024 * 1024  # bytes of an answer
Answer = Mapping[str, Any]
T = TypeVar("T")


class Unauthorised(Exception):
    """The token that was used is not (or no longer) one."""


class Caller(ABC):
    """The API of one app. `patience`: seconds for one call; `early`: how many before its end a token is asked for anew,
    a quarter of its life at most; `cookies`: whether those of the API are sent back to it."""

    def __init__(self, patience: float, early: float, *, cookies: bool = True) -> None:
        self._patience, self._early, self._cookies = patience, early, cookies
        self._session: aiohttp.ClientSession | None = None
        self._held, self._until, self._round = "", 0.0, 0
        self._fetching: asyncio.Task[str] | None = None

    def open(self) -> None:
        """Opens the session; needs a running loop."""
        patience = aiohttp.ClientTimeout(total=self._patience)
        proxied = bool(getproxies())  # asked once: aiohttp would ask in another thread for every call
        jar = None if self._cookies else aiohttp.DummyCookieJar()
        self._session = aiohttp.ClientSession(timeout=patience, trust_env=proxied, cookie_jar=jar)

    async def close(self) -> None:
        """Closes the session."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The shared session."""
        if self._session is None:
            raise RuntimeError("not started")
        return self._session

    async def token(self) -> str:
        """The token, asked for once by however many need it. Raises Later or OSError."""
        if self._held and time.monotonic() < self._until:
            return self._held
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetched())
        return await asyncio.shield(self._fetching)

    @abstractmethod
    async def granted(self) -> tuple[object, object]:
        """A token as the API gives it out, and the seconds of its life. Raises Later or OSError."""

    async def authorised(self, call: Callable[[str], Awaitable[T]]) -> T:
        """What a call with the token comes to; one that is refused is renewed once. Raises Unauthorised when the next
        is refused as well, and what the call raises."""
        try:
            return await self._tried(call)
        except Unauthorised:
            return await self._tried(call)

    async def sent(
        self, method: str, url: str, how: Mapping[str, Any], params: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of the answer to one request, never to where it leads. Raises OSError."""
        try:
            async with self.session.request(method, url, params=params, allow_redirects=False, **how) as response:
                return response.status, response.headers, await read(response, MOST)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None

    async def _fetched(self) -> str:
        token, life = await self.granted()
        seconds = float(life) if isinstance(life, int) else 0.0
        self._held, self._round = str(token or ""), self._round + 1
        self._until = time.monotonic() + seconds - min(self._early, seconds / 4)
        return self._held

    async def _tried(self, call: Callable[[str], Awaitable[T]]) -> T:
        token = await self.token()
        used = self._round
        try:
            return await call(token)
        except Unauthorised:
            if used == self._round:  # otherwise it was renewed meanwhile
                self._held = ""
            raise


async def read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, at most so many bytes of it."""
    content = await response.content.read(most)
    while len(content) < most and not response.content.at_eof():
        content += await response.content.read(most - len(content))
    return content


def parsed(said: bytes) -> Answer | None:
    """The JSON object that was answered, None if it is none."""
    try:
        answer = json.loads(said)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
