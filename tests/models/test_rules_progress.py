"""How far an indicator is: within bounds, never against the value, exact in its weights, deaf to order."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from models.rules.progress import CAP, CENT, NEAR, Measured, completion, elapsed, expected, pace, weighted

NUMBER = st.decimals(-(10**9), 10**9, places=4)
POSITIVE = st.decimals("0.0001", 10**9, places=4)
ZERO, ONE = Decimal(0), Decimal(1)
ITEM = st.builds(
    Measured,
    direction=st.sampled_from(["higher", "lower", "range"]),
    unit=st.sampled_from(["%", "items", "CNY", ""]),
    target=st.none() | NUMBER,
    weight=st.none() | st.integers(0, 120).map(lambda n: Decimal(n) / 2),
    value=st.none() | NUMBER,
    floor=st.none() | NUMBER,
    stretch=st.none() | NUMBER,
)
KNOWN = st.builds(
    Measured,
    direction=st.sampled_from(["higher", "lower"]),
    unit=st.just("%"),
    target=POSITIVE,
    weight=st.integers(10, 120).map(lambda n: Decimal(n) / 2),
    value=NUMBER,
)
DAY = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(ITEM)
def test_completion_is_none_or_from_0_to_the_cap(item: Measured) -> None:
    done = completion(item)
    assert done is None or ZERO <= done <= CAP
    assert item.value is not None or done is None, "nothing is made of a missing value"


@given(POSITIVE, NUMBER, POSITIVE)
def test_completion_never_goes_against_the_value(target: Decimal, value: Decimal, more: Decimal) -> None:
    def of(direction: str, number: Decimal) -> Decimal:
        done = completion(Measured(direction, "%", target, ONE, number))
        assert done is not None
        return done

    assert of("higher", value + more) >= of("higher", value)
    assert of("lower", value + more) <= of("lower", value)
    assert of("higher", target) == of("lower", target) == ONE


@given(NUMBER, POSITIVE, NUMBER, POSITIVE)
def test_a_range_is_whole_inside_and_falls_outside(low: Decimal, width: Decimal, value: Decimal, more: Decimal) -> None:
    item = Measured("range", "%", None, ONE, value, low, low + width)
    done = completion(item)
    assert done is not None
    assert (done == ONE) is (low <= value <= low + width) or done >= ONE - CENT
    if value > low + width:
        further = completion(replace(item, value=value + more))
        assert further is not None
        assert further <= done
    assert completion(replace(item, value=low + 2 * width)) == ZERO, "one width outside is nothing"


@given(NUMBER)
def test_a_target_of_zero_is_reached_or_not(value: Decimal) -> None:
    lower = completion(Measured("lower", "items", ZERO, ONE, value))
    assert lower == (ONE if value <= 0 else ZERO)
    assert completion(Measured("higher", "items", ZERO, ONE, value)) is None


@given(st.lists(ITEM, max_size=10), st.randoms(use_true_random=False))
def test_the_whole_is_within_bounds_in_any_order(items: list[Measured], rng: Random) -> None:
    whole = weighted(items)
    assert whole is None or ZERO <= whole <= CAP
    shuffled = list(items)
    rng.shuffle(shuffled)
    assert weighted(shuffled) == whole


@given(st.lists(KNOWN, min_size=1, max_size=10))
def test_the_whole_is_exact_and_between_its_parts(items: list[Measured]) -> None:
    parts = [(item.weight or ZERO, completion(item) or ZERO) for item in items]
    exact = sum((weight * done for weight, done in parts), ZERO) / sum((weight for weight, _ in parts), ZERO)
    whole = weighted(items)
    assert whole is not None
    assert abs(whole - exact) <= CENT / 2
    assert min(done for _, done in parts) <= whole <= max(done for _, done in parts)


@given(st.lists(KNOWN, min_size=1, max_size=6), st.lists(ITEM, max_size=4))
def test_what_is_not_measured_is_left_out_not_counted_as_0(known: list[Measured], others: list[Measured]) -> None:
    unmeasured = [replace(item, value=None) for item in others]
    assert weighted([*known, *unmeasured]) == weighted(known)


@given(st.lists(KNOWN, min_size=1, max_size=6), st.integers(2, 9))
def test_the_scale_of_the_weights_does_not_matter(items: list[Measured], times: int) -> None:
    scaled = [replace(item, weight=(item.weight or ZERO) * times) for item in items]
    assert weighted(scaled) == weighted(items)


@given(DAY, st.integers(0, 800), DAY, st.integers(0, 400))
def test_the_elapsed_share_grows_from_0_to_1(starts_on: date, days: int, today: date, later: int) -> None:
    ends_on = starts_on + timedelta(days=days)
    share = elapsed(starts_on, ends_on, today)
    assert ZERO <= share <= ONE
    assert elapsed(starts_on, ends_on, today + timedelta(days=later)) >= share
    assert elapsed(starts_on, ends_on, starts_on - timedelta(days=1)) == ZERO
    assert elapsed(starts_on, ends_on, ends_on) == ONE


@given(ITEM, st.decimals(0, 1, places=4))
def test_pace_follows_what_is_expected(item: Measured, share: Decimal) -> None:
    due = expected(item, share)
    assert due in (share, ONE)
    assert pace(None, due) == "unknown"
    assert pace(due, due) == "ahead"
    assume(due > 0)
    assert pace(due * NEAR, due) == "near"
    assert pace(due * NEAR - CENT, due) == "behind"
    order = ["behind", "near", "ahead"]
    steps = [order.index(pace(due * part / 20, due)) for part in range(25)]
    assert steps == sorted(steps)
