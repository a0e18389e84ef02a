"""How points become a result: raters, weights, vetoes, bonus and penalty points, ratings (rules: docs/rules.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from models.rules.scoring import CENT, to_cent
from models.rules.standards import CAP, FULL, LARGEST, ZERO

ADJUST = Decimal(5)
RATERS = ("manager", "self", "peer")
LEAST_PEERS = 3
NOTHING = Decimal("0.00")
_KEY = attrgetter("key")


@dataclass(frozen=True, slots=True)
class Level:
    """A rating: the points a rated indicator earns with it, and the lowest total that has it."""

    name: str
    points: Decimal
    cutoff: Decimal


SCALE = (
    Level("S", Decimal(110), Decimal(105)),
    Level("A", Decimal(100), Decimal(95)),
    Level("B", Decimal(85), Decimal(80)),
    Level("C", Decimal(70), Decimal(60)),
    Level("D", Decimal(50), Decimal(0)),
)


@dataclass(frozen=True, slots=True)
class Combined:
    """The points of several raters as one, None if nobody who counts has rated; `absent` counts but has not."""

    points: Decimal | None
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One indicator of a result, under the caller's `key`; `part` is weighted, veto, bonus or penalty.

    A veto with 0 points is tripped; bonus points are added, penalty points (0 or more) taken off. A weight counts as a
    share of all weights that are not excluded.
    """

    key: int
    part: str = "weighted"
    weight: Decimal | None = None
    points: Decimal | None = None
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """A part as it counts: its weight in percent of what is not excluded, and its share of the total, to 0.01."""

    key: int
    weight: Decimal
    points: Decimal
    contribution: Decimal


@dataclass(frozen=True, slots=True)
class Total:
    """A result. `value` and `weighted` are None while keys are `missing`, or if every weighted part is excluded."""

    value: Decimal | None
    weighed: tuple[Weighed, ...]
    weighted: Decimal | None
    bonus: Decimal
    penalty: Decimal
    vetoed: bool
    missing: tuple[int, ...]


Entry = tuple[Part, Decimal | None]  # a part and its usable points


def rating(total: Decimal, scale: Sequence[Level] = SCALE) -> str:
    """The best level whose cut-off the total reaches, as it is shown; below all of them the last one."""
    shown = to_cent(total)
    for level in scale:
        if shown >= level.cutoff:
            return level.name
    return scale[-1].name


def lowest_passing(scale: Sequence[Level] = SCALE) -> Decimal:
    """The lowest total above the last level: 60 by default."""
    return scale[-2].cutoff if len(scale) > 1 else scale[0].cutoff


def combine(given: Mapping[str, Decimal | None], weights: Mapping[str, Decimal]) -> Combined:
    """The mean of the raters by weight. Who has not rated is left out and named; weight 0 is shown, not counted."""
    absent, whole, points = [], ZERO, ZERO
    for rater, weight in weights.items():
        if weight > 0:
            own = given.get(rater)
            if own is None:
                absent.append(rater)
            else:
                whole, points = whole + weight, points + weight * own
    return Combined(_shared(points, whole) if whole else None, tuple(sorted(absent, key=_order)))


def peer_mean(answers: Sequence[Decimal], least: int = LEAST_PEERS) -> Decimal | None:
    """The mean of anonymous answers, None below `least` of them: nobody can tell who said what."""
    if not answers or len(answers) < least:
        return None
    return _shared(sum(answers, ZERO), Decimal(len(answers)))


def total(parts: Sequence[Part], scale: Sequence[Level] = SCALE) -> Total:
    """The result of all parts, whatever their order: weighted sum + bonus - penalty, never below 0.

    A part without usable points (or, if weighted, without a weight) that is not excluded is missing. A tripped veto
    holds the value at the scale's lowest passing total.
    """
    counted = [(part, _earned(part)) for part in sorted(parts, key=_KEY) if not part.excluded]
    missing = tuple(part.key for part, points in counted if points is None or not _placed(part))
    weighed = _weigh([entry for entry in counted if entry[0].part == "weighted"])
    others = [entry for entry in counted if entry[0].part != "weighted"]
    bonus, penalty = _sum(others, "bonus"), _sum(others, "penalty")
    vetoed = any(part.part == "veto" and points == 0 for part, points in others)
    if missing or not weighed:
        return Total(None, weighed, None, bonus, penalty, vetoed, missing)
    weighted = sum([part.contribution for part in weighed], ZERO)
    value = _held(weighted + bonus - penalty, vetoed, scale)
    return Total(value, weighed, weighted, bonus, penalty, vetoed, ())


def adjusted(value: Decimal, by: Decimal, scale: Sequence[Level] = SCALE, *, vetoed: bool = False) -> Decimal:
    """A total after a manager moved it by up to 5 points (ValueError for more); a tripped veto still holds it."""
    if not abs(by) <= ADJUST:
        raise ValueError("a total is adjusted by up to 5 points")
    return _held(value + by, vetoed, scale)


def credit(
    points: Decimal, shares: Mapping[int, Decimal], weights: Mapping[int, Decimal], cap: Decimal = CAP
) -> dict[int, Decimal]:
    """What each participant of a shared indicator earns: its points x all weights, by share, over the own weight.

    Shares are percents, 0 or more, that total exactly 100; every participant has a weight above 0; else ValueError.
    """
    if any(share < 0 for share in shares.values()) or sum(shares.values()) != FULL:
        raise ValueError("shares are 0 or more and total 100")
    if shares.keys() != weights.keys() or any(weight <= 0 for weight in weights.values()):
        raise ValueError("every participant has one weight above 0")
    pool = points * sum(weights.values())
    earned = {key: _shared(pool * share, FULL * weights[key]) for key, share in shares.items()}
    return {key: min(max(own, ZERO), cap) for key, own in earned.items()}


def _order(rater: str) -> tuple[int, str]:
    return (RATERS.index(rater) if rater in RATERS else len(RATERS), rater)


def _placed(part: Part) -> bool:
    """Whether it has what it counts by: a weighted part a weight."""
    return part.part != "weighted" or (part.weight is not None and part.weight >= 0)


def _earned(part: Part) -> Decimal | None:
    """Its points, None without usable ones."""
    points = part.points
    return points if points is not None and points.is_finite() and 0 <= points < LARGEST else None


def _sum(entries: Sequence[Entry], kind: str) -> Decimal:
    found = [points for part, points in entries if points is not None and part.part == kind]
    return to_cent(sum(found, ZERO)) if found else NOTHING


def _held(value: Decimal, vetoed: bool, scale: Sequence[Level]) -> Decimal:
    value = max(value, ZERO)
    return to_cent(min(value, lowest_passing(scale)) if vetoed else value)


def _weigh(entries: Sequence[Entry]) -> tuple[Weighed, ...]:
    """The complete ones among the weighted parts, their weights out of all of them."""
    weights = [part.weight if part.weight is not None and part.weight >= 0 else ZERO for part, _points in entries]
    whole = sum(weights, ZERO)
    if not whole:
        return ()
    shown = _apportion([FULL * weight for weight in weights], whole)
    known = [
        (part.key, points, weight, percent)
        for (part, points), weight, percent in zip(entries, weights, shown, strict=True)
        if points is not None and _placed(part)
    ]
    earned = _apportion([weight * points for _key, points, weight, _percent in known], whole)
    return tuple(
        [Weighed(key, percent, points, own) for (key, points, _weight, percent), own in zip(known, earned, strict=True)]
    )


def _apportion(amounts: Sequence[Decimal], whole: Decimal) -> list[Decimal]:
    """Each amount / whole to 0.01, so that they total exactly their sum / whole rounded half up.

    The cents that rounding down leaves go to the largest remainders, ties to the first: never two cents to one.
    """
    cents = [divmod(amount * FULL, whole) for amount in amounts]
    downs, rests = [down for down, _rest in cents], [rest for _down, rest in cents]
    left, rest = divmod(sum(rests, ZERO), whole)
    left += 2 * rest >= whole
    if left:
        for number in sorted(range(len(rests)), key=rests.__getitem__, reverse=True)[: int(left)]:
            downs[number] += 1
    return [down * CENT for down in downs]


def _shared(amount: Decimal, whole: Decimal) -> Decimal:
    """Amount / whole, 0 or more, rounded half up to 0.01 without rounding twice."""
    down, rest = divmod(amount * FULL, whole)
    return (down + (2 * rest >= whole)) * CENT
