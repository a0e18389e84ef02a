"""The figures as tables with units, and the targets beside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from bench.rounds import Measured
from bench.variants import ACKS, BARE, OURS, OURS_PG, PLAIN

HOME = "home: signed /perf, answered with the home card"
PRESS = "approve: signed press, committed, card redrawn, presser told"
TOLD = "approve and tell: the same, and the next decider is sent the card"
Figures = Mapping[str, Measured]


@dataclass(frozen=True)
class Target:
    """A promise: a figure and its limit, the most it may be or the `least` it must be."""

    name: str
    limit: float
    reached: float
    unit: str = "x"
    least: bool = False

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.reached >= self.limit if self.least else self.reached <= self.limit

    def __str__(self) -> str:
        said, than = "met" if self.met else "MISSED", ">=" if self.least else "<="
        return f"  {self.name:<62} {than} {self.limit:>6.2f} {self.unit:<3} {self.reached:>7.2f} {self.unit:<3} {said}"


def lines(found: Mapping[str, Figures]) -> Iterator[str]:
    """Everything, as text."""
    for title, figures in found.items():
        yield from _table(title, figures)
    yield from _standing(found)
    yield ""
    yield "Targets"
    yield from map(str, targets(found))


def targets(found: Mapping[str, Figures]) -> list[Target]:
    """What is promised, with what was reached."""
    made = []
    for title, most in ((HOME, 4.0), (PRESS, 8.0)):
        figures, name = found[title], title.partition(":")[0]
        made.append(Target(f"{name}: CPU, ours on SQLite / (c)", 1 / 3, _ratio(figures, OURS, PLAIN)))
        made.append(Target(f"{name}: CPU, ours on SQLite / (b)", most, _ratio(figures, OURS, ACKS)))
    starts = [one for figures in found.values() for one in figures[OURS].started]
    made.append(Target("start-up to the first answered request", 2.0, median(starts), "s"))
    made.append(Target("resident memory, idle", 150.0, max(f[OURS].idle for f in found.values()), "MB"))
    return made


def _table(title: str, figures: Figures) -> Iterator[str]:
    yield ""
    yield f"{title}"
    yield f"  {'':<42} {'CPU us/request':>14} {'min - max':>15} {'x (a)':>7} {'x (b)':>7} {'x (c)':>7}"
    for name, one in figures.items():
        span = f"{min(one.cpu):.0f} - {max(one.cpu):.0f}"
        ratios = [_ratio(figures, name, other) for other in (BARE, ACKS, PLAIN)]
        yield f"  {name:<42} {one.typical:>14.0f} {span:>15} " + " ".join(f"{ratio:>7.2f}" for ratio in ratios)


def _standing(found: Mapping[str, Figures]) -> Iterator[str]:
    yield ""
    yield "start-up and memory"
    yield f"  {'':<42} {'first answer s':>14} {'min - max':>15} {'idle MB':>8} {'loaded MB':>10} {'+ workers MB':>13}"
    for name in next(iter(found.values())):
        shown = [figures[name] for figures in found.values() if name in figures]
        starts = [start for one in shown for start in one.started]
        span = f"{min(starts):.2f} - {max(starts):.2f}"
        sizes = (max(one.idle for one in shown), max(one.loaded for one in shown), max(one.whole for one in shown))
        memory = "{:>8.0f} {:>10.0f} {:>13.0f}".format(*sizes)
        yield f"  {name:<42} {median(starts):>14.2f} {span:>15} {memory}"


def _ratio(figures: Figures, name: str, to: str) -> float:
    """How many times the CPU of another server."""
    return figures[name].typical / figures[to].typical


def notes(skipped: str) -> Iterator[str]:
    """What the figures mean, and what is missing."""
    yield ""
    yield "CPU is the user and system time of the server's process alone: medians of interleaved rounds. Server, fake"
    yield "Slack and load are processes of their own, with keep-alive connections. (a) and (b) only answer. (c) opens"
    yield "one session a request, acknowledges in Bolt's default mode, and stores and sends the same as ours. What"
    yield "PostgreSQL itself uses is not counted. Memory is resident; pages that workers share are counted once."
    if skipped:
        yield f"{OURS_PG}: left out: {skipped}"
