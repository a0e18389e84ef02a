"""A small round-robin load balancer: no stickiness, nothing kept, the next replica if one does not answer the door."""

import itertools
from collections import Counter

import aiohttp
from aiohttp import web

from tests.engine.processes import until
from tests.fakes.relay import Relay

PASSED = ("Content-Type", "X-Slack-Request-Timestamp", "X-Slack-Signature", "X-Slack-Retry-Num")


class Balancer(Relay):
    """In front of `backends` (http://host:port); `served` counts the answers of each."""

    def __init__(self, *backends: str) -> None:
        super().__init__()
        self.backends = list(backends)
        self.served: Counter[str] = Counter()
        self.busy: Counter[str] = Counter()
        self._turn = itertools.count()

    async def drain(self, backend: str) -> None:
        """Sends it nothing more, and waits until it has answered all it was sent."""
        self.backends.remove(backend)
        await until(lambda: not self.busy[backend], 30, "all is answered")

    def _connecting(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: request.headers[name] for name in PASSED if name in request.headers}
        turn = next(self._turn)
        for at in range(len(self.backends)):
            backend = self.backends[(turn + at) % len(self.backends)]
            self.busy[backend] += 1
            try:
                url = f"{backend}{request.path_qs}"
                async with self.client.request(request.method, url, data=body, headers=headers) as answer:
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
