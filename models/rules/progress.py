"""How far an indicator is, and whether that is on pace (rules: docs/rules.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from models.rules.units import ADDITIVE

CAP = Decimal("1.2")
NEAR = Decimal("0.85")
CENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Measured:
    """One indicator's latest value against its target; `floor` and `stretch` bound a range."""

    direction: str
    unit: str
    target: Decimal | None
    weight: Decimal | None
    value: Decimal | None
    floor: Decimal | None = None
    stretch: Decimal | None = None


def completion(item: Measured) -> Decimal | None:
    """The share of the target reached, 0 to 1.2; None without a value or a usable target."""
    if item.value is None:
        return None
    if item.direction == "range":
        return _in_range(item)
    if item.target is None:
        return None
    if item.target == 0:
        return _against_zero(item)
    share = item.value / item.target
    share = share if item.direction == "higher" else 2 - share
    return _bounded(share)


def expected(item: Measured, elapsed: Decimal) -> Decimal:
    """What should be reached after `elapsed` (0 to 1) of the period: a growing sum in proportion, a level in full."""
    grows = item.direction == "higher" and item.unit in ADDITIVE
    return elapsed if grows else Decimal(1)


def pace(done: Decimal | None, due: Decimal) -> str:
    """ "ahead" at or above what is expected, "near" down to 85 % of it, "behind" below, "unknown" without a value."""
    if done is None:
        return "unknown"
    if done >= due:
        return "ahead"
    return "near" if done >= due * NEAR else "behind"


def weighted(items: Sequence[Measured]) -> Decimal | None:
    """The weighted completion of what is measured; parts without a value or weight are left out, not counted as 0."""
    parts = [(item.weight, completion(item)) for item in items if item.weight]
    known = [(weight, done) for weight, done in parts if weight is not None and done is not None]
    total = sum((weight for weight, _done in known), Decimal(0))
    if not total:
        return None
    whole = sum((weight * done for weight, done in known), Decimal(0))
    return (whole / total).quantize(CENT, ROUND_HALF_UP)


def per_period(value: Decimal, unit: str, days: int, wanted: int) -> Decimal:
    """A value reached in a period of `days`, as it would be in one of `wanted` days: sums in proportion, levels as
    they are."""
    return (value * wanted / days).quantize(CENT, ROUND_HALF_UP) if unit in ADDITIVE else value


def elapsed(starts_on: date, ends_on: date, today: date) -> Decimal:
    """The share of the period that has passed at the end of `today`, 0 to 1."""
    days = (ends_on - starts_on).days + 1
    passed = min(max((today - starts_on).days + 1, 0), days)
    return Decimal(passed) / Decimal(days)


def _in_range(item: Measured) -> Decimal | None:
    low, high, value = item.floor, item.stretch, item.value
    if low is None or high is None or value is None or high < low:
        return None
    outside = max(low - value, value - high, Decimal(0))
    if not outside:
        return Decimal(1)
    width = high - low
    return _bounded(1 - outside / width) if width else Decimal(0)


def _against_zero(item: Measured) -> Decimal | None:
    """A target of zero is reached or not: there is no share of nothing."""
    if item.value is None or item.direction == "higher":
        return None
    return Decimal(1) if item.value <= 0 else Decimal(0)


def _bounded(share: Decimal) -> Decimal:
    return min(max(share, Decimal(0)), CAP).quantize(CENT, ROUND_HALF_UP)
