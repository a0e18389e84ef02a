"""One transaction at a time, on both engines: nothing lost, nothing doubled, nothing half done."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from bot.db import Busy, Database, insert_once
from models.delivery import Inbox
from models.deployment import Deployment

AT = datetime(2026, 3, 2, tzinfo=UTC)
LONG = 20
KEY = {"platform": "slack", "tenant": "T1", "key": "Ev1", "at": AT}


def store(database: Database, **facts: str) -> None:
    """Facts that a test changes."""
    database.now(lambda db: db.add_all([Deployment(key=key, value=value) for key, value in facts.items()]))


def value(db: Session, key: str) -> str:
    """A fact as it is now."""
    return db.exec(select(Deployment.value).where(Deployment.key == key)).one()


def add(db: Session, key: str, by: int = 1) -> None:
    """Reads, thinks, writes."""
    fact = db.exec(select(Deployment).where(Deployment.key == key).with_for_update()).one()
    fact.value = str(int(fact.value) + by)


def test_a_key_is_inserted_once_by_many_at_the_same_time(database: Database) -> None:
    together = threading.Barrier(8)

    def attempt(_number: int) -> bool:
        together.wait(LONG)
        return database.now(lambda db: insert_once(db, Inbox, **KEY))

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(attempt, range(8)))
    assert sorted(won) == [False] * 7 + [True]
    assert database.now(lambda db: len(db.exec(select(Inbox)).all())) == 1


def test_T13_the_same_key_of_another_platform_or_tenant_is_another_one(database: Database) -> None:
    others = [KEY, {**KEY, "platform": "feishu"}, {**KEY, "tenant": "T2"}, {**KEY, "key": "Ev2"}]
    assert database.now(lambda db: [insert_once(db, Inbox, **other) for other in others]) == [True] * 4


async def test_what_raises_leaves_nothing_behind(database: Database) -> None:
    def fails(db: Session) -> None:
        db.add(Deployment(key="half"))
        db.flush()
        insert_once(db, Inbox, **KEY)
        raise LookupError

    with pytest.raises(LookupError):
        await database.run(fails)
    assert await database.read(lambda db: db.exec(select(Deployment.id)).all()) == []
    assert await database.run(lambda db: insert_once(db, Inbox, **KEY))


async def test_fifty_changes_at_once_all_survive(database: Database) -> None:
    store(database, count="0")
    await asyncio.gather(*(database.run(lambda db: add(db, "count")) for _ in range(50)))
    assert await database.read(lambda db: value(db, "count")) == "50"


async def test_a_cancelled_waiter_gives_its_connection_back(database: Database) -> None:
    store(database, count="0")
    tasks = [asyncio.create_task(database.run(lambda db: add(db, "count"))) for _ in range(20)]
    await asyncio.sleep(0.01)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await database.run(lambda db: add(db, "count"))
    assert int(await database.read(lambda db: value(db, "count"))) >= 11


async def test_a_long_read_does_not_hold_up_a_write(database: Database) -> None:
    store(database, count="0")
    reading, written = threading.Event(), threading.Event()

    def slow(db: Session) -> tuple[str, bool, str]:
        before = value(db, "count")
        reading.set()
        return before, written.wait(LONG), value(db, "count")

    long_read = asyncio.create_task(database.read(slow))
    assert await asyncio.to_thread(reading.wait, LONG)
    await database.run(lambda db: add(db, "count"))
    written.set()
    assert (await long_read)[:2] == ("0", True)
    if database.sqlite:
        assert (await long_read)[2] == "0", "a read sees one moment"
    assert await database.read(lambda db: value(db, "count")) == "1"


async def test_a_read_changes_nothing(database: Database) -> None:
    insert = sa.insert(Deployment).values(key="sneaked", value="in")
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        await database.read(lambda db: db.connection().execute(insert))
    store(database, allowed="again")
    database.now(lambda db: db.connection().execute(sa.delete(Deployment)))
    assert await database.read(lambda db: db.exec(select(Deployment.id)).all()) == []


def test_children_need_their_parents(database: Database) -> None:
    orphan = sa.text("INSERT INTO role (person_id, name) VALUES (77, 'hr')")
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        database.now(lambda db: db.connection().execute(orphan))


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_deadlock_is_tried_again_as_a_whole(database: Database) -> None:
    store(database, a="0", b="0")
    both, tries = threading.Barrier(2), []

    def crosswise(first: str, second: str) -> None:
        def work(db: Session) -> None:
            tries.append(first)
            add(db, first)
            db.flush()
            if tries.count(first) == 1:
                both.wait(LONG)
            add(db, second)

        database.now(work)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(crosswise, "ab", "ba"))
    assert database.now(lambda db: (value(db, "a"), value(db, "b"))) == ("2", "2")
    assert len(tries) >= 3, "who loses the deadlock is tried again; with bad luck it loses once more"


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_serialization_failure_is_tried_again_but_not_for_ever(database: Database) -> None:
    store(database, count="0")
    tries = []

    def overtaken(db: Session, often: int) -> None:
        db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        before = int(value(db, "count"))
        tries.append(before)
        if len(tries) <= often:
            with ThreadPoolExecutor(1) as other:
                other.submit(database.now, lambda quick: add(quick, "count")).result(LONG)
        mine = sa.update(Deployment).where(sa.column("key") == "count").values(value=str(before + 10))
        db.connection().execute(mine)

    database.now(lambda db: overtaken(db, 1))
    assert tries == [0, 1]
    assert database.now(lambda db: value(db, "count")) == "11"
    with pytest.raises(DBAPIError, match="could not serialize"):
        database.now(lambda db: overtaken(db, 99))
    assert len(tries) == 5


def test_a_file_is_served_by_one_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.db'}"
    second = [sys.executable, "-c", f"from bot.db import Database; Database({url!r}).close()"]
    database = Database(url)
    refused = subprocess.run(second, capture_output=True, text=True, check=False, timeout=60)
    assert "Busy" in refused.stderr
    with pytest.raises(Busy, match=r"one\.db is in use"):
        Database(url)
    database.close()
    assert subprocess.run(second, capture_output=True, check=False, timeout=60).returncode == 0


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "safe.db"
    with closing(Database(f"sqlite:///{path}")) as database, database.writer.connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "foreign_keys")
        }
        assert asked == {"synchronous": 2, "foreign_keys": 1}
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_T56_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'new.db'}")) as database:
        database.now(lambda db: db.connection().execute(sa.text("CREATE TABLE secret (x)")))
        rights = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("new.db*")}
    assert {name: rights[name] for name in ("new.db", "new.db-wal", "new.db-shm")} == {
        "new.db": 0,
        "new.db-wal": 0,
        "new.db-shm": 0,
    }


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is a file"):
        Database(url)
