"""Calls to Slack: one session, no hidden retries, and every failure as Later, Gone or OSError without a body in it."""

import asyncio
import io
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import aiohttp
from pydantic_core import from_json, to_json
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.capability import Gone, Later, TooLarge
from bot.platforms.slack.tiers import SHARED, WAITED, Turns
from bot.platforms.slack.wire import Wire

PAUSE = 30.0  # seconds to wait where Slack does not say how long
# The bot's own token does not work now: an operator mends that, and until then nothing may be lost.
LOCKED = {
    "account_inactive",
    "app_uninstalled",
    "invalid_auth",
    "not_authed",
    "org_login_required",
    "token_expired",
    "token_revoked",
}
LOCKED_PAUSE = 60.0
PASSING = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
TRIES, LONGEST = 4, 60.0  # of a call that waits when Slack asks for it, and the most seconds for a response_url
FILES_HOST = ".slack.com"
FILE_ID = re.compile(r"F[A-Z0-9]{2,20}", re.ASCII)
Answered = tuple[Mapping[str, Any], Mapping[str, str]]


class Locked(Later):
    """The bot's own token does not work; `name` is Slack's word for why."""

    def __init__(self, name: str) -> None:
        super().__init__(LOCKED_PAUSE, entirely=True)
        self.name = name


class Api:
    """The Web API with one token."""

    def __init__(self, token: str, wire: Wire, turns: Turns | None = None) -> None:
        self._token, self._wire, self._turns = token, wire, turns or Turns()
        self._made: AsyncWebClient | None = None

    @property
    def _client(self) -> AsyncWebClient:
        self._made = self._made or self._wire.client(self._token)
        return self._made

    async def read(self, method: str, **params: object) -> Mapping[str, Any]:
        """A call whose arguments go in the query: reading methods and uploads take no JSON."""
        given = {name: value for name, value in params.items() if value != ""}
        return (await self._allowed(method, lambda: self._call(method, params=given)))[0]

    async def write(self, method: str, **arguments: object) -> Mapping[str, Any]:
        """A call whose arguments go as JSON."""
        return await self.send(method, to_json(arguments))

    async def send(self, method: str, body: bytes) -> Mapping[str, Any]:
        """The same with the arguments as JSON already: half of what a call by the SDK costs, which is what a broadcast
        spends its time on."""
        return (await self._allowed(method, lambda: self._sent(method, body)))[0]

    async def looked(self, method: str, **arguments: object) -> Answered:
        """The same as `write`, with the headers of the answer, in small letters or large."""
        return await self._allowed(method, lambda: self._sent(method, to_json(arguments)))

    async def _sent(self, method: str, body: bytes) -> Answered:
        given = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json;charset=utf-8"}
        how: dict[str, Any] = {"headers": given, "proxy": self._client.proxy, "allow_redirects": False}
        try:
            async with self._wire.session.post(
                f"{self._wire.url}{method}", data=aiohttp.BytesPayload(body), **how
            ) as response:
                said = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None
        return _answered(method, response.status, response.headers, said), response.headers

    async def respond(self, url: str, body: Mapping[str, Any]) -> None:
        """Answers through a response_url. Each takes one answer a second: a second one waits when it is asked to."""
        for again in range(TRIES, 0, -1):
            try:
                await self._post(url, json=body)
                break
            except Later as no:
                if again == 1:
                    raise
                await asyncio.sleep(min(no.seconds, LONGEST))

    async def upload(self, url: str, content: bytes) -> None:
        """Sends a file's bytes to the address Slack gave."""
        await self._post(url, data=io.BytesIO(content), headers={"Content-Type": "application/octet-stream"})

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people shared, by its address or its id; ValueError for an address that is not Slack's,
        TooLarge."""
        if FILE_ID.fullmatch(url):
            url = str(((await self.read("files.info", file=url)).get("file") or {}).get("url_private") or "")
        self._trusted(url)
        given = {"Authorization": f"Bearer {self._token}"}
        try:
            async with self._wire.session.get(url, headers=given, allow_redirects=False) as response:
                _status("", response.status, response.headers)
                if response.status >= 300:
                    raise Gone("moved")  # the token would follow it
                if response.content_type == "text/html":
                    raise Gone("missing_scope")  # without files:read Slack answers 200 with its login page
                content = await response.content.read(most + 1)
                while len(content) <= most and not response.content.at_eof():
                    content += await response.content.read(most + 1 - len(content))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None
        if len(content) > most:
            raise TooLarge("file too large")
        return content

    def _trusted(self, url: str) -> None:
        """The token only goes to Slack's own hosts, or to where the API itself is."""
        wanted, known = urlsplit(url), urlsplit(self._wire.url)
        if wanted[:2] == known[:2]:
            return
        if wanted.scheme != "https" or wanted.username or not (wanted.hostname or "").endswith(FILES_HOST):
            raise ValueError("not a Slack file")

    async def _allowed(self, method: str, call: Callable[[], Awaitable[Answered]]) -> Answered:
        """The answer to a call when its turn has come. One 429 stops the method for all who would call it here; what
        nobody would ask again waits for it."""
        for again in range(TRIES, -1, -1):
            await self._turns(method)
            try:
                return await call()
            except Locked:
                raise
            except Later as no:
                self._turns.close(method, no.seconds)
                if method not in WAITED or not again:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _call(self, method: str, **how: object) -> Answered:
        try:
            answer = await self._client.api_call(method, **how)  # type: ignore[arg-type]
        except SlackApiError as error:
            _refused(method, error)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None
        return answer.data if isinstance(answer.data, dict) else {}, {}

    async def _post(self, url: str, **how: Any) -> None:
        try:
            async with self._wire.session.post(url, allow_redirects=False, **how) as response:
                _status("", response.status, response.headers)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None


def _answered(method: str, status: int, headers: Mapping[str, str], said: bytes) -> Mapping[str, Any]:
    """What Slack answered, if it is an answer and no refusal."""
    if status == 200:
        try:
            data = from_json(said)
        except ValueError:
            data = None
        if isinstance(data, dict) and data.get("ok"):
            return data
        _named(method, str(data.get("error", "")) if isinstance(data, dict) else "", headers)
    _status(method, status, headers)
    raise OSError(f"status {status}")


def _refused(method: str, error: SlackApiError) -> NoReturn:
    response = error.response
    headers = getattr(response, "headers", {})
    _status(method, int(getattr(response, "status_code", 0) or getattr(response, "status", 500)), headers)
    data = getattr(response, "data", None)
    _named(method, str(data.get("error", "")) if isinstance(data, dict) else "", headers)


def _named(method: str, name: str, headers: Mapping[str, str]) -> NoReturn:
    if name == "ratelimited":
        raise Later(_seconds(headers), everywhere=method in SHARED) from None
    if name in LOCKED:
        raise Locked(name) from None
    if not name or name in PASSING:
        raise OSError(name or "unreadable answer") from None
    raise Gone(name) from None


def _status(method: str, status: int, headers: Mapping[str, str]) -> None:
    if status == 429:
        raise Later(_seconds(headers), everywhere=method in SHARED) from None
    if status >= 500:
        raise OSError(f"status {status}") from None
    if status >= 400:
        raise Gone(f"status {status}") from None


def _seconds(headers: Mapping[str, str]) -> float:
    said = headers.get("Retry-After", "")
    return float(said) if said.isascii() and said.isdigit() and len(said) < 6 else PAUSE
