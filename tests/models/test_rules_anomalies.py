"""The rules about scores see what was planted, leave honest people alone, and are deaf to order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.anomalies import RULES, USUAL, Found, Limits, Line, Sheet, anomalies, read
from models.rules.sheets import Figures
from models.rules.totals import SCALE, rating

LEVELS = [level.points for level in SCALE]
HALF = Decimal(50)
LEAGUE = 99


def sheet(
    person: int,
    department: int,
    rated: Sequence[float],
    measured: Sequence[float] = (),
    own: Sequence[float | None] = (),
    rater: int = 0,
    previous: float | None = None,
) -> Sheet:
    """A person with equal weights; the self scores are a level apart unless given, the rater is the department's."""
    selves = own or [None] * len(rated)
    lines = [
        Line(HALF, points(one), rated=True, own=None if mine is None else points(mine))
        for one, mine in zip(rated, selves, strict=True)
    ]
    lines += [Line(HALF, points(one), rated=False) for one in measured]
    total = points(sum([*rated, *measured]) / (len(rated) + len(measured)))
    before = None if previous is None else points(previous)
    return Sheet(person, department, rater or department, total, rating(total), tuple(lines), before)


def points(value: float) -> Decimal:
    return Decimal(str(round(value, 2)))


def honest(departments: int, seed: int = 5, people: int = 12) -> list[Sheet]:
    """Departments of people whose measured results differ, and whose ratings follow them."""
    rng, sheets = Random(seed), []
    for department in range(1, departments + 1):
        for number in range(people):
            level = rng.gauss(93, 7)
            given = [nearest(level + rng.gauss(0, 5)) for _ in range(2)]
            own = [nearest(level + 4 + rng.gauss(0, 7)) for _ in range(2)]
            measured = [min(max(level + rng.gauss(0, 6), 0), 120) for _ in range(2)]
            sheets.append(sheet(department * 100 + number, department, given, measured, own, previous=level))
    return sheets


def nearest(felt: float) -> float:
    return float(min(LEVELS, key=lambda level: abs(float(level) - felt)))


def league(rated: Sequence[float], own: Sequence[float | None], measured: Sequence[float]) -> list[Sheet]:
    """Twelve people in a department of their own; `rated` and `measured` are taken in turn."""
    found = []
    for number in range(12):
        given = [rated[(number + step) % len(rated)] for step in range(2)]
        mine = [own[(number + step) % len(own)] for step in range(2)]
        reached = [measured[(number + step) % len(measured)] for step in range(2)] if measured else []
        found.append(sheet(LEAGUE * 100 + number, LEAGUE, given, reached, mine))
    return found


def about(found: Iterable[Found], department: int = LEAGUE) -> set[str]:
    """The rules that flagged a department, its rater, or somebody in it."""
    of = {"department": department, "rater": department}
    return {one.rule for one in found if of.get(one.on, one.key // 100) == of.get(one.on, department)}


# Planted


@pytest.mark.parametrize(
    ("own", "measured", "seen"),
    [
        ([100, 110, 110], [78, 84, 81, 90], {"inflated_gap", "inflated_deviation", "alliance_department"}),
        ([100, 110, 110], [], {"inflated_deviation", "alliance_department", "inflated_share"}),
        ([110, 100, 100], [78, 84, 81, 90], {"inflated_gap", "inflated_deviation"}),
        ([None], [78, 84, 81, 90], {"inflated_gap", "inflated_deviation"}),
    ],
    ids=["measured", "nothing measured", "self apart", "no self scores"],
)
def test_twelve_who_give_each_other_95_and_more_are_caught(
    own: list[float | None], measured: list[float], seen: set[str]
) -> None:
    company = [*honest(7), *league([100, 110, 110], own, measured)]
    assert about(anomalies(company)) == seen


def test_a_strong_department_is_not_caught() -> None:
    strong = league([110, 100, 110, 85], [110, 110, 100, 100], [104, 118, 97, 111, 106, 120, 101])
    others = honest(7)
    assert Decimal(105) > max(one.total for one in others[:12]) - 20
    assert about(anomalies([*others, *strong])) == set()
    assert sum(one.rating == "S" for one in strong) > 4


def test_a_strong_department_in_agreement_is_not_caught() -> None:
    strong = league([110, 110, 100], [110, 110, 100], [112, 118, 104, 109])
    assert about(anomalies([*honest(7), *strong])) == set()


def test_a_weak_department_is_not_caught() -> None:
    weak = league([85, 70, 70, 85], [85, 85, 70, 100], [66, 81, 74, 70, 79])
    assert about(anomalies([*honest(7), *weak])) == set()


def test_honest_departments_are_not_caught() -> None:
    assert anomalies(honest(20)) == []


def test_a_department_is_held_against_the_others_without_itself() -> None:
    """With itself among six, 110 beside five times 90 is 2.04 deviations above; among five 1.79 at most."""
    others = [sheet(d * 100 + n, d, [90 + d % 2]) for d in range(1, 6) for n in range(5)]
    high = [sheet(LEAGUE * 100 + number, LEAGUE, [110]) for number in range(5)]
    found = [one for one in anomalies([*others, *high]) if one.rule == "inflated_deviation"]
    figures: Figures = {
        "people": 5,
        "departments": 5,
        "rated": 110,
        "others": Decimal("90.6"),
        "spread": Decimal("0.55"),
    }
    assert found == [Found("inflated_deviation", "department", LEAGUE, 0, {**figures, "limit": Decimal("100.6")})]
    fewer = [one for one in others if one.department != 1]
    assert "inflated_deviation" not in about(anomalies([*fewer, *high])), "four others say too little"


def test_who_gives_everybody_the_same_is_caught() -> None:
    same = [sheet(number, 1, [100, 100], [80 + 4 * number], rater=7) for number in range(1, 6)]
    assert [one.rule for one in anomalies(same)] == ["uniform_ratings"]
    assert anomalies(same[:4]) == []
    even = [sheet(number, 1, [100 + number / 10, 90 - number / 10], rater=7) for number in range(1, 6)]
    assert {one.rule for one in anomalies(even)} == {"uniform_totals", "uniform_ratings"}
    few = [sheet(number, 1, [100], [80 + 4 * number], rater=7) for number in range(1, 6)]
    assert anomalies(few) == [], "five judgements may well be the same"


def test_what_is_only_measured_says_nothing_about_a_rater() -> None:
    assert anomalies([sheet(number, 1, [], [120, 120]) for number in range(1, 9)]) == []


def test_a_pair_needs_two_cycles_with_the_same_rater() -> None:
    then = sheet(1, 3, [110, 110, 100, 110, 110], [90], [110, 110, 100, 110, 110])
    now = replace(then, department=4)
    (found,) = anomalies([now], [then])
    assert (found.rule, found.on, found.key, found.other) == ("alliance_pair", "pair", 1, 3)
    assert found.figures == {"items": 10, "same": 10, "share": 1, "mean": 108}
    assert anomalies([now]) == []
    assert anomalies([now], [replace(then, rater=5)]) == []
    assert anomalies([replace(now, rater=0)], [replace(then, rater=0)]) == []
    good = sheet(1, 3, [110, 110, 100, 110, 110], [109], [110, 110, 100, 110, 110])
    assert anomalies([good], [good]) == [], "what is measured bears it out"


def test_a_jump_is_more_than_25_points() -> None:
    people = [sheet(1, 1, [100], previous=75), sheet(2, 1, [100], previous=74.99), sheet(3, 1, [70], previous=110)]
    found = [(one.rule, one.key, one.figures["change"]) for one in anomalies(people)]
    assert found == [("jump", 2, points(25.01)), ("jump", 3, -40)]


def test_measured_and_rated_contradict_each_other() -> None:
    people = [sheet(1, 1, [50], [95]), sheet(2, 1, [100, 110], [59.99]), sheet(3, 1, [100], [60]), sheet(4, 1, [100])]
    found = [(one.rule, one.key, dict(one.figures)) for one in anomalies(people)]
    assert found == [
        ("contradiction_rated_above", 2, {"measured": points(59.99), "rated": 105}),
        ("contradiction_rated_below", 1, {"measured": 95, "rated": 50}),
    ]


def test_lines_without_points_or_weight_count_in_no_mean() -> None:
    lines = (Line(HALF, None, rated=True), Line(None, Decimal(100), rated=False), Line(HALF, Decimal(70), rated=False))
    (reading,) = read([replace(sheet(1, 1, [100]), lines=lines)])
    assert (reading.rated, reading.measured, reading.judged, reading.lift) == (None, points(70), 0, None)


def test_limits_are_obeyed() -> None:
    company = [*honest(7), *league([100, 110, 110], [100, 110, 110], [78, 84, 81, 90])]
    mild = Limits(inflated_gap=Decimal(40), inflated_margin=Decimal(40), alliance_mean=Decimal(120))
    assert about(anomalies(company, limits=mild)) == set()
    assert about(anomalies(company, limits=replace(USUAL, least=13))) == set()


# Properties

POINTS = st.decimals(0, 120, places=2)
LINE = st.builds(
    Line,
    weight=st.none() | st.integers(0, 120).map(lambda n: Decimal(n) / 2),
    points=st.none() | st.sampled_from(LEVELS) | POINTS,
    rated=st.booleans(),
    own=st.none() | st.sampled_from(LEVELS),
)
SHEET = st.builds(
    Sheet,
    person=st.just(0),
    department=st.integers(0, 9),
    rater=st.integers(0, 9),
    total=POINTS,
    rating=st.sampled_from("SAB"),
    lines=st.lists(LINE, max_size=4).map(tuple),
    previous=st.none() | POINTS,
)
COMPANY = st.lists(SHEET, max_size=60).map(lambda every: [replace(one, person=n) for n, one in enumerate(every, 1)])


@given(COMPANY, COMPANY, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(now: list[Sheet], before: list[Sheet], rng: Random) -> None:
    found = anomalies(now, before)
    mixed, earlier = list(now), list(before)
    rng.shuffle(mixed)
    rng.shuffle(earlier)
    assert anomalies(mixed, earlier) == found
    order = [RULES.index(one.rule) for one in found]
    assert order == sorted(order)


@given(COMPANY)
def test_nothing_is_said_about_less_than_five(now: list[Sheet]) -> None:
    for one in anomalies(now):
        if one.on in ("department", "rater"):
            assert sum(getattr(sheet, one.on) == one.key for sheet in now) >= 5
            assert one.key, "who has no department is in none"
            people = one.figures["people"]
            assert people >= 5


@given(COMPANY, st.integers(0, 99))
def test_others_do_not_matter_but_to_the_mean(now: list[Sheet], seed: int) -> None:
    strangers = [
        replace(one, person=one.person + 10_000, department=50, rater=50) for one in honest(1, seed=seed, people=9)
    ]

    def said(company: list[Sheet]) -> list[Found]:
        found = [one for one in anomalies(company) if one.rule != "inflated_deviation"]
        return [one for one in found if one.key != 50 and one.key < 10_000]

    assert said([*now, *strangers]) == said(now)


@given(COMPANY, st.integers(1, 40))
def test_higher_limits_never_find_more(now: list[Sheet], more: int) -> None:
    milder = replace(
        USUAL,
        inflated_gap=USUAL.inflated_gap + more,
        inflated_margin=USUAL.inflated_margin + more,
        jump=USUAL.jump + more,
        alliance_mean=USUAL.alliance_mean + more,
        bearing=USUAL.bearing + more,
    )
    places = {(one.rule, one.key, one.other) for one in anomalies(now, now)}
    assert {(one.rule, one.key, one.other) for one in anomalies(now, now, milder)} <= places
