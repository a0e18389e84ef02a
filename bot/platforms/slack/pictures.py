"""Charts as Slack files: each picture is uploaded once, to no channel, and shown by its file id."""

import asyncio
import hashlib
import json
from collections.abc import Mapping

import structlog

from bot.capability import Gone
from bot.cards import Chart
from bot.platforms.slack.api import Api
from bot.platforms.slack.limits import ALT_FILE, shown
from bot.recent import Recent

KEPT = 512
log = structlog.get_logger()


class Pictures:
    """Slack's file ids by content, the last 512."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._files: Recent[str, asyncio.Future[str]] = Recent(KEPT)

    async def files(self, pictures: Mapping[Chart, bytes]) -> dict[Chart, str]:
        """The file id of every chart that Slack takes a picture of, uploading what was not yet. A workspace that is
        full, or takes no files, reads the figures. Raises Later or OSError."""
        found = {}
        for chart, content in pictures.items():
            try:
                found[chart] = await self._file(content, chart.alt())
            except Gone as refused:
                log.warning("slack takes no picture", reason=str(refused))
        return found

    def forget(self, pictures: Mapping[Chart, bytes]) -> None:
        """Uploads these again next time: Slack does not know the file any more."""
        for content in pictures.values():
            self._files.drop(_digest(content))

    async def _file(self, content: bytes, alt: str) -> str:
        key = _digest(content)
        known = self._files.get(key) or asyncio.ensure_future(self._upload(content, alt))
        self._files.put(key, known)
        try:
            return await asyncio.shield(known)
        except BaseException:
            if known.done() and self._files.get(key) is known:
                self._files.drop(key)
            raise

    async def upload(self, content: bytes, **about: str) -> str:
        """Sends bytes to Slack; the id they have from now on, once the upload is completed."""
        given = await self._api.read("files.getUploadURLExternal", length=len(content), **about)
        await self._api.upload(str(given["upload_url"]), content)
        return str(given["file_id"])

    async def _upload(self, content: bytes, alt: str) -> str:
        file = await self.upload(content, filename="chart.png", alt_txt=shown(alt, ALT_FILE))
        await self._api.read("files.completeUploadExternal", files=json.dumps([{"id": file, "title": "chart"}]))
        return file


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
