"""The examples of docs/rules.md about flags are true: every figure is read from the page and looked at again."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import stdev

import pytest

from handlers.cards.flags import RULES
from models.rules.anomalies import USUAL, Found, Line, Sheet, anomalies
from tests.models.test_rules_examples import PAGE, Row, maybe, number, rows

HUNDRED = Decimal(100)


def person(
    key: int, department: int, rated: Sequence[Decimal], measured: Decimal | None, own: Sequence[Decimal] = ()
) -> Sheet:
    """A person with equal weights, whose total and rating no rule looks at unless a test says otherwise."""
    mine: Sequence[Decimal | None] = own or [None] * len(rated)
    lines = [Line(HUNDRED, points, rated=True, own=self) for points, self in zip(rated, mine, strict=True)]
    lines += [] if measured is None else [Line(HUNDRED, measured, rated=False)]
    return Sheet(key, department, department, Decimal(60 + 3 * (key % 7)), "B", tuple(lines))


def titles(found: Iterable[Found], on: str, key: int) -> set[str]:
    """The flags of somebody, as the card and the page call them."""
    return {RULES[one.rule] for one in found if (one.on, one.key) == (on, key)}


def said(row: Row, column: str) -> set[str]:
    """The flags of a cell."""
    return set() if row[column] == "–" else {row[column]}


def few(row: Row, *columns: str) -> list[int]:
    """Whole numbers of a row."""
    return [int(number(row[column])) for column in columns]


def yes(row: Row) -> bool:
    """Whether a row says that it is flagged."""
    return row["flagged"] == "yes"


def table(title: str, column: str) -> list[Row]:
    """The rows of those tables under a heading that have a column."""
    return [row for row in rows(title) if column in row]


def test_every_flag_is_on_the_page_under_its_name() -> None:
    assert [row["flag"] for row in table("What is flagged", "about")] == list(RULES.values())


def test_the_limits_on_the_page_are_the_usual_ones() -> None:
    whens = {row["flag"]: row["when"] for row in table("What is flagged", "about")}
    usual: dict[str, list[Decimal | int]] = {
        "inflated_gap": [USUAL.inflated_gap],
        "inflated_share": [USUAL.inflated_share * 100],
        "inflated_deviation": [USUAL.inflated_deviations, USUAL.inflated_margin],
        "uniform_totals": [USUAL.uniform_deviation],
        "uniform_ratings": [USUAL.uniform_deviation, USUAL.uniform_items],
        "alliance_department": [USUAL.alliance_share * 100, USUAL.alliance_items, USUAL.alliance_mean],
        "alliance_pair": [USUAL.alliance_pair_items],
        "jump": [USUAL.jump],
        "contradiction_rated_above": [USUAL.contradiction_low, USUAL.contradiction_high],
    }
    for rule, limits in usual.items():
        words = whens[RULES[rule]].replace(",", " ").split()
        assert [word for word in words if word.isdigit()] == [f"{limit:.0f}" for limit in limits], rule


def test_the_company_with_inflated_departments() -> None:
    page = table("Inflated departments", "department")
    sheets = []
    for place, row in enumerate(page, 1):
        (people,) = few(row, "people")
        given, measured = [number(row["rated"])], number(row["measured"])
        sheets += [person(place * 100 + one, place, given, measured) for one in range(people)]
    found = [one for one in anomalies(sheets) if one.on == "department"]
    assert [titles(found, "department", place) for place in range(1, len(page) + 1)] == [
        said(row, "flags") for row in page
    ]
    (stands_out,) = (one.figures for one in found if one.rule == "inflated_deviation")
    assert stands_out["departments"] == 7
    others, spread, limit = (stands_out[name] for name in ("others", "spread", "limit"))
    assert f"{others} + 2 × {spread} = {limit}" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("row", table("Inflated departments", "at the top"))
def test_a_share_at_the_top(row: Row) -> None:
    people, top, borne_out = few(row, "people", "at the top", "of them borne out")
    sheets = []
    for one in range(people):
        measured = Decimal(109 if one < borne_out else 90)
        sheet = person(one + 1, 1, [Decimal(100 if one >= top else 110)], measured)
        sheets.append(Sheet(sheet.person, 1, 0, sheet.total, "S" if one < top else "A", sheet.lines))
    found = [one for one in anomalies(sheets) if one.rule == "inflated_share"]
    assert bool(found) is yes(row)
    assert all(one.figures["share"] * 100 == number(row["share that counts"]) for one in found)


@pytest.mark.parametrize("row", rows("Raters who make no difference"))
def test_raters(row: Row) -> None:
    means = [Decimal(mean) for mean in row["mean rating of each person"].split("; ")]
    (each,) = few(row, "ratings a person")
    sheets = [person(place, 1, [mean] * each, None) for place, mean in enumerate(means, 1)]
    found = [one for one in anomalies(sheets) if one.rule == "uniform_ratings"]
    assert bool(found) is yes(row)
    assert all(one.figures["deviation"] == number(row["standard deviation"]) for one in found)
    assert round(Decimal(stdev(means)), 2) == number(row["standard deviation"])


@pytest.mark.parametrize("row", table("Agreement", "people"))
def test_agreement(row: Row) -> None:
    people, items, same = few(row, "people", "rated indicators", "the same")
    mean, each = number(row["mean"]), items // people
    sheets = []
    for one in range(people):
        own = [mean if one * each + place < same else mean + 1 for place in range(each)]
        sheets.append(person(one + 1, 1, [mean] * each, number(row["measured"]), own))
    found = [one for one in anomalies(sheets) if one.rule == "alliance_department"]
    assert bool(found) is yes(row)


@pytest.mark.parametrize("row", table("Jumps and contradictions", "last time"))
def test_jumps(row: Row) -> None:
    sheet = Sheet(1, 1, 1, number(row["now"]), "B", (), maybe(row["last time"]))
    assert bool(anomalies([sheet])) is yes(row)


@pytest.mark.parametrize("row", table("Jumps and contradictions", "measured"))
def test_contradictions(row: Row) -> None:
    found = anomalies([person(1, 1, [number(row["rated"])], number(row["measured"]))])
    assert {RULES[one.rule] for one in found} == said(row, "flagged")
