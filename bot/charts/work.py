"""What the worker process is asked to do; importing this module loads nothing heavy."""

import os
import signal
from multiprocessing import parent_process
from threading import Thread

from bot.cards import Chart
from bot.plots import Bar, Bars


def begin() -> None:
    """Leaves Ctrl-C to the parent, and ends with it: a parent that was killed cannot stop its worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_follow, name="follow parent", daemon=True).start()


def warm() -> int:
    """Draws once, so that fonts are loaded before the first request; returns the worker's process id."""
    draw(Chart("Aa", "中", Bars((Bar("あ", 0.5, "50%"),))), "light")
    return os.getpid()


def draw(chart: Chart, theme: str) -> bytes:
    """The chart as PNG."""
    from bot.charts.draw import draw as drawn

    return drawn(chart, theme)


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
