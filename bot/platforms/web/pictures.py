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
        query = urlencode({"user": user, "until": until, "mac": _mac(self._secret, user, name, str(until))})
        return f"/console/picture/{name}.png?{query}"

    def open(self, user: str, name: str, until: str, mac: str, now: datetime) -> bytes | None:
        """The picture, or None for whatever is wrong with the link."""
        if not hmac.compare_digest(mac.encode(errors="replace"), _mac(self._secret, user, name, until).encode()):
            return None
        return self._shelf.get(name) if int(until) >= now.timestamp() else None


class Papers:
    """Files behind links that are signed, for one reader and short-lived; named by the message they came with."""

    def __init__(self, most: int = 100 * 1024 * 1024) -> None:
        self._shelf, self._secret, self._names = Shelf(most), secrets.token_bytes(32), dict[str, str]()

    def put(self, message: str, name: str, content: bytes) -> None:
        """Keeps the file of a message."""
        self._shelf.put(message, content)
        self._names = {known: self._names[known] for known in self._names if self._shelf.get(known) is not None}
        self._names[message] = name

    def link(self, user: str, message: str, now: datetime) -> str:
        """Where `user` gets the file until 15 minutes from now; "" if it is not kept any more."""
        if self._shelf.get(message) is None:
            return ""
        until = int((now + LIFE).timestamp())
        query = urlencode({"user": user, "until": until, "mac": _mac(self._secret, user, message, str(until))})
        return f"/console/file/{message}?{query}"

    def open(self, user: str, message: str, until: str, mac: str, now: datetime) -> tuple[str, bytes] | None:
        """The file and its name, or None for whatever is wrong with the link."""
        if not hmac.compare_digest(mac.encode(errors="replace"), _mac(self._secret, user, message, until).encode()):
            return None
        content = self._shelf.get(message) if int(until) >= now.timestamp() else None
        return (self._names[message], content) if content is not None else None


def _mac(secret: bytes, user: str, name: str, until: str) -> str:
    told = f"{name}\n{until}\n{user}".encode(errors="replace")
    return hmac.new(secret, told, hashlib.sha256).hexdigest()
