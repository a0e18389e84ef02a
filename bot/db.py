"""One transaction at a time in a database thread; the differences between SQLite and PostgreSQL end here."""

import asyncio
import fcntl
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, TypeVar
from zlib import crc32

import sqlalchemy as sa
import structlog
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import Pool
from sqlalchemy.util import LRUCache
from sqlmodel import Session, SQLModel

from models.direct import dialect_name, run

T = TypeVar("T")
Work = Callable[[Session], T]
WAL_FIXED = (3, 51, 3)
SERIALIZATION = ("40001", "40P01")
# PostgreSQL's codes: connections and shutdowns; no room, too large, read-only, lock not available.
GONE = ("08", "57P", "53300")
UNWRITABLE = ("53", "54", "58", "25006", "55P03")
NO_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY}
REACHED_WITHIN = 5  # seconds
LOCKS = 0x70616E  # the class of our advisory locks
SNEAKED = "what only reads has tried to write"  # our own mistake, and none of the database's
TRIES = 3
PATIENT, BETWEEN = 1.5, 0.15  # seconds: a platform waits for three
_WRITTEN = LRUCache[Any, Any](1000)  # statements as SQLAlchemy has written them for SQLite
log = structlog.get_logger()


class Outage(StrEnum):
    """Why the database did not take something: it cannot be reached (what was under way may be stored or not), or it
    takes nothing now (no room, read-only, locked), so nothing was stored."""

    AWAY = "away"
    UNWRITABLE = "unwritable"


class Busy(Exception):
    """Another process serves this SQLite file."""


class Database:
    """A SQLite file or a PostgreSQL database.

    `run(work)` runs a plain function in a worker thread, inside one transaction that commits when it returns and rolls
    back when it raises. SQLite has one writer thread (BEGIN IMMEDIATE) and separate reader threads, so that a long read
    never delays a press; PostgreSQL has a small pool of both.
    """

    def __init__(self, url: str, *, threads: int = 6) -> None:
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self._lock: IO[str] | None = None
        if self.sqlite:
            self._lock = _lock(url)
            self.writer = _sqlite(url, 1, readonly=False)
            self.reader = _sqlite(url, 3, readonly=True)
            self._nearby = _sqlite(url, 1, readonly=True, patient=False)
            self._writing, self._reading = ThreadPoolExecutor(1, "db-writer"), ThreadPoolExecutor(3, "db-reader")
        else:
            self.writer = _postgres(url, threads)
            self.reader = self._nearby = self.writer.execution_options(postgresql_readonly=True)
            self._writing = self._reading = ThreadPoolExecutor(threads, "db")

    async def run(self, work: Work[T]) -> T:
        """The result of `work` after its commit; a serialization failure or deadlock is tried again."""
        return await asyncio.get_running_loop().run_in_executor(self._writing, self.now, work)

    async def read(self, work: Work[T], *, brief: bool = False) -> T:
        """The result of `work`, which must not write: the database refuses it.

        `brief` finds a few rows by their indexes: in a file that is done in this thread, because to wake another one
        and to share the interpreter with it costs as much again (measured: docs/decisions/0007). A locked file is
        waited for in the other one.
        """
        if brief and self.sqlite:
            try:
                return self._read(work, self._nearby)
            except (DBAPIError, sqlite3.Error) as fault:
                if _code(getattr(fault, "orig", fault)) != sqlite3.SQLITE_BUSY:
                    raise
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, work, self.reader)

    def now(self, work: Work[T]) -> T:
        """The same as `run`, in this thread: for commands and tests that have no event loop."""
        for attempt in range(TRIES):
            try:
                with Session(self.writer, expire_on_commit=False) as session, session.begin():
                    return work(session)
            except DBAPIError as error:
                if attempt == TRIES - 1 or getattr(error.orig, "sqlstate", None) not in SERIALIZATION:
                    raise
        raise AssertionError("unreachable")

    def _read(self, work: Work[T], engine: Engine) -> T:
        try:
            with Session(engine, expire_on_commit=False) as session:
                return work(session)
        except DBAPIError as fault:
            if _read_only(fault.orig):
                fault.add_note(SNEAKED)
            raise

    def close(self) -> None:
        """Waits for what is running, then gives everything back."""
        self._writing.shutdown()
        self._reading.shutdown()
        self.writer.dispose()
        self.reader.dispose()
        self._nearby.dispose()
        if self._lock is not None:
            self._lock.close()


def _lock(url: str) -> IO[str] | None:
    """One process per SQLite file (the WAL-reset bug of SQLite before 3.51.3 needs two)."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise ValueError("a SQLite database is a file")
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # SQLite gives its -wal and -shm files the same rights
    lock = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Busy(f"{path.name} is in use by another process") from None
    if sqlite3.sqlite_version_info < WAL_FIXED:
        log.info(
            "this SQLite has the WAL-reset bug; one process and one writer avoid it", sqlite=sqlite3.sqlite_version
        )
    return lock


def _sqlite(url: str, size: int, *, readonly: bool, patient: bool = True) -> Engine:
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None,  # every session here ends its transaction itself
        connect_args={"isolation_level": None, "timeout": 30 * patient, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={30000 * patient}"):
            connection.execute(f"PRAGMA {pragma}")
        if readonly:
            connection.execute("PRAGMA query_only=ON")

    engine.dialect = _sqlite_dialect()
    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.connection.driver_connection.execute(begin)  # type: ignore[union-attr]

    return engine.execution_options(compiled_cache=_WRITTEN)


@lru_cache(maxsize=1)
def _sqlite_dialect() -> sa.Dialect:
    """One for every engine of this process, so that each statement is written once: not again by writer and readers."""
    engine = create_engine("sqlite://")
    with engine.connect():  # which tells it SQLite's version
        return engine.dialect


def _postgres(url: str, size: int) -> Engine:
    at = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(
        at if "connect_timeout" in at.query else at.update_query_dict({"connect_timeout": str(REACHED_WITHIN)}),
        pool_size=size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_recycle=1800,
    )
    pool: Pool = engine.pool

    @event.listens_for(pool, "connect")
    def _connect(connection: object, _record: object) -> None:
        with connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SET lock_timeout = '5s'")
            cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
        connection.commit()  # type: ignore[attr-defined]

    return engine


def alone(db: Session, name: str) -> bool:
    """Whether nobody else is at work that has this name, until the end of the transaction."""
    if dialect_name(db) == "sqlite":
        return True
    asked = sa.func.pg_try_advisory_xact_lock(LOCKS, crc32(name.encode()) >> 1)
    return bool(db.connection().execute(sa.select(asked)).scalar())


def outage(fault: BaseException) -> Outage | None:
    """Whether the database is why something failed; None for every other reason."""
    if isinstance(fault, PoolTimeout):
        return Outage.AWAY
    if SNEAKED in getattr(fault, "__notes__", ()):
        return None
    cause = fault.orig if isinstance(fault, DBAPIError) else fault  # what happens at BEGIN is not wrapped
    if isinstance(cause, sqlite3.Error):
        return _outage_of_file(cause)
    if isinstance(fault, DBAPIError) and fault.connection_invalidated:
        return Outage.AWAY
    return _outage_of_server(cause) if hasattr(cause, "sqlstate") else None


async def patiently(work: Callable[[], Awaitable[T]], seconds: float = PATIENT) -> T:
    """The result of `work`, which does a thing once however often it is begun: a database that is away for a moment
    (a restart, a failover) is waited for at most so long."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await work()
        except Exception as fault:
            if outage(fault) is not Outage.AWAY or asyncio.get_running_loop().time() >= end:
                raise
            await asyncio.sleep(BETWEEN)


def _outage_of_server(fault: Any) -> Outage | None:
    """Of an error of psycopg, which is not loaded where there is no PostgreSQL."""
    state, kinds = fault.sqlstate or "", {kind.__name__ for kind in type(fault).__mro__}
    if state.startswith(GONE) or (not state and "OperationalError" in kinds):
        return Outage.AWAY
    return Outage.UNWRITABLE if state.startswith(UNWRITABLE) else None


def _read_only(fault: Any) -> bool:
    return _code(fault) == sqlite3.SQLITE_READONLY or getattr(fault, "sqlstate", None) == "25006"


def _code(fault: BaseException | None) -> int:
    """SQLite's primary code; the rest of it says where exactly."""
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF


def _outage_of_file(fault: sqlite3.Error) -> Outage | None:
    code = _code(fault)
    if code == sqlite3.SQLITE_CANTOPEN:
        return Outage.AWAY
    return Outage.UNWRITABLE if code in NO_ROOM else None


def insert_once(db: Session, model: type[SQLModel], **values: object) -> bool:
    """Inserts a row unless its unique key is there; whether it was inserted.

    RETURNING, because psycopg's rowcount of such an INSERT is -1.
    """
    return run(db, _unless_there(model, dialect_name(db)), values).first() is not None


@lru_cache(maxsize=16)
def _unless_there(model: type[SQLModel], dialect: str) -> sa.Executable:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    insert = sqlite_insert if dialect == "sqlite" else postgres_insert
    return insert(table).on_conflict_do_nothing().returning(table.c.id)
