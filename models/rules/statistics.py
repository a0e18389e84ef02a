"""Figures about groups of people: quartiles, distributions, shares, and which groups may be shown (docs/rules.md).

Nothing here says anything about fewer than five people, if the caller keeps to one partition: everybody belongs to
exactly one of the groups; the groups, and who is in them, are fixed when a cycle is published and the same for every
reader; a reader never chooses a filter of their own. Two filters that differ by one person would give that person away
however large both are. Nobody is shown two partitions of the same people (by department and by position) with counts.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise

LEAST = 5
QUARTILES_FROM = 8
HUNDREDTHS_FROM = 20
TAIL = 10
HUNDREDTH = Decimal("0.01")
SHARE = Decimal("0.0001")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Summary:
    """A group in figures: its mean, and from eight people on its quartiles (`low`, `median`, `high`).

    Under twenty people all are whole points: a median is often one person's own total.
    """

    people: int
    mean: Decimal
    low: Decimal | None = None
    median: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bin:
    """How many totals lie from `low` on and below `high`; None where it is open."""

    low: Decimal | None
    high: Decimal | None
    people: int


@dataclass(frozen=True, slots=True)
class Tails:
    """The lowest and the highest tenth of a group, `people` in each, by their means."""

    people: int
    lowest: Decimal
    highest: Decimal


@dataclass(frozen=True, slots=True)
class Ranked:
    """One indicator over everybody who has it with a value: mean completion, and the share who reached the target."""

    indicator_id: int
    people: int
    mean: Decimal
    reached: Decimal


def mean(values: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean to 0.01, halves up; raises ValueError without values."""
    return _to(_mean(values), HUNDREDTH)


def quartiles(values: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """Lower quartile, median and upper quartile to 0.01; raises ValueError without values.

    Interpolated between neighbours at rank (n - 1) * p, as QUARTILE.INC of spreadsheets does.
    """
    ordered = sorted(values)
    low, middle, high = (_to(_at(ordered, quarter), HUNDREDTH) for quarter in (1, 2, 3))
    return low, middle, high


def summary(values: Sequence[Decimal], least: int = LEAST) -> Summary | None:
    """What may be shown of a group's totals; None for fewer than `least` people."""
    count = len(values)
    if count < max(least, 1):
        return None
    step = HUNDREDTH if count >= HUNDREDTHS_FROM else Decimal(1)
    if count < QUARTILES_FROM:
        return Summary(count, _to(_mean(values), step))
    ordered = sorted(values)
    return Summary(count, _to(_mean(values), step), *(_to(_at(ordered, quarter), step) for quarter in (1, 2, 3)))


def distribution(totals: Sequence[Decimal], edges: Sequence[Decimal], least: int = LEAST) -> tuple[Bin, ...]:
    """How totals spread between rising edges; () for fewer than `least` people.

    Totals outside of the edges count in the outermost bins, which are open. Each of the two is joined with its
    neighbours until it holds at least `least` people, since it would tell the lowest or highest total otherwise; where
    they meet, one bin holds everybody. Raises ValueError if there are fewer than two edges or they do not rise.
    """
    if len(edges) < 2 or any(right <= left for left, right in pairwise(edges)):
        raise ValueError("edges rise")
    if len(totals) < max(least, 1):
        return ()
    counts = [0] * (len(edges) - 1)
    for total in totals:
        counts[min(max(bisect_right(edges, total) - 1, 0), len(counts) - 1)] += 1
    left, right = _joined(counts, least), len(counts) - _joined(counts[::-1], least)
    if left > right:
        return (Bin(None, None, len(totals)),)
    inner = (Bin(edges[at], edges[at + 1], counts[at]) for at in range(left, right))
    return Bin(None, edges[left], sum(counts[:left])), *inner, Bin(edges[right], None, sum(counts[right:]))


def shares(ratings: Iterable[str], names: Sequence[str], least: int = LEAST) -> tuple[Decimal, ...] | None:
    """The share of every rating in the order of `names`, 0 to 1 to 0.0001, exactly 1 together.

    None for fewer than `least` people, and for two or more who all have the same rating: it would be everybody's.
    Raises ValueError for a rating without a name.
    """
    given = list(ratings)
    counts = [given.count(name) for name in names]
    if sum(counts) != len(given):
        raise ValueError("every rating is one of the names, each named once")
    if len(given) < max(least, 1) or (least > 1 and max(counts) == len(given)):
        return None
    return _apportioned(counts)


def shown_groups(counts: Mapping[int, int], least: int = LEAST) -> frozenset[int]:
    """Which groups of one partition may be shown beside the total: as many as possible, the larger ones first.

    `counts` is group → people. No shown group has fewer than `least`, and neither have those who are not shown, taken
    together, unless nobody is left: their figures are the total's minus the shown ones'. A total of fewer than `least`
    must not be shown either. See the top of this file for what the caller has to keep to.
    """
    if any(count < 0 for count in counts.values()):
        raise ValueError("a group has no fewer than 0 people")
    large = sorted((count, group) for group, count in counts.items() if count >= max(least, 1))
    rest = sum(counts.values()) - sum(count for count, _group in large)
    if large and 0 < rest < least:
        large = large[1:]
    return frozenset(group for _count, group in large)


def tails(totals: Sequence[Decimal], least: int = LEAST) -> Tails | None:
    """The lowest and highest tenth (rounded down) by their means; None where a tenth has fewer than `least` people."""
    people = len(totals) // TAIL
    if people < max(least, 1):
        return None
    ordered = sorted(totals)
    step = HUNDREDTH if people >= HUNDREDTHS_FROM else Decimal(1)
    return Tails(people, _to(_mean(ordered[:people]), step), _to(_mean(ordered[-people:]), step))


def ranking(done: Iterable[tuple[int, Decimal | None]], least: int = LEAST) -> tuple[Ranked, ...]:
    """Indicators by mean completion, the highest first; equal ones by their id.

    `done` is (indicator, completion of one person's item), one entry a person and indicator; None is no value yet and
    counts nowhere. Indicators with fewer than `least` values are left out: do not show a total beside the ranking.
    """
    values: dict[int, list[Decimal]] = {}
    for indicator, share in done:
        if share is not None:
            values.setdefault(indicator, []).append(share)
    ranked = [_ranked(indicator, found) for indicator, found in values.items() if len(found) >= max(least, 1)]
    return tuple(sorted(ranked, key=lambda one: (-one.mean, one.indicator_id)))


def _ranked(indicator: int, found: Sequence[Decimal]) -> Ranked:
    reached = Decimal(sum(share >= 1 for share in found)) / len(found)
    return Ranked(indicator, len(found), _to(_mean(found), HUNDREDTH), _to(reached, HUNDREDTH))


def _joined(counts: Sequence[int], least: int) -> int:
    """How many bins from the front on hold enough people together."""
    return next(at for at, people in enumerate(accumulate(counts), 1) if people >= least)


def _apportioned(counts: Sequence[int]) -> tuple[Decimal, ...]:
    """Shares that are rounded down, and the rest given out where most was cut off, the first ones first."""
    total = sum(counts)
    exact = [Decimal(count) / total for count in counts]
    floors = [share.quantize(SHARE, ROUND_FLOOR) for share in exact]
    left = int((1 - sum(floors, ZERO)) / SHARE)
    order = sorted(range(len(counts)), key=lambda at: (floors[at] - exact[at], at))
    lucky = set(order[:left])
    return tuple(floor + SHARE if at in lucky else floor for at, floor in enumerate(floors))


def _mean(values: Sequence[Decimal]) -> Decimal:
    if not values:
        raise ValueError("there is no mean of nothing")
    return sum(values, ZERO) / len(values)


def _at(ordered: Sequence[Decimal], quarter: int) -> Decimal:
    if not ordered:
        raise ValueError("there are no quartiles of nothing")
    rank, part = divmod((len(ordered) - 1) * quarter, 4)
    return ordered[rank] + (ordered[min(rank + 1, len(ordered) - 1)] - ordered[rank]) * part / 4


def _to(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, ROUND_HALF_UP)
