"""Slack answers 429, 500, half bodies, or nothing for a minute: the rest goes on, order is kept, nothing is lost."""

import asyncio
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from bot.db import Database
from tests.engine import company
from tests.engine.conftest import PEOPLE
from tests.engine.presses import command, report
from tests.engine.stage import Stage, doubles
from tests.fakes.proxy import FINE, FaultyProxy, Mix, Spoil, share

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]
SOAK = bool(os.environ.get("SOAK"))
POST = "chat.postMessage"
LINES = 30 if SOAK else 3
HANG = Spoil(delay=60.0)
SPOILS = (
    Spoil(status=500),
    Spoil(status=500, after=True),
    Spoil(half=True),
    Spoil(reset=True),
    Spoil(reset=True, after=True),
    Spoil(delay=0.5),
)


@pytest.fixture
def proxy(stage: Stage) -> Iterator[FaultyProxy]:
    """What stands between the replicas and Slack, as it was afterwards."""
    assert stage.proxy is not None
    yield stage.proxy
    stage.proxy.mix, stage.proxy.mixed = None, ""


@pytest.fixture
def database(stage: Stage) -> Iterator[Database]:
    """Beside the replicas."""
    opened = stage.database()
    yield opened
    opened.close()


async def test_faults_at_random_lose_nothing_double_nothing_and_keep_the_order(
    stage: Stage, proxy: FaultyProxy, database: Database
) -> None:
    proxy.mix, proxy.mixed = Mix(share(0.15, SPOILS), seed=3), POST
    about = f"mixed {time.time_ns()}"
    for line in range(LINES):
        assert await database.run(lambda db, line=line: company.tell_everybody(db, f"{about} {line}")) == PEOPLE  # type: ignore[misc]
    await asyncio.sleep(3)
    proxy.mix = None
    await database.run(company.hurry)
    await stage.delivered(database, 60)
    assert sum(count for spoil, count in proxy.done.items() if spoil != FINE) > 10
    seen = _seen(await stage.posts(about), about)
    assert len(seen) == PEOPLE
    assert {tuple(lines) for lines in seen.values()} == {tuple(range(LINES))}


async def test_while_messages_hang_presses_and_modals_go_on(
    stage: Stage, proxy: FaultyProxy, database: Database
) -> None:
    """Messages hang for a minute: a command still opens its form at once, and a filled form is stored."""
    proxy.script(POST, [HANG] * 60)
    about = f"hung {time.time_ns()}"
    await database.run(lambda db: company.tell_everybody(db, about))
    await stage.reached(lambda: proxy.done[HANG] > 0, 10, "a message hangs")
    own = database.now(company.reporting)[-1]
    before = len(stage.slack.accepted("views.open"))
    asked, filled = await asyncio.gather(
        stage.hands().send(command(own[0], "checkin")), stage.hands().send(report(*own, note=about))
    )
    assert (asked.done, filled.done) == (True, True)
    assert max(asked.took, filled.took) < 2.4
    await stage.reached(lambda: len(stage.slack.accepted("views.open")) > before, 3, "a form was opened")
    proxy.unscript(POST)
    if not SOAK:
        await proxy.release()
    await stage.delivered(database, 150)
    assert len(await stage.posts(about)) == PEOPLE
    assert not doubles(await stage.slack.posts(stage.session))


async def test_one_429_stops_both_replicas_for_as_long_as_it_says(
    stage: Stage, proxy: FaultyProxy, database: Database
) -> None:
    await stage.delivered(database, 60)
    wait = 3
    proxy.script(POST, [Spoil(status=429, retry_after=wait)])
    about = f"limited {time.time_ns()}"
    await database.run(lambda db: company.tell_everybody(db, about))
    await stage.reached(lambda: any(one.status == 429 for one in proxy.done), 10, "a 429")
    said = time.time()
    await stage.delivered(database, 60)
    posts = [line["at"] for line in stage.slack.accepted() if line["at"] > said]
    late = [at - said for at in posts if at - said > 1]
    early = [at - said for at in posts if 1 < at - said < wait - 0.2]
    assert late
    assert not early, "what was under way arrives at once, everything else waits"
    assert len(await stage.posts(about)) == PEOPLE


def _seen(posts: Sequence[Mapping[str, Any]], about: str) -> dict[str, list[int]]:
    """The numbers of the lines that stand in each conversation, from top to bottom."""
    found: dict[str, list[int]] = {}
    for post in posts:
        line = re.search(rf"{about} ([0-9]+)", post["text"])
        assert line is not None
        found.setdefault(post["channel"], []).append(int(line[1]))
    return found
