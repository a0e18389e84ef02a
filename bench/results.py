"""`python -m bench.results`: what results and flags of a large cycle cost, beside the same rules in plain pandas."""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import reckoning
from bench.report import Target
from bench.rows import Rows, rows

OURS, PANDAS = "ours", "pandas"
SIZES, ROUNDS = (10_000, 100_000), 3
STAGES = ("read", "results", "flags")
Said = tuple[list[str], list[str]]


class Differ(Exception):
    """The two implementations do not agree; the text says for how many people."""


@dataclass(frozen=True)
class Run:
    """CPU seconds of each stage, peak memory in MB (10^6 bytes) and what of it was added; `digest` of all that came."""

    cpu: tuple[float, float, float]
    peak: float
    added: float
    people: int
    flags: int
    digest: str

    @property
    def whole(self) -> float:
        """CPU seconds of all stages."""
        return sum(self.cpu)


Runs = Mapping[tuple[str, int], Sequence[Run]]


def ours(given: Rows) -> Iterator[Said | None]:
    """Our own road: pauses after each stage and ends with what it found."""
    plans = reckoning.read(given)
    yield None
    found, sheets = reckoning.results(plans)
    yield None
    flagged = reckoning.flags(sheets, given)
    yield None
    yield reckoning.said(found, flagged)


def pandas(given: Rows) -> Iterator[Said | None]:
    """The same with pandas."""
    from bench.baselines import frames

    items, people, before = frames.read(given)
    yield None
    people, items = frames.results(items, people)
    yield None
    flagged = frames.flags(people, items, before)
    yield None
    yield frames.said(people, flagged)


ROADS: Mapping[str, Callable[[Rows], Iterator[Said | None]]] = {OURS: ours, PANDAS: pandas}


def run(road: str, people: int) -> Run:
    """One run in this very process, which should do nothing else: its memory is measured."""
    if road == PANDAS:
        from bench.baselines import frames as _loaded  # noqa: F401  the import is not part of the work
    given = rows(people)
    before, steps, cpu = _peak(), ROADS[road](given), []
    for _stage in STAGES:
        since = time.process_time()
        next(steps)
        cpu.append(time.process_time() - since)
    peak = _peak()
    totals, flagged = next(steps) or ([], [])
    digest = hashlib.sha256("\n".join((*totals, *flagged)).encode()).hexdigest()
    return Run((cpu[0], cpu[1], cpu[2]), peak, peak - before, len(totals), len(flagged), digest)


def measured(sizes: Iterable[int] = SIZES, rounds: int = ROUNDS) -> Runs:
    """Every road and size in turn, each time in a process of its own; Differ if the roads do not agree."""
    found: dict[tuple[str, int], list[Run]] = {}
    for size in [size for size in sizes for _round in range(rounds)]:
        runs = {road: _elsewhere(road, size) for road in ROADS}
        if len({one.digest for one in runs.values()}) != 1:
            raise Differ(f"the results of {size} people are not the same in both implementations")
        for road, one in runs.items():
            found.setdefault((road, size), []).append(one)
    return found


def lines(found: Runs) -> Iterator[str]:
    """Everything, as text."""
    yield ""
    yield "results and flags of a cycle: six indicators a person, and the cycle before"
    heads = f"{'CPU s':>7} {'read':>7} {'results':>8} {'flags':>7} {'us/person':>10} {'peak MB':>8} {'added':>7}"
    yield f"  {'':<22} {heads}"
    for (road, people), runs in found.items():
        whole, stages = _typical(runs), [median(stage) for stage in zip(*(one.cpu for one in runs), strict=True)]
        told = f"{whole:>7.2f} {stages[0]:>7.2f} {stages[1]:>8.2f} {stages[2]:>7.2f} {1e6 * whole / people:>10.1f}"
        memory = f"{max(one.peak for one in runs):>8.0f} {max(one.added for one in runs):>7.0f}"
        yield f"  {road:<7} {people:>7} people {told} {memory}"
    for size in dict.fromkeys(people for _road, people in found):
        ratio, flags = _typical(found[OURS, size]) / _typical(found[PANDAS, size]), found[OURS, size][0].flags
        yield f"  {size} people: {ratio:.2f} x the CPU of pandas; totals, ratings and {flags} flags the same"
    yield from map(str, targets(found))


def targets(found: Runs) -> list[Target]:
    """Cost grows with the number of people, no faster."""
    sizes = sorted({people for _road, people in found})
    if len(sizes) < 2:
        return []
    small, large = (_typical(found[OURS, size]) / size for size in (sizes[0], sizes[-1]))
    return [Target(f"results: CPU per person, {sizes[-1]} people / {sizes[0]} people", 1.3, large / small)]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    options = argparse.ArgumentParser("python -m bench.results", description=__doc__)
    options.add_argument("--people", type=int, nargs="+", default=SIZES, help="sizes of the companies")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each")
    options.add_argument("--one", choices=ROADS, help="one run of the first size in this process, printed as JSON")
    given = options.parse_args(arguments)
    if given.one:
        print(json.dumps(vars(run(given.one, given.people[0]))))
        return 0
    for line in lines(measured(given.people, given.rounds)):
        print(line)
    return 0


def _elsewhere(road: str, people: int) -> Run:
    command = [sys.executable, "-m", "bench.results", "--one", road, "--people", str(people)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    told: dict[str, Any] = json.loads(ended.stdout)
    return Run(**{**told, "cpu": tuple(told["cpu"])})


def _typical(runs: Sequence[Run]) -> float:
    return median(one.whole for one in runs)


def _peak() -> float:
    """The largest resident size so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.024e-3


if __name__ == "__main__":
    sys.exit(main())
