"""Confidential columns: AES-GCM bound to their place, with a key id in front so that keys can be changed."""

import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE, KEY_ID = 12, 4


class Unreadable(Exception):
    """The value was moved, changed, or sealed with a key that is not known any more."""


class Vault:
    """Seals values for one (table, column, row); keys newest first. Envelope: key id (4) ‖ nonce (12) ‖ ciphertext."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a vault needs a key")
        derived = [hashlib.sha256(b"pandian columns\x00" + key).digest() for key in keys]
        self._keys = {hashlib.sha256(key).digest()[:KEY_ID]: AESGCM(key) for key in derived}
        self._newest = next(iter(self._keys))

    def seal(self, place: tuple[str, str, int], value: str) -> bytes:
        """The envelope of a value that belongs to (table, column, row id)."""
        return self.seal_bytes(place, value.encode())

    def open(self, place: tuple[str, str, int], envelope: bytes) -> str:
        """The value; raises Unreadable if it was not sealed for exactly this place with a known key."""
        try:
            return self.open_bytes(place, envelope).decode()
        except UnicodeDecodeError:
            raise Unreadable("not a text") from None

    def seal_bytes(self, place: tuple[str, str, int], value: bytes) -> bytes:
        """The same of bytes."""
        nonce = os.urandom(NONCE)
        return self._newest + nonce + self._keys[self._newest].encrypt(nonce, value, _aad(place))

    def open_bytes(self, place: tuple[str, str, int], envelope: bytes) -> bytes:
        """The same of bytes."""
        key = self._keys.get(envelope[:KEY_ID])
        if key is None:
            raise Unreadable("unknown key")
        nonce, sealed = envelope[KEY_ID : KEY_ID + NONCE], envelope[KEY_ID + NONCE :]
        try:
            return key.decrypt(nonce, sealed, _aad(place))
        except (InvalidTag, ValueError):
            raise Unreadable("changed or moved") from None

    def current(self, envelope: bytes) -> bool:
        """Whether it is sealed with the newest key."""
        return envelope[:KEY_ID] == self._newest


def _aad(place: tuple[str, str, int]) -> bytes:
    table, column, row = place
    return f"{table}\x1f{column}\x1f{row}".encode()
