"""Answer times: medians, 90th percentiles, promises kept, and groups that are too small to be shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.durations import LEAST, Case, groups, summary, times


def hours(*values: float) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


@pytest.mark.parametrize(
    ("given_hours", "median", "high"),
    [((), None, None), ((4,), "4.0", "4.0"), ((1, 2), "1.5", "2.0"), (tuple(range(1, 11)), "5.5", "9.0")],
)
def test_the_middle_and_what_nine_of_ten_stay_within(
    given_hours: tuple[int, ...], median: str | None, high: str | None
) -> None:
    found = times(hours(*given_hours))
    assert (found.median, found.high) == tuple(Decimal(one) if one else None for one in (median, high))
    assert found.count == len(given_hours)


def test_only_promises_that_were_due_are_counted() -> None:
    cases = [Case(1, "upheld", ruled=Decimal(3), kept=True), Case(1, "hr", kept=False), Case(1, "withdrawn")]
    found = summary(cases)
    assert (found.count, found.kept, found.rulings.count) == (3, Decimal("0.50"), 1)
    assert found.outcomes == {"hr": 1, "upheld": 1, "withdrawn": 1}


def test_nothing_is_said_about_nothing() -> None:
    assert summary([]).kept is None


@given(st.lists(st.integers(1, 4), max_size=60))
def test_no_small_group_is_shown_nor_left_over(places: list[int]) -> None:
    """Neither a group of fewer than five, nor the difference between the whole and what is shown."""
    cases = [Case(place, "upheld") for place in places]
    shown = groups(cases)
    assert all(one.count >= LEAST for one in shown.values())
    rest = len(cases) - sum(one.count for one in shown.values())
    assert rest == 0 or rest >= LEAST or not shown


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=40))
def test_the_median_never_exceeds_the_ninetieth(values: list[Decimal]) -> None:
    found = times(values)
    assert found.median is not None
    assert found.high is not None
    assert min(values) - 1 <= found.median <= found.high + Decimal("0.1") <= max(values) + 1
