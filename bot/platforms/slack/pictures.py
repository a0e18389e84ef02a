"""Charts as Slack files: each picture is uploaded once, to no channel, and shown by its file id."""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping

from bot.cards import Chart
from bot.platforms.slack.api import Api
from bot.platforms.slack.limits import ALT, shown

KEPT = 512


class Pictures:
    """Slack's file ids by content, the last 512."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._files: OrderedDict[str, asyncio.Future[str]] = OrderedDict()

    async def files(self, pictures: Mapping[Chart, bytes]) -> dict[Chart, str]:
        """The file id of every chart, uploading what was not yet. Raises Later, Gone or OSError."""
        return {chart: await self._file(content, chart.alt()) for chart, content in pictures.items()}

    def forget(self, pictures: Mapping[Chart, bytes]) -> None:
        """Uploads these again next time: Slack does not know the file any more."""
        for content in pictures.values():
            self._files.pop(_digest(content), None)

    async def _file(self, content: bytes, alt: str) -> str:
        key = _digest(content)
        known = self._files.get(key)
        if known is None:
            known = self._files[key] = asyncio.ensure_future(self._upload(content, alt))
            while len(self._files) > KEPT:
                self._files.popitem(last=False)
        self._files.move_to_end(key)
        try:
            return await asyncio.shield(known)
        except BaseException:
            if known.done() and self._files.get(key) is known:
                del self._files[key]
            raise

    async def upload(self, content: bytes, **about: str) -> str:
        """Sends bytes to Slack; the id they have from now on, once the upload is completed."""
        given = await self._api.read("files.getUploadURLExternal", length=len(content), **about)
        await self._api.upload(str(given["upload_url"]), content)
        return str(given["file_id"])

    async def _upload(self, content: bytes, alt: str) -> str:
        file = await self.upload(content, filename="chart.png", alt_txt=shown(alt, ALT))
        await self._api.read("files.completeUploadExternal", files=json.dumps([{"id": file, "title": "chart"}]))
        return file


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
