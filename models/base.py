"""What every table shares: exact numbers, versioned updates, and the list of changes a transaction made."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, ClassVar, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel

from models.direct import Rows, run

T = TypeVar("T")
# So many at once are asked for or written: a SQLite statement takes 32,766 values.
BATCH = 500

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Refused(Exception):
    """A rule says no: an English sentence with {placeholders}, shown translated to the person who asked.

    `field` names the form field it concerns, if one does.
    """

    def __init__(self, message: str, /, *, field: str = "", **facts: object) -> None:
        super().__init__(message)
        self.message, self.field = message, field
        self.facts: Mapping[str, object] = facts


@dataclass(frozen=True, slots=True)
class Change:
    """One thing a transaction did, for the audit trail and for redrawing every card about the subject."""

    action: str
    noun: str
    subject: int
    facts: Mapping[str, object]


class Exact(sa.types.TypeDecorator[Decimal]):
    """A Decimal with a fixed number of places, stored as a whole number: SQLite has no decimal and its SUM is float."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | int | None, dialect: sa.Dialect) -> int | None:
        if value is None:
            return None
        return int((Decimal(value) * 10**self.places).quantize(Decimal(1), ROUND_HALF_UP))

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)


def exact(places: int = 4, **column: Any) -> Any:
    """A field for a Decimal of that many places."""
    return Field(sa_type=Exact(places), **column)


def json_field(**column: Any) -> Any:
    """A field for JSON values; replace the value as a whole, a change in place is not seen."""
    return Field(sa_type=sa.JSON, **column)


class Row(SQLModel):
    """A table row with our own id. `noun` is the first half of its actions' addresses."""

    noun: ClassVar[str]
    id: int = Field(default=None, primary_key=True)

    def person_of(self, db: Session) -> int | None:
        """Whose it is: the person the rights are about; None for what is nobody's."""
        owner: int | None = getattr(self, "person_id", None)
        return owner

    def involves(self, db: Session, person_id: int) -> bool:
        """Whether it is about this person as well, without being theirs: they decide nothing about it."""
        return False


class Versioned(Row):
    """A row whose changes are guarded: an update names the version it was decided on and loses if it is outdated."""

    version: int = Field(default=1)

    def expect_version(self, at: int) -> None:
        """Raises Stale if the person decided on another version."""
        if self.version != at:
            raise Stale(self.noun, self.id)

    def advance(self, db: Session, at: int | None = None, /, **changes: Any) -> Self:
        """Writes the changes if the stored version is still `at` (default: the one that was read); raises Stale."""
        known = self.version if at is None else at
        values = {"known_id": self.id, "known_version": known, "version": known + 1, **changes}
        if run(db, _guarded(type(self)), values).first() is None:
            raise Stale(self.noun, self.id)
        for name, value in (*changes.items(), ("version", known + 1)):
            set_committed_value(self, name, value)
        return self


@lru_cache(maxsize=1)
def models_by_noun() -> dict[str, type[Row]]:
    """Every table by its noun: the first half of an action's address names what its number means."""
    found: dict[str, type[Row]] = {}
    todo = [Row]
    while todo:
        model = todo.pop()
        todo += model.__subclasses__()
        if "noun" in model.__dict__:
            found[model.noun] = model
    return found


@lru_cache(maxsize=64)
def _guarded(model: type[Versioned]) -> sa.Executable:
    """The update of one row at a known version; the columns are those that values are given for."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    known = sa.and_(table.c.id == sa.bindparam("known_id"), table.c.version == sa.bindparam("known_version"))
    return sa.update(table).where(known).returning(table.c.id)


class Stale(Exception):
    """The subject has changed since the person saw it."""

    def __init__(self, noun: str, subject: int) -> None:
        super().__init__(f"{noun} {subject}")
        self.noun, self.subject = noun, subject


def record(db: Session, action: str, row: Row, /, **facts: object) -> None:
    """Notes what was done to a row; dispatch writes the audit entry and redraws the cards in the same transaction."""
    changes(db).append(Change(action, row.noun, row.id, facts))
    owner: int | None = getattr(row, "person_id", None)
    if owner is not None:
        owners(db).add(owner)


def changes(db: Session) -> list[Change]:
    """What this transaction did so far."""
    made: list[Change] = db.info.setdefault("changes", [])
    return made


def owners(db: Session) -> set[int]:
    """Whose things this transaction changed so far: what they and their managers have before them may say so."""
    people: set[int] = db.info.setdefault("owners", set())
    return people


def canonical(value: object) -> str:
    """The one JSON text of a value, for hashes: sorted keys, no spaces, decimals and dates as text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def execute(db: Session, statement: sa.Executable, /, **values: object) -> Rows:
    """Runs a statement that was made beforehand, with its bindparams: past the ORM, which costs several times as much
    for every statement that is built anew. What is pending in the session is written first."""
    db.flush()
    return run(db, statement, values)


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in their order, up to BATCH at a time."""
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def put(db: Session, row: Row) -> None:
    """Adds a row and gives it its id at once."""
    db.add(row)
    db.flush()


def said(names: Mapping[str, str], locale: str) -> str:
    """The name in a locale: the nearest language there is, English, or any."""
    for tag in (locale, {"zh_Hans": "zh_Hant", "zh_Hant": "zh_Hans"}.get(locale, ""), "en"):
        if names.get(tag):
            return names[tag]
    return next(iter(names.values()), "")
