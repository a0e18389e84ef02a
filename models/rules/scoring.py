"""How many points a value earns for one indicator, by a named rule (rules: docs/rules.md)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from models.rules.standards import CAP, FULL, ZERO, Standard, examined, falls, faults, milestones, possible

__all__ = ["CAP", "CENT", "Cliff", "Outcome", "Scored", "Standard", "cliffs", "faults", "score", "to_cent"]

CENT = Decimal("0.01")
AT_FLOOR, AT_STRETCH = Decimal(60), Decimal(120)
JUMP = Decimal(5)
_WIDEST = Decimal(10) ** 24


class Outcome(StrEnum):
    """What became of an indicator: only `SCORED` has points; `EXCLUDED` is a decision, never computed here."""

    SCORED = "scored"
    UNMEASURED = "unmeasured"
    IMPOSSIBLE = "impossible"
    UNDEFINED = "undefined"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Scored:
    """Points from 0 to the cap, to 0.01, and `raw`, the same before both bounds; both None unless scored."""

    outcome: Outcome
    points: Decimal | None = None
    raw: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Cliff:
    """A jump: the points as the value comes near `at` from below and from above; `at` itself earns the better."""

    at: Decimal
    below: Decimal
    above: Decimal


def score(standard: Standard, value: Decimal | None) -> Scored:
    """The points of a value; never raises. "rated" is not scored here and, like any faulty standard, undefined."""
    upward, wrong = examined(standard)
    if wrong or standard.rule == "rated":
        return Scored(Outcome.UNDEFINED)
    if value is None:
        return Scored(Outcome.UNMEASURED)
    if not possible(standard, value):
        return Scored(Outcome.IMPOSSIBLE)
    raw = _RAW[upward.rule](upward, -value if falls(standard) else value)
    shown = to_cent(raw)
    points = shown if ZERO <= raw <= standard.cap else to_cent(min(max(raw, ZERO), standard.cap))
    return Scored(Outcome.SCORED, points, shown)


def cliffs(standard: Standard) -> list[Cliff]:
    """Where the points jump by 5 or more while the value moves by next to nothing, by rising value."""
    upward, wrong = examined(standard)
    if wrong:
        return []
    edges = [(at, low, min(high, standard.cap)) for at, low, high in _edges(upward)]
    found = [Cliff(at, to_cent(low), to_cent(high)) for at, low, high in edges if high - low >= JUMP]
    if falls(standard):
        return [Cliff(ZERO - edge.at, edge.above, edge.below) for edge in reversed(found)]
    return found


def to_cent(points: Decimal) -> Decimal:
    """Rounded half up to 0.01; what is beyond all sense is held at 10^24, so that nothing raises."""
    if not -_WIDEST <= points <= _WIDEST:
        points = _WIDEST if points > 0 else -_WIDEST
    return points.quantize(CENT, ROUND_HALF_UP) + ZERO


def _ratio(standard: Standard, value: Decimal) -> Decimal:
    """100 at the target, 100 more for each target on top, below zero too. A target of 0 is reached or not."""
    target = standard.target or ZERO
    if not target:
        return FULL if value >= 0 else ZERO
    return FULL * (value if target > 0 else 2 * target - value) / target


def _anchored(standard: Standard, value: Decimal) -> Decimal:
    """60 at the floor, 100 at the target, 120 at the stretch value; the last line goes on."""
    floor, target, stretch = standard.floor or ZERO, standard.target or ZERO, standard.stretch
    if value < floor:
        return ZERO
    if value > target and stretch is not None:
        return FULL + (AT_STRETCH - FULL) * (value - target) / (stretch - target)
    return AT_FLOOR + (FULL - AT_FLOOR) * (value - floor) / (target - floor)


def _range(standard: Standard, value: Decimal) -> Decimal:
    low, high = standard.floor or ZERO, standard.stretch or ZERO
    outside = max(low - value, value - high, ZERO)
    return FULL - FULL * outside / (high - low)


def _steps(standard: Standard, value: Decimal) -> Decimal:
    return max((points for at, points in standard.steps if at <= value), default=ZERO)


def _milestone(standard: Standard, value: Decimal) -> Decimal:
    return FULL * value / milestones(standard)[0]


def _deduction(_standard: Standard, value: Decimal) -> Decimal:
    return FULL - value


def _okr(_standard: Standard, value: Decimal) -> Decimal:
    return FULL * value


def _edges(standard: Standard) -> list[tuple[Decimal, Decimal, Decimal]]:
    """(value, points below it, points at it) of the jumps of a standard that rises."""
    if standard.rule == "anchored" and standard.floor is not None:
        return [(standard.floor, ZERO, AT_FLOOR)]
    if standard.rule in ("ratio", "count") and standard.target == 0:
        return [(ZERO, ZERO, FULL)]
    if standard.rule != "steps":
        return []
    steps = sorted(standard.steps)
    before = [ZERO, *(points for _at, points in steps[:-1])]
    return [(at, low, points) for low, (at, points) in zip(before, steps, strict=True)]


_RAW = {
    "ratio": _ratio,
    "anchored": _anchored,
    "range": _range,
    "steps": _steps,
    "milestone": _milestone,
    "count": _ratio,
    "deduction": _deduction,
    "okr": _okr,
}
