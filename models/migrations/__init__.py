"""Brings a database to the newest shape, SQLite or PostgreSQL, in one transaction and without a configuration file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
APPEND_ONLY = ("audit",)
ADVISORY_LOCK = 0x70616E6469616E
PATIENCE = "60s"
HURRY = "5s"


class Damaged(Exception):
    """A migration would leave rows that point nowhere; it was rolled back. The text names tables, never values."""


def upgrade(engine: Engine) -> None:
    """Brings the database to the newest revision, or leaves it exactly as it was and raises.

    On PostgreSQL one process migrates and the others wait for it, at most a minute. On SQLite foreign keys are off
    meanwhile, because re-creating a parent table would delete its children, and are checked before the commit.
    """
    with engine.connect() as connection, _unchained(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            _alone(connection)
        if _stored(connection) == head():
            return
        _run(connection)
        _seal(connection)
        if connection.dialect.name == "sqlite":
            _check(connection)


def revision(engine: Engine) -> str | None:
    """The revision the database is at; None if it was never migrated."""
    with engine.connect() as connection:
        return _stored(connection)


def head() -> str:
    """The newest revision there is. Revisions are numbered in their file names, so a start need not load Alembic."""
    return max(path.name.partition("_")[0] for path in FOLDER.glob("versions/[0-9]*_*.py"))


def config(connection: Connection | None = None) -> "Config":
    """What Alembic would read from its ini file."""
    from alembic.config import Config

    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def _run(connection: Connection) -> None:
    from alembic import command

    command.upgrade(config(connection), "head")


def _stored(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


@contextmanager
def _unchained(connection: Connection) -> Iterator[None]:
    """Foreign keys off on SQLite; the switch works only outside of a transaction, so on the connection itself."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.cursor()
    before = raw.execute("PRAGMA foreign_keys").fetchone()[0]
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute(f"PRAGMA foreign_keys={before}")
        raw.close()


def _alone(connection: Connection) -> None:
    """Waits for another migrating process; after that, a table in use makes this one give up instead of queueing."""
    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{HURRY}'"))


def _check(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise Damaged(f"rows without their parent in {', '.join(sorted({str(row[0]) for row in broken}))}")


def _seal(connection: Connection) -> None:
    """Makes the audit trail append-only; after every migration, since SQLite drops triggers with a re-created table."""
    statements = _sqlite_seal if connection.dialect.name == "sqlite" else _postgres_seal
    for table in APPEND_ONLY:
        for statement in statements(table):
            connection.exec_driver_sql(statement)


def _sqlite_seal(table: str) -> Iterator[str]:
    for verb in ("update", "delete"):
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _postgres_seal(table: str) -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
