"""DingTalk's envelopes: AES-256-CBC of events with padding to 32, and the three signatures of its requests."""

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

BLOCK = 32  # bytes the plain text is padded to: twice what AES needs
NOISE, LENGTH = 16, 4


class Unreadable(Exception):
    """Not something that this key encrypted; there is no authentication in it, so it says no more."""


def key_of(aes_key: str) -> bytes:
    """The 32 bytes behind the 43 characters of the console; raises ValueError for anything else."""
    try:
        key = base64.b64decode(f"{aes_key}=", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not a key") from None
    if len(aes_key) != 43 or len(key) != 32:
        raise ValueError("not a key")
    return key


def decrypt(key: bytes, data: str) -> tuple[bytes, str]:
    """The message in base64(ciphertext), and whose it says it is; raises Unreadable for everything else."""
    try:
        sealed = base64.b64decode(data, validate=True)
        plain = _opened(key, sealed) if sealed and len(sealed) % BLOCK == 0 else b""
    except (binascii.Error, ValueError):
        raise Unreadable from None
    start = NOISE + LENGTH
    size = int.from_bytes(plain[NOISE:start], "big")
    if len(plain) < start + size:
        raise Unreadable
    try:
        return plain[start : start + size], plain[start + size :].decode()
    except UnicodeDecodeError:
        raise Unreadable from None


def encrypt(key: bytes, message: bytes, owner: str) -> str:
    """What `decrypt` reads, in DingTalk's own form."""
    padding = PKCS7(8 * BLOCK).padder()
    plain = secrets.token_bytes(NOISE) + len(message).to_bytes(LENGTH, "big") + message + owner.encode()
    sealing = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(sealing.update(padding.update(plain) + padding.finalize()) + sealing.finalize()).decode()


def event_signature(token: str, stamp: str, nonce: str, sealed: str) -> str:
    """What `msg_signature` has to be: hex sha1 of the four, sorted and joined."""
    return hashlib.sha1("".join(sorted((token, stamp, nonce, sealed))).encode()).hexdigest()  # noqa: S324


def robot_signature(secret: str, stamp: str) -> str:
    """What the header `sign` of a robot's message has to be. The body is not in it."""
    return _hmac(secret, f"{stamp}\n{secret}")


def card_signature(secret: str, stamp: str) -> str:
    """What the header of a card's callback has to be. The body is not in it either."""
    return _hmac(secret, stamp)


def _hmac(secret: str, said: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()).decode()


def _opened(key: bytes, sealed: bytes) -> bytes:
    opening, padding = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor(), PKCS7(8 * BLOCK).unpadder()
    return padding.update(opening.update(sealed) + opening.finalize()) + padding.finalize()
