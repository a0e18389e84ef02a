"""Uploads and downloads of the fake Feishu: pictures by their first bytes, files by their size."""

import io
from collections.abc import Callable, Mapping

from aiohttp import web
from PIL import Image

from tests.fakes.feishu_store import Json, Refuse, Store

PICTURE_BYTES, FILE_BYTES, SIDE, GIF_SIDE = 10 * 1024 * 1024, 30 * 1024 * 1024, 12_000, 2_000
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"\x00\x00\x01\x00", b"II*\x00", b"MM\x00*")
FILE_KINDS = ("opus", "mp4", "pdf", "doc", "xls", "ppt", "stream")


class Media:
    """POST /im/v1/images, POST /im/v1/files, GET /im/v1/messages/:id/resources/:key."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def routes(self) -> Mapping[tuple[str, str], Callable[[web.Request, Json], Json]]:
        """Handlers by method and path."""
        return {("POST", "/im/v1/images"): self.image, ("POST", "/im/v1/files"): self.file}

    def image(self, _: web.Request, body: Json) -> Json:
        """Keeps a picture for cards."""
        if body.get("image_type") not in ("message", "avatar"):
            raise Refuse(234001, "Invalid request param: image_type")
        content = _content(body, "image")
        if len(content) > PICTURE_BYTES:
            raise Refuse(234006, "The file size exceed the max value.")
        if not content.startswith(MAGIC) and content[8:12] != b"WEBP" and content[4:8] != b"ftyp":
            raise Refuse(234011, "Can't recognize the image format.")
        self._sides(content)
        return {"image_key": self.store.picture(content)}

    def file(self, _: web.Request, body: Json) -> Json:
        """Keeps a file of ours."""
        if body.get("file_type") not in FILE_KINDS or not body.get("file_name"):
            raise Refuse(234001, "Invalid request param: file_type")
        content = _content(body, "file")
        if len(content) > FILE_BYTES:
            raise Refuse(234006, "The file size exceed the max value.")
        return {"file_key": self.store.file(str(body["file_name"]), content, str(body["file_type"]))}

    def resource(self, request: web.Request) -> web.Response:
        """A file or picture that somebody sent, as bytes."""
        key = request.match_info["key"]
        posted = self.store.find(request.match_info["id"])
        wanted = request.query.get("type")
        if wanted not in ("file", "image") or key not in posted.content.values():
            raise Refuse(234003, "File not in msg.")
        held = self.store.files[key]
        name = {"Content-Disposition": 'attachment; filename="file"'}
        return web.Response(body=held["content"], content_type="application/octet-stream", headers=name)

    def _sides(self, content: bytes) -> None:
        try:
            with Image.open(io.BytesIO(content)) as picture:
                width, height = picture.size
                most = GIF_SIDE if picture.format == "GIF" else SIDE
        except OSError:
            return  # its first bytes are right, and that is all that is looked at
        if max(width, height) > most:
            raise Refuse(234039, "The image resolution exceeds the limit.")


def _content(body: Json, name: str) -> bytes:
    content = body.get(name)
    if not isinstance(content, bytes):
        raise Refuse(234001, f"Invalid request param: {name}")
    if not content:
        raise Refuse(234010, "File's size can't be 0.")
    return content
