"""Decryption and signature against the vectors of the documentation, and against bytes that nobody encrypted."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.feishu import crypt
from tests.fakes.feishu_push import encrypted, signed

KEY = "test key"


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        ("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=", b"hello world"),
        ("AAECAwQFBgcICQoLDA0ODz3bUAc0NIPz52aE4Kwp//s=", b'{"a":1}'),
    ],
)
def test_the_vectors_are_read(data: str, plain: bytes) -> None:
    assert crypt.decrypt(KEY, data) == plain


def test_the_vector_of_the_signature_fits() -> None:
    wanted = "11c70fce4e70936b890e725f2006c2f59d5d982ae3c7d95849194d32711bcd3f"
    assert crypt.signature(KEY, "1609073151", "nonce1", b'{"encrypt":"x"}') == wanted


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_the_other_side_encrypts_is_read(plain: bytes, key: str) -> None:
    assert crypt.decrypt(key, encrypted(key, plain)) == plain
    assert crypt.signature(key, "1", "n", plain) == signed(key, "1", "n", plain)


@pytest.mark.parametrize("data", ["", "AAAA", "é", "=", "A" * 43, base64.b64encode(bytes(17)).decode(), "A" * 44 + " "])
def test_what_is_no_ciphertext_is_unreadable(data: str) -> None:
    with pytest.raises(crypt.Unreadable):
        crypt.decrypt(KEY, data)


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_unreadable(data: bytes) -> None:
    with contextlib.suppress(crypt.Unreadable):
        crypt.decrypt(KEY, base64.b64encode(data).decode())
