"""Files: what people sent, and what is sent to them."""

import io
import zipfile
from pathlib import PurePath

from bot.capability import Message, Ref
from bot.platforms.dingtalk.api import Api
from bot.platforms.dingtalk.delivery import Delivery
from bot.platforms.dingtalk.inbound import CODE
from bot.platforms.dingtalk.shapes import Robot, short

SENT = frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"})  # kinds that a robot may send as they are
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
NAME = 60


class Files:
    """Downloads and uploads of one robot."""

    def __init__(self, api: Api, delivery: Delivery, robot: str) -> None:
        self._api, self._delivery, self._robot = api, delivery, robot

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file, at most `most`. Raises TooLarge, ValueError, Later, Gone or OSError."""
        if not url.startswith(CODE):
            raise ValueError("not a DingTalk file")
        return await self._api.download(url.removeprefix(CODE), self._robot, most)

    async def hand(self, user: str, message: Message, content: bytes) -> Ref:
        """Sends a file, after what is to be said of it. Other kinds than DingTalk takes go inside of a zip file."""
        file = message.card.enclosed
        if file is None:
            raise ValueError("no file")
        name = short(PurePath(file.name).name, NAME) or "file"
        if file.type in PICTURES:
            known = await self._api.upload("image", name, content, file.type)
            return await self._delivery.hand(user, message, Robot("sampleImageMsg", {"photoURL": known}))
        kind = name.rpartition(".")[2].lower()
        if kind not in SENT:
            name, kind, content = f"{name}.zip", "zip", _packed(name, content)
        known = await self._api.upload("file", name, content, "application/octet-stream")
        param = {"mediaId": known, "fileName": name, "fileType": kind}
        return await self._delivery.hand(user, message, Robot("sampleFile", param))


def _packed(name: str, content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return held.getvalue()
