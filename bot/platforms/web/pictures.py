"""Bounded memory for bytes the console has to hand out (pictures) or to hand over (dropped files)."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from urllib.parse import urlencode

LIFE = timedelta(minutes=15)


class Shelf:
    """Bytes by name; the least recently used go first once `most` bytes are held."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def put(self, name: str, content: bytes) -> None:
        """Keeps the bytes, forgetting others if needed."""
        self._held += len(content) - len(self._kept.pop(name, b""))
        self._kept[name] = content
        while self._held > self._most:
            self._held -= len(self._kept.popitem(last=False)[1])

    def get(self, name: str) -> bytes | None:
        """The bytes, or None if they were never kept or are forgotten."""
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)


class Pictures:
    """PNG bytes behind links that are signed, for one reader and short-lived (threat T26)."""

    def __init__(self, most: int = 64 * 1024 * 1024) -> None:
        self._shelf, self._secret = Shelf(most), secrets.token_bytes(32)

    def link(self, user: str, png: bytes, now: datetime) -> str:
        """Keeps the picture and gives the path at which `user` sees it until 15 minutes from now."""
        name = hashlib.sha256(png).hexdigest()
        self._shelf.put(name, png)
        until = int((now + LIFE).timestamp())
        query = urlencode({"user": user, "until": until, "mac": self._mac(user, name, str(until))})
        return f"/console/picture/{name}.png?{query}"

    def open(self, user: str, name: str, until: str, mac: str, now: datetime) -> bytes | None:
        """The picture, or None for whatever is wrong with the link."""
        if not hmac.compare_digest(mac.encode(errors="replace"), self._mac(user, name, until).encode()):
            return None
        return self._shelf.get(name) if int(until) >= now.timestamp() else None

    def _mac(self, user: str, name: str, until: str) -> str:
        told = f"{name}\n{until}\n{user}".encode(errors="replace")
        return hmac.new(self._secret, told, hashlib.sha256).hexdigest()
