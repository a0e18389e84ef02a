"""The worker process: killed, stopped, too slow, asked twice, orphaned."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import Chart, Tone
from bot.charts import Charts, NoPicture
from bot.charts.draw import draw
from bot.plots import Bar, Bars

ROOT = Path(__file__).parents[2]
ALONE = """
import asyncio, hashlib, os, signal, sys
from pathlib import Path
from bot.cards import Chart, Tone
from bot.charts import Charts
from bot.plots import Bar, Bars

async def main():
    charts = Charts(Path(sys.argv[1]))
    png = await charts.png(Chart("Title $x$", "s", Bars((Bar("骨", .5, "50%", .7, Tone.WARN),)), "ja"))
    print(hashlib.sha256(png).hexdigest(), "matplotlib" in sys.modules, "PIL" in sys.modules, charts.worker, flush=True)
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    await charts.stop()

asyncio.run(main())
"""


def named(name: str) -> Chart:
    return Chart(name, "s", Bars((Bar("a", 0.5, "50%"),)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fonts")


@pytest.fixture
async def charts(folder: Path) -> AsyncIterator[Charts]:
    made = Charts(folder, timeout=5, keep=3)
    yield made
    await made.stop()


def alone(folder: Path, ending: str, **env: str) -> tuple[str, ...]:
    """Runs a whole program of its own: sha256 of a picture, what was imported, the worker's id."""
    command = [sys.executable, "-c", ALONE, str(folder), ending]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.stdout, done.stderr
    return tuple(done.stdout.split())


def test_the_program_never_loads_matplotlib_and_every_process_draws_equal_bytes(folder: Path) -> None:
    seen, matplotlib, pillow, _ = alone(folder, "stop", PYTHONHASHSEED="7", TZ="Asia/Tokyo", LANG="C")
    assert (matplotlib, pillow) == ("False", "False")
    here = draw(Chart("Title $x$", "s", Bars((Bar("骨", 0.5, "50%", 0.7, Tone.WARN),)), "ja"))
    assert seen == hashlib.sha256(here).hexdigest()
    assert list(folder.glob("fontlist*.json"))


async def test_a_killed_program_leaves_no_worker_behind(folder: Path) -> None:
    worker = int((await asyncio.to_thread(alone, folder, "die"))[3])
    for _ in range(100):
        if not running(worker):
            return
        await asyncio.sleep(0.1)
    pytest.fail("the worker outlived its program")


async def test_a_killed_worker_is_replaced(charts: Charts) -> None:
    await charts.start()
    first = charts.worker
    os.kill(first, signal.SIGKILL)
    assert (await charts.png(named("after the kill"))).startswith(b"\x89PNG")
    assert charts.worker != first
    os.kill(charts.worker, signal.SIGKILL)
    assert (await charts.png(named("after another"))).startswith(b"\x89PNG")


async def test_a_worker_killed_while_it_draws_is_replaced(charts: Charts) -> None:
    await charts.start()
    os.kill(charts.worker, signal.SIGSTOP)
    waiting = asyncio.create_task(charts.png(named("in progress")))
    await asyncio.sleep(0.2)
    os.kill(charts.worker, signal.SIGKILL)
    assert (await waiting).startswith(b"\x89PNG")


async def test_a_worker_that_hangs_is_given_up_and_the_next_picture_is_drawn(folder: Path) -> None:
    charts = Charts(folder, timeout=1)
    await charts.start()
    stuck = charts.worker
    os.kill(stuck, signal.SIGSTOP)
    with pytest.raises(NoPicture):
        await charts.png(named("stuck"))
    assert not running(stuck)
    assert (await charts.png(named("stuck"))).startswith(b"\x89PNG")
    await charts.stop()


async def test_equal_charts_are_drawn_once_and_the_oldest_is_forgotten(charts: Charts) -> None:
    asked = await asyncio.gather(*(charts.png(named("same")) for _ in range(20)))
    assert len(set(asked)) == charts.drawn == 1
    await charts.png(named("same"))
    assert charts.drawn == 1
    for name in ("b", "c", "d"):
        await charts.png(named(name))
    await charts.png(named("d"))
    assert charts.drawn == 4
    await charts.png(named("same"))
    assert charts.drawn == 5


async def test_who_gives_up_waiting_does_not_take_the_picture_from_others(charts: Charts) -> None:
    impatient = asyncio.create_task(charts.png(named("shared")))
    patient = asyncio.create_task(charts.png(named("shared")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).startswith(b"\x89PNG")
    assert charts.drawn == 1


async def test_stopping_gives_up_what_is_drawn_and_ends_the_worker(folder: Path) -> None:
    charts = Charts(folder)
    await charts.start()
    os.kill(charts.worker, signal.SIGSTOP)
    waiting = asyncio.create_task(charts.png(named("never")))
    await asyncio.sleep(0.2)
    await charts.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not running(charts.worker)
    await charts.stop()


def running(process: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
