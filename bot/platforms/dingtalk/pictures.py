"""Pictures of charts: uploaded once, however many show them, and named by their id from then on."""

import asyncio
import hashlib
from collections.abc import Mapping

import structlog

from bot.capability import Gone
from bot.cards import Chart
from bot.platforms.dingtalk.api import Api
from bot.recent import Recent

KEPT = 2_000
log = structlog.get_logger()


class Pictures:
    """Media ids by the content of a picture; DingTalk keeps what was uploaded."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: Recent[str, asyncio.Future[str]] = Recent(KEPT)

    async def ids(self, pictures: Mapping[Chart, bytes]) -> Mapping[Chart, str]:
        """The id of every picture, "" for one that DingTalk does not take. Raises Later or OSError."""
        return {chart: await self._id(content) for chart, content in pictures.items()}

    async def _id(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        known = self._known.get(digest)
        if known is None or (known.done() and (known.cancelled() or known.exception())):
            known = asyncio.ensure_future(self._api.upload("image", f"{digest[:12]}.png", content, "image/png"))
            self._known.put(digest, known)
        try:
            return await asyncio.shield(known)
        except Gone as refused:
            log.warning("dingtalk refused a picture", reason=str(refused))
            return ""
