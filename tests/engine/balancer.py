"""A small round-robin load balancer: no stickiness, nothing kept, the next replica if one does not answer the door."""

import itertools
from collections import Counter

import aiohttp
from aiohttp import web

from tests.engine.processes import until

PASSED = ("Content-Type", "X-Slack-Request-Timestamp", "X-Slack-Signature", "X-Slack-Retry-Num")


class Balancer:
    """In front of `backends` (http://host:port); `served` counts the answers of each."""

    def __init__(self, *backends: str) -> None:
        self.backends = list(backends)
        self.served: Counter[str] = Counter()
        self.busy: Counter[str] = Counter()
        self.url = ""
        self._turn = itertools.count()
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None

    async def drain(self, backend: str) -> None:
        """Sends it nothing more, and waits until it has answered all it was sent."""
        self.backends.remove(backend)
        await until(lambda: not self.busy[backend], 30, "all is answered")

    async def start(self) -> None:
        """Listens on a free loopback port."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_route("*", "/{rest:.*}", self._pass)
        self._client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
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

    async def _pass(self, request: web.Request) -> web.Response:
        assert self._client is not None
        body = await request.read()
        headers = {name: request.headers[name] for name in PASSED if name in request.headers}
        turn = next(self._turn)
        for at in range(len(self.backends)):
            backend = self.backends[(turn + at) % len(self.backends)]
            self.busy[backend] += 1
            try:
                url = f"{backend}{request.path_qs}"
                async with self._client.request(request.method, url, data=body, headers=headers) as answer:
                    self.served[backend] += 1
                    text = await answer.read()
                    return web.Response(status=answer.status, body=text, content_type=answer.content_type)
            except aiohttp.ClientConnectorError:
                continue  # nobody there: the next one
            except aiohttp.ClientError:
                return web.Response(status=502)  # it may have acted on it
            finally:
                self.busy[backend] -= 1
        return web.Response(status=503)
