"""How an indicator is scored: said in words, with its jumps, and the form that sets it."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from bot.forms import Ask, Form
from bot.text import N_, Texts, clean
from handlers.cards.amounts import amount
from handlers.cards.planforms import DIRECTION_OPTIONS, LEVELS, PART_OPTIONS, STEPS, TARGET, Long, Number, Short, Weight
from models.rules.plans import BONUS, PENALTY, VETO, Finding
from models.rules.scoring import CAP, Cliff, Standard, cliffs, faults

MOST_STEPS = 10
BAD_STEPS = N_("Write each step as value: points, such as 80: 60; 90: 80; 100: 100.")
RULE_OPTIONS = (
    ("ratio", N_("in proportion to the target")),
    ("anchored", N_("60 points at the floor, 100 at the target, 120 at the stretch")),
    ("range", N_("full points within a range, fewer outside")),
    ("steps", N_("by steps")),
    ("milestone", N_("by the share of milestones completed")),
    ("count", N_("by the number of accepted pieces of evidence")),
    ("deduction", N_("100 points less deductions")),
    ("okr", N_("as a key result from 0.0 to 1.0")),
    ("rated", N_("rated by described levels")),
)
# What remains true of a rule whatever its numbers are.
FIXED = {
    "deduction": N_("100 points less the deductions, never below 0."),
    "okr": N_("Points follow the key result: 100 at 1.0, 70 at 0.7."),
    "rated": N_("People choose the level that fits; its points are those of the cycle's scale."),
}
# What it means for the total, where it is no share by weight.
MEANT = {
    VETO: N_("If it earns no points, the whole result is held at the lowest passing score."),
    BONUS: N_("These points are added to the total."),
    PENALTY: N_("These points are taken off the total."),
}
_STEP = re.compile(r"\s*([+-]?\d{1,10}(?:\.\d{1,4})?)\s*[:=]\s*(\d{1,4}(?:\.\d{1,2})?)\s*")


class RuleForm(Form):
    """How one item is scored, and what its points are to the total."""

    action: ClassVar[str] = "item.rule"
    title: ClassVar[str] = N_("Scoring rule")
    part: Annotated[Literal["weighted", "veto", "bonus", "penalty"], Ask(N_("Counts as"), options=PART_OPTIONS)]
    rule: Annotated[
        Literal["ratio", "anchored", "range", "steps", "milestone", "count", "deduction", "okr", "rated"],
        Ask(N_("How it is scored"), options=RULE_OPTIONS),
    ]
    direction: Annotated[Literal["higher", "lower"], Ask(N_("Direction"), options=DIRECTION_OPTIONS)]
    target: Annotated[Number | None, TARGET] = None
    floor: Annotated[Number | None, Ask(N_("Floor"), N_("Just acceptable; the lowest value of a range."))] = None
    stretch: Annotated[Number | None, Ask(N_("Stretch"), N_("Outstanding; the highest value of a range."))] = None
    steps: Annotated[Short | None, STEPS] = None
    cap: Annotated[Number | None, Ask(N_("Most points"), N_("120 if left empty."))] = None
    weight: Annotated[Weight | None, Ask(N_("Weight in %"), N_("Only if it counts by weight."))] = None
    levels: Annotated[Long | None, LEVELS] = None


def errors(t: Texts, form: type[Form], found: Sequence[Finding]) -> dict[str, str]:
    """What is wrong, by the field it is shown at: its own if the form asks it, a near one, else the first."""
    return {_field(form, one.concerns): t(one.message, **one.facts) for one in reversed(found)}


def _field(form: type[Form], concerns: str) -> str:
    names = list(form.model_fields)
    near = {"floor": "target", "stretch": "target", "rule": "steps", "cap": "steps"}.get(concerns, "")
    return next((name for name in (concerns, near) if name in names), names[0])


def read_steps(typed: str) -> list[list[str]] | None:
    """The [from, points] of "80: 60; 90: 80", by rising value, full-width signs included; None if it is no such list.

    A comma parts steps and never thousands: "1,000: 60" is refused rather than read as 0.
    """
    found = [_STEP.fullmatch(part) for part in re.split(r"[;,、]", clean(typed)) if part.strip()]
    if not 0 < len(found) <= MOST_STEPS or not all(found):
        return None
    pairs = sorted((Decimal(one[1]), Decimal(one[2])) for one in found if one)
    return [[_plain(start), _plain(points)] for start, points in pairs]


def steps_text(steps: Iterable[Sequence[str]]) -> str:
    """The steps as they are typed."""
    return "; ".join(f"{start}: {points}" for start, points in steps)


def scored_text(t: Texts, standard: Standard, part: str = "weighted") -> str:
    """In words how many points which value earns, and what they are to the total."""
    if found := faults(standard):
        return t("No points can be computed yet: {fault}", fault=t(found[0][1]))
    said = t(FIXED[standard.rule]) if standard.rule in FIXED else _numbers(t, standard, part)
    if standard.cap != CAP or _open_above(standard):
        said = t("{said} At most {points} points.", said=said, points=standard.cap)
    return f"{said} {t(MEANT[part])}" if part in MEANT else said


def _open_above(standard: Standard) -> bool:
    """Whether nothing but the cap ends the points."""
    return standard.rule in ("ratio", "count") or (standard.rule == "anchored" and standard.stretch is None)


def cliff_lines(t: Texts, standard: Standard) -> list[str]:
    """Every jump of the points, one sentence each."""
    return [_cliff(t, one, standard.unit) for one in cliffs(standard)]


def cliff_warning(t: Texts, standard: Standard) -> str:
    """The highest jump as a warning; "" if there is none."""
    found = max(cliffs(standard), key=lambda one: abs(one.above - one.below), default=None)
    return t("Mind the jump: {said}", said=_cliff(t, found, standard.unit)) if found else ""


def _cliff(t: Texts, one: Cliff, unit: str) -> str:
    at = amount(t, one.at, unit)
    if one.above > one.below:
        return t("just below {at}: {low} points, from {at} on: {high}.", at=at, low=one.below, high=one.above)
    return t("up to {at}: {high} points, just above: {low}.", at=at, low=one.above, high=one.below)


def _numbers(t: Texts, standard: Standard, part: str) -> str:
    rule = "range" if standard.direction == "range" and standard.rule in ("ratio", "anchored") else standard.rule
    match rule:
        case "anchored":
            return _anchored(t, standard)
        case "steps":
            return _steps(t, standard, part)
        case "range":
            low, high = amount(t, standard.floor, ""), amount(t, standard.stretch, standard.unit)
            return t(
                "100 points from {low} to {high}; outside they fall to 0 as far away as the range is wide.",
                low=low,
                high=high,
            )
        case _:
            return _ratio(t, standard)


def _ratio(t: Texts, standard: Standard) -> str:
    target = amount(t, standard.target, standard.unit)
    if standard.direction == "lower" and not standard.target:
        return t("100 points at {target} or less, none above.", target=target)
    if standard.direction == "lower":
        return t(
            "100 points at {target}; the less the more points, in proportion, and none at twice as much.", target=target
        )
    return t("100 points at {target}, more or fewer in proportion.", target=target)


def _anchored(t: Texts, standard: Standard) -> str:
    floor, target = (amount(t, value, standard.unit) for value in (standard.floor, standard.target))
    parts = [t("60 points at {floor}", floor=floor), t("100 at {target}", target=target)]
    if standard.stretch is not None:
        parts.append(t("120 at {stretch}", stretch=amount(t, standard.stretch, standard.unit)))
    nothing = N_("{points}, in a line between them; none above {floor}.")
    if standard.direction == "higher":
        nothing = N_("{points}, in a line between them; none below {floor}.")
    return t(nothing, points=t.list(parts), floor=floor)


def _steps(t: Texts, standard: Standard, part: str) -> str:
    falling = standard.direction == "lower"
    one = N_("{points} points up to {value}") if falling else N_("{points} points from {value}")
    ordered = sorted(standard.steps, reverse=falling)
    parts = [t(one, points=points, value=amount(t, at, standard.unit)) for at, points in ordered]
    first = amount(t, ordered[0][0], standard.unit)
    last = N_("{points}; none above {value}.") if falling else N_("{points}; none below {value}.")
    return t(last, points=t.list(parts), value=first)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
