"""Calls to Feishu: one session, one tenant token for all of them, and every failure as Later, Gone or OSError."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.request import getproxies

import aiohttp
from pydantic_core import to_json

from bot.capability import Gone, Later, TooLarge
from bot.platforms.feishu import codes

PATIENCE, LONG = 30.0, 180.0  # seconds for one call; for one with a file
# A token lives two hours; in its last thirty minutes Feishu gives out another one, and both work.
RENEWED = 1500.0
TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105
ENDPOINT_PATH = "/callback/ws/endpoint"
JSON = {"Content-Type": "application/json; charset=utf-8"}
MOST = 4 * 1024 * 1024  # bytes of an answer
RESOURCE = re.compile(r"/open-apis/im/v1/messages/[\w-]{1,128}/resources/[\w-]{1,128}\?type=(image|file)", re.ASCII)
Answer = Mapping[str, Any]


class Api:
    """The REST API of one self-built app."""

    def __init__(self, app_id: str, app_secret: str, base: str, patience: float = PATIENCE) -> None:
        self.base = base.rstrip("/")
        self.app_id, self._secret, self._patience = app_id, app_secret, patience
        self._session: aiohttp.ClientSession | None = None
        self._held, self._until, self._round = "", 0.0, 0
        self._fetching: asyncio.Task[str] | None = None

    def open(self) -> None:
        """Opens the session; needs a running loop."""
        patience = aiohttp.ClientTimeout(total=self._patience)
        proxied = bool(getproxies())  # asked once: aiohttp would ask in another thread for every call
        self._session = aiohttp.ClientSession(timeout=patience, trust_env=proxied)

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

    async def call(self, method: str, path: str, body: object = None, **params: str) -> Answer:
        """The whole answer to a call below /open-apis. Raises Later, Gone or OSError."""
        content = {} if body is None else {"data": to_json(body), "headers": JSON}
        return await self._authorised(method, path, lambda: content, params)

    async def upload(self, path: str, form: Callable[[], aiohttp.FormData]) -> Answer:
        """The same with a multipart form, which is made anew for each try."""
        patience = aiohttp.ClientTimeout(total=LONG)
        return await self._authorised("POST", path, lambda: {"data": form(), "timeout": patience}, {})

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people sent. Raises TooLarge, ValueError for an address that is none of a file of theirs,
        Later, Gone or OSError."""
        if not url.startswith(self.base) or not RESOURCE.fullmatch(url.removeprefix(self.base)):
            raise ValueError("not a Feishu file")
        for _try in range(2):
            token = await self.token()
            used = self._round
            try:
                return await self._file(url, token, most)
            except codes.Unauthorised:
                self._drop(used)
        raise OSError("token")

    async def _file(self, url: str, token: str, most: int) -> bytes:
        given, patience = {"Authorization": f"Bearer {token}"}, aiohttp.ClientTimeout(total=LONG)
        try:
            async with self.session.get(url, headers=given, allow_redirects=False, timeout=patience) as response:
                if response.status != 200 or response.content_type == "application/json":
                    raise _refused(response, await response.content.read(MOST))
                content = await _read(response, most + 1)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None
        if len(content) > most:
            raise TooLarge("file too large")
        return content

    async def endpoint(self) -> Answer:
        """Where to open a long connection: Feishu's answer as it is, `code` included. Raises OSError."""
        asked = {"AppID": self.app_id, "AppSecret": self._secret}
        status, _headers, said = await self._sent(
            "POST", ENDPOINT_PATH, {"json": asked, "headers": {"locale": "zh"}}, {}
        )
        answer = _parsed(said)
        if status != 200 or answer is None:
            raise OSError(f"status {status}")
        return answer

    async def token(self) -> str:
        """The tenant token, asked for once by however many need it."""
        if self._held and time.monotonic() < self._until:
            return self._held
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetched())
        return await asyncio.shield(self._fetching)

    async def _fetched(self) -> str:
        asked = {"app_id": self.app_id, "app_secret": self._secret}
        sent = await self._sent("POST", TOKEN_PATH, {"data": to_json(asked), "headers": JSON}, {})
        try:
            answer = _answered(*sent)
        except (Gone, codes.Unauthorised):
            raise Later(codes.LOCKED_PAUSE, entirely=True) from None
        expire = answer.get("expire")
        life = float(expire) if isinstance(expire, int) else 0.0
        self._held, self._round = str(answer.get("tenant_access_token") or ""), self._round + 1
        self._until = time.monotonic() + life - min(RENEWED, life / 4)
        return self._held

    def _drop(self, used: int) -> None:
        """Forgets the token of a round, unless it was renewed meanwhile."""
        if used == self._round:
            self._held = ""

    async def _authorised(
        self, method: str, path: str, content: Callable[[], Mapping[str, Any]], params: Mapping[str, str]
    ) -> Answer:
        """The call; a token that is refused is renewed once."""
        for _try in range(2):
            given = {"Authorization": f"Bearer {await self.token()}"}
            used, how = self._round, content()
            sent = await self._sent(
                method, f"/open-apis{path}", {**how, "headers": {**how.get("headers", {}), **given}}, params
            )
            try:
                return _answered(*sent)
            except codes.Unauthorised:
                self._drop(used)
        codes.log.error("feishu refuses our token")
        raise Later(codes.LOCKED_PAUSE, entirely=True)

    async def _sent(
        self, method: str, path: str, how: Mapping[str, Any], params: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        url = f"{self.base}{path}"
        try:
            async with self.session.request(method, url, params=params, allow_redirects=False, **how) as response:
                return response.status, response.headers, await _read(response, MOST)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    content = await response.content.read(most)
    while len(content) < most and not response.content.at_eof():
        content += await response.content.read(most - len(content))
    return content


def _parsed(said: bytes) -> Answer | None:
    try:
        answer = json.loads(said)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _answered(status: int, headers: Mapping[str, str], said: bytes) -> Answer:
    """The answer, if it is none that refuses."""
    answer = _parsed(said)
    code = answer.get("code") if answer else None
    if answer is not None and code == 0:
        return answer
    if answer is not None and isinstance(code, int):
        raise codes.reaction(code, str(answer.get("msg") or ""), status, headers)
    if status == 429 or 400 <= status < 500:
        raise codes.reaction(status, "", status, headers)
    raise OSError(f"status {status}")


def _refused(response: aiohttp.ClientResponse, said: bytes) -> Exception:
    try:
        _answered(response.status, response.headers, said)
    except (Gone, Later, OSError, codes.Unauthorised) as no:
        return no
    return ValueError("no file")
