"""Figures about groups: right, deaf to order, and silent about fewer than five people (threat T61)."""

import statistics
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.statistics import (
    HUNDREDTH,
    HUNDREDTHS_FROM,
    LEAST,
    QUARTILES_FROM,
    distribution,
    mean,
    quartiles,
    ranking,
    shares,
    shown_groups,
    summary,
    tails,
)

TOTAL = st.decimals(0, 120, places=2)
TOTALS = st.lists(TOTAL, min_size=1, max_size=60)
NAMES = ("S", "A", "B", "C", "D")
RATINGS = st.lists(st.sampled_from(NAMES), max_size=80)
COUNTS = st.dictionaries(st.integers(1, 12), st.integers(0, 12), max_size=8)
EDGES = st.lists(st.integers(0, 120).map(Decimal), min_size=2, max_size=10, unique=True).map(sorted)
HALF = Decimal("0.005")


def numbers(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


# Plain figures


@given(TOTALS)
def test_mean_and_quartiles_are_those_of_another_way_to_count(values: list[Decimal]) -> None:
    exact = sum(map(Fraction, values), Fraction(0)) / len(values)
    assert abs(Fraction(mean(values)) - exact) <= Fraction(1, 200)
    if len(values) > 1:
        others = statistics.quantiles(values, n=4, method="inclusive")
        for mine, other in zip(quartiles(values), others, strict=True):
            assert abs(mine - other) <= HALF
    else:
        assert quartiles(values) == (values[0],) * 3


@given(TOTALS)
def test_figures_are_in_order_within_bounds_and_to_a_hundredth(values: list[Decimal]) -> None:
    low, middle, high = quartiles(values)
    assert min(values) <= low <= middle <= high <= max(values)
    assert min(values) <= mean(values) <= max(values)
    assert all(one.as_tuple().exponent == -2 for one in (low, middle, high, mean(values)))


@given(TOTALS, st.randoms(use_true_random=False))
def test_order_does_not_matter(values: list[Decimal], chance: Random) -> None:
    shuffled = chance.sample(values, len(values))
    edges = numbers("0", "60", "80", "90", "120")
    for figure in (mean, quartiles, summary, tails, lambda of: distribution(of, edges)):
        assert figure(shuffled) == figure(values)


def test_examples_and_nothing() -> None:
    assert mean(numbers("80", "85.01")) == Decimal("82.51")
    assert quartiles(numbers("1", "2", "3", "4")) == tuple(numbers("1.75", "2.50", "3.25"))
    for figure in (mean, quartiles):
        with pytest.raises(ValueError, match="nothing"):
            figure([])


# Summaries


@pytest.mark.parametrize("count", range(1, 8))
def test_T61_one_to_seven_people(count: int) -> None:
    values = numbers("61.37", "70.11", "75.93", "84.02", "88.64", "91.18", "99.99")[:count]
    shown = summary(values)
    if count < LEAST:
        assert shown is None
        return
    assert shown is not None
    assert (shown.low, shown.median, shown.high) == (None, None, None)
    assert shown.mean == shown.mean.to_integral_value()
    assert shown.mean not in values


@given(TOTALS)
def test_T61_no_figure_of_a_group_under_twenty_has_decimals(values: list[Decimal]) -> None:
    shown = summary(values)
    if shown is None:
        assert len(values) < LEAST
        return
    figures = [one for one in (shown.mean, shown.low, shown.median, shown.high) if one is not None]
    assert len(figures) == (4 if len(values) >= QUARTILES_FROM else 1)
    whole = all(one.as_tuple().exponent == 0 for one in figures)
    assert whole == (len(values) < HUNDREDTHS_FROM)
    if shown.low is not None and shown.median is not None and shown.high is not None:
        assert shown.low <= shown.median <= shown.high


@given(TOTALS)
def test_T61_tails_are_groups_of_five_or_nothing(values: list[Decimal]) -> None:
    shown = tails(values)
    assert (shown is None) == (len(values) < 10 * LEAST)
    if shown is not None:
        assert shown.people >= LEAST
        assert shown.lowest <= shown.highest


def test_tails_are_the_means_of_both_ends() -> None:
    assert tails([Decimal(n) for n in range(1, 51)]) is not None
    shown = tails([Decimal(n) for n in range(300)])
    assert shown is not None
    assert (shown.people, shown.lowest, shown.highest) == (30, Decimal("14.50"), Decimal("284.50"))


# Distributions


@given(TOTALS, EDGES)
def test_a_distribution_counts_everybody_once_and_its_bins_touch(values: list[Decimal], edges: list[Decimal]) -> None:
    bins = distribution(values, edges)
    if len(values) < LEAST:
        assert bins == ()
        return
    assert sum(one.people for one in bins) == len(values)
    assert bins[0].low is None
    assert bins[-1].high is None
    for left, right in pairwise(bins):
        assert left.high == right.low
    for one in bins:
        inside = [v for v in values if (one.low is None or v >= one.low) and (one.high is None or v < one.high)]
        assert one.people == len(inside)


@given(TOTALS, EDGES)
def test_T61_the_ends_of_a_distribution_hold_five_people(values: list[Decimal], edges: list[Decimal]) -> None:
    for one in distribution(values, edges)[:1] + distribution(values, edges)[-1:]:
        assert one.people >= LEAST


def test_a_distribution_by_example() -> None:
    totals = [Decimal(n) for n in (61, 72, 74, 79, 80, 81, 82, 90, 91, 92, 93, 94, 99)]
    bins = distribution(totals, [Decimal(n) for n in (60, 70, 80, 90, 95, 100)])
    assert [(one.low, one.high, one.people) for one in bins] == [(None, 90, 7), (90, None, 6)]
    for edges in ([], [Decimal(1)], [Decimal(2), Decimal(1)], [Decimal(1), Decimal(1)]):
        with pytest.raises(ValueError, match="rise"):
            distribution(totals, edges)


# Shares


@given(RATINGS)
def test_shares_are_one_whole_and_nearly_exact(ratings: list[str]) -> None:
    shown = shares(ratings, NAMES)
    if len(ratings) < LEAST or len(set(ratings)) < 2:
        assert shown is None
        return
    assert shown is not None
    assert sum(shown) == 1
    for name, share in zip(NAMES, shown, strict=True):
        assert abs(share - Decimal(ratings.count(name)) / len(ratings)) < Decimal("0.0001")
        assert (share == 0) == (name not in ratings)


def test_T61_one_rating_for_all_is_not_shown() -> None:
    assert shares(["A"] * 40, NAMES) is None
    assert shares(["A"] * 39 + ["B"], NAMES) is not None
    assert shares(["A"] * 3, NAMES, least=1) == tuple(numbers("0", "1", "0", "0", "0"))
    assert shares([], NAMES, least=1) is None
    with pytest.raises(ValueError, match="one of the names"):
        shares(["A"] * 5 + ["?"], NAMES)


# Which groups


@given(COUNTS)
def test_T61_neither_a_shown_group_nor_the_remainder_is_small(counts: dict[int, int]) -> None:
    shown = shown_groups(counts)
    rest = sum(counts.values()) - sum(counts[group] for group in shown)
    assert all(counts[group] >= LEAST for group in shown)
    assert rest == 0 or rest >= LEAST or not shown


@given(COUNTS)
def test_as_many_groups_are_shown_as_can_be(counts: dict[int, int]) -> None:
    shown, total = shown_groups(counts), sum(counts.values())

    def allowed(groups: Sequence[int]) -> bool:
        rest = total - sum(counts[group] for group in groups)
        return all(counts[group] >= LEAST for group in groups) and (rest == 0 or rest >= LEAST)

    larger = combinations(counts, len(shown) + 1)
    assert not any(allowed(groups) for groups in larger)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({}, set()),
        ({1: 50}, {1}),
        ({1: 4}, set()),
        ({1: 4, 2: 5}, set()),
        ({1: 4, 2: 5, 3: 9}, {3}),
        ({1: 3, 2: 2, 3: 9}, {3}),
        ({1: 5, 2: 5, 3: 1}, {2}),
        ({1: 5, 2: 6, 3: 0}, {1, 2}),
    ],
)
def test_T61_small_remainders(counts: dict[int, int], shown: set[int]) -> None:
    assert shown_groups(counts) == shown


def test_a_group_has_no_fewer_than_nobody() -> None:
    with pytest.raises(ValueError, match="fewer than 0"):
        shown_groups({1: -1})


# Ranking

DONE = st.lists(st.tuples(st.integers(1, 5), st.none() | st.decimals(0, "1.2", places=4)), max_size=80)


@given(DONE)
def test_T61_a_ranking_knows_no_indicator_of_fewer_than_five(done: list[tuple[int, Decimal | None]]) -> None:
    ranked = ranking(done)
    known = {one: [share for item, share in done if item == one and share is not None] for one, _share in done}
    assert {one.indicator_id for one in ranked} == {one for one, found in known.items() if len(found) >= LEAST}
    assert list(ranked) == sorted(ranked, key=lambda one: (-one.mean, one.indicator_id))
    for one in ranked:
        found = known[one.indicator_id]
        assert one.people == len(found)
        assert one.mean == mean(found)
        assert abs(one.reached - Decimal(sum(share >= 1 for share in found)) / len(found)) <= HALF
        assert one.reached.as_tuple().exponent == HUNDREDTH.as_tuple().exponent
