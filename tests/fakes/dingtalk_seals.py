"""Signatures and encryption as DingTalk's own documents give them, written once more for the fake."""

import base64
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 256  # bits: PKCS7 by 32 bytes, not by the 16 of AES


def signed(secret: str, stamp: str) -> str:
    """The `sign` header of a robot's message, over "timestamp\\nsecret"."""
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def card_signed(secret: str, stamp: str) -> str:
    """The x-ddpaas-signature header of a card's callback, over the timestamp alone."""
    return base64.b64encode(hmac.new(secret.encode(), stamp.encode(), hashlib.sha256).digest()).decode()


def event_signed(token: str, stamp: str, nonce: str, encrypted: str) -> str:
    """The msg_signature of an event: SHA-1 of the four, sorted."""
    return hashlib.sha1("".join(sorted((token, stamp, nonce, encrypted))).encode()).hexdigest()  # noqa: S324


def encrypted(aes_key: str, owner: str, plain: str, salt: bytes = b"") -> str:
    """AES-256-CBC of 16 random bytes, the length, the text and whom it is for."""
    said = plain.encode()
    packed = (salt or os.urandom(16)) + struct.pack("!I", len(said)) + said + owner.encode()
    padder = padding.PKCS7(BLOCK).padder()
    maker = _cipher(aes_key).encryptor()
    return base64.b64encode(maker.update(padder.update(packed) + padder.finalize()) + maker.finalize()).decode()


def decrypted(aes_key: str, data: str) -> tuple[str, str]:
    """The text, and whom it is for; raises ValueError for what was not encrypted like that."""
    maker = _cipher(aes_key).decryptor()
    padded = maker.update(base64.b64decode(data)) + maker.finalize()
    unpadder = padding.PKCS7(BLOCK).unpadder()
    packed = unpadder.update(padded) + unpadder.finalize()
    (length,) = struct.unpack("!I", packed[16:20])
    return packed[20 : 20 + length].decode(), packed[20 + length :].decode()


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(f"{aes_key}=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
