"""The benchmark's servers do what they are measured for, with a handful of requests; nothing is timed here."""

from pathlib import Path

import pytest

from bench import report
from bench.report import Figures, lines, notes, targets
from bench.rounds import Bench, Measured, Sizes
from bench.variants import ACKS, ACKS_FIRST, BARE, OURS, PLAIN, copies, variants

TINY = Sizes(rounds=1, works=3, acks=5, warm=1, connections=2, starts=1)
CALLS = ("chat.update", "response_url", "chat.postMessage")


@pytest.mark.parametrize(
    ("kind", "calls", "asked"), [("home", (), (BARE, ACKS, PLAIN, OURS)), ("press", CALLS, (ACKS_FIRST, PLAIN, OURS))]
)
async def test_every_server_answers_and_works(
    tmp_path: Path, kind: str, calls: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    servers = variants(kind, copies(tmp_path, TINY.presses, told=bool(calls)))
    figures = await Bench(kind, TINY, calls).run([one for one in servers if one.name in asked])
    assert set(figures) == set(asked)
    assert all(one.cpu and one.started and one.idle and one.loaded for one in figures.values())


def figures(ours: float) -> Figures:
    """Made-up medians in microseconds: (b) takes 1,000, (c) 12,000."""
    cpu = {BARE: 200.0, ACKS: 1000.0, PLAIN: 12_000.0, OURS: ours}
    return {name: Measured(True, [one], [1.5], 100.0) for name, one in cpu.items()}


def test_a_target_says_whether_it_is_met() -> None:
    found = {report.HOME: figures(3900.0), report.PRESS: figures(8100.0), report.TOLD: figures(9000.0)}
    reached = [(round(target.reached, 3), target.met) for target in targets(found)]
    assert reached == [(0.325, True), (3.9, True), (0.675, False), (8.1, False), (1.5, True), (100.0, True)]
    printed = "\n".join((*lines(found), *notes("no server")))
    assert printed.count("MISSED") == 2
    assert "left out: no server" in printed
    assert all(title in printed for title in found)
