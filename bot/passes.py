"""Passes: short signed notes that we hand out and believe when they come back, until they expire."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

PARTS = re.compile(r"[0-9A-Za-z_-]{1,200}", re.ASCII)
DIGITS = re.compile(r"[0-9]{1,12}", re.ASCII)
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass that we made: its own number, which tells whether it was used, and what it says."""

    number: str
    said: tuple[str, ...]


class Passes:
    """Makes and reads passes with the secret keys, newest first: a pass of an older one is read as long as that stays.

    A pass is a text of letters, digits, `.`, `_` and `-`. It says nothing secret: who holds it can read it.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("passes need a key")
        self._keys = [hashlib.sha256(b"pandian passes\x00" + key).digest() for key in keys]

    def make(self, purpose: str, until: datetime, *said: str) -> str:
        """A new pass for one purpose."""
        if not all(map(PARTS.fullmatch, said)):
            raise ValueError("a pass says letters and digits only")
        text = ".".join((str(int(until.timestamp())), secrets.token_hex(16), *said))
        return f"{text}.{_sealed(self._keys[0], purpose, text)}"

    def read(self, purpose: str, given: str, now: datetime) -> Pass | None:
        """The pass, if we made it for this purpose and it has not expired."""
        text, _, mark = given.rpartition(".")
        parts = text.split(".")
        if len(given) > LONGEST or len(parts) < 2 or not all(map(PARTS.fullmatch, (*parts, mark))):
            return None
        known = any(hmac.compare_digest(_sealed(key, purpose, text).encode(), mark.encode()) for key in self._keys)
        if not known or not DIGITS.fullmatch(parts[0]) or now.timestamp() >= int(parts[0]):
            return None
        return Pass(parts[1], tuple(parts[2:]))


def _sealed(key: bytes, purpose: str, text: str) -> str:
    made = hmac.new(key, f"{purpose}\x1f{text}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
