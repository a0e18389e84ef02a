"""The session that every call to Slack goes through, whichever workspace it is about."""

from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.quiet import hushed

PATIENCE = 30.0  # seconds for one call


class Wire:
    """Where the Web API is and one session to it; `patience` is in seconds."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self.url = url if url.endswith("/") else f"{url}/"
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Opens the session; needs a running loop."""
        jar = aiohttp.DummyCookieJar()  # the token is all that is needed
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._patience), cookie_jar=jar)

    async def close(self) -> None:
        """Closes the session."""
        if self._session:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The shared session."""
        if self._session is None:
            raise RuntimeError("not started")
        return self._session

    def client(self, token: str | None) -> AsyncWebClient:
        """A client without retry handlers: the default one repeats chat.postMessage when a connection breaks."""
        client = AsyncWebClient(
            token=token, base_url=self.url, session=self.session, logger=hushed(), retry_handlers=[]
        )
        if self.direct:
            client.proxy = None  # the SDK reads HTTPS_PROXY but not NO_PROXY
        return client

    @property
    def direct(self) -> bool:
        """Whether NO_PROXY names the API's host."""
        return bool(proxy_bypass(urlsplit(self.url).hostname or ""))
