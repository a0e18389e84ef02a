"""The benchmark runs from end to end with a handful of requests, so that it never rots; nothing is timed here."""

import subprocess
import sys
from pathlib import Path

from bench import report
from bench.report import Figures, targets
from bench.rounds import Measured
from bench.variants import ACKS, BARE, OURS, PLAIN

ROOT = Path(__file__).parent.parent
TINY = ("--rounds", "1", "--requests", "3", "--acks", "5", "--warm", "1", "--connections", "2", "--starts", "1")


def test_every_server_does_what_it_is_measured_for() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bench", *TINY, "--sqlite-only"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    for words in (report.HOME, report.PRESS, report.TOLD, OURS, PLAIN, ACKS, BARE, "left out", "Targets"):
        assert words in run.stdout


def figures(ours: float) -> Figures:
    """Made-up medians in microseconds: (b) takes 1,000, (c) 12,000."""
    cpu = {BARE: 200.0, ACKS: 1000.0, PLAIN: 12_000.0, OURS: ours}
    return {name: Measured(True, [one], [1.5], 100.0) for name, one in cpu.items()}


def test_a_target_says_whether_it_is_met() -> None:
    found = {report.HOME: figures(3900.0), report.PRESS: figures(8100.0), report.TOLD: figures(9000.0)}
    said = {target.name: (round(target.reached, 3), target.met) for target in targets(found)}
    assert list(said.values()) == [
        (0.325, True),
        (3.9, True),
        (0.675, False),
        (8.1, False),
        (1.5, True),
        (100.0, True),
    ]
