"""Points of an indicator: bounded, never against the value, without jumps but the named ones, mirrored for lower."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.content import content
from models.indicator import DIRECTIONS, RULES
from models.rules.progress import Measured, completion
from models.rules.scoring import CAP, CENT, JUMP, Cliff, Outcome, Standard, cliffs, faults, score
from models.rules.standards import NEVER_NEGATIVE

READY = content().indicators
ZERO, FULL = Decimal(0), Decimal(100)
NUMBER = st.decimals(-(10**9), 10**9, places=4)
POSITIVE = st.decimals("0.0001", 10**9, places=4)
SHARE = st.decimals(-2, 5, places=2)
ODD = st.sampled_from([Decimal(text) for text in ("NaN", "sNaN", "-Infinity", "1E+999", "-0", "1E-9", "1E+14")])
ANY = NUMBER | ODD
STANDARD = st.builds(
    Standard,
    rule=st.sampled_from([*RULES, "?"]),
    direction=st.sampled_from([*DIRECTIONS, "?"]),
    unit=st.sampled_from(["%", "items", "CNY", "days", ""]),
    target=st.none() | ANY,
    floor=st.none() | ANY,
    stretch=st.none() | ANY,
    cap=st.sampled_from([CAP, Decimal(100), Decimal(150), Decimal(50), Decimal("NaN")]),
    steps=st.lists(st.tuples(ANY, ANY), max_size=3).map(tuple),
)


@st.composite
def working(draw: st.DrawFn, *rules: str) -> tuple[Standard, Decimal]:
    """A standard of one of the rules without faults, and a value somewhere about its numbers."""
    cap, base, width, more = (
        draw(st.sampled_from([CAP, FULL, Decimal(150)])),
        draw(NUMBER),
        draw(POSITIVE),
        draw(POSITIVE),
    )
    sign = draw(st.sampled_from([1, -1]))
    direction = "higher" if sign > 0 else "lower"
    stretch = draw(st.sampled_from([None, base + sign * more]))
    steps = ((base, FULL), (base - sign * width, Decimal(70)))
    made = {
        "ratio": Standard("ratio", direction, target=base or FULL, cap=cap),
        "anchored": Standard("anchored", direction, "", base, base - sign * width, stretch, cap),
        "range": Standard("range", "range", floor=base - width, stretch=base, cap=cap),
        "steps": Standard("steps", direction, steps=steps, cap=cap),
    }[draw(st.sampled_from(rules))]
    return made, base + draw(SHARE) * width


DIRECTED = working("ratio", "anchored", "steps")


def points(standard: Standard, value: Decimal | str) -> Decimal:
    earned = score(standard, Decimal(value))
    assert earned.outcome is Outcome.SCORED
    assert earned.points is not None
    return earned.points


def outcomes(standard: Standard, values: Sequence[str]) -> set[Outcome]:
    return {score(standard, Decimal(value)).outcome for value in values}


@given(STANDARD, st.none() | ANY)
def test_whatever_comes_in_an_outcome_comes_out(standard: Standard, value: Decimal | None) -> None:
    earned = score(standard, value)
    assert earned.outcome is not Outcome.EXCLUDED
    assert (earned.outcome is Outcome.UNDEFINED) is (standard.rule == "rated" or faults(standard) != [])
    assert earned.outcome is not Outcome.UNMEASURED or value is None
    assert (earned.points is not None) is (earned.raw is not None) is (earned.outcome is Outcome.SCORED)
    if earned.points is not None and earned.raw is not None:
        assert ZERO <= earned.points <= standard.cap
        assert earned.points == min(max(earned.raw, ZERO), standard.cap), "the raw points are kept beside"
        assert earned.points == earned.points.quantize(CENT)
    assert cliffs(standard) == [] or not faults(standard)


@given(DIRECTED, POSITIVE)
def test_points_never_go_against_the_value(case: tuple[Standard, Decimal], more: Decimal) -> None:
    standard, value = case
    change = points(standard, value + more) - points(standard, value)
    assert change >= 0 if standard.direction == "higher" else change <= 0


@given(DIRECTED)
def test_lower_is_better_is_the_mirror_image(case: tuple[Standard, Decimal]) -> None:
    standard, value = case
    mirror = replace(
        standard,
        direction="lower" if standard.direction == "higher" else "higher",
        target=None if standard.target is None else -standard.target,
        floor=None if standard.floor is None else -standard.floor,
        stretch=None if standard.stretch is None else -standard.stretch,
        steps=tuple((-at, earned) for at, earned in standard.steps),
    )
    assert score(mirror, -value) == score(standard, value)
    flipped = [Cliff(ZERO - cliff.at, cliff.above, cliff.below) for cliff in cliffs(standard)]
    assert cliffs(mirror) == flipped[::-1]


@given(working("ratio", "anchored", "range"), st.decimals("0.0001", 1, places=4))
def test_nothing_jumps_but_at_a_cliff(case: tuple[Standard, Decimal], step: Decimal) -> None:
    standard, value = case
    assume(not any(value <= cliff.at <= value + step for cliff in cliffs(standard)))
    moved = abs(points(standard, value + step) - points(standard, value))
    assert moved <= steepest(standard) * step + CENT


def steepest(standard: Standard) -> Decimal:
    """The most points that one unit of the value is worth anywhere but at a cliff."""
    floor, target, stretch = standard.floor, standard.target, standard.stretch
    if standard.rule == "ratio":
        return FULL / abs(target or FULL)
    if standard.rule == "range":
        return FULL / ((stretch or ZERO) - (floor or ZERO))
    base = target or ZERO
    before = 40 / abs(base - (floor or ZERO))
    return max(before, ZERO if stretch is None else 20 / abs(stretch - base))


@given(DIRECTED, st.decimals("0.000001", "0.0001", places=6))
def test_a_cliff_is_where_it_is_said_to_be(case: tuple[Standard, Decimal], near: Decimal) -> None:
    standard, _value = case
    assume(standard.rule == "steps" or (standard.rule == "ratio" and not standard.target) or steepest(standard) < 100)
    for cliff in cliffs(standard):
        below, above = points(standard, cliff.at - near), points(standard, cliff.at + near)
        assert abs(below - cliff.below) <= JUMP / 2
        assert abs(above - cliff.above) <= JUMP / 2
        assert points(standard, cliff.at) == max(cliff.below, cliff.above), "who reaches the line is on the better side"


@given(working("range"), POSITIVE)
def test_a_range_is_whole_inside_and_falls_outside(case: tuple[Standard, Decimal], more: Decimal) -> None:
    standard, value = case
    low, high = standard.floor or ZERO, standard.stretch or ZERO
    assert points(standard, low) == points(standard, high) == points(standard, (low + high) / 2) == FULL
    assert points(standard, 2 * high - low) == points(standard, 2 * low - high) == ZERO
    assert points(standard, low + high - value) == points(standard, value), "as far below as above earns the same"
    if not low <= value <= high:
        away = value + more if value > high else value - more
        assert points(standard, away) <= points(standard, value) <= FULL


@given(working("ratio", "range"))
def test_points_say_the_same_as_the_progress_chart(case: tuple[Standard, Decimal]) -> None:
    one, value = case
    assume(one.rule == "range" or (one.target is not None and one.target > 0))
    share = completion(Measured(one.direction, one.unit, one.target, FULL, value, one.floor, one.stretch))
    assert share is not None
    assert points(replace(one, cap=CAP), value) == share * FULL


@pytest.mark.parametrize(
    ("value", "earned"),
    [("0", 0), ("11.99", 0), ("12", 60), ("15", 80), ("18", 100), ("20.5", 110), ("23", 120), ("90", 120)],
)
def test_anchored(value: str, earned: int) -> None:
    standard = Standard("anchored", "higher", "%", Decimal(18), Decimal(12), Decimal(23))
    assert points(standard, value) == earned
    assert cliffs(standard) == [Cliff(Decimal(12), ZERO, Decimal(60))]


@pytest.mark.parametrize(("value", "earned"), [("7", 0), ("6.01", 0), ("6", 60), ("3", 100), ("2", 110), ("0", 120)])
def test_anchored_where_fewer_is_better(value: str, earned: int) -> None:
    standard = Standard("anchored", "lower", "‰", Decimal(3), Decimal(6), Decimal(1))
    assert points(standard, value) == earned
    assert cliffs(standard) == [Cliff(Decimal(6), Decimal(60), ZERO)]


def test_without_a_stretch_value_the_line_goes_on() -> None:
    standard = Standard("anchored", "higher", "%", Decimal(18), Decimal(12))
    assert [points(standard, value) for value in ("12", "18", "19.5", "21", "30")] == [60, 100, 110, 120, 120]
    assert points(replace(standard, cap=FULL), "21") == 100
    assert score(standard, Decimal(30)).raw == 180


def test_beyond_the_stretch_value_only_a_higher_cap_counts() -> None:
    standard = Standard("anchored", "higher", "%", Decimal(18), Decimal(12), Decimal(23), cap=Decimal(150))
    assert points(standard, "28") == 140


def test_a_ratio_below_zero_rewards_the_smaller_loss() -> None:
    standard = Standard("ratio", "higher", "10k CNY", Decimal(-200))
    assert [points(standard, value) for value in ("-400", "-300", "-200", "-180", "50")] == [0, 50, 100, 110, 120]


def test_a_target_of_zero_is_reached_or_not() -> None:
    none = Standard("ratio", "lower", "times", ZERO)
    assert [points(none, value) for value in ("0", "1")] == [100, 0]
    assert cliffs(none) == [Cliff(ZERO, FULL, ZERO)]
    assert score(replace(none, direction="higher"), Decimal(5)).outcome is Outcome.UNDEFINED


def test_steps_both_ways() -> None:
    table = ((Decimal(90), Decimal(60)), (Decimal(95), Decimal(80)), (Decimal(99), Decimal(130)))
    up = Standard("steps", "higher", "%", steps=table)
    assert [points(up, value) for value in ("89.9", "90", "94.9", "95", "99")] == [0, 60, 60, 80, 120]
    assert cliffs(up)[0] == Cliff(Decimal(90), ZERO, Decimal(60))
    assert cliffs(up)[2] == Cliff(Decimal(99), Decimal(80), CAP)
    down = Standard(
        "steps", "lower", "items", steps=((Decimal(0), FULL), (Decimal(2), Decimal(97)), (Decimal(4), Decimal(60)))
    )
    assert [points(down, value) for value in ("5", "4", "3", "2", "1", "0")] == [0, 60, 60, 97, 97, 100]
    assert [cliff.at for cliff in cliffs(down)] == [2, 4], "3 points more at 0 are a step, not a cliff"


def test_milestones_in_percent_and_counted() -> None:
    percent = Standard("milestone", "higher", "%", FULL)
    assert [points(percent, value) for value in ("0", "66.67", "100")] == [0, Decimal("66.67"), 100]
    assert points(replace(percent, target=Decimal(80)), "80") == 100
    once = Standard("milestone", "higher", "", Decimal(1))
    assert [points(once, value) for value in ("0", "1")] == [0, 100]
    assert points(Standard("milestone", "higher", "items", Decimal(5)), "3") == 60
    assert outcomes(percent, ["-1", "140"]) == outcomes(once, ["2", "100"]) == {Outcome.IMPOSSIBLE}


def test_counts_deductions_and_key_results() -> None:
    assert points(Standard("count", "higher", "items", Decimal(24)), "18") == 75
    off = Standard("deduction", "lower", "points", ZERO)
    assert [points(off, value) for value in ("0", "12.5", "130")] == [100, Decimal("87.5"), 0]
    assert score(off, Decimal(130)).raw == -30
    assert points(Standard("okr", "higher", "points", Decimal("0.7")), "0.7") == 70


@pytest.mark.parametrize(
    ("standard", "values"),
    [
        (Standard("count", "higher", "items", Decimal(24)), ["-1", "2.5", "NaN"]),
        (Standard("okr", "higher", "points"), ["-0.1", "1.7", "70"]),
        (Standard("deduction", "lower", "points"), ["-3"]),
        (Standard("ratio", "lower", "days", Decimal(5)), ["-1", "Infinity", "1E+15"]),
        *((Standard("ratio", "higher", unit, Decimal(5)), ["-0.1"]) for unit in sorted(NEVER_NEGATIVE)),
    ],
)
def test_values_that_cannot_be_have_no_points(standard: Standard, values: list[str]) -> None:
    assert outcomes(standard, values) == {Outcome.IMPOSSIBLE}
    assert score(standard, None).outcome is Outcome.UNMEASURED


def test_negative_days_are_possible_where_the_plan_speaks_of_them() -> None:
    early = Standard("anchored", "lower", "days", ZERO, Decimal(5), Decimal(-5))
    assert points(early, "-5") == 120, "five days before the date"


@pytest.mark.parametrize(
    ("standard", "field"),
    [
        (Standard("?", "higher", target=FULL), "rule"),
        (Standard("ratio", "sideways", target=FULL), "direction"),
        (Standard("ratio", "higher"), "target"),
        (Standard("ratio", "higher", target=ZERO), "target"),
        (Standard("ratio", "higher", target=FULL, cap=Decimal(80)), "cap"),
        (Standard("anchored", "higher", floor=ZERO), "target"),
        (Standard("anchored", "higher", target=FULL), "floor"),
        (Standard("anchored", "higher", target=FULL, floor=FULL), "floor"),
        (Standard("anchored", "lower", target=Decimal(5), floor=Decimal(3)), "floor"),
        (Standard("anchored", "higher", target=FULL, floor=ZERO, stretch=FULL), "stretch"),
        (Standard("anchored", "range", target=FULL, floor=ZERO), "stretch"),
        (Standard("range", "range", stretch=FULL), "floor"),
        (Standard("range", "range", floor=FULL, stretch=FULL), "stretch"),
        (Standard("steps", "higher"), "steps"),
        (Standard("steps", "higher", steps=((ZERO, FULL), (FULL, ZERO))), "steps"),
        (Standard("steps", "lower", steps=((ZERO, ZERO), (FULL, FULL))), "steps"),
        (Standard("steps", "higher", steps=((ZERO, Decimal(-1)),)), "steps"),
        (Standard("milestone", "higher", "%", ZERO), "target"),
        (Standard("milestone", "higher", "%", Decimal(140)), "target"),
        (Standard("ratio", "higher", target=Decimal("NaN")), "target"),
        (Standard("steps", "higher", steps=((ZERO, Decimal("sNaN")),)), "steps"),
    ],
)
def test_a_standard_that_cannot_work_names_its_field(standard: Standard, field: str) -> None:
    assert [name for name, _message in faults(standard)] == [field]
    assert score(standard, FULL).outcome is score(standard, None).outcome is Outcome.UNDEFINED


def test_rated_indicators_have_no_computed_points_and_no_faults() -> None:
    rated = Standard("rated", "higher")
    assert not faults(rated)
    assert not cliffs(rated)
    assert score(rated, FULL).outcome is Outcome.UNDEFINED


@pytest.mark.parametrize("code", sorted(code for code, entry in READY.items() if entry.get("rule") != "rated"))
def test_every_indicator_of_the_library_earns_full_points_at_its_target(code: str) -> None:
    entry = READY[code]
    numbers = (entry["target"], entry["floor"], entry["stretch"])
    standard = Standard(entry.get("rule", "ratio"), entry.get("direction", "higher"), entry["unit"], *numbers)
    assert faults(standard) == []
    assert points(standard, entry["target"]) == (70 if standard.rule == "okr" else 100)
    if standard.rule == "anchored":
        assert [points(standard, entry[name]) for name in ("floor", "stretch")] == [60, 120]
