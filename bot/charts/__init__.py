"""Pictures of charts: a worker process draws them, one at a time, and what was drawn is kept for a while."""

import asyncio
import hashlib
import json
import os
from collections import OrderedDict
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from functools import lru_cache, partial
from importlib.metadata import version
from multiprocessing import forkserver, get_context
from pathlib import Path

import structlog

from bot.cards import Chart
from bot.charts import work
from bot.charts.style import STYLE, THEMES

_DRAW = "bot.charts.draw"
_WARM_UP = 60.0
log = structlog.get_logger()


class NoPicture(Exception):
    """The picture could not be drawn; the card goes out with the figures as text. Names no figure or person."""


class Charts:
    """Draws charts in one worker process; this process never loads matplotlib.

    `folder` is a writable folder that is kept between runs (matplotlib's list of fonts, 50 KB), `timeout` the seconds
    one picture may take, `keep` how many pictures are remembered (about 20 KB each).
    """

    def __init__(self, folder: Path, *, timeout: float = 20.0, keep: int = 256) -> None:
        self._folder, self._timeout, self._keep = folder, timeout, keep
        self._pool: ProcessPoolExecutor | None = None
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._drawing: dict[str, asyncio.Task[bytes]] = {}
        self.worker = 0
        self.drawn = 0

    async def start(self) -> None:
        """Starts the worker and draws once: 1 to 4 s that the first picture need not wait. Raises NoPicture."""
        async with self._turn:
            try:
                await self._ready()
            except (BrokenProcessPool, TimeoutError) as error:
                await self._discard()
                raise NoPicture("the chart worker does not start") from error

    async def stop(self) -> None:
        """Stops the worker; pictures in progress are given up."""
        for task in tuple(self._drawing.values()):
            task.cancel()
        await asyncio.gather(*self._drawing.values(), return_exceptions=True)
        async with self._turn:
            await self._discard()

    async def png(self, chart: Chart, theme: str = "light") -> bytes:
        """The chart as PNG, 720 pixels wide, equal bytes for equal charts; raises NoPicture.

        `theme` is "light" or "dark". Whoever asks for a picture that is being drawn waits for that one.
        """
        key = digest(chart, theme)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._drawing.get(key)
        if task is None:
            task = self._drawing[key] = asyncio.create_task(self._draw(chart, theme))
            task.add_done_callback(partial(self._finished, key))
        return await asyncio.shield(task)

    def _finished(self, key: str, task: asyncio.Task[bytes]) -> None:
        del self._drawing[key]
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[key] = task.result()
        while len(self._kept) > self._keep:
            self._kept.popitem(last=False)

    async def _draw(self, chart: Chart, theme: str) -> bytes:
        """Draws in the worker; one that was killed is replaced once, one that takes too long is killed."""
        async with self._turn:
            for left in (1, 0):
                try:
                    return await self._ask(chart, theme)
                except BrokenProcessPool:
                    log.warning("chart worker died", retries=left)
                    await self._discard()
                except TimeoutError:
                    log.warning("chart worker took too long", seconds=self._timeout)
                    await self._discard()
                    break
                except Exception as error:
                    # Only the kind of error: its text may quote a name.
                    log.error("chart could not be drawn", error=type(error).__name__)
                    break
        raise NoPicture("the picture could not be drawn")

    async def _ask(self, chart: Chart, theme: str) -> bytes:
        pool = await self._ready()
        self.drawn += 1
        drawing = asyncio.get_running_loop().run_in_executor(pool, work.draw, chart, theme)
        return await asyncio.wait_for(drawing, self._timeout)

    async def _ready(self) -> ProcessPoolExecutor:
        if self._pool is not None:
            return self._pool
        pool, warming = await asyncio.to_thread(self._build)
        self._pool = pool
        self.worker = await asyncio.wait_for(asyncio.wrap_future(warming), _WARM_UP)
        return pool

    def _build(self) -> tuple[ProcessPoolExecutor, Future[int]]:
        """A fork server that has matplotlib loaded makes a new worker in 0.1 s; it inherits MPLCONFIGDIR from here.

        The first task is given here, off the event loop: it waits until the fork server has loaded everything.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        os.environ["MPLCONFIGDIR"] = str(self._folder)
        forkserver.set_forkserver_preload([_DRAW])
        forkserver.ensure_running()
        pool = ProcessPoolExecutor(1, mp_context=get_context("forkserver"), initializer=work.begin)
        return pool, pool.submit(work.warm)

    async def _discard(self) -> None:
        """Kills the worker: a cancelled call does not stop it, and a broken pool stays broken."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # Python 3.14 calls this kill_workers(); is_alive() first, so that no reused process id is ever hit.
        for process in tuple((pool._processes or {}).values()):
            if process.is_alive():
                process.kill()
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)


def digest(chart: Chart, theme: str = "light") -> str:
    """The name of a picture, 64 hexadecimal digits: equal charts in an equal style have equal names."""
    shown = theme if theme in THEMES else "light"
    said = json.dumps([asdict(chart), shown, *_makers()], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


@lru_cache(maxsize=1)
def _makers() -> tuple[str, ...]:
    return (STYLE, version("matplotlib"), version("pillow"))
