"""The database goes away, is slow, or has no room: what is acknowledged is kept, everything else is said honestly."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from bot.db import Database
from tests import postgres
from tests.engine import company
from tests.engine.presses import Answered, Book, Pressing, approval, command, report, typed
from tests.engine.stage import Stage

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]
AWAY = "I cannot reach my database right now."
UNSAVED = "I cannot save anything right now, so nothing was changed."


async def test_postgresql_killed_and_started_again_loses_no_committed_row(
    stage: Stage, crashing: postgres.Crashing
) -> None:
    database = stage.database()
    try:
        async with Pressing(stage.hands(), database, seed=5) as book:
            await database.run(lambda db: company.tell_everybody(db, "In the middle of it"))
            await asyncio.sleep(0.8)
            done = set(book.acked)
            await asyncio.to_thread(crashing.kill)
            await asyncio.to_thread(crashing.start)
            await _goes_on(stage, book, len(done) + 10)
        database.writer.dispose()
        await stage.delivered(database, 60)
        assert not book.faults(database)
        assert all(replica.alive() for replica in stage.replicas)
    finally:
        database.close()


async def test_without_a_database_presses_get_an_honest_answer_and_later_work_by_themselves(
    stage: Stage, crashing: postgres.Crashing
) -> None:
    database, hands = stage.database(), stage.hands(stage.replicas[0].url)
    plan, version = database.now(company.waiting)[0]
    own = database.now(company.reporting)[0]
    said = typed(own[0], "perf language ja")
    database.close()
    assert (await hands.send(command(own[0], "help"))).status == 200  # their language is known from now on
    await asyncio.to_thread(crashing.kill)
    try:
        pressed, filled, written, asked = await asyncio.gather(
            hands.send(approval(plan, version)),
            hands.send(report(*own, note="while it was away")),
            hands.send(said),
            hands.send(command(own[0], "goals")),
        )
        unready = await stage.replicas[0].status(stage.session)
    finally:
        await asyncio.to_thread(crashing.start)
    assert pressed.status == 503, "not a 200, since nothing is stored"
    assert written.status == 503, "Slack repeats what was typed"
    assert AWAY in str(filled.body["errors"])
    assert asked.body["text"] == "Working on it…", "a command is answered later"
    assert unready == 503
    told = [[AWAY in line["said"] for line in stage.slack.lines(name)].count(True) for name in ("hook", "views.update")]
    assert told == [1, 1], "command and press get a sentence, too: the press where it said that it was worked on"
    await stage.replicas[0].ready(stage.session)
    for repeated in (said, approval(plan, version), report(*own, note="while it was away")):
        assert (await hands.send(repeated)).done
    again = stage.database()
    assert again.now(company.approved)[plan] == 1
    assert again.now(company.notes).count("while it was away") == 1
    again.close()


async def test_a_slow_database_is_never_acknowledged_for(stage: Stage) -> None:
    """The table of events is locked for longer than Slack waits: nothing says that the press is stored before it is. A
    modal says that it is being worked on, and a form comes back with what was typed."""
    database, hands = stage.database(), stage.hands()
    plan, version = database.now(company.waiting)[0]
    own = database.now(company.reporting)[0]
    with _locked(database):
        pressed, filled = await asyncio.gather(
            hands.send(approval(plan, version)), hands.send(report(*own, note="slowly"))
        )
        assert (pressed.done, filled.done) == (False, False)
        assert (filled.body["response_action"], "Still working…" in str(filled.body)) == ("update", True)
        assert max(pressed.took, filled.took) < 2.9, "Slack waits for three seconds"
        assert any("Working on it…" in line["said"] for line in stage.slack.lines("views.open"))
    again = await _until_done(stage, plan, version)
    assert again.status == 200
    kept = report(*own, note="slowly")
    kept["view"] |= {name: filled.body["view"][name] for name in ("private_metadata", "blocks")}
    assert (await hands.send(kept)).done, "sent again it is the same form"
    assert database.now(company.approved)[plan] == 1
    assert database.now(company.notes).count("slowly") == 1
    database.close()


@contextmanager
def _locked(database: Database) -> Iterator[None]:
    """No event can be stored meanwhile."""
    with database.writer.connect() as connection, connection.begin():
        connection.execute(sa.text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        yield


async def _until_done(stage: Stage, plan: int, version: int) -> Answered:
    for _try in range(40):
        answered = await stage.hands().send(approval(plan, version))
        if answered.done:
            return answered
        await asyncio.sleep(0.1)
    return answered


async def _goes_on(stage: Stage, book: Book, wanted: int) -> None:
    await stage.reached(lambda: len(book.acked) >= wanted, 20, "presses work again")
