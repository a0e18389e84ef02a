"""How a cycle scores: its raters' weights, its scale, the distribution it aims at, the limits of its flags."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from sqlmodel import Session

from models.base import Refused, record
from models.cycle import Cycle
from models.rules.sheets import Limits
from models.rules.totals import RATERS, SCALE, Level

# Guidance for calibration, in percent of the people: a bell that leaves room at the top (docs/rules.md).
GUIDANCE: Mapping[str, Decimal] = {
    name: Decimal(share) for name, share in (("S", 10), ("A", 25), ("B", 45), ("C", 15), ("D", 5))
}
WEIGHTS: Mapping[str, Decimal] = {"manager": Decimal(100), "self": Decimal(0), "peer": Decimal(0)}
HUNDRED = Decimal(100)
# The stages in which colleagues may be named and asked.
ASKING = ("tracking", "self_scoring", "scoring")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a cycle's scores follow: `raters` and `guidance` in percent, `levels` best first."""

    raters: Mapping[str, Decimal]
    levels: tuple[Level, ...]
    guidance: Mapping[str, Decimal]
    limits: Limits

    def level(self, name: str) -> Level | None:
        """The level called so."""
        return next((one for one in self.levels if one.name == name), None)


def terms_of(cycle: Cycle) -> Terms:
    """The terms of a cycle; what HR did not set is as in docs/rules.md."""
    kept = cycle.terms
    levels = tuple(Level(name, Decimal(points), Decimal(cutoff)) for name, points, cutoff in kept.get("levels", ()))
    return Terms(
        raters={**WEIGHTS, **_decimals(kept.get("raters", {}))},
        levels=levels or SCALE,
        guidance=_decimals(kept["guidance"]) if "guidance" in kept else GUIDANCE,
        limits=_limits(kept.get("limits", {})),
    )


def terms_now(cycle: Cycle) -> Terms:
    """The terms for figures that are shown while scores are still given: as long as colleagues are asked, what they
    answered counts in none of them, or its changes would tell who answered what."""
    terms = terms_of(cycle)
    if cycle.state not in ASKING:
        return terms
    others = {rater: weight for rater, weight in terms.raters.items() if rater != "peer"}
    return replace(terms, raters={**(others if any(others.values()) else WEIGHTS), "peer": Decimal(0)})


def set_raters(db: Session, cycle: Cycle, at: int, weights: Mapping[str, Decimal]) -> None:
    """Sets the raters' weights, in percent, before the first score is given."""
    if cycle.state not in ("draft", "announced", "setting", "tracking"):
        raise Refused("Scoring has begun: its rules stay as they are until the cycle is closed.")
    given = {rater: weights.get(rater, Decimal(0)) for rater in RATERS}
    if sum(given.values()) != HUNDRED:
        raise Refused("The raters' weights must total exactly 100%.", field="manager")
    if not given["manager"] and not given["peer"]:
        raise Refused("Nobody's result rests on their own score alone: give the manager or the peers a weight.")
    cycle.advance(db, at, terms={**cycle.terms, "raters": {rater: str(weight) for rater, weight in given.items()}})
    record(db, "cycle.raters_set", cycle, **{rater: str(weight) for rater, weight in given.items()})


def _decimals(kept: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in kept.items()}


def _limits(kept: Mapping[str, str]) -> Limits:
    """The limits a cycle changes, over the defaults; counts stay whole numbers."""
    known = {one.name: type(getattr(Limits(), one.name)) for one in fields(Limits)}
    return Limits(**{name: known[name](value) for name, value in kept.items() if name in known})
