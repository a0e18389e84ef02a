"""Statements made beforehand, run on the driver itself: SQLAlchemy writes them once, and its types convert values."""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

Convert = Callable[[Any], Any]
Values = Mapping[str, Any]
MOST = 1000
# Lists up to SHORT are taken as they are; up to LONG they are filled up to the next power of two with their last value,
# which is all the same to IN and leaves few lengths to be kept as statements of their own.
SHORT, LONG = 20, 1024


class Rows:
    """What a statement returned, all of it: tuples with attributes. `rowcount` is what the driver says was changed."""

    __slots__ = ("_found", "rowcount")

    def __init__(self, found: Sequence[Any], rowcount: int) -> None:
        self._found, self.rowcount = found, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._found)

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self._found

    def first(self) -> Any:
        """The first row, or None."""
        return self._found[0] if self._found else None

    def one(self) -> Any:
        """The only row; raises NoResultFound or MultipleResultsFound."""
        if len(self._found) == 1:
            return self._found[0]
        raise (MultipleResultsFound if self._found else NoResultFound)("one row was expected")

    def scalar(self) -> Any:
        """The first value of the first row, or None."""
        return self._found[0][0] if self._found else None

    def scalars(self) -> Sequence[Any]:
        """The first value of every row."""
        return [row[0] for row in self._found]


class Prepared:
    """One statement for one dialect, one set of names and lengths of lists."""

    __slots__ = ("_columns", "_convert", "_dialect", "_fixed", "_lists", "_named", "_takes", "sql")

    def __init__(self, statement: Any, dialect: sa.Dialect, values: Values) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(values))
        state = compiled.construct_expanded_state({**_defaults(compiled), **values})
        names = state.parameters if state.positiontup is None else state.positiontup
        self.sql, self._named = state.statement, state.positiontup is None
        converters = {**_converters(compiled), **state.processors}
        self._takes = [(name, converters.get(name)) for name in names]
        self._lists = {name: parts for name, parts in state.parameter_expansion.items() if name in values}
        given = {*values, *(part for parts in self._lists.values() for part in parts)}
        self._fixed = {name: state.parameters[name] for name in names if name not in given}
        self._columns = list(getattr(statement, "exported_columns", ()))
        self._dialect = dialect
        self._convert: Callable[[Sequence[Any]], list[Any]] | None = None

    def bound(self, values: Values) -> Any:
        """The values as the driver takes them."""
        known = {**self._fixed, **values}
        for name, parts in self._lists.items():
            known.update(zip(parts, values[name], strict=True))
        if self._named:
            return {name: convert(known[name]) if convert else known[name] for name, convert in self._takes}
        return [convert(known[name]) if convert else known[name] for name, convert in self._takes]

    def rows(self, cursor: Any) -> Sequence[Any]:
        """Everything the cursor returned, converted; nothing for what was not asked for."""
        if cursor.description is None or not self._columns:
            return ()
        if self._convert is None:
            self._convert = _converter(self._columns, self._dialect, cursor.description)
        return self._convert(cursor.fetchall())


def run(db: Session, statement: sa.Executable, values: Values) -> Rows:
    """Runs a statement inside the session's transaction. Errors are SQLAlchemy's, without the values."""
    driver, dialect = _driver(db)
    given = values
    if any(isinstance(value, list | tuple) and len(value) > SHORT for value in values.values()):
        values = {name: _filled(value) for name, value in values.items()}
    shape = tuple([(name, len(value)) if isinstance(value, list | tuple) else name for name, value in values.items()])
    prepared = _known.get((statement, dialect, shape)) or _prepare(statement, dialect, shape, values)
    if prepared is None:
        return _as_ever(db, statement, given)
    bound = prepared.bound(values)
    try:
        cursor = driver.execute(prepared.sql, bound)
        return Rows(prepared.rows(cursor), cursor.rowcount)
    except dialect.loaded_dbapi.Error as fault:
        raise DBAPIError.instance(
            prepared.sql, None, fault, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
        ) from fault


def _filled(value: Any) -> Any:
    """A list of one of the lengths that are kept; everything else as it is."""
    if not isinstance(value, list | tuple) or not SHORT < len(value) <= LONG:
        return value
    return [*value, *([value[-1]] * ((1 << (len(value) - 1).bit_length()) - len(value)))]


def run_all(db: Session, statement: sa.Executable, rows: Sequence[Values]) -> int:
    """Runs a statement that returns nothing for many rows with the same names; how many were changed altogether."""
    driver, dialect = _driver(db)
    shape = tuple(rows[0])
    prepared = _known.get((statement, dialect, shape)) or _prepare(statement, dialect, shape, rows[0])
    if prepared is None:
        raise TypeError("no lists are expected here")
    cursor = driver.cursor()
    try:
        cursor.executemany(prepared.sql, [prepared.bound(row) for row in rows])
        return int(cursor.rowcount)
    except dialect.loaded_dbapi.Error as fault:
        raise DBAPIError.instance(
            prepared.sql, None, fault, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
        ) from fault
    finally:
        cursor.close()


def _as_ever(db: Session, statement: sa.Executable, values: Values) -> Rows:
    """The same through SQLAlchemy."""
    result = db.connection().execute(statement, dict(values))
    return Rows(result.all() if result.returns_rows else (), getattr(result, "rowcount", -1))


def dialect_name(db: Session) -> str:
    """ "sqlite" or "postgresql"."""
    return str(_driver(db)[1].name)


_known: dict[tuple[sa.Executable, sa.Dialect, tuple[Any, ...]], Prepared] = {}


def _prepare(statement: sa.Executable, dialect: sa.Dialect, shape: tuple[Any, ...], values: Values) -> Prepared | None:
    """None for long lists, or every length would be kept as a statement of its own."""
    if any(part[1] > LONG for part in shape if isinstance(part, tuple)):
        return None
    if len(_known) >= MOST:
        _known.clear()
    prepared = _known[statement, dialect, shape] = Prepared(statement, dialect, values)
    return prepared


def _driver(db: Session) -> tuple[Any, Any]:
    """The driver's connection that the session's transaction runs on, and its dialect."""
    held = db.info.get("driver")
    if held is None or held[0] is not db.get_transaction():
        connection = db.connection()
        driver = connection.connection.driver_connection
        held = db.info["driver"] = (db.get_transaction(), (driver, connection.dialect))
    found: tuple[Any, Any] = held[1]
    return found


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """What the tables say for the columns that no value is given for; only constants are expected there."""
    found = {}
    for column in (*compiled.insert_prefetch, *compiled.update_prefetch):
        default = column.default
        if default is None or not default.is_scalar:
            raise TypeError(f"{column} needs a value")
        found[column.key] = default.arg  # type: ignore[attr-defined]
    return found


def _converters(compiled: SQLCompiler) -> dict[str, Convert | None]:
    """What turns each value into one that the driver takes."""
    dialect = compiled.dialect
    return {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()}


def _converter(
    columns: Sequence[sa.ColumnElement[Any]], dialect: sa.Dialect, description: Sequence[Any]
) -> Callable[[Sequence[Any]], list[Any]]:
    """Turns the driver's rows into rows with attributes and our own types."""
    impls = [column.type.dialect_impl(dialect) for column in columns]
    processors = [impl.result_processor(dialect, about[1]) for impl, about in zip(impls, description, strict=True)]
    needed = [(at, processor) for at, processor in enumerate(processors) if processor is not None]
    row = namedtuple("Row", [about[0] for about in description], rename=True)  # type: ignore[misc]
    make = partial(tuple.__new__, row)
    if not needed:
        return lambda fetched: list(map(make, fetched))

    def converted(found: Any) -> Any:
        values = list(found)
        for at, processor in needed:
            values[at] = processor(values[at])
        return make(values)

    return lambda fetched: [converted(found) for found in fetched]
