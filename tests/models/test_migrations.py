"""Migrations: both engines reach exactly the shape of the models, and what they protect stays protected."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, select

import models
from bot.db import Database
from models import migrations
from models.audit import Audit, append
from models.base import Change
from tests.postgres import Server

AT = datetime(2026, 3, 2, tzinfo=UTC)
REGENERATE = "make migration NAME=first FRESH=1 (before the first release), else make migration NAME=what_changes"


def test_the_newest_revision_is_the_models(database: Database) -> None:
    assert models.__all__
    with database.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == [], REGENERATE
    assert migrations.revision(database.writer) == migrations.head()


def test_an_empty_database_has_no_revision_and_upgrades_twice_in_peace(empty_url: str) -> None:
    database = Database(empty_url)
    assert migrations.revision(database.writer) is None
    migrations.upgrade(database.writer)
    migrations.upgrade(database.writer)
    assert migrations.revision(database.writer) == migrations.head()
    database.close()


@pytest.mark.postgres
def test_replicas_that_start_together_migrate_once(server: Server) -> None:
    url = server.create()
    databases = [Database(url, threads=1) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda database: migrations.upgrade(database.writer), databases))
    assert {migrations.revision(database.writer) for database in databases} == {migrations.head()}
    for database in databases:
        database.close()
    server.drop(url)


def test_orphans_undo_the_whole_migration(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'orphan.db'}")
    with database.writer.connect() as connection:
        raw = connection.connection.cursor()
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("CREATE TABLE child (parent INTEGER REFERENCES elsewhere (id))")
        raw.execute("CREATE TABLE elsewhere (id INTEGER PRIMARY KEY)")
        raw.execute("INSERT INTO child VALUES (7)")
        raw.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(migrations.Damaged, match="child"):
        migrations.upgrade(database.writer)
    assert sorted(sa.inspect(database.writer).get_table_names()) == ["child", "elsewhere"]
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
def test_T59_nobody_changes_or_deletes_an_audit_entry(database: Database, statement: str) -> None:
    database.now(lambda db: append(db, [Change("plan.approved", "plan", 1, {})], None, "web", AT))
    with pytest.raises(DBAPIError, match="append-only"):
        database.now(lambda db: db.connection().execute(sa.text(statement)))
    assert database.now(_actions) == ["plan.approved"]


@pytest.mark.postgres
def test_T59_nobody_empties_the_audit_trail(migrated_database: str, server: Server) -> None:
    url = server.create(migrated_database)
    database = Database(url)
    with pytest.raises(DBAPIError, match="append-only"):
        database.now(lambda db: db.connection().execute(sa.text("TRUNCATE audit")))
    database.close()
    server.drop(url)


def test_every_append_only_table_exists() -> None:
    assert set(migrations.APPEND_ONLY) <= set(SQLModel.metadata.tables)


def test_a_start_on_a_migrated_database_does_not_load_alembic(migrated_file: Path, tmp_path: Path) -> None:
    shutil.copyfile(migrated_file, tmp_path / "copy.db")
    code = (
        "import sys, models.migrations as migrations, sqlalchemy as sa\n"
        f"migrations.upgrade(sa.create_engine('sqlite:///{tmp_path / 'copy.db'}'))\n"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_revisions_are_numbered_in_their_order() -> None:
    script = ScriptDirectory.from_config(migrations.config())
    assert script.get_current_head() == migrations.head()
    numbers = [revision.revision for revision in script.walk_revisions()]
    assert numbers == sorted(numbers, reverse=True)


def _actions(db: Session) -> list[str]:
    return [row.action for row in db.exec(select(Audit))]
