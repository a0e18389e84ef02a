"""By what an indicator is scored, and what keeps a standard from working (rules: docs/rules.md)."""

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

N_ = str  # marks a sentence for extraction; rules import nothing of ours

CAP = Decimal(120)
ZERO, FULL = Decimal(0), Decimal(100)
LARGEST = Decimal(10) ** 15  # no figure of a company is larger, and no table of ours holds one

COUNTED = frozenset({"items", "times", "people", "units"})
NEVER_NEGATIVE = COUNTED | {"days", "hours", "minutes", "seconds", "ms", "ppm"}

_UNUSABLE = N_("Nothing can be scored with this number.")

Step = tuple[Decimal, Decimal]
Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standard:
    """How one indicator is scored. `steps` are (from this value on, points); floor and stretch bound a range."""

    rule: str
    direction: str
    unit: str = ""
    target: Decimal | None = None
    floor: Decimal | None = None
    stretch: Decimal | None = None
    cap: Decimal = CAP
    steps: tuple[Step, ...] = ()


def faults(standard: Standard) -> list[Fault]:
    """Why nothing can be scored by this standard: (field, English sentence); empty if it works.

    The fields are rule, direction, cap, target, floor, stretch and steps.
    """
    return examined(standard)[1]


def examined(standard: Standard) -> tuple[Standard, list[Fault]]:
    """The standard as if higher were better, and its faults."""
    if found := _bad_numbers(standard):
        return standard, [] if standard.rule == "rated" else found
    upward = rising(standard)
    look = _FAULTS.get(upward.rule)
    if look is None:
        return standard, [("rule", N_("There is no such scoring rule."))]
    if upward.rule in _DIRECTED and standard.direction not in ("higher", "lower"):
        return standard, [("direction", N_("Say whether higher or lower is better."))]
    return upward, look(upward)


def falls(standard: Standard) -> bool:
    """Whether fewer is better: not for rules that only look one way."""
    return standard.direction == "lower" and standard.rule in _DIRECTED


def rising(standard: Standard) -> Standard:
    """The same standard as if higher were better: lower is better is its mirror image, all signs turned."""
    if standard.direction == "range" and standard.rule in ("ratio", "anchored"):
        return replace(standard, rule="range")
    if not falls(standard):
        return standard
    numbers = (_turned(standard.target), _turned(standard.floor), _turned(standard.stretch))
    steps = tuple((-at, points) for at, points in standard.steps)
    return Standard(standard.rule, standard.direction, standard.unit, *numbers, standard.cap, steps)


def possible(standard: Standard, value: Decimal) -> bool:
    """Whether the rule and the unit can have such a value at all; for a standard without faults."""
    if not _usable(value):
        return False
    if standard.rule == "milestone":
        return 0 <= value <= milestones(standard)[1]
    if standard.rule == "okr":
        return 0 <= value <= 1
    if standard.rule == "count" and value % 1:
        return False
    counts = standard.rule in ("count", "deduction") or (standard.unit in NEVER_NEGATIVE and not _signed(standard))
    return value >= 0 or not counts


def milestones(standard: Standard) -> tuple[Decimal, Decimal]:
    """What earns 100 points, and the most that can be complete: 100 percent, or as many milestones as were agreed."""
    counted = standard.unit in COUNTED or standard.target == 1
    target = standard.target if standard.target is not None else Decimal(1) if counted else FULL
    return target, target if counted else FULL


def _turned(value: Decimal | None) -> Decimal | None:
    return None if value is None else -value


def _signed(standard: Standard) -> bool:
    """Whether the standard itself speaks of negative figures, such as days before a date."""
    named = (standard.floor, standard.target, standard.stretch, *(at for at, _points in standard.steps))
    return any(number is not None and number < 0 for number in named)


def _usable(number: Decimal) -> bool:
    return number.is_finite() and -LARGEST < number < LARGEST


def _bad_numbers(standard: Standard) -> list[Fault]:
    named = (
        ("cap", standard.cap),
        ("target", standard.target),
        ("floor", standard.floor),
        ("stretch", standard.stretch),
    )
    for name, number in named:
        if number is not None and not _usable(number):
            return [(name, _UNUSABLE)]
    if not all(_usable(number) for step in standard.steps for number in step):
        return [("steps", _UNUSABLE)]
    if standard.cap < FULL:
        return [("cap", N_("The most that can be scored must be 100 points or more."))]
    return []


def _ratio(standard: Standard) -> list[Fault]:
    if standard.target is None:
        return [("target", N_("A target is needed: a number that says when it is reached."))]
    if standard.target == 0 and standard.direction == "higher":
        return [("target", N_("There is no share of a target of 0. Choose another target, or rate it by levels."))]
    return []


def _anchored(standard: Standard) -> list[Fault]:
    floor, target, stretch = standard.floor, standard.target, standard.stretch
    if target is None:
        return [("target", N_("A target is needed: a number that says when it is reached."))]
    if floor is None:
        return [("floor", N_("This rule needs a floor: the value that is just acceptable and earns 60 points."))]
    found = []
    if floor >= target:
        found.append(("floor", N_("The floor must be worse than the target, not equal or better.")))
    if stretch is not None and stretch <= target:
        found.append(("stretch", N_("The stretch value must be better than the target, not equal or worse.")))
    return found


def _range(standard: Standard) -> list[Fault]:
    if standard.floor is None:
        return [("floor", N_("A range needs a lowest value."))]
    if standard.stretch is None:
        return [("stretch", N_("A range needs a highest value."))]
    if standard.floor >= standard.stretch:
        return [("stretch", N_("The highest value of a range must be above its lowest."))]
    return []


def _steps(standard: Standard) -> list[Fault]:
    if not standard.steps:
        return [("steps", N_("This rule needs at least one step: a value and its points."))]
    steps = sorted(standard.steps)
    rise = all(low[0] < high[0] and low[1] < high[1] for low, high in pairwise(steps))
    if rise and steps[0][1] >= 0:
        return []
    return [("steps", N_("Every better value must earn more points than the one before, and none less than 0."))]


def _milestone(standard: Standard) -> list[Fault]:
    target, whole = milestones(standard)
    if 0 < target <= whole:
        return []
    return [("target", N_("The target of a milestone is above 0, and not more than 100%."))]


def _nothing(_standard: Standard) -> list[Fault]:
    """These rules look at no number of the standard."""
    return []


_DIRECTED = ("ratio", "anchored", "steps", "count")
_FAULTS = {
    "ratio": _ratio,
    "anchored": _anchored,
    "range": _range,
    "steps": _steps,
    "milestone": _milestone,
    "count": _ratio,
    "deduction": _nothing,
    "okr": _nothing,
    "rated": _nothing,
}
