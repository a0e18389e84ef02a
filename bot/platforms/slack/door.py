"""The raw-byte check in front of Bolt, which parses before it verifies: typed refusals, never a traceback."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from multidict import MultiMapping
from yarl import URL

from bot import doorway
from bot.doorway import Refused, only

WINDOW = 300  # seconds a timestamp may be away from now
FIELDS = 100
SHORTEST = 16  # bytes of a signing secret
SIGNATURE, TIMESTAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_DIGITS = re.compile(r"[0-9]{1,12}")


def secrets_of(setting: str) -> tuple[bytes, ...]:
    """The active signing secrets, newest first; raises ValueError that names the variable for a weak one."""
    secrets = tuple(part.strip().encode() for part in setting.split(","))
    if any(len(secret) < SHORTEST or len(set(secret)) < 4 for secret in secrets):
        raise ValueError(f"SLACK_SIGNING_SECRET is empty or too weak: at least {SHORTEST} characters")
    return secrets


def fingerprint(secret: bytes) -> str:
    """A name for a secret that can stand in a log."""
    return hashlib.sha256(b"slack signing secret " + secret).hexdigest()[:8]


def verified(headers: MultiMapping[str], body: bytes, secrets: Sequence[bytes], now: datetime) -> bytes:
    """The secret that signed these bytes; raises Refused(401) for anything else, whatever the headers hold."""
    sent, stamp = only(headers, SIGNATURE), only(headers, TIMESTAMP)
    if not _DIGITS.fullmatch(stamp):
        raise Refused(401, "timestamp")
    if abs(now.timestamp() - int(stamp)) > WINDOW:
        raise Refused(401, "stale")
    signature = sent.encode("utf-8", "surrogateescape")
    matched = [secret for secret in secrets if hmac.compare_digest(sign(secret, stamp, body), signature)]
    if not matched:
        raise Refused(401, "signature")
    return matched[0]


def sign(secret: bytes, stamp: str, body: bytes) -> bytes:
    """Slack's v0 signature."""
    return b"v0=" + hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest().encode()


def parsed(body: bytes, content_type: str) -> dict[str, Any]:
    """The payload of a verified body; raises Refused(400) for what Slack would never send.

    Bolt's own parser takes a form whose text contains the word "payload" for an empty one, hence this one.
    """
    if content_type == JSON:
        return doorway.parsed(body)
    if content_type != FORM:
        raise Refused(400, "content type")
    form = _form(body)
    return doorway.parsed(form["payload"].encode()) if "payload" in form else dict(form)


def _form(body: bytes) -> Mapping[str, str]:
    try:
        pairs = _pairs(body.decode("ascii"))
    except ValueError:
        raise Refused(400, "form") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise Refused(400, "repeated key")
    return form


def _pairs(text: str) -> Sequence[tuple[str, str]]:
    """Fields and values; raises ValueError. yarl takes a tenth of the time, but puts U+FFFD where there is no UTF-8,
    so such a text is read again by who is strict."""
    fields = text.split("&", FIELDS)
    if len(fields) > FIELDS or not all("=" in one for one in fields):
        raise ValueError("fields")
    pairs = list(URL.build(query_string=text, encoded=True).query.items())
    if any("\ufffd" in part for pair in pairs for part in pair):
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=FIELDS)
    return pairs
