"""What the rules about scores look at and say: a person's scored lines, their means, findings, limits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)
PART = Decimal("0.0001")
Figures = Mapping[str, Decimal | int]


@dataclass(frozen=True, slots=True)
class Line:
    """One item: its weight in percent (None: veto, bonus or penalty) and its points; `own` is the self score of a rated
    line, beside the manager's `points`."""

    weight: Decimal | None
    points: Decimal | None
    rated: bool
    own: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's result in one cycle, who rated it, and the total of the cycle before. Department or rater 0: none,
    so that nothing is said about such a group."""

    person: int
    department: int
    rater: int
    total: Decimal
    rating: str
    lines: tuple[Line, ...]
    previous: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A sheet with its means by weight, points to 0.01: `rated`, `measured`, None where it has no such item.

    `judged` counts the rated lines; `compared` those that have a self score, too, `same` those of them that are equal,
    and `given` is the manager's points of the compared ones, summed.
    """

    sheet: Sheet
    rated: Decimal | None
    measured: Decimal | None
    judged: int
    compared: int
    same: int
    given: Decimal

    @property
    def lift(self) -> Decimal | None:
        """How far the rated items are above the measured ones, in points; None without either."""
        return None if self.rated is None or self.measured is None else self.rated - self.measured


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: `key` is the id of whom or what it is `on`; `other` the rater of a pair, else 0."""

    rule: str
    on: str
    key: int
    other: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Limits:
    """Every parameter of a cycle's rules, in points unless said otherwise (why: docs/decisions/0008-flags.md).

    Shares are parts of 1. `least` people make a group; `bearing` is how far ratings may be above measured results that
    still bear them out.
    """

    least: int = 5
    bearing: Decimal = Decimal(3)
    inflated_gap: Decimal = Decimal(15)
    inflated_share: Decimal = Decimal("0.40")
    inflated_deviations: Decimal = Decimal(2)
    inflated_margin: Decimal = Decimal(10)
    inflated_departments: int = 5
    uniform_deviation: Decimal = Decimal(1)
    uniform_items: int = 10
    alliance_share: Decimal = Decimal("0.9")
    alliance_mean: Decimal = Decimal(95)
    alliance_items: int = 10
    alliance_pair_items: int = 10
    jump: Decimal = Decimal(25)
    contradiction_low: Decimal = Decimal(60)
    contradiction_high: Decimal = Decimal(95)


USUAL = Limits()


def read(sheets: Iterable[Sheet]) -> list[Reading]:
    """The means of every sheet, in the order given."""
    return [_reading(sheet) for sheet in sheets]


def grouped(readings: Iterable[Reading], of: Callable[[Sheet], int]) -> list[tuple[int, list[Reading]]]:
    """The readings of each department or rater, in the order of their ids; those without one are left out."""
    groups: dict[int, list[Reading]] = {}
    for reading in readings:
        if key := of(reading.sheet):
            groups.setdefault(key, []).append(reading)
    return sorted(groups.items())


def borne_out(readings: Sequence[Reading], limits: Limits) -> bool:
    """Whether at least half of them are measured, too, and the ratings are on the mean not far above that."""
    lifts = [one.lift for one in readings if one.lift is not None]
    return 2 * len(lifts) >= len(readings) and mean(lifts) <= limits.bearing


def mean(values: Sequence[Decimal]) -> Decimal:
    """The mean to 0.01; ZeroDivisionError without values."""
    return rounded(sum(values, ZERO) / len(values))


def deviation(count: int, whole: Decimal, squares: Decimal) -> Decimal:
    """The standard deviation of a sample to 0.01, from its sum and the sum of its squares; 0 for less than two."""
    if count < 2:
        return ZERO
    return rounded((max(squares - whole * whole / count, ZERO) / (count - 1)).sqrt())


def rounded(points: Decimal, to: Decimal = CENT) -> Decimal:
    """Half up."""
    return points.quantize(to, ROUND_HALF_UP)


def _reading(sheet: Sheet) -> Reading:
    rated: list[tuple[Decimal | None, Decimal]] = []
    measured: list[tuple[Decimal | None, Decimal]] = []
    judged, compared, same, given = 0, 0, 0, ZERO
    for line in sheet.lines:
        if line.points is None:
            continue
        (rated if line.rated else measured).append((line.weight, line.points))
        if line.rated:
            judged += 1
            if line.own is not None:
                compared += 1
                given += line.points
                same += line.own == line.points
    return Reading(sheet, _weighted(rated), _weighted(measured), judged, compared, same, given)


def _weighted(parts: Sequence[tuple[Decimal | None, Decimal]]) -> Decimal | None:
    """Lines without a weight count for no mean: they are no part of the weighted sum, either."""
    whole = points = ZERO
    for weight, given in parts:
        if weight:
            whole += weight
            points += weight * given
    return rounded(points / whole) if whole else None
