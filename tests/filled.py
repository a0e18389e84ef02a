"""Databases filled with a sample company, to be looked at by tests and benchmarks."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from bot.db import Database
from bot.rotation import COLUMNS
from bot.sample import fill, fill_small
from bot.vault import Vault
from models.base import models_by_noun
from models.cycle import Cycle
from models.cycle import current as current_cycle
from models.person import Person

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
KEYS = [b"sample test key of thirty-two b."]
FULL_SIZE = 200


@dataclass(frozen=True)
class Filled:
    """A filled database and a session to look at it."""

    database: Database
    db: Session
    vault: Vault
    now: datetime = NOW

    def person(self, handle: str) -> Person:
        return self.db.exec(select(Person).where(Person.handle == handle)).one()

    def rows(self, model: type[Any]) -> list[Any]:
        return list(self.db.exec(select(model).order_by(col(model.id))))


def filled(folder: Path, small: bool, now: datetime = NOW) -> Filled:
    database = Database(f"sqlite:///{folder}/sample.db")
    SQLModel.metadata.create_all(database.writer)
    vault = Vault(KEYS)
    database.now(lambda db: fill_small(db, vault, now) if small else fill(db, vault, now))
    return Filled(database, Session(database.reader), vault, now)


def current(made: Filled) -> Cycle:
    """The cycle that a bare command means."""
    now = current_cycle(made.db, made.now.date())
    assert now is not None
    return now


def everything(made: Filled) -> dict[str, list[dict[str, Any]]]:
    """Every row without what is sealed, which is never the same twice."""
    sealed = {(model.noun, name) for model, name in COLUMNS}
    return {
        noun: [{k: v for k, v in row.model_dump().items() if (noun, k) not in sealed} for row in made.rows(model)]
        for noun, model in models_by_noun().items()
    }
