"""What relays have in common: an HTTP server on a free loopback port that passes everything on through a client."""

import aiohttp
from aiohttp import web


class Relay:
    """`url` is where it listens once started; what is received goes to `_pass` with `client` to pass it on by."""

    most = 64 * 1024 * 1024  # bytes of a body

    def __init__(self) -> None:
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None

    @property
    def client(self) -> aiohttp.ClientSession:
        """While it is started."""
        assert self._client is not None
        return self._client

    async def start(self) -> None:
        """Listens on a free loopback port."""
        app = web.Application(client_max_size=self.most)
        app.router.add_route("*", "/{rest:.*}", self._pass)
        self._client = self._connecting()
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stops listening."""
        if self._runner:
            await self._runner.cleanup()
        if self._client:
            await self._client.close()

    def _connecting(self) -> aiohttp.ClientSession:
        raise NotImplementedError

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError
