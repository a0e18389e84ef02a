"""The disk is full: a clear sentence, no acknowledged loss, and it goes on by itself when there is room."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.db import Database
from models import migrations
from tests.engine import company
from tests.engine.presses import approval, command, report, typed
from tests.engine.stage import Stage, staged

pytestmark = pytest.mark.asyncio
UNSAVED = "I cannot save anything right now, so nothing was changed."
PEOPLE = 30
ROOM = "24m"


@asynccontextmanager
async def _serving(folder: Path, files: Path) -> AsyncIterator[Stage]:
    """One replica on a SQLite file in `folder`."""
    url = f"sqlite:///{folder / 'pandian.db'}"
    database = Database(url)
    migrations.upgrade(database.writer)
    database.close()
    async with staged(files, url, PEOPLE) as stage:
        await stage.add(1)
        yield stage


async def _press_until_refused(stage: Stage) -> tuple[list[str], str]:
    """Reports until one is refused: those that were acknowledged, and the sentence."""
    acked: list[str] = []
    for number in range(400):
        note = f"note {number} " + "x" * 900
        answered = await stage.hands().send(report(4, 4, 2, 4, note))
        if not answered.done:
            return acked, str(answered.body.get("errors"))
        acked.append(note)
    raise AssertionError("there was always room")


async def _full(stage: Stage) -> list[str]:
    """What happens while there is no room; the notes that were acknowledged before."""
    acked, said = await _press_until_refused(stage)
    assert UNSAVED in said
    plan = company.BOSS + 2
    pressed, written = await stage.hands().send(approval(plan, 2)), await stage.hands().send(typed(4, "perf"))
    assert (pressed.status, written.status) == (503, 503)
    assert any(UNSAVED in line["said"] for line in stage.slack.lines("hook"))
    assert (await stage.hands().send(command(4, "help"))).status == 200, "what only reads goes on"
    return acked


async def _afterwards(stage: Stage, acked: list[str]) -> None:
    """With room again everything works at once, and what was acknowledged is there."""
    assert (await stage.hands().send(approval(company.BOSS + 2, 2))).done
    assert (await stage.hands().send(report(4, 4, 2, 4, "there is room"))).done
    assert await stage.replicas[0].end() == 0
    database = stage.database()
    try:
        assert sorted(database.now(company.notes)) == sorted([*acked, "there is room"])
        assert database.now(company.approved) == {company.BOSS + 2: 1}
    finally:
        database.close()


async def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """Without the right to mount: the process may not write beyond the size its files have."""
    async with _serving(tmp_path, tmp_path) as stage:
        wal = tmp_path / "pandian.db-wal"
        assert (await stage.hands().send(report(4, 4, 2, 4, "first"))).done
        stage.replicas[0].bound(wal.stat().st_size + 20_000)
        acked = ["first", *await _full(stage)]
        stage.replicas[0].bound(-1)
        await _afterwards(stage, acked)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with little room."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small file system; the test before this one has no room either")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_disk_without_room(small_disk: Path, tmp_path: Path) -> None:
    async with _serving(small_disk, tmp_path) as stage:
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * 4096):
                continue
        acked = await _full(stage)
        ballast.unlink()
        await _afterwards(stage, acked)
