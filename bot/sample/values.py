"""Plausible figures: targets and actual values that fit an indicator's unit, direction and rule."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from models.indicator import Indicator
from models.rules.units import ADDITIVE

WHOLE = frozenset({"items", "times", "people", "units", "ppm", "ms", "minutes"})
OF_HUNDRED = frozenset({"%"})
INCIDENT = Decimal(5)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a plan asks for."""

    target: Decimal | None
    floor: Decimal | None
    stretch: Decimal | None


def aim(indicator: Indicator, quarters: Decimal, factor: Decimal = Decimal(1)) -> Aim:
    """The suggested target for a period of so many quarters, times a person's factor where amounts grow with time.

    In a short period no amount becomes nothing, and floor and stretch value stay apart from the target.
    """
    if indicator.target is None:
        return Aim(None, None, None)
    scale = quarters * factor if indicator.unit in ADDITIVE else Decimal(1)
    target = fit(indicator.unit, indicator.target * scale)
    if indicator.target > 0:
        target = max(target, _step(indicator.unit))
    bounds = [_apart(indicator, bound, scale, target) for bound in (indicator.floor, indicator.stretch)]
    return Aim(target, *bounds)


def _apart(indicator: Indicator, bound: Decimal | None, scale: Decimal, target: Decimal) -> Decimal | None:
    """A floor or stretch value on its own side of the target."""
    if bound is None or indicator.target is None:
        return bound
    fitting, step = fit(indicator.unit, bound * scale), _step(indicator.unit)
    return max(fitting, target + step) if bound > indicator.target else min(fitting, target - step)


def actual(indicator: Indicator, target: Decimal, performance: float, elapsed: float, rng: Random) -> Decimal:
    """A value reached after `elapsed` (0..1) of the period by somebody who performs at `performance` (1 = target)."""
    reached = Decimal(str(round(performance * rng.gauss(1.0, 0.03), 4)))
    if indicator.rule == "deduction":
        return INCIDENT if rng.random() < 0.06 else Decimal(0)
    if indicator.rule == "okr":
        return min(Decimal(1), max(Decimal(0), (target * reached).quantize(Decimal("0.1"), ROUND_HALF_UP)))
    if indicator.direction == "lower":
        return max(Decimal(0), fit(indicator.unit, target * (2 - reached)))
    share = Decimal(str(round(elapsed, 3))) if indicator.unit in ADDITIVE or indicator.rule == "milestone" else 1
    value = fit(indicator.unit, target * reached * share)
    return min(value, _ceiling(indicator, target))


def _ceiling(indicator: Indicator, target: Decimal) -> Decimal:
    """Shares of a whole end at 100 %, ratings at five points."""
    if indicator.unit in OF_HUNDRED and indicator.direction == "higher":
        return Decimal(100)
    return Decimal(5) if indicator.unit == "points" and target < 5 else Decimal(10**9)


def fit(unit: str, value: Decimal) -> Decimal:
    """The value with the places that are usual in its unit."""
    return value.quantize(_step(unit), ROUND_HALF_UP)


def _step(unit: str) -> Decimal:
    return Decimal(1) if unit in WHOLE else Decimal("0.01")
