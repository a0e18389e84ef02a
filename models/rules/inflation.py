"""Departments whose ratings are higher than anything measured bears out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.rules.sheets import (
    PART,
    USUAL,
    ZERO,
    Figures,
    Found,
    Limits,
    Reading,
    borne_out,
    deviation,
    grouped,
    mean,
    rounded,
)

Groups = list[tuple[int, list[Reading]]]


def inflated(readings: Sequence[Reading], limits: Limits = USUAL, top: str = "S") -> list[Found]:
    """Departments whose ratings are above what is measured, at the top too often, or above all other departments."""
    groups = grouped(readings, lambda sheet: sheet.department)
    found = [_gap(key, members, limits) for key, members in groups]
    found += [_share(key, members, limits, top) for key, members in groups]
    return [*filter(None, found), *_standing_out(groups, limits)]


def _gap(department: int, members: Sequence[Reading], limits: Limits) -> Found | None:
    """Only people who have both kinds of items count, so that the same people stand on both sides."""
    both = [(one.rated, one.measured) for one in members if one.rated is not None and one.measured is not None]
    if len(both) < limits.least:
        return None
    rated, measured = mean([rated for rated, _ in both]), mean([measured for _, measured in both])
    if rated - measured <= limits.inflated_gap:
        return None
    said = {"rated": rated, "measured": measured, "gap": rated - measured, "limit": limits.inflated_gap}
    return Found("inflated_gap", "department", department, 0, {"people": len(both), **said})


def _share(department: int, members: Sequence[Reading], limits: Limits, top: str) -> Found | None:
    """Who is at the top with measured results as high as the ratings, or without ratings, is not counted: merit."""
    at_top = [one for one in members if one.sheet.rating == top]
    lifted = sum(one.rated is not None and not borne_out([one], limits) for one in at_top)
    share = rounded(Decimal(lifted) / len(members), PART)
    if len(members) < limits.least or share <= limits.inflated_share:
        return None
    figures: Figures = {"people": len(members), "top": len(at_top), "lifted": lifted, "share": share}
    return Found("inflated_share", "department", department, 0, {**figures, "limit": limits.inflated_share})


def _standing_out(groups: Groups, limits: Limits) -> Iterator[Found]:
    """Each department against the others without itself: among n values none is more than (n - 1) / sqrt(n) standard
    deviations above a mean it is part of, so that 2 could not be reached by one of five."""
    sides = {key: _Sides.of(members) for key, members in groups}
    known = {key: side for key, side in sides.items() if side.people >= limits.least}
    if len(known) <= limits.inflated_departments:
        return
    rated = _Others([one.rated for one in known.values()])
    measured = _Others([one.measured for one in known.values() if one.measured is not None])
    for key, side in known.items():
        others, spread = rated.without(side.rated)
        limit = others + max(limits.inflated_margin, rounded(limits.inflated_deviations * spread))
        if side.rated > limit and not side.measures_up(side.rated - others, measured):
            counts = {"people": side.people, "departments": len(known) - 1}
            points = {"rated": side.rated, "others": others, "spread": spread, "limit": limit}
            yield Found("inflated_deviation", "department", key, 0, {**counts, **points})


@dataclass(frozen=True, slots=True)
class _Sides:
    """A department's mean rated and measured points; `people` are those with rated items."""

    people: int
    rated: Decimal
    measured: Decimal | None

    @classmethod
    def of(cls, members: Sequence[Reading]) -> "_Sides":
        rated = [one.rated for one in members if one.rated is not None]
        measured = [one.measured for one in members if one.measured is not None]
        known = 2 * len(measured) >= len(members)
        return cls(len(rated), mean(rated) if rated else ZERO, mean(measured) if known else None)

    def measures_up(self, excess: Decimal, others: "_Others") -> bool:
        """Whether its measured results are as far above the others' as its ratings are."""
        if self.measured is None or others.count < 2:
            return False
        return self.measured - others.without(self.measured)[0] >= excess


class _Others:
    """Mean and standard deviation of some values without one of them, from two sums."""

    def __init__(self, values: Sequence[Decimal]) -> None:
        self.count = len(values)
        self._sum = sum(values, ZERO)
        self._squares = sum((value * value for value in values), ZERO)

    def without(self, value: Decimal) -> tuple[Decimal, Decimal]:
        """For at least two values; the deviation is of the sample, 0 for a single one."""
        count, whole, squares = self.count - 1, self._sum - value, self._squares - value * value
        return rounded(whole / count), deviation(count, whole, squares)
