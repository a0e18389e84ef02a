"""The webhook door: raw bytes in, a verified envelope out; typed refusals, never a traceback.

| configured       | what protects                                                                   |
|------------------|---------------------------------------------------------------------------------|
| Encrypt Key      | signature over the raw bytes, 10 minutes, encryption; the token inside as well  |
| token alone      | the token in the body, 8 hours; anybody who has seen one request can make more  |
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from multidict import MultiMapping

from bot.doorway import Body, Refused, only, parsed
from bot.platforms.feishu import crypt

WINDOW = 600  # seconds a signed timestamp may be away from now
LONGEST = 8 * 3600  # seconds an unsigned body may be old: the last repetition comes after 6 h 6 min
CHALLENGE = 500
SHORTEST = 16
SIGNATURE, TIMESTAMP, NONCE = "X-Lark-Signature", "X-Lark-Request-Timestamp", "X-Lark-Request-Nonce"
_DIGITS = re.compile(r"[0-9]{1,12}")
_CREATED = re.compile(r"[0-9]{13}(?:[0-9]{3})?")


@dataclass(frozen=True, slots=True)
class Lock:
    """Active encrypt keys and verification tokens, newest first."""

    keys: tuple[str, ...]
    tokens: tuple[bytes, ...]

    @classmethod
    def of(cls, encrypt_key: str, verification_token: str) -> "Lock":
        """From the settings, comma separated; ValueError that names the variable for none or weak ones."""
        keys, tokens = (
            _several("FEISHU_ENCRYPT_KEY", encrypt_key),
            _several("FEISHU_VERIFICATION_TOKEN", verification_token),
        )
        if not tokens:
            raise ValueError("FEISHU_VERIFICATION_TOKEN is empty")
        return cls(keys, tuple(token.encode() for token in tokens))


def challenged(body: Mapping[str, Any]) -> bool:
    """Whether Feishu only asks if we are here."""
    return body.get("type") == "url_verification"


def challenge(body: Mapping[str, Any]) -> str:
    """What is sent back then."""
    said = body.get("challenge")
    if not isinstance(said, str) or len(said) > CHALLENGE:
        raise Refused(400, "challenge")
    return said


def opened(headers: MultiMapping[str], body: bytes, lock: Lock, now: datetime) -> Body:
    """The envelope in a request. Raises Refused: 401 for who is not Feishu, 400 for what Feishu would never send."""
    if not lock.keys:
        return _trusted(parsed(body), lock, now)
    if any(name in headers for name in (SIGNATURE, TIMESTAMP, NONCE)):
        key = _verified(headers, body, lock, now)
        return _vouched(_unsealed(key, body), lock)
    return _unsigned(body, lock)


def _verified(headers: MultiMapping[str], body: bytes, lock: Lock, now: datetime) -> str:
    """The key that signed these bytes."""
    sent, stamp, nonce = (only(headers, name) for name in (SIGNATURE, TIMESTAMP, NONCE))
    if not _DIGITS.fullmatch(stamp):
        raise Refused(401, "timestamp")
    if abs(now.timestamp() - int(stamp)) > WINDOW:
        raise Refused(401, "stale")
    given = sent.encode("utf-8", "surrogateescape")
    matched = [key for key in lock.keys if hmac.compare_digest(_signed(key, stamp, nonce, body), given)]
    if not matched:
        raise Refused(401, "signature")
    return matched[0]


def _signed(key: str, stamp: str, nonce: str, body: bytes) -> bytes:
    return crypt.signature(key, stamp, nonce.encode("utf-8", "replace").decode(), body).encode()


def _unsealed(key: str, body: bytes) -> Body:
    sealed = parsed(body)
    data = sealed.get("encrypt")
    if not isinstance(data, str) or len(sealed) != 1:
        raise Refused(400, "not encrypted")
    try:
        return parsed(crypt.decrypt(key, data))
    except crypt.Unreadable:
        raise Refused(400, "encryption") from None


def _unsigned(body: bytes, lock: Lock) -> Body:
    """The one request that Feishu does not sign asks for the challenge. Every failure looks the same from outside, so
    that nobody learns what was wrong inside."""
    for key in lock.keys:
        try:
            found = _vouched(_unsealed(key, body), lock)
        except Refused:
            continue
        if challenged(found):
            return found
    raise Refused(401, "signature")


def _trusted(body: Body, lock: Lock, now: datetime) -> Body:
    """A body that nothing but the token in it speaks for."""
    _vouched(body, lock)
    if challenged(body) or body.get("schema") != "2.0":
        return body
    header = body.get("header")
    created = str(header.get("create_time") or "") if isinstance(header, dict) else ""
    if not _CREATED.fullmatch(created):
        raise Refused(400, "create time")
    if abs(now.timestamp() - int(created[:13]) / 1000) > LONGEST:
        raise Refused(401, "stale")
    return body


def _vouched(body: Body, lock: Lock) -> Body:
    header = body.get("header")
    said = header.get("token") if isinstance(header, dict) else body.get("token")
    given = said.encode("utf-8", "replace") if isinstance(said, str) else b""
    if not any(hmac.compare_digest(given, token) for token in lock.tokens):
        raise Refused(401, "token")
    return body


def _several(name: str, setting: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in setting.split(",")) if setting.strip() else ()
    if any(len(part) < SHORTEST or len(set(part)) < 4 for part in parts):
        raise ValueError(f"{name} is empty or too weak: at least {SHORTEST} characters")
    return parts
