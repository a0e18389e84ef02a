"""Calls to Feishu: one session, one tenant token for all of them, and every failure as Later, Gone or OSError."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from pydantic_core import to_json

from bot.calls import MOST, Answer, Caller, Unauthorised, parsed, read
from bot.capability import Gone, Later, TooLarge
from bot.platforms.feishu import codes

PATIENCE, LONG = 30.0, 180.0  # seconds for one call; for one with a file
# A token lives two hours; in its last thirty minutes Feishu gives out another one, and both work.
RENEWED = 1500.0
TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105
ENDPOINT_PATH = "/callback/ws/endpoint"
JSON = {"Content-Type": "application/json; charset=utf-8"}
RESOURCE = re.compile(r"/open-apis/im/v1/messages/[\w-]{1,128}/resources/[\w-]{1,128}\?type=(image|file)", re.ASCII)


class Api(Caller):
    """The REST API of one self-built app."""

    def __init__(self, app_id: str, app_secret: str, base: str, patience: float = PATIENCE) -> None:
        super().__init__(patience, RENEWED)
        self.base = base.rstrip("/")
        self.app_id, self._secret = app_id, app_secret

    async def call(self, method: str, path: str, body: object = None, **params: str) -> Answer:
        """The whole answer to a call below /open-apis. Raises Later, Gone or OSError."""
        content = {} if body is None else {"data": to_json(body), "headers": JSON}
        return await self._called(method, path, lambda: content, params)

    async def upload(self, path: str, form: Callable[[], aiohttp.FormData]) -> Answer:
        """The same with a multipart form, which is made anew for each try."""
        patience = aiohttp.ClientTimeout(total=LONG)
        return await self._called("POST", path, lambda: {"data": form(), "timeout": patience}, {})

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people sent. Raises TooLarge, ValueError for an address that is none of a file of theirs,
        Later, Gone or OSError."""
        if not url.startswith(self.base) or not RESOURCE.fullmatch(url.removeprefix(self.base)):
            raise ValueError("not a Feishu file")
        try:
            return await self.authorised(lambda token: self._file(url, token, most))
        except Unauthorised:
            raise OSError("token") from None

    async def _file(self, url: str, token: str, most: int) -> bytes:
        given, patience = {"Authorization": f"Bearer {token}"}, aiohttp.ClientTimeout(total=LONG)
        try:
            async with self.session.get(url, headers=given, allow_redirects=False, timeout=patience) as response:
                if response.status != 200 or response.content_type == "application/json":
                    raise _refused(response, await response.content.read(MOST))
                content = await read(response, most + 1)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None
        if len(content) > most:
            raise TooLarge("file too large")
        return content

    async def endpoint(self) -> Answer:
        """Where to open a long connection: Feishu's answer as it is, `code` included. Raises OSError."""
        asked = {"AppID": self.app_id, "AppSecret": self._secret}
        how = {"json": asked, "headers": {"locale": "zh"}}
        status, _headers, said = await self.sent("POST", f"{self.base}{ENDPOINT_PATH}", how)
        answer = parsed(said)
        if status != 200 or answer is None:
            raise OSError(f"status {status}")
        return answer

    async def granted(self) -> tuple[object, object]:
        """A tenant token, and the seconds of its life. Raises Later or OSError."""
        asked = {"app_id": self.app_id, "app_secret": self._secret}
        sent = await self.sent("POST", f"{self.base}{TOKEN_PATH}", {"data": to_json(asked), "headers": JSON})
        try:
            answer = _answered(*sent)
        except (Gone, Unauthorised):
            raise Later(codes.LOCKED_PAUSE, entirely=True) from None
        return answer.get("tenant_access_token"), answer.get("expire")

    async def _called(
        self, method: str, path: str, content: Callable[[], Mapping[str, Any]], params: Mapping[str, str]
    ) -> Answer:
        """The call below /open-apis, with a token."""

        async def call(token: str) -> Answer:
            how = content()
            given = {**how.get("headers", {}), "Authorization": f"Bearer {token}"}
            url = f"{self.base}/open-apis{path}"
            return _answered(*await self.sent(method, url, {**how, "headers": given}, params))

        try:
            return await self.authorised(call)
        except Unauthorised:
            codes.log.error("feishu refuses our token")
            raise Later(codes.LOCKED_PAUSE, entirely=True) from None


def _answered(status: int, headers: Mapping[str, str], said: bytes) -> Answer:
    """The answer, if it is none that refuses."""
    answer = parsed(said)
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
    except (Gone, Later, OSError, Unauthorised) as no:
        return no
    return ValueError("no file")
