"""Changing keys: everything readable with the new key alone afterwards, also after a stop in the middle."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from bot.rotation import COLUMNS, rotate
from bot.sample.small import fill_small
from bot.vault import Unreadable, Vault
from models.person import Person
from tests.prepared import sqlite_at
from tests.world import START

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def test_rotation_leaves_nothing_with_the_old_key_and_is_idempotent(tmp_path: Path) -> None:
    database = sqlite_at(tmp_path)
    database.now(lambda db: fill_small(db, Vault([OLD]), START))
    paid = database.now(lambda db: [p for p in db.exec(select(Person)).all() if p.salary])
    before = {p.id: Vault([OLD]).open(("person", "salary", p.id), p.salary or b"") for p in paid}
    with pytest.raises(Unreadable):
        rotate(database, Vault([NEW]))
    assert rotate(database, Vault([NEW, OLD])) == len(before) > 0
    assert rotate(database, Vault([NEW, OLD])) == 0
    after = database.now(lambda db: {p.id: p.salary or b"" for p in db.exec(select(Person)).all() if p.salary})
    assert {key: Vault([NEW]).open(("person", "salary", key), sealed) for key, sealed in after.items()} == before
    database.close()


def test_every_confidential_column_is_rotated() -> None:
    """A sealed column that the rotation forgets could not be read once the old key is gone."""
    sealed = {
        (table.name, column.name)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary) and column.name != "leaf"  # the audit trail's hash
    }
    assert sealed == {(str(model.__tablename__), name) for model, name in COLUMNS}
