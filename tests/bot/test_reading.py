"""A command that only reads leaves no trace, and one that says so but writes fails loudly."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.capability import Answer
from bot.charts import Charts
from bot.context import Context
from bot.db import Database
from bot.dispatch import SEEN_EVERY, Dispatch
from bot.drawing import Easel
from bot.events import Command, Opened, Where, Who
from bot.outbox import Outbox
from bot.platforms.slack import Slack
from bot.router import Reads, Router
from bot.vault import Vault
from handlers import ROUTERS
from models.base import execute, record
from models.delivery import Delivery, Inbox
from models.goal import Goal
from models.identity import Identity
from models.person import Person
from tests.conftest import Clock
from tests.models.rows import account, person

WHO = Who("slack", "", "ana")
INLINE, OWN = Where("C1", inline=True), Where("D1")
router = Router()


@router.command("sneak", "writes a row", right="home.see", reads=Reads.MANY)
def sneak(ctx: Context, event: Command) -> None:
    """Says that it only reads."""
    execute(ctx.db, sa.update(Person).values(locale="ja"))
    ctx.reply("home.card")


@router.command("drop", "leaves a row in the session", right="home.see", reads=Reads.MANY)
def drop(ctx: Context, event: Command) -> None:
    """Forgets that nobody will store it."""
    ctx.db.add(Goal(code="G", year=2026, names={}, measures={}))
    ctx.reply("home.card")


@router.command("change", "changes a row that was read", right="home.see", reads=Reads.MANY)
def change(ctx: Context, event: Command) -> None:
    """The same with a row that is there."""
    ctx.get(Person, ctx.actor.id).locale = "ja"
    ctx.reply("home.card")


@router.command("note", "only notes that something was done", right="home.see", reads=Reads.MANY)
def note(ctx: Context, event: Command) -> None:
    """An entry of the audit trail that nobody would write."""
    record(ctx.db, "person.seen", ctx.get(Person, ctx.actor.id))
    ctx.reply("home.card")


@pytest.fixture
async def dispatch(database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[Dispatch]:
    """The road of events for Ana, whose account was used just now."""

    def work(db: Session) -> None:
        account(db, person(db, "Ana")).seen_at = clock.now

    database.now(work)
    merged = Router.merged([*ROUTERS, router])
    easel = Easel(merged, Vault([bytes(32)]))
    platforms = {"slack": Slack("0123456789abcdef", "xoxb-1")}
    outbox = Outbox(database, easel, platforms, Charts(tmp_path), clock)
    yield Dispatch(database, merged, easel, outbox, platforms, clock)
    await outbox.stop()


def traces(database: Database) -> tuple[int, int]:
    """How many events are remembered, and how many messages."""
    models = (Inbox, Delivery)
    inbox, messages = (database.now(lambda db, m=model: len(db.exec(select(m.id)).all())) for model in models)  # type: ignore[misc]
    return inbox, messages


@pytest.mark.parametrize("text", ["", "home", "help", "team", "library"])
async def test_a_look_leaves_no_trace_and_can_be_repeated(dispatch: Dispatch, database: Database, text: str) -> None:
    answers = [await dispatch(Command("key", WHO, INLINE, text)) for _ in range(2)]
    assert all(answer.card is not None and not answer.toast for answer in answers)
    assert answers[0] == answers[1]
    assert traces(database) == (0, 0)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("text", ["", "help"])
async def test_what_reads_few_rows_finds_them_by_their_index(dispatch: Dispatch, database: Database, text: str) -> None:
    asked: list[str] = []
    with database._nearby.connect() as connection:
        connection.connection.driver_connection.set_trace_callback(asked.append)  # type: ignore[union-attr]
    assert (await dispatch(Command("key", WHO, INLINE, text))).card is not None
    selects = [statement for statement in asked if statement.startswith("SELECT")]
    with database._nearby.connect() as connection:
        plans = [
            (step[3], statement)
            for statement in selects
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
        ]
    assert any("ix_todo_open (assignee_id=? AND done_at=?)" in how for how, _ in plans) or text
    slow = [
        (how, what)
        for how, what in plans
        if (how.startswith("SCAN ") and how != "SCAN cycle") or ("SEARCH todo" in how and "_id=" not in how)
    ]
    assert selects
    assert not slow


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_locked_file_is_not_waited_for_by_everybody(
    dispatch: Dispatch, database: Database, tmp_path: Path
) -> None:
    await dispatch(Command("key", WHO, INLINE, ""))
    database._nearby.dispose()  # it has to open the file anew
    path = str(database.writer.url.database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        database.reader.dispose()
        database.writer.dispose()
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        look = asyncio.ensure_future(dispatch(Command("key", WHO, INLINE, "")))
        beats = 0
        while beats < 20 and not look.done():
            await asyncio.sleep(0.01)
            beats += 1
        assert (beats, look.done()) == (20, False), "others go on, this one waits"
    assert (await look).card is not None


async def test_the_home_page_is_a_copy_and_there_is_one(dispatch: Dispatch, database: Database) -> None:
    for key in ("key", "key", "other"):
        assert await dispatch(Opened(key, WHO, Where(inline=True), "home")) == Answer()
    assert traces(database) == (2, 1), "an event that comes again is none, and the second look turns the same page"


async def test_in_the_own_conversation_it_is_a_message_and_remembered(dispatch: Dispatch, database: Database) -> None:
    for _ in range(2):
        assert (await dispatch(Command("key", WHO, OWN, ""))).card is None
    assert traces(database) == (1, 1)


async def test_an_account_that_was_not_seen_lately_is_noted(
    dispatch: Dispatch, database: Database, clock: Clock
) -> None:
    clock.now += SEEN_EVERY + timedelta(seconds=1)
    assert (await dispatch(Command("key", WHO, INLINE, ""))).card is not None
    assert database.now(lambda db: db.exec(select(Identity.seen_at)).one()) == clock.now
    assert traces(database) == (1, 0)


@pytest.mark.parametrize("text", ["sneak", "drop", "change", "note"])
async def test_what_says_that_it_reads_but_writes_fails_loudly(
    dispatch: Dispatch, database: Database, text: str
) -> None:
    answer: Answer = await dispatch(Command("key", WHO, INLINE, text))
    assert "Something went wrong" in answer.toast
    assert answer.card is None
    assert traces(database) == (0, 0)
    kept = database.now(lambda db: (db.exec(select(col(Person.locale))).all(), db.exec(select(Goal.id)).all()))
    assert kept == ([""], [])
