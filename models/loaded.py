"""Rows as objects of the session, as the ORM loads them, from statements that run on the driver itself."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlmodel import Session

from models.base import Row, execute

R = TypeVar("R", bound=Row)


def columns(model: type[Row]) -> Sequence[sa.Column[Any]]:
    """Every column of a table, in the order that `entity` takes them."""
    return tuple(sa.inspect(model).columns)


def entity(db: Session, model: type[R], values: Sequence[Any], *, anew: bool = False) -> R:
    """The session's object of a row with these values; one that it has already stays as it is, unless `anew`."""
    mapper, names = _shape(model)
    held: R | None = db.identity_map.get((model, (values[0],), None))
    if held is None:
        made: R = _new(db, mapper, (model, (values[0],), None), zip(names, values, strict=True))
        return made
    if anew or instance_state(held).expired_attributes:
        for name, value in zip(names, values, strict=True):
            set_committed_value(held, name, value)
    return held


def split(db: Session, row: Sequence[Any], *models: type[Row], anew: bool = False) -> list[Any]:
    """A row that starts with the columns of these tables: their objects, None for what was not there; then the rest."""
    found: list[Any] = []
    at = 0
    for model in models:
        end = at + len(_shape(model)[1])
        found.append(entity(db, model, row[at:end], anew=anew) if row[at] is not None else None)
        at = end
    return [*found, *row[at:]]


def one(db: Session, model: type[R], number: int) -> R | None:
    """The row with this id, None if there is none: what the session has already, or the database."""
    held: R | None = db.identity_map.get((model, (number,), None))
    if held is not None and not instance_state(held).expired:
        return held
    row = execute(db, _by_id(model), id=number).first()
    return entity(db, model, row) if row is not None else None


def _new(db: Session, mapper: Any, key: Any, values: Iterable[tuple[str, Any]]) -> Any:
    """An object as sqlalchemy.orm.loading makes it; `make_transient_to_detached` and `add` take five times as long. A
    state that was made just now counts as unchanged."""
    made = mapper.class_manager.new_instance()
    state = instance_state(made)
    state.dict.update(values)
    state.key, state.session_id = key, db.hash_key
    db.identity_map.add(state)
    return made


@lru_cache(maxsize=128)
def _shape(model: type[Row]) -> tuple[Any, Sequence[str]]:
    """The mapper, and the attribute of each of its columns; the first is the key."""
    mapper = sa.inspect(model)
    names = tuple(mapper.get_property_by_column(column).key for column in mapper.columns)
    if names[0] != "id":
        raise TypeError(f"{model.__name__} does not start with its id")
    return mapper, names


@lru_cache(maxsize=128)
def _by_id(model: type[Row]) -> sa.Executable:
    found = columns(model)
    return sa.select(*found).where(found[0] == sa.bindparam("id"))
