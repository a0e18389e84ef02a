"""Feishu's envelope: AES-256-CBC of a body, and the signature over the bytes that were sent."""

import base64
import binascii
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

BLOCK = 16


class Unreadable(Exception):
    """Not something that this key encrypted; there is no authentication in it, so it says no more."""


def decrypt(key: str, data: str) -> bytes:
    """The plain bytes of base64(iv ‖ ciphertext); raises Unreadable for a wrong length, alphabet or padding."""
    try:
        sealed = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable from None
    if len(sealed) < 2 * BLOCK or len(sealed) % BLOCK:
        raise Unreadable
    cipher = Cipher(algorithms.AES256(hashlib.sha256(key.encode()).digest()), modes.CBC(sealed[:BLOCK]))
    opened, padding = cipher.decryptor(), PKCS7(8 * BLOCK).unpadder()
    try:
        return padding.update(opened.update(sealed[BLOCK:]) + opened.finalize()) + padding.finalize()
    except ValueError:
        raise Unreadable from None


def signature(key: str, stamp: str, nonce: str, body: bytes) -> str:
    """What X-Lark-Signature has to be: hex sha256 of timestamp, nonce, key and the raw body."""
    return hashlib.sha256(f"{stamp}{nonce}{key}".encode() + body).hexdigest()
