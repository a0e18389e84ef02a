"""Our results and flags and those of plain pandas are the same, to the cent; nothing is timed here."""

import pytest

from bench import honest, results
from bench.crowd import STRONG
from bench.report import Target
from bench.results import OURS, PANDAS, ROADS, Run
from bench.rows import rows


@pytest.mark.parametrize("seed", [1, 2])
def test_both_implementations_agree(seed: int) -> None:
    given = rows(1200, seed)
    (our_totals, our_flags), (totals, flags) = (next(filter(None, road(given)), ([], [])) for road in ROADS.values())
    assert our_totals == totals
    assert our_flags == flags
    assert len(totals) == 1200
    ratings = {line.split()[-1] for line in totals}
    assert ratings == {"S", "A", "B", "C", "D", "None"}
    rules = {line.split()[0] for line in flags}
    assert {"inflated_deviation", "uniform_ratings", "alliance_pair", "jump", "contradiction_rated_above"} <= rules


def test_a_run_is_measured() -> None:
    runs = {road: results.run(road, 30) for road in ROADS}
    assert runs[OURS].digest == runs[PANDAS].digest
    assert all(one.people == 30 and one.peak > 0 for one in runs.values())


def made(cpu: float) -> list[Run]:
    return [Run((0.0, cpu, 0.0), 100.0, 10.0, 1, 0, "")]


def test_linear_growth_is_a_target() -> None:
    found = {(OURS, 10): made(1.0), (PANDAS, 10): made(0.5), (OURS, 100): made(20.0), (PANDAS, 100): made(4.0)}
    (target,) = results.targets(found)
    assert target == Target("results: CPU per person, 100 people / 10 people", 1.3, 2.0)
    printed = "\n".join(results.lines(found))
    assert "5.00 x the CPU of pandas" in printed
    assert "MISSED" in printed


def test_the_error_rates_are_those_of_the_seed() -> None:
    rates = honest.honest(6, seed=3)
    assert rates.companies == 6
    assert rates.flags < rates.people / 100
    detected = {STRONG[0].name: honest.planted(STRONG[0], 3, seed=4)}
    printed = "\n".join(honest.lines(rates, detected))
    assert "inflated_deviation" in printed
    assert STRONG[0].name in printed
