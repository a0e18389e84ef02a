"""The examples of docs/rules.md about scores are true: every figure is read from the page and computed again."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from models.rules.scoring import AT_FLOOR, AT_STRETCH, CAP, JUMP, Cliff, Outcome, Standard, cliffs, score
from models.rules.standards import FULL
from models.rules.totals import ADJUST, SCALE, Part, adjusted, combine, credit, lowest_passing, peer_mean, rating, total

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
STEP = re.compile(r"from (\S+): (\S+)")
RATERS = {"manager": "manager 70 %", "self": "self 10 %", "peer": "peers 20 %"}
Row = Mapping[str, str]


def rows(title: str) -> list[Row]:
    """The rows of all tables between a heading and the next heading, by the names of their columns."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n### {title}\n")[1].split("\n#")[0]
    found: list[Row] = []
    header: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            header = []
        elif not header:
            header = cells
        elif not set(line) <= set("|-"):
            found.append(dict(zip(header, cells, strict=True)))
    return found


def number(text: str) -> Decimal:
    """The one number of a cell."""
    (found,) = NUMBER.findall(text)
    return Decimal(found.replace(",", ""))


def maybe(text: str) -> Decimal | None:
    """The number of a cell, None for a dash."""
    return None if text in ("–", "") else number(text)


def standard(row: Row) -> Standard:
    """The standard that a row describes in words."""
    rule, _comma, direction = row["rule"].partition(", ")
    words = dict(re.findall(r"(target|floor|stretch) (\S+)", row["example"]))
    target, floor, stretch = (number(words[name]) if name in words else None for name in ("target", "floor", "stretch"))
    steps = tuple((number(at), number(points.rstrip(","))) for at, points in STEP.findall(row["example"]))
    unit = "days" if "days" in row["example"] else "%" if rule == "milestone" else ""
    return Standard(rule, direction.partition(" ")[0] or "higher", unit, target, floor, stretch, steps=steps)


EARNED = [
    (standard(row), number(pair.partition("→")[0]), number(pair.partition("→")[2]))
    for row in rows("Points of an indicator")
    for pair in row["value → points"].split(";")
    if pair
]
NO_POINTS = [
    (standard(row), maybe(value), Outcome(row["outcome"]))
    for row in rows("What has no points")
    for value in row["value"].split("; ")
]


def test_the_page_has_an_example_of_every_rule_and_outcome() -> None:
    assert {one.rule for one, _value, _points in EARNED} == {
        "ratio", "anchored", "range", "steps", "milestone", "count", "deduction", "okr",
    }  # fmt: skip
    assert {outcome for *_what, outcome in NO_POINTS} == {Outcome.UNMEASURED, Outcome.IMPOSSIBLE, Outcome.UNDEFINED}
    assert len(EARNED) > 50


@pytest.mark.parametrize(("one", "value", "points"), EARNED)
def test_points(one: Standard, value: Decimal, points: Decimal) -> None:
    assert score(one, value).points == points


@pytest.mark.parametrize(("one", "value", "outcome"), NO_POINTS)
def test_outcomes(one: Standard, value: Decimal | None, outcome: Outcome) -> None:
    assert score(one, value).outcome is outcome


@pytest.mark.parametrize("row", rows("Cliffs"))
def test_cliffs(row: Row) -> None:
    below, above = (number(side) for side in row["points on either side"].split("and"))
    assert cliffs(standard(row)) == [Cliff(number(row["at"]), below, above)]


@pytest.mark.parametrize(
    ("sentence", "figures"),
    [
        (r"the cap, which is (\S+) unless another one of at least (\S+) is", [CAP, FULL]),
        (r"\| (\S+) at the floor, (\S+) at the target, (\S+) at the stretch", [AT_FLOOR, FULL, AT_STRETCH]),
        (r"next to no difference in the value makes (\S+) points or more", [JUMP]),
        (r"move the total by up to (\S+) points", [ADJUST]),
        (r"own weight, at most (\S+)\.", [CAP]),
    ],
)
def test_limits_in_sentences(sentence: str, figures: list[Decimal]) -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert [number(figure) for figure in _example(text, sentence)] == figures


def test_raters_and_peers() -> None:
    table = rows("Raters")
    weights = {rater: number(column) for rater, column in RATERS.items()}
    combined = [row for row in table if "together" in row]
    for row in combined:
        found = combine({rater: maybe(row[column]) for rater, column in RATERS.items()}, weights)
        assert found.points == maybe(row["together"])
        assert ", ".join(found.absent).replace("peer", "peers") == row["left out"]
    asked = [row for row in table if "answers" in row]
    for row in asked:
        assert peer_mean([number(answer) for answer in row["answers"].split(";")]) == maybe(row["mean"])
    assert (len(combined), len(asked)) == (4, 2)


def test_the_total_adds_up() -> None:
    *table, together = [row for row in rows("Total") if "indicator" in row]
    parts = [
        Part(key, weight=number(row["weight"]), excluded=True)
        if row["points"] == "excluded"
        else Part(key, weight=number(row["weight"]), points=number(row["points"]))
        for key, row in enumerate(table)
    ]
    found = total(parts)
    shown = [(number(row["counts with"]), number(row["contributes"])) for row in table if row["counts with"] != "–"]
    assert [(one.weight, one.contribution) for one in found.weighed] == shown
    assert sum(one.weight for one in found.weighed) == number(together["counts with"])
    assert found.value == number(together["contributes"])


def test_bonus_penalty_and_veto() -> None:
    table = [row for row in rows("Total") if "bonus" in row]
    for row in table:
        given = {kind: maybe(row[kind]) for kind in ("bonus", "penalty")}
        extra = [Part(key, kind, None, points) for key, (kind, points) in enumerate(given.items(), 2) if points]
        found = total([*_whole(row["weighted sum"], row["veto"]), *extra])
        assert found.value == number(row["total"])
        assert rating(found.value) == row["rating"]
    assert len(table) == 5


def test_shared_indicators() -> None:
    table = rows("Shared indicators")
    weights = {key: number(row["weight"]) for key, row in enumerate(table)}
    shares = {key: number(row["share"]) for key, row in enumerate(table)}
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    points, *figures = (number(found) for found in _example(text, r"\*(\S+) points, weights (.+?) to hand out\.\*"))
    *each, together, pool = figures
    assert (each, together, pool) == ([*weights.values()], sum(weights.values()), points * sum(weights.values()))
    assert [*credit(points, shares, weights).values()] == [number(row["points"]) for row in table]
    fair = _example(text, r"in proportion to the weights \(here (.+?)\) give everybody the (\S+)\.")
    *even, same = (number(figure) for figure in fair)
    assert {*credit(points, dict(enumerate(even)), weights).values()} == {same}


def test_ratings() -> None:
    table = [row for row in rows("Ratings") if "total from" in row]
    assert [(level.name, level.cutoff, level.points) for level in SCALE] == [
        (row["rating"], number(row["total from"]), number(row["points of a rated indicator"])) for row in table
    ]
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    ((shown, name),) = re.findall(r"total as it is shown: (\S+) is (\w)\.", text)
    assert rating(number(shown)) == name
    ((passing, name),) = re.findall(r"the lowest one that passes: (\d+), where (\w) begins", text)
    assert (number(passing), name) == (lowest_passing(), rating(lowest_passing()))


def test_adjustments() -> None:
    table = [row for row in rows("Ratings") if "moved by" in row]
    for row in table:
        result = total(_whole(row["total"], row["veto"]))
        value = result.value or Decimal(0)
        if row["new total"] == "refused":
            with pytest.raises(ValueError, match="up to 5 points"):
                adjusted(value, number(row["moved by"]), vetoed=result.vetoed)
            continue
        after = adjusted(value, number(row["moved by"]), vetoed=result.vetoed)
        assert (after, rating(after)) == (number(row["new total"]), row["rating"])
    assert len(table) == 4


def _whole(points: str, veto: str) -> list[Part]:
    """One weighted part that carries everything, and a veto."""
    tripped = Decimal(0) if veto == "tripped" else Decimal(100)
    return [Part(0, "weighted", Decimal(100), number(points)), Part(1, "veto", None, tripped)]


def _example(text: str, pattern: str) -> list[str]:
    """All numbers of one sentence of the page."""
    (found,) = re.finditer(pattern, text)
    return NUMBER.findall(" ".join(found.groups()))
