"""Results: deaf to order, exact to the cent, nobody averaged with what is missing, pools conserved."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.totals import (
    ADJUST,
    RATERS,
    SCALE,
    Combined,
    Level,
    Part,
    Total,
    adjusted,
    combine,
    credit,
    lowest_passing,
    peer_mean,
    rating,
    total,
)

ZERO, FULL, CENT = Decimal(0), Decimal(100), Decimal("0.01")
POINTS = st.integers(0, 12000).map(lambda n: Decimal(n) / 100)
WEIGHT = st.integers(10, 120).map(lambda n: Decimal(n) / 2)
PART = st.builds(
    Part,
    key=st.integers(1, 10**6),
    part=st.sampled_from(["weighted", "weighted", "weighted", "veto", "bonus", "penalty"]),
    weight=st.none() | WEIGHT,
    points=st.none() | POINTS | st.sampled_from([Decimal("NaN"), Decimal(-1), Decimal("1E+20")]),
    excluded=st.booleans(),
)
PARTS = st.lists(PART, max_size=10, unique_by=lambda part: part.key)
WHOLE = st.lists(
    st.builds(Part, key=st.integers(1, 10**6), weight=WEIGHT, points=POINTS),
    min_size=1,
    max_size=10,
    unique_by=lambda part: part.key,
)
GIVEN = st.dictionaries(st.sampled_from(RATERS), st.none() | POINTS)
RATER_WEIGHTS = st.dictionaries(st.sampled_from(RATERS), st.integers(0, 100).map(Decimal))


def cents(exact: Fraction) -> Decimal:
    """Rounded half up by whole numbers alone."""
    return Decimal((2 * 100 * exact.numerator + exact.denominator) // (2 * exact.denominator)) / 100


def plan(*parts: tuple[str | None, str | None], kind: str = "weighted", start: int = 1) -> list[Part]:
    """Parts from (weight, points)."""
    return [
        Part(key, kind, None if weight is None else Decimal(weight), None if points is None else Decimal(points))
        for key, (weight, points) in enumerate(parts, start)
    ]


def value_of(parts: Sequence[Part]) -> Decimal:
    value = total(parts).value
    assert value is not None
    return value


@given(PARTS, st.randoms(use_true_random=False))
def test_the_order_of_the_parts_does_not_matter(parts: list[Part], rng: Random) -> None:
    shuffled = list(parts)
    rng.shuffle(shuffled)
    assert total(shuffled) == total(parts)


@given(PARTS)
def test_a_total_is_whole_or_says_what_is_missing(parts: list[Part]) -> None:
    found = total(parts)
    keys = {part.key for part in parts if not part.excluded}
    assert set(found.missing) | {one.key for one in found.weighed} <= keys
    assert found.value is None or (found.value >= 0 and not found.missing)
    assert (found.value is None) is (found.weighted is None)
    assert sum((one.weight for one in found.weighed), ZERO) <= FULL
    if found.weighted is not None:
        assert sum((one.contribution for one in found.weighed), ZERO) == found.weighted
        assert sum((one.weight for one in found.weighed), ZERO) == FULL


@given(WHOLE)
def test_what_is_shown_adds_up_to_the_exact_sum(parts: list[Part]) -> None:
    found = total(parts)
    weights = sum(Fraction(part.weight or 0) for part in parts)
    exact = {part.key: Fraction(part.weight or 0) * Fraction(part.points or 0) / weights for part in parts}
    value = value_of(parts)
    assert value == found.weighted == cents(sum(exact.values(), Fraction(0)))
    assert min(part.points or ZERO for part in parts) <= value <= max(part.points or ZERO for part in parts)
    assert sum((one.contribution for one in found.weighed), ZERO) == found.weighted
    for one in found.weighed:
        assert abs(Fraction(one.contribution) - exact[one.key]) < Fraction(1, 100), "never a cent or more off"


@given(WHOLE, PARTS)
def test_what_is_excluded_spreads_its_weight_in_proportion(parts: list[Part], others: list[Part]) -> None:
    taken = {part.key for part in parts}
    excluded = [replace(part, excluded=True) for part in others if part.key not in taken]
    found = total([*parts, *excluded])
    assert found == total(parts)
    weights = sum((part.weight or ZERO for part in parts), ZERO)
    own = {part.key: Fraction(part.weight or 0) / Fraction(weights) * 100 for part in parts}
    assert all(abs(Fraction(one.weight) - own[one.key]) < Fraction(1, 100) for one in found.weighed)


@given(WHOLE, st.integers(0, 9), POINTS)
def test_a_better_part_never_lowers_the_total(parts: list[Part], number: int, more: Decimal) -> None:
    better = list(parts)
    chosen = better[number % len(better)]
    better[number % len(better)] = replace(chosen, points=(chosen.points or ZERO) + more)
    assert value_of(better) >= value_of(parts)


@given(WHOLE, POINTS, POINTS)
def test_bonus_adds_and_penalty_takes_off_never_below_zero(parts: list[Part], bonus: Decimal, penalty: Decimal) -> None:
    extra = [Part(-2, "bonus", None, bonus), Part(-1, "penalty", None, penalty)]
    found = total([*parts, *extra])
    assert (found.bonus, found.penalty) == (bonus, penalty)
    assert found.value == max(value_of(parts) + bonus - penalty, ZERO)


@given(WHOLE, POINTS)
def test_only_a_tripped_veto_holds_the_total(parts: list[Part], points: Decimal) -> None:
    found = total([*parts, Part(-1, "veto", None, points)])
    free = value_of(parts)
    assert found.vetoed is (points == 0)
    assert found.value == (min(free, lowest_passing()) if points == 0 else free)


def test_a_result_in_figures() -> None:
    parts = [*plan(("40", "90"), ("30", "110"), ("20", "80")), Part(4, weight=Decimal(10), excluded=True)]
    found = total(parts)
    assert [one.weight for one in found.weighed] == [Decimal("44.45"), Decimal("33.33"), Decimal("22.22")]
    assert [one.contribution for one in found.weighed] == [Decimal("40.00"), Decimal("36.66"), Decimal("17.78")]
    assert found.value == Decimal("94.44")


def test_three_thirds_total_exactly() -> None:
    found = total(plan(("20", "100"), ("20", "100"), ("20", "100")))
    assert [one.contribution for one in found.weighed] == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert found.value == 100


def test_what_is_missing_is_named_and_the_rest_still_shown() -> None:
    parts = [*plan(("50", "90"), ("50", None)), Part(3, "veto"), Part(4, "bonus", points=Decimal(2))]
    found = total(parts)
    assert (found.value, found.weighted, found.missing, found.bonus) == (None, None, (2, 3), Decimal(2))
    assert [(one.key, one.weight, one.contribution) for one in found.weighed] == [(1, Decimal(50), Decimal(45))]


def test_nothing_left_to_weigh_has_no_total() -> None:
    assert total([]) == Total(None, (), None, ZERO, ZERO, False, ())
    left = total([Part(1, weight=FULL, excluded=True), Part(2, "bonus", points=Decimal(5))])
    assert (left.value, left.missing) == (None, ())
    assert total([Part(1, points=FULL)]).missing == (1,), "a weighted part without a weight"


@pytest.mark.parametrize(
    ("value", "name"),
    [("120", "S"), ("105", "S"), ("104.995", "S"), ("104.99", "A"), ("95", "A"), ("94.99", "B"), ("80", "B"),
     ("79.99", "C"), ("60", "C"), ("59.99", "D"), ("0", "D"), ("-1", "D")],
)  # fmt: skip
def test_a_rating_starts_at_its_cut_off(value: str, name: str) -> None:
    assert rating(Decimal(value)) == name


def test_a_scale_of_another_company() -> None:
    scale = (Level("good", FULL, Decimal(70)), Level("weak", Decimal(40), ZERO))
    assert [rating(Decimal(value), scale) for value in (70, 69)] == ["good", "weak"]
    assert lowest_passing(scale) == 70
    assert lowest_passing(scale[:1]) == 70
    assert lowest_passing() == 60


@given(POINTS, POINTS)
def test_a_better_total_never_has_a_worse_rating(one: Decimal, other: Decimal) -> None:
    names = [level.name for level in SCALE]
    worse, better = sorted((one, other))
    assert names.index(rating(better)) <= names.index(rating(worse))


@given(WHOLE, st.decimals(-5, 5, places=2), st.booleans())
def test_an_adjustment_moves_the_total_but_no_veto(parts: list[Part], by: Decimal, tripped: bool) -> None:
    result = total([*parts, Part(-1, "veto", None, ZERO if tripped else FULL)])
    before = result.value or ZERO
    after = adjusted(before, by, vetoed=result.vetoed)
    assert abs(after - before) <= ADJUST
    assert after >= 0
    assert after == before + by or after == 0 or (tripped and after == lowest_passing())


def test_an_adjustment_ends_at_five() -> None:
    assert [adjusted(Decimal(90), Decimal(by)) for by in (5, -5)] == [95, 85]
    for by in ("5.01", "-5.01", "NaN"):
        with pytest.raises((ValueError, InvalidOperation)):
            adjusted(Decimal(90), Decimal(by))


@given(GIVEN, RATER_WEIGHTS)
def test_raters_who_are_missing_are_left_out_and_named(
    given_points: dict[str, Decimal | None], weights: dict[str, Decimal]
) -> None:
    found = combine(given_points, weights)
    counted = {rater for rater, weight in weights.items() if weight}
    known = {rater: points for rater in counted if (points := given_points.get(rater)) is not None}
    assert list(found.absent) == [rater for rater in RATERS if rater in counted - known.keys()]
    if not known:
        assert found.points is None
        return
    exact = sum((Fraction(weights[rater]) * Fraction(points) for rater, points in known.items()), Fraction(0))
    assert found.points == cents(exact / Fraction(sum(weights[rater] for rater in known)))
    assert min(known.values()) <= found.points <= max(known.values())


def test_raters_in_figures() -> None:
    weights = {"manager": Decimal(70), "self": Decimal(10), "peer": Decimal(20)}
    given_points = {"manager": Decimal(100), "self": Decimal(110), "peer": Decimal(85)}
    assert combine(given_points, weights) == Combined(Decimal(98), ())
    assert combine({**given_points, "peer": None}, weights) == Combined(Decimal("101.25"), ("peer",))
    assert combine(given_points, {"manager": FULL, "self": ZERO}) == Combined(FULL, ()), "self is shown, not counted"
    assert combine({"self": FULL}, {"manager": FULL, "self": ZERO}) == Combined(None, ("manager",))


@given(st.lists(POINTS, max_size=8), st.randoms(use_true_random=False))
def test_peers_are_heard_from_three_on(answers: list[Decimal], rng: Random) -> None:
    shuffled = list(answers)
    rng.shuffle(shuffled)
    found = peer_mean(shuffled)
    assert found == peer_mean(answers)
    assert (found is None) is (len(answers) < 3)
    if found is not None:
        assert found == cents(Fraction(sum(answers, ZERO)) / len(answers))


@st.composite
def shared(draw: st.DrawFn) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """Shares that total 100 and weights of two to five participants."""
    people = range(1, draw(st.integers(2, 5)) + 1)
    cuts = sorted(draw(st.lists(st.integers(0, 200), min_size=len(people) - 1, max_size=len(people) - 1)))
    edges = [0, *cuts, 200]
    shares = {person: Decimal(edges[person] - edges[person - 1]) / 2 for person in people}
    return shares, {person: draw(WEIGHT) for person in people}


@given(shared(), POINTS)
def test_credit_hands_out_the_whole_pool(case: tuple[dict[int, Decimal], dict[int, Decimal]], points: Decimal) -> None:
    shares, weights = case
    pool = points * sum(weights.values())
    earned = credit(points, shares, weights, cap=Decimal(10**9))
    handed = sum((earned[person] * weights[person] for person in shares), ZERO)
    assert abs(handed - pool) <= sum(weights.values()) * CENT / 2, "but for rounding"
    capped = credit(points, shares, weights)
    assert all(capped[person] == min(earned[person], Decimal(120)) for person in shares)
    backwards = dict(reversed(shares.items()))
    assert credit(points, backwards, weights) == capped


@given(st.lists(WEIGHT, min_size=2, max_size=5), POINTS)
def test_shares_like_the_weights_give_everybody_the_same(weights: list[Decimal], points: Decimal) -> None:
    times = sum(weights, ZERO)
    shares = {person: (FULL * weight / times).quantize(CENT, ROUND_HALF_UP) for person, weight in enumerate(weights)}
    shares[0] += FULL - sum(shares.values())
    earned = credit(points, shares, dict(enumerate(weights)))
    assert all(abs(own - points) <= points / 100 + CENT for own in earned.values())


@pytest.mark.parametrize(
    ("shares", "weights"),
    [
        ({1: 60, 2: 39}, {1: 10, 2: 10}),
        ({1: 110, 2: -10}, {1: 10, 2: 10}),
        ({1: 60, 2: 40}, {1: 10}),
        ({1: 60, 2: 40}, {1: 10, 2: 0}),
        ({}, {}),
    ],
)
def test_credit_refuses_shares_that_are_none(shares: dict[int, int], weights: dict[int, int]) -> None:
    with pytest.raises(ValueError, match=r"shares|participant"):
        credit(FULL, {key: Decimal(n) for key, n in shares.items()}, {key: Decimal(n) for key, n in weights.items()})
