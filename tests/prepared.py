"""SQLite files that are made once a process and copied: tables and people take most of a short test's time."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, SQLModel

import models
from bot.db import Database
from bot.vault import Vault
from tests.world import KEY, START

assert models
FILE = "pandian.db"
Fill = Callable[[Session, Vault, datetime], object]


def sqlite_at(folder: Path, fill: Fill | None = None) -> Database:
    """The database of a folder; a new one has all tables, and what `fill` puts there at START, sealed with KEY."""
    if not (folder / FILE).exists():
        (folder / FILE).write_bytes(_filled(fill))
    return _opened(folder)


def nobody(_db: Session, _vault: Vault, _now: datetime) -> None:
    """Fills nothing: everybody is there already."""


def _opened(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / FILE}")


@lru_cache(maxsize=64)
def _filled(fill: Fill | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        if fill is None:
            database = _opened(Path(folder))
            SQLModel.metadata.create_all(database.writer)
        else:
            database = sqlite_at(Path(folder))
            database.now(lambda db: fill(db, Vault([KEY]), START))
        database.close()  # with the last connection the file holds everything
        return (Path(folder) / FILE).read_bytes()
