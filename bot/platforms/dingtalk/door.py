"""The doors of HTTP mode: raw bytes in, a verified body out; typed refusals, never a traceback.

| door     | what protects                                                                                      |
|----------|----------------------------------------------------------------------------------------------------|
| messages | `sign`: a key that only DingTalk and we have, over the time; the body is not signed, so HTTPS only |
| events   | signature over the encrypted body, encryption, and our own client id inside of it                  |
| cards    | as messages, with a key of its own                                                                 |
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from multidict import MultiMapping

from bot.doorway import Body, Refused, only, parsed
from bot.platforms.dingtalk import crypt

WINDOW = 3600  # seconds a signed timestamp may be away from now
SHORTEST = 16
SIGN, STAMP = "sign", "timestamp"
CARD_SIGN, CARD_STAMP = "x-ddpaas-signature", "x-ddpaas-signature-timestamp"
SUCCESS = b"success"
_STAMP = re.compile(r"[0-9]{10}(?:[0-9]{3})?")


@dataclass(frozen=True, slots=True)
class Lock:
    """Active client secrets, newest first, and what protects events (nothing: there is no door for them)."""

    client_id: str
    secrets: tuple[str, ...]
    tokens: tuple[str, ...] = ()
    keys: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, client_id: str, client_secret: str, token: str, aes_key: str) -> "Lock":
        """From the settings, comma separated; ValueError that names the variable for none or weak ones."""
        for name, value in (("DINGTALK_CLIENT_ID", client_id), ("DINGTALK_CLIENT_SECRET", client_secret)):
            if not value.strip():
                raise ValueError(f"{name} is empty")
        if bool(token.strip()) != bool(aes_key.strip()):
            raise ValueError("DINGTALK_TOKEN and DINGTALK_AES_KEY belong together")
        try:
            keys = tuple(crypt.key_of(part) for part in _parts(aes_key))
        except ValueError:
            raise ValueError("DINGTALK_AES_KEY is not the 43 characters that DingTalk shows") from None
        return cls(client_id, several("DINGTALK_CLIENT_SECRET", client_secret), several("DINGTALK_TOKEN", token), keys)

    def card_secrets(self) -> tuple[str, ...]:
        """The keys of card callbacks: those that we register, and the app's own for an address registered by hand."""
        return (*map(derived, self.secrets), *self.secrets)


def several(name: str, setting: str) -> tuple[str, ...]:
    """The values of a setting, newest first; raises ValueError that names it for a weak one."""
    parts = _parts(setting)
    if any(len(part) < SHORTEST or len(set(part)) < 4 for part in parts):
        raise ValueError(f"{name} is empty or too weak: at least {SHORTEST} characters")
    return parts


def robot(headers: MultiMapping[str], lock: Lock, now: datetime) -> None:
    """Refuses a message that is not DingTalk's."""
    stamp, sign = only(headers, STAMP), only(headers, SIGN)
    _fresh(stamp, now)
    _one_of((crypt.robot_signature(secret, stamp) for secret in lock.secrets), sign)


def card(headers: MultiMapping[str], lock: Lock, now: datetime) -> None:
    """Refuses a press that is not DingTalk's."""
    stamp, sign = only(headers, CARD_STAMP), only(headers, CARD_SIGN)
    _fresh(stamp, now)
    _one_of((crypt.card_signature(secret, stamp) for secret in lock.card_secrets()), sign)


def event(query: MultiMapping[str], body: bytes, lock: Lock, now: datetime) -> Body:
    """The event in a request. Raises Refused: 401 for who is not DingTalk, 403 for another app, 400 for no event."""
    stamp, nonce = only(query, "timestamp"), only(query, "nonce")
    name = "msg_signature" if "msg_signature" in query else "signature"
    signature = only(query, name)
    _fresh(stamp, now)
    sealed = parsed(body).get("encrypt")
    if not isinstance(sealed, str):
        raise Refused(400, "not encrypted")
    said = (crypt.event_signature(token, stamp, nonce, sealed) for token in lock.tokens)
    _one_of(said, signature)
    return _unsealed(sealed, lock)


def success(lock: Lock, now: datetime) -> Mapping[str, str]:
    """The answer that DingTalk waits for: the word, encrypted and signed."""
    stamp, nonce = str(int(now.timestamp() * 1000)), secrets.token_hex(8)
    sealed = crypt.encrypt(lock.keys[0], SUCCESS, lock.client_id)
    signature = crypt.event_signature(lock.tokens[0], stamp, nonce, sealed)
    return {"msg_signature": signature, "timeStamp": stamp, "nonce": nonce, "encrypt": sealed}


def fingerprint(body: bytes, stamp: str) -> str:
    """What tells two presses apart where DingTalk gives them no id: the same bytes signed at the same time are one."""
    return hashlib.sha256(stamp.encode() + b"\n" + body).hexdigest()[:32]


def _unsealed(sealed: str, lock: Lock) -> Body:
    for key in lock.keys:
        try:
            message, owner = crypt.decrypt(key, sealed)
        except crypt.Unreadable:
            continue
        if owner != lock.client_id:
            raise Refused(403, "app")
        return parsed(message)
    raise Refused(400, "encryption")


def _fresh(stamp: str, now: datetime) -> None:
    if not _STAMP.fullmatch(stamp):
        raise Refused(401, "timestamp")
    if abs(now.timestamp() - int(stamp) / (1000 if len(stamp) > 10 else 1)) > WINDOW:
        raise Refused(401, "stale")


def _one_of(right: Iterable[str], given: str) -> None:
    sent = given.encode("utf-8", "surrogateescape")
    if not any(hmac.compare_digest(one.encode(), sent) for one in right):
        raise Refused(401, "signature")


def derived(secret: str) -> str:
    """The key that card callbacks are registered with: ours to choose, so it follows from the client secret."""
    return hmac.new(secret.encode(), b"pandian card callbacks", hashlib.sha256).hexdigest()


def _parts(setting: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in setting.split(",")) if setting.strip() else ()
