"""Confidential columns: readable in their place with a known key, and in no other way (threat T58)."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.vault import KEY_ID, NONCE, Unreadable, Vault

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)
HERE = ("person", "salary", 7)
OVERHEAD = KEY_ID + NONCE + 16


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_T58_what_is_sealed_opens_in_its_place(value: str) -> None:
    vault = Vault([NEW])
    envelope = vault.seal(HERE, value)
    assert vault.open(HERE, envelope) == value
    assert len(envelope) == len(value.encode()) + OVERHEAD
    assert len(value) < 4 or value.encode() not in envelope


@pytest.mark.parametrize("place", [("person", "salary", 8), ("person", "bonus", 7), ("role", "salary", 7)])
def test_T58_a_cell_moved_elsewhere_does_not_open(place: tuple[str, str, int]) -> None:
    vault = Vault([NEW])
    with pytest.raises(Unreadable, match="moved"):
        vault.open(place, vault.seal(HERE, "12000"))


def test_T58_every_single_flipped_byte_is_noticed() -> None:
    vault = Vault([NEW])
    envelope = vault.seal(HERE, "12000")
    for position in range(len(envelope)):
        changed = bytearray(envelope)
        changed[position] ^= 1
        with pytest.raises(Unreadable):
            vault.open(HERE, bytes(changed))


@pytest.mark.parametrize("length", [0, 3, KEY_ID, KEY_ID + 1, KEY_ID + NONCE, OVERHEAD - 1])
def test_T58_a_cut_envelope_does_not_open(length: int) -> None:
    vault = Vault([NEW])
    with pytest.raises(Unreadable):
        vault.open(HERE, vault.seal(HERE, "12000")[:length])


def test_T58_equal_values_look_different() -> None:
    vault = Vault([NEW])
    assert len({vault.seal(HERE, "12000") for _ in range(50)}) == 50


def test_T58_the_wrong_key_opens_nothing() -> None:
    with pytest.raises(Unreadable, match="unknown key"):
        Vault([OLD]).open(HERE, Vault([NEW]).seal(HERE, "12000"))


def test_T58_old_keys_open_until_they_are_retired_and_the_newest_seals() -> None:
    before, both, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    old = before.seal(HERE, "12000")
    assert both.open(HERE, old) == "12000"
    assert not both.current(old)
    renewed = both.seal(HERE, both.open(HERE, old))
    assert both.current(renewed)
    assert after.open(HERE, renewed) == "12000"
    with pytest.raises(Unreadable):
        after.open(HERE, old)


def test_T58_the_stored_key_id_is_not_the_key() -> None:
    envelope = Vault([NEW]).seal(HERE, "12000")
    assert envelope[:KEY_ID] not in NEW


def test_a_vault_needs_a_key() -> None:
    with pytest.raises(ValueError, match="key"):
        Vault([])
