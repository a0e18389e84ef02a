"""The disk is full: a clear sentence, no acknowledged loss, and it goes on by itself when there is room."""

import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

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
    async with staged(files, url, PEOPLE) as stage:
        await stage.add(1)
        yield stage


async def _press_until_refused(stage: Stage) -> tuple[list[str], str]:
    """Reports until one is refused: those that were acknowledged, and the sentence."""
    acked: list[str] = []
    for number in range(400):
        note = f"{time.time_ns()} {number} " + "x" * 900
        answered = await stage.hands().send(report(4, 4, 2, 4, note))
        if not answered.done:
            return acked, str(answered.body.get("errors"))
        acked.append(note)
    raise AssertionError("there was always room")


async def _full(stage: Stage, plan: int) -> list[str]:
    """What happens while there is no room; the notes that were acknowledged before."""
    acked, said = await _press_until_refused(stage)
    assert UNSAVED in said
    pressed, written = await stage.hands().send(approval(plan, 2)), await stage.hands().send(typed(4, "perf"))
    assert (pressed.status, written.status) == (503, 503)
    assert any(UNSAVED in line["said"] for line in stage.slack.lines("hook"))
    assert (await stage.hands().send(command(4, "help"))).status == 200, "what only reads goes on"
    assert "disk" not in said, "people are not told how it is built"
    assert '"why": "unwritable"' in stage.replicas[0].said()
    return acked


async def _goes_on(stage: Stage, plan: int) -> None:
    """With room again everything works at once."""
    assert (await stage.hands().send(approval(plan, 2))).done
    assert (await stage.hands().send(report(4, 4, 2, 4, f"room {plan}"))).done


async def _kept(stage: Stage, acked: list[str]) -> None:
    """What was acknowledged is there, once, and nothing else."""
    assert await stage.replicas[0].end() == 0
    database = stage.database()
    try:
        stored = [note for note in database.now(company.notes) if not note.startswith("room")]
        assert sorted(stored) == sorted(acked)
        assert set(database.now(company.approved).values()) == {1}
    finally:
        database.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A file system with little room; None without the right to mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place))
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        yield None
        return
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


async def test_no_room_is_said_and_survived(small_disk: Path | None, tmp_path: Path) -> None:
    """First the process may not write beyond the size its files have, which needs no rights; then the disk is full."""
    async with _serving(small_disk or tmp_path, tmp_path) as stage:
        wal = (small_disk or tmp_path) / "pandian.db-wal"
        assert (await stage.hands().send(report(4, 4, 2, 4, "first"))).done
        stage.replicas[0].bound(wal.stat().st_size + 20_000)
        acked = ["first", *await _full(stage, company.BOSS + 2)]
        stage.replicas[0].bound(-1)
        await _goes_on(stage, company.BOSS + 2)
        if small_disk is not None:
            ballast = small_disk / "ballast"
            with ballast.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(b"x" * 4096):
                    continue
            acked += await _full(stage, company.BOSS + 4)
            ballast.unlink()
            await _goes_on(stage, company.BOSS + 4)
        await _kept(stage, acked)
    if small_disk is None:
        pytest.skip("the disk itself could not be filled: no right to mount a small one")
