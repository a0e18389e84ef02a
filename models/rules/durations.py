"""How long cases take: medians, 90th percentiles and promises kept, for groups that are large enough to be shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LEAST = 5
TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Case:
    """One case: hours until it was answered and ruled on (None: not), and whether the promise was kept (None: open or
    withdrawn, so nothing can be said)."""

    group: int
    outcome: str
    answered: Decimal | None = None
    ruled: Decimal | None = None
    kept: bool | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Hours to 0.1; None where nothing was counted."""

    count: int
    median: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Summary:
    """`kept` is the share of promises kept, None while none was due; `outcomes` counts cases by state."""

    count: int
    answers: Times
    rulings: Times
    kept: Decimal | None
    outcomes: Mapping[str, int]


def summary(cases: Sequence[Case]) -> Summary:
    """The figures of some cases."""
    promises = [one.kept for one in cases if one.kept is not None]
    share = (Decimal(sum(promises)) / len(promises)).quantize(HUNDREDTH, ROUND_HALF_UP) if promises else None
    return Summary(
        count=len(cases),
        answers=times([one.answered for one in cases if one.answered is not None]),
        rulings=times([one.ruled for one in cases if one.ruled is not None]),
        kept=share,
        outcomes=dict(sorted(Counter(one.outcome for one in cases).items())),
    )


def groups(cases: Sequence[Case], least: int = LEAST) -> dict[int, Summary]:
    """The figures of each group that has `least` cases, largest first.

    What is left must not be few either, or the difference to the whole would show it: then the smallest group that
    could be shown is not.
    """
    found: dict[int, list[Case]] = {}
    for one in cases:
        found.setdefault(one.group, []).append(one)
    ordered = sorted(found, key=lambda key: (-len(found[key]), key))
    shown = [key for key in ordered if len(found[key]) >= least]
    rest = len(cases) - sum(len(found[key]) for key in shown)
    if shown and 0 < rest < least:
        shown.pop()
    return {key: summary(found[key]) for key in shown}


def times(hours: Sequence[Decimal]) -> Times:
    """Median (the mean of the two middle ones) and 90th percentile (the nearest rank)."""
    ordered = sorted(hours)
    if not ordered:
        return Times(0, None, None)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    rank = -(-len(ordered) * 9 // 10)
    return Times(len(ordered), _tenth(median), _tenth(ordered[rank - 1]))


def _tenth(hours: Decimal) -> Decimal:
    return hours.quantize(TENTH, ROUND_HALF_UP)
