"""Charts as Feishu images: each picture is uploaded once, and shown by its key."""

import asyncio
import hashlib
from collections.abc import Mapping

import aiohttp

from bot.cards import Chart
from bot.platforms.feishu.api import Api
from bot.recent import Recent

KEPT = 512


class Pictures:
    """Feishu's image keys by content, the last 512."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._keys: Recent[str, asyncio.Future[str]] = Recent(KEPT)

    async def keys(self, pictures: Mapping[Chart, bytes]) -> dict[Chart, str]:
        """The image key of every chart, uploading what was not yet. Raises Later, Gone or OSError."""
        return {chart: await self._key(content) for chart, content in pictures.items()}

    def forget(self, pictures: Mapping[Chart, bytes]) -> None:
        """Uploads these again next time: Feishu does not know the image any more."""
        for content in pictures.values():
            self._keys.drop(_digest(content))

    async def _key(self, content: bytes) -> str:
        digest = _digest(content)
        known = self._keys.get(digest)
        if known is None:
            known = asyncio.ensure_future(self._upload(content))
        self._keys.put(digest, known)  # what is shown again is the newest again
        try:
            return await asyncio.shield(known)
        except BaseException:
            if known.done() and self._keys.get(digest) is known:
                self._keys.drop(digest)
            raise

    async def _upload(self, content: bytes) -> str:
        answer = await self._api.upload("/im/v1/images", lambda: _form(content))
        return str(answer["data"]["image_key"])


def _form(content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("image_type", "message")
    form.add_field("image", content, filename="chart.png", content_type="image/png")
    return form


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
