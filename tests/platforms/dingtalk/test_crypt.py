"""Signatures and encryption against the vectors of the documents, and against bytes that nobody encrypted."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.dingtalk import crypt
from tests.fakes import dingtalk_seals as seals

AES = "1234567890123456789012345678901234567890123"
OWNER = "dingsnotzck6pm5veliw"
SEALED = "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA=="
KEY = crypt.key_of(AES)


def test_the_vectors_are_read() -> None:
    assert crypt.decrypt(KEY, SEALED) == (b"success", OWNER)
    signature = crypt.event_signature("123456", "1614767836", "A7Co0cJLMzIDtMMI", SEALED)
    assert signature == "9a95a004dd16f5c307e849b994173f76aa26e5eb"
    sign = crypt.robot_signature("this is a secret", "1577262236757")
    assert sign == "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="


@given(st.text(max_size=100), st.text(max_size=30))
def test_both_sides_read_what_the_other_encrypts(said: str, owner: str) -> None:
    assert crypt.decrypt(KEY, seals.encrypted(AES, owner, said)) == (said.encode(), owner)
    assert seals.decrypted(AES, crypt.encrypt(KEY, said.encode(), owner)) == (said, owner)


@given(st.text(max_size=20), st.from_regex(r"[0-9]{13}", fullmatch=True))
def test_both_sides_sign_alike(secret: str, stamp: str) -> None:
    assert crypt.robot_signature(secret, stamp) == seals.signed(secret, stamp)
    assert crypt.card_signature(secret, stamp) == seals.card_signed(secret, stamp)
    assert crypt.event_signature(secret, stamp, "n", "x") == seals.event_signed(secret, stamp, "n", "x")


@pytest.mark.parametrize("data", ["", "AAAA", "é", "=", "A" * 43, base64.b64encode(bytes(33)).decode(), SEALED + " "])
def test_what_is_no_ciphertext_is_unreadable(data: str) -> None:
    with pytest.raises(crypt.Unreadable):
        crypt.decrypt(KEY, data)


@given(st.binary(min_size=32, max_size=96))
def test_any_bytes_are_read_or_unreadable(data: bytes) -> None:
    with contextlib.suppress(crypt.Unreadable):
        crypt.decrypt(KEY, base64.b64encode(data).decode())


@pytest.mark.parametrize("key", ["", "short", "A" * 42, "A" * 44, "é" * 43, "!" * 43])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        crypt.key_of(key)
