"""Why the database did not take something, and in whose words that is said."""

import sqlite3
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, col

from bot.db import Outage, outage, patiently
from bot.faults import SENTENCES
from bot.text import texts
from models.base import Refused
from models.person import Person
from tests.security.stage import filled, play, said, submitted, who


def _wrapped(fault: Exception) -> DBAPIError:
    return OperationalError("SELECT 1", {}, fault)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (psycopg.OperationalError("connection refused"), Outage.AWAY),
        (psycopg.errors.AdminShutdown(), Outage.AWAY),
        (psycopg.errors.CannotConnectNow(), Outage.AWAY),
        (psycopg.errors.TooManyConnections(), Outage.AWAY),
        (psycopg.errors.DiskFull(), Outage.UNWRITABLE),
        (psycopg.errors.ReadOnlySqlTransaction(), Outage.UNWRITABLE),
        (psycopg.errors.LockNotAvailable(), Outage.UNWRITABLE),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.errors.UndefinedTable(), None),
    ],
)
def test_postgresql_says_why(fault: Exception, why: Outage | None) -> None:
    assert outage(_wrapped(fault)) is why


def test_sqlite_says_why(tmp_path: Path) -> None:
    held = sqlite3.connect(tmp_path / "small.db")
    held.execute("CREATE TABLE note (said TEXT)")
    held.execute("PRAGMA max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError) as full:
        held.executemany("INSERT INTO note VALUES (?)", [("x" * 4000,)] * 9)
    with pytest.raises(sqlite3.OperationalError) as wrong:
        held.execute("SELECT nothing FROM nowhere")
    held.close()
    assert outage(_wrapped(full.value)) is Outage.UNWRITABLE
    assert outage(_wrapped(wrong.value)) is None
    assert outage(Refused("no")) is None


async def test_only_a_database_that_is_away_is_waited_for() -> None:
    tries = {"away": 0, "full": 0}

    async def away() -> str:
        tries["away"] += 1
        if tries["away"] < 3:
            raise _wrapped(psycopg.OperationalError("gone"))
        return "back"

    async def full() -> None:
        tries["full"] += 1
        raise _wrapped(psycopg.errors.DiskFull())

    assert await patiently(away, 10) == "back"
    with pytest.raises(DBAPIError):
        await patiently(full, 10)
    assert tries == {"away": 3, "full": 1}


async def test_a_database_that_takes_nothing_is_told_of_in_the_readers_language(tmp_path: Path) -> None:
    """Bo was never heard of by this process and reads Japanese; what they did is marked as not kept."""
    async with play(tmp_path, "web", fill=filled(("ana", "active"))) as worlds:
        web = worlds["web"]
        await web.run(lambda db: db.execute(sa.update(Person).where(col(Person.handle) == "bo").values(locale="ja")))
        await web.run(_takes_nothing)
        form = submitted(who(web, "bo"), "plan.checkin", 1, 1, item="1", note="x")
        answers = [await web.bot.dispatch(form), await web.bot.dispatch(said(who(web, "bo"), "perf goals"))]
        sentence = texts("ja")(SENTENCES[Outage.UNWRITABLE])
        assert answers[0].errors == {"": sentence}
        assert answers[1].toast == sentence
        assert all(answer.unkept for answer in answers)


def _takes_nothing(db: Session) -> None:
    db.connection().exec_driver_sql("PRAGMA query_only = ON")
