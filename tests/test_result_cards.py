"""What result cards show adds up again exactly, whatever the numbers are."""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import Card, Table
from bot.degrade import lines_of
from bot.text import texts
from handlers.cards.resultdata import Decided, ShownLine, ShownResult
from handlers.cards.steps import steps_card, sums
from handlers.cards.working import working
from models.rules.scoring import score
from models.rules.standards import Standard
from models.rules.totals import SCALE, Part, lowest_passing, total

T = texts("en")
CENT = Decimal("0.01")
RULES = ("ratio", "anchored", "range", "steps", "milestone", "count", "deduction", "okr")
numbers = st.decimals(-1000, 1000, places=2, allow_nan=False)
points = st.decimals(0, 120, places=2, allow_nan=False)


def value_of(said: str) -> Fraction:
    """What an expression of a card comes to: numbers, + − × /, brackets."""
    tokens = re.findall(r"\d[\d,]*(?:\.\d+)?|[()+−×/]", said)
    assert "".join(tokens).replace(",", "") == said.replace(" ", "").replace(",", ""), said
    found, rest = _sum(tokens)
    assert not rest, said
    return found


def _sum(tokens: list[str]) -> tuple[Fraction, list[str]]:
    found, rest = _product(tokens)
    while rest and rest[0] in "+−":
        more, after = _product(rest[1:])
        found, rest = (found + more if rest[0] == "+" else found - more), after
    return found, rest


def _product(tokens: list[str]) -> tuple[Fraction, list[str]]:
    found, rest = _atom(tokens)
    while rest and rest[0] in "×/":
        more, after = _atom(rest[1:])
        found, rest = (found * more if rest[0] == "×" else found / more), after
    return found, rest


def _atom(tokens: list[str]) -> tuple[Fraction, list[str]]:
    if tokens[0] == "−":
        found, rest = _atom(tokens[1:])
        return -found, rest
    if tokens[0] == "(":
        found, rest = _sum(tokens[1:])
        return found, rest[1:]
    return Fraction(tokens[0].replace(",", "")), tokens[1:]


def cents(value: Fraction) -> Decimal:
    """Rounded half up, away from 0, to 0.01."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(CENT, ROUND_HALF_UP)


def adds_up(line: str) -> Decimal:
    """The right side of "… = …", once both sides are the same."""
    left, right = line.split(" = ")
    assert cents(value_of(left)) == cents(value_of(right)), line
    return cents(value_of(right))


@settings(max_examples=300, deadline=None)
@given(
    rule=st.sampled_from(RULES),
    direction=st.sampled_from(("higher", "lower", "range")),
    figures=st.tuples(numbers, numbers, numbers),
    value=numbers,
)
def test_a_formula_with_its_numbers_gives_the_points(
    rule: str, direction: str, figures: tuple[Decimal, Decimal, Decimal], value: Decimal
) -> None:
    target, floor, stretch = figures
    steps = ((floor, Decimal(60)), (target, Decimal(90))) if rule == "steps" else ()
    standard = Standard(rule, direction, "", target, floor, stretch, steps=steps)
    scored = score(standard, value)
    lines = working(T, standard, value)
    assert bool(lines) == (scored.points is not None)
    if scored.raw is None or scored.points is None:
        return
    if "=" in lines[0]:
        assert abs(adds_up(lines[0]) - scored.raw) <= Decimal(0), lines
    else:
        assert f"{scored.raw:,.2f}" in lines[0], lines
    assert (len(lines) > 1) == (scored.raw != scored.points)
    if len(lines) > 1:
        assert "counts as" in lines[1]


parts = st.lists(
    st.tuples(
        st.sampled_from(("weighted", "weighted", "weighted", "veto", "bonus", "penalty")),
        st.integers(5, 60),
        st.one_of(points, st.just(Decimal(0))),
        st.booleans(),
    ),
    min_size=1,
    max_size=10,
)


def shown(given: list[tuple[str, int, Decimal, bool]], decided: Decided, final: Decimal | None) -> ShownResult:
    """A result as the rules compute it from invented items."""
    rows = [
        Part(n, part, Decimal(weight) if part == "weighted" else None, earned, out and n > 0)
        for n, (part, weight, earned, out) in enumerate(given)
    ]
    found = total(rows)
    weighed = {one.key: one for one in found.weighed}
    lines = [
        ShownLine(
            one.key,
            f"Item {one.key}",
            one.part,
            one.points,
            weighed[one.key].weight if one.key in weighed else None,
            weighed[one.key].contribution if one.key in weighed else None,
            one.excluded,
        )
        for one in rows
    ]
    value = final if final is not None else found.value
    return ShownResult(1, 1, "Ana", "Q4", "computed", value, "A", found.value, lines, decided)


@settings(max_examples=200, deadline=None)
@given(given=parts)
def test_the_parts_shown_add_up_to_the_total(given: list[tuple[str, int, Decimal, bool]]) -> None:
    result = shown(given, Decided(), None)
    lines = sums(T, result)
    if result.computed is None:
        assert lines == ["Not everything has points yet: there is no total."]
        return
    ends = [adds_up(line) for line in lines if "=" in line]
    reached = max(ends[-1], Decimal(0))
    if "veto" in lines[-1]:
        reached = min(reached, lowest_passing(SCALE))
    assert reached == result.computed
    table = next(block for block in steps_card(T, result).body if isinstance(block, Table))
    column = [cents(value_of(row[3])) for row in table.rows]
    assert sum(column, Decimal(0)) == ends[0]
    weights = sum((Decimal(row[1].removesuffix("%")) for row in table.rows), Decimal(0))
    assert weights == 100


@settings(max_examples=100, deadline=None)
@given(given=parts, by=st.decimals(-5, 5, places=2, allow_nan=False))
def test_what_people_decided_adds_up_as_well(given: list[tuple[str, int, Decimal, bool]], by: Decimal) -> None:
    plain = shown(given, Decided(), None)
    if plain.computed is None or not by:
        return
    for origin in ("adjusted", "disputed"):
        final = max(plain.computed + by, Decimal(0))
        decided = Decided(origin, by if origin == "adjusted" else Decimal(0), "Dana", "because")
        lines = sums(T, shown(given, decided, final))
        said = next((line for line in reversed(lines) if ": " in line and "=" in line), None)
        if said is None:
            assert final == plain.computed
            continue
        assert max(adds_up(said.partition(": ")[2]), Decimal(0)) == final


def said(card: Card) -> str:
    """Everything a card says."""
    return "\n".join(line for block in card.body for line in lines_of(block))


def test_what_is_left_out_says_why_and_what_does_not_count_is_named() -> None:
    lines = [
        ShownLine(1, "Visits", points=Decimal(100), counted=Decimal(100), contribution=Decimal(100), absent=("peer",)),
        ShownLine(2, "Training", excluded=True, why="On leave"),
        ShownLine(3, "No breach", part="veto", points=Decimal(0)),
    ]
    result = ShownResult(1, 1, "Ana", "Q4", "computed", Decimal(60), "C", Decimal(60), lines)
    text = said(steps_card(T, result))
    for words in ("Training is left out", "“On leave”", "not scored by colleagues", "Veto · No breach: tripped"):
        assert words in text
    assert "A veto is tripped (No breach): at most 60.00." in text
    assert "S from 105 · A from 95 · B from 80 · C from 60 · D below 60" in text


@pytest.mark.parametrize("locale", ["en", "zh_Hans", "zh_Hant", "ja"])
def test_formulas_are_the_same_in_every_language(locale: str) -> None:
    standard = Standard("anchored", "higher", "", Decimal(60), Decimal(54))
    assert working(texts(locale), standard, Decimal(57)) == ["60 + 40 × (57 − 54) / (60 − 54) = 80.00"]
