"""Our own road from rows to results and flags, in the three steps that are measured."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from bench.rows import STEPS, ItemRow, LineRow, PersonRow, Rows
from models.rules.anomalies import Found, Line, Sheet, anomalies
from models.rules.scoring import Standard, score
from models.rules.totals import Part, combine, rating, total

RATERS = {"manager": Decimal(80), "self": Decimal(0), "peer": Decimal(20)}
ZERO = Decimal(0)
Plans = list[tuple[PersonRow, list[tuple[ItemRow, Standard | None]]]]


class Result(NamedTuple):
    """A person's total and rating; None while something is missing."""

    total: Decimal | None
    rating: str | None


def read(rows: Rows) -> Plans:
    """The plans of everybody, with their standards."""
    people = {row.person: row for row in rows.people}
    return [
        (people[person], [(item, _standard(item)) for item in items])
        for person, items in groupby(rows.items, attrgetter("person"))
    ]


def results(plans: Plans) -> tuple[dict[int, Result], list[Sheet]]:
    """The result of everybody, and the sheets of those that have one."""
    found: dict[int, Result] = {}
    sheets: list[Sheet] = []
    for person, items in plans:
        scored = [(item, _points(item, standard)) for item, standard in items]
        parts = [Part(item.key, item.part, item.weight, points, item.excluded) for item, points in scored]
        value = total(parts).value
        level = None if value is None else rating(value)
        found[person.person] = Result(value, level)
        if value is not None and level is not None:
            lines = tuple(_line(item, points) for item, points in scored if not item.excluded)
            sheets.append(Sheet(person.person, person.department, person.rater, value, level, lines, person.previous))
    return found, sheets


def flags(sheets: list[Sheet], rows: Rows) -> list[Found]:
    """What the rules find, with the cycle before."""
    return anomalies(sheets, _before(rows.before))


def _standard(item: ItemRow) -> Standard | None:
    if item.rule == "rated":
        return None
    steps = STEPS if item.rule == "steps" else ()
    return Standard(item.rule, item.direction, item.unit, item.target, item.floor, item.stretch, steps=steps)


def _points(item: ItemRow, standard: Standard | None) -> Decimal | None:
    if standard is not None:
        return score(standard, item.value).points
    if item.part != "weighted":
        return item.manager
    return combine({"manager": item.manager, "self": item.own, "peer": item.peer}, RATERS).points


def _line(item: ItemRow, points: Decimal | None) -> Line:
    rated = item.rule == "rated"
    weight = item.weight if item.part == "weighted" else None
    return Line(weight, item.manager if rated else points, rated, item.own if rated else None)


def _before(lines: Iterable[LineRow]) -> list[Sheet]:
    sheets = []
    for (person, rater), own in groupby(lines, attrgetter("person", "rater")):
        told = tuple(Line(line.weight, line.points, line.rated, line.own) for line in own)
        sheets.append(Sheet(person, 0, rater, ZERO, "", told))
    return sheets


def said(found: Mapping[int, Result], flagged: Iterable[Found]) -> tuple[list[str], list[str]]:
    """Results and flags in a form that can be compared, to the cent."""
    totals = [f"{person} {one.total} {one.rating}" for person, one in sorted(found.items())]
    shown = []
    for flag in flagged:
        figures = " ".join(f"{name}={float(value):.4f}" for name, value in sorted(flag.figures.items()))
        shown.append(f"{flag.rule} {flag.on} {flag.key} {flag.other} {figures}")
    return totals, sorted(shown)
