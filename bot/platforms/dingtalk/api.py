"""Calls to DingTalk's two APIs: one session, one token for both, and every failure as Later, Gone or OSError."""

import io
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic_core import to_json

from bot.calls import Answer, Caller, Unauthorised, parsed, read
from bot.capability import Gone, Later, TooLarge
from bot.platforms.dingtalk import codes
from bot.platforms.dingtalk.quota import CALLS, PUSHES, Quota

PATIENCE = 30.0  # seconds for one call
RENEWED = 300.0  # seconds before its end a token is asked for anew: the same one comes back, with a new end
TOKEN_PATH, OPEN_PATH = "/v1.0/oauth2/accessToken", "/v1.0/gateway/connections/open"
DOWNLOAD_PATH = "/v1.0/robot/messageFiles/download"
# What counts against the month: messages and cards. Contacts, tokens and connections are free.
PAID = ("/v1.0/robot/", "/v1.0/card/", "/topapi/message/")
FREE = frozenset({"/v1.0/card/callbacks/register"})
JSON = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
Sent = Callable[[str], Awaitable[Answer]]


class Api(Caller):
    """Both APIs of one internal app: `call` for the new one, `old` for the one of before."""

    def __init__(
        self, client_id: str, client_secret: str, base: str, old_base: str, quota: Quota, patience: float = PATIENCE
    ) -> None:
        super().__init__(patience, RENEWED, cookies=False)
        self.base, self.old_base = base.rstrip("/"), old_base.rstrip("/")
        self.client_id, self._secret, self._quota = client_id, client_secret, quota

    async def call(self, method: str, path: str, body: object) -> Answer:
        """The answer of the new API. Raises Later, Gone or OSError."""

        async def sent(token: str) -> Answer:
            given = {**JSON, "x-acs-dingtalk-access-token": token}
            return judged(*await self._sent(method, f"{self.base}{path}", {"data": to_json(body), "headers": given}))

        return await self._called(path, sent)

    async def old(self, path: str, body: object) -> Answer:
        """The answer of the old API, which takes its token in the address. Raises Later, Gone or OSError."""
        return await self._old(path, lambda: {"data": to_json(body), "headers": JSON}, {})

    async def upload(self, kind: str, name: str, content: bytes, type_: str) -> str:
        """The id of an uploaded "image" or "file"."""

        def form() -> Mapping[str, Any]:
            made = aiohttp.FormData()
            made.add_field("media", io.BytesIO(content), filename=name, content_type=type_)
            return {"data": made}

        return str((await self._old("/media/upload", form, {"type": kind})).get("media_id") or "")

    async def respond(self, url: str, body: object) -> None:
        """Answers in a conversation by the address that a message brought; only ever at DingTalk's own host.

        Raises Ended when the address is not valid any more, or is not DingTalk's; else Later, Gone or OSError.
        """
        if _host(url) != _host(self.old_base):
            raise codes.Ended("message refused: not DingTalk's address")
        self._quota.count(PUSHES)
        old_judged(*await self._sent("POST", url, {"data": to_json(body), "headers": JSON}))

    async def connection(self, asked: Mapping[str, object]) -> Answer:
        """Where to open a stream, and with which ticket. Raises Later, Gone or OSError."""
        body = {"clientId": self.client_id, "clientSecret": self._secret, **asked}
        try:
            return judged(
                *await self._sent("POST", f"{self.base}{OPEN_PATH}", {"data": to_json(body), "headers": JSON})
            )
        except Unauthorised:
            raise Later(codes.LOCKED_PAUSE) from None

    async def download(self, code: str, robot: str, most: int) -> bytes:
        """The bytes of a file that people sent, at most `most`. Raises TooLarge, Later, Gone or OSError."""
        told = await self.call("POST", DOWNLOAD_PATH, {"downloadCode": code, "robotCode": robot})
        url = str(told.get("downloadUrl") or "")
        if not url.startswith("https://") and not self.base.startswith("http:"):
            raise Gone("message refused: no address")
        try:
            async with self.session.get(url, allow_redirects=False) as response:
                if response.status != 200:
                    raise Gone(f"message refused: {response.status}")
                content = await read(response, most + 1)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(type(error).__name__) from None
        if len(content) > most:
            raise TooLarge
        return content

    async def granted(self) -> tuple[object, object]:
        """A token of both APIs, and the seconds of its life. Raises Later or OSError."""
        asked = {"appKey": self.client_id, "appSecret": self._secret}
        sent = await self._sent("POST", f"{self.base}{TOKEN_PATH}", {"data": to_json(asked), "headers": JSON})
        try:
            answer = judged(*sent)
        except (Gone, Unauthorised):
            raise Later(codes.LOCKED_PAUSE, entirely=True) from None
        return answer.get("accessToken"), answer.get("expireIn")

    async def _old(self, path: str, content: Callable[[], Mapping[str, Any]], params: Mapping[str, str]) -> Answer:
        async def sent(token: str) -> Answer:
            url = f"{self.old_base}{path}"
            return old_judged(*await self._sent("POST", url, content(), {**params, "access_token": token}))

        return await self._called(path, sent)

    async def _called(self, path: str, sent: Sent) -> Answer:
        """The call with a token, counted if it is paid for."""

        async def counted(token: str) -> Answer:
            if path.startswith(PAID) and path not in FREE:
                self._quota.count(CALLS)
            try:
                return await sent(token)
            except codes.Exhausted as no:
                self._quota.exhausted(no.seconds)
                raise

        try:
            return await self.authorised(counted)
        except Unauthorised:
            codes.log.error("dingtalk refuses our token")
            raise Later(codes.LOCKED_PAUSE, entirely=True) from None

    async def _sent(
        self, method: str, url: str, how: Mapping[str, Any], params: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        status, _headers, said = await self.sent(method, url, how, params)
        return status, said


def judged(status: int, said: bytes) -> Answer:
    """An answer of the new API, if it is none that refuses."""
    answer = parsed(said)
    if answer is None:
        raise _page(status)
    if (pause := codes.banned(answer)) is not None:
        raise pause
    if status == 200 and "code" not in answer and answer.get("success") is not False:
        return answer
    raise codes.reaction(status, answer)


def old_judged(status: int, said: bytes) -> Answer:
    """An answer of the old API, if it is none that refuses; one that worked may come without a number."""
    answer = parsed(said)
    if answer is None:
        raise _page(status)
    if (pause := codes.banned(answer)) is not None:
        raise pause
    if status == 200 and str(answer.get("errcode", 0)) == "0":
        return answer
    if status >= 500:
        raise OSError(f"status {status}")
    raise codes.old_reaction(answer)


def _host(url: str) -> tuple[str, str] | None:
    """Scheme and host of an address, None if it is none."""
    try:
        return urlsplit(url)[:2]
    except ValueError:
        return None


def _page(status: int) -> Exception:
    """What is no JSON: DingTalk shows addresses that called too often a page, and proxies have pages of their own."""
    if status in (403, 429):
        return Later(codes.BANNED_PAUSE, entirely=True)
    return OSError(f"status {status}")
