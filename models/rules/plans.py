"""What a plan must fulfil: machine checks before people look at it (rules: docs/rules.md)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from models.rules.scoring import CAP, Standard, faults

N_ = str  # marks a sentence for extraction; rules import nothing of ours

FEWEST, MOST = 3, 10
LIGHTEST, HEAVIEST = Decimal(5), Decimal(60)
HALF = Decimal("0.5")
TOTAL = Decimal(100)
FAR = Decimal("0.5")
# What an item's points are to the total: a share by its weight, a line not to be crossed, or points added or taken off.
WEIGHTED, VETO, BONUS, PENALTY = PARTS = ("weighted", "veto", "bonus", "penalty")
EXTRA = frozenset({BONUS, PENALTY})
MOST_EXTRA = Decimal(20)
RATED, STEPS = "rated", "steps"

CHECKS = {
    "linked": N_("Linked to a strategic goal"),
    "measurable": N_("Measurable: unit and target, or described levels"),
    "source": N_("Data source exists and its owner agreed"),
    "target": N_("Target is plausible against last time"),
    "wording": N_("Wording can be checked"),
    "order": N_("Floor, target and stretch are in order"),
    "scoring": N_("Points can be computed from the value"),
    "weights": N_("Weights are valid and total 100%"),
}

_VAGUE = re.compile(
    r"\b(improve|improving|enhance|strengthen|optimi[sz]e|promote|support|help|better|boost|actively|ensure|try)\b"
    r"|提升|提高|加强|加強|优化|優化|改善|促进|促進|推动|推動|积极|積極|努力|完善|做好|強化|向上|改善する|努める|推進",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"[0-9０-９%％‰/÷=＝]|[<>≤≥]|\b(rate|ratio|share|number|count|days?|hours?|average|per|sum|total|score|amount|"
    r"volume|percentage|level|completed|cost|revenue|index|median)\b"
    r"|率|占比|比例|数量|數量|次数|次數|天数|天數|时长|時長|平均|总额|總額|金额|金額|得分|评分|評分|指数|指數|件|額|数|日数|時間|回数|割合|点",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One planned indicator as the checks see it; `last` is the last cycle's actual value, None if there is none."""

    name: str
    formula: str = ""
    kind: str = "quantitative"
    direction: str = "higher"
    unit: str = ""
    target: Decimal | None = None
    floor: Decimal | None = None
    stretch: Decimal | None = None
    weight: Decimal | None = None
    linked: bool = False
    source: str = ""
    owner_agreed: bool = True
    levels: str = ""
    last: Decimal | None = None
    reason: str = ""
    part: str = WEIGHTED
    rule: str = "ratio"
    cap: Decimal = CAP
    steps: tuple[tuple[Decimal, Decimal], ...] = ()

    def standard(self) -> Standard:
        """How it is scored. A penalty grows with its value, although less of it is better."""
        return Standard(
            rule=self.rule,
            direction="higher" if self.part == PENALTY else self.direction,
            unit=self.unit,
            target=self.target,
            floor=self.floor,
            stretch=self.stretch,
            cap=self.cap,
            steps=self.steps,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """A failed check: its id, the form field it `concerns`, an English sentence and its values."""

    check: str
    concerns: str
    message: str
    facts: Mapping[str, object] = field(default_factory=dict)


def check_item(item: ItemFacts) -> list[Finding]:
    """The failed checks of one item, in the order of CHECKS."""
    every = (_linked, _measurable, _source, _target, _wording, _order, _scoring)
    return [finding for look in every if (finding := look(item))]


def check_weights(weights: Sequence[Decimal | None], parts: Sequence[str] = ()) -> list[Finding]:
    """The failed checks of a plan's weights in percent; None is an item without weight.

    `parts` says what each item counts as, "weighted" if left out: only those have a weight.
    """
    kinds = [*parts, *[WEIGHTED] * (len(weights) - len(parts))]
    given = [weight for weight in weights if weight is not None]
    found = _numbers_of(kinds)
    for number, (weight, part) in enumerate(zip(weights, kinds, strict=True), 1):
        if fault := part_fault(weight, part):
            found.append(Finding("weights", f"weight_{number}", fault.message, fault.facts))
    if given and sum(given) != TOTAL:
        last = max(number for number, weight in enumerate(weights, 1) if weight is not None)
        message = N_("The weights total {total}%. They must total exactly 100%: {missing}% to go.")
        if sum(given) > TOTAL:
            message = N_("The weights total {total}%. They must total exactly 100%: {over}% too much.")
        difference = abs(TOTAL - sum(given))
        facts = {"total": Decimal(sum(given)), "missing": difference, "over": difference}
        found.append(Finding("weights", f"weight_{last}", message, facts))
    return found


def _numbers_of(parts: Sequence[str]) -> list[Finding]:
    """Whether there are enough items, and not too many."""
    facts = {"fewest": FEWEST, "most": MOST, "n": len(parts)}
    if not FEWEST <= len(parts) <= MOST:
        return [Finding("weights", "", N_("A plan has {fewest} to {most} indicators; this one has {n}."), facts)]
    carried = sum(part == WEIGHTED for part in parts)
    if carried < FEWEST:
        message = N_("At least {fewest} indicators must carry a weight; in this plan it is {n}.")
        return [Finding("weights", "", message, {**facts, "n": carried})]
    return []


def part_fault(weight: Decimal | None, part: str) -> Finding | None:
    """What is wrong with the weight of one item, in percent, for what it counts as."""
    if part != WEIGHTED:
        message = N_("A veto, bonus or penalty has no weight. Leave this empty.")
        return Finding("weights", "weight", message) if weight is not None else None
    return weight_fault(weight) if weight is not None else Finding("weights", "weight", N_("A weight is needed."))


def weight_fault(weight: Decimal) -> Finding | None:
    """What is wrong with one weight in percent."""
    if weight % HALF or not LIGHTEST <= weight <= HEAVIEST:
        message = N_("A weight is from {least}% to {most}%, in whole or half percents.")
        return Finding("weights", "weight", message, {"least": LIGHTEST, "most": HEAVIEST})
    return None


def _linked(item: ItemFacts) -> Finding | None:
    if item.linked:
        return None
    message = N_("This indicator serves no strategic goal yet. Choose the goal it contributes to.")
    return Finding("linked", "goal", message)


def _measurable(item: ItemFacts) -> Finding | None:
    if item.kind == "qualitative" or item.rule == RATED:
        if item.levels.strip():
            return None
        message = N_("Describe what each level looks like, so that it can be rated fairly.")
        return Finding("measurable", "levels", message)
    if item.target is None and item.part not in EXTRA:
        return Finding("measurable", "target", N_("A target is needed: a number that says when it is reached."))
    if not item.unit.strip():
        return Finding("measurable", "unit", N_("Say in which unit it is measured, such as %, days or CNY."))
    return None


def _source(item: ItemFacts) -> Finding | None:
    if not item.source.strip():
        message = N_("Where will the figure come from? Name the system, report or person.")
        return Finding("source", "source", message)
    if not item.owner_agreed:
        return Finding("source", "source", N_("The owner of this data has not agreed yet to provide it."))
    return None


def _target(item: ItemFacts) -> Finding | None:
    if item.target is None or item.last is None or item.last == 0 or item.reason.strip():
        return None
    change = (item.target - item.last) / abs(item.last)
    if abs(change) <= FAR:
        return None
    message = N_("Last time it was {last}; {target} is far from that. Give a reason or choose another target.")
    return Finding("target", "target", message, {"last": item.last, "target": item.target})


def _wording(item: ItemFacts) -> Finding | None:
    said = f"{item.name} {item.formula}"
    if item.levels.strip() or not _VAGUE.search(item.name) or _MEASURE.search(said):
        return None
    message = N_("“{name}” alone cannot be checked. Say what is counted or divided by what.")
    return Finding("wording", "formula", message, {"name": item.name})


def _order(item: ItemFacts) -> Finding | None:
    values = [value for value in (item.floor, item.target, item.stretch) if value is not None]
    ordered = sorted(values, reverse=item.direction == "lower")
    if values == ordered or item.direction == "range":
        return None
    message = N_("Floor, target and stretch must rise in this order.")
    if item.direction == "lower":
        message = N_("Lower is better here: floor, target and stretch must fall in this order.")
    return Finding("order", "stretch" if item.stretch is not None else "floor", message)


def _scoring(item: ItemFacts) -> Finding | None:
    """What keeps the rule from giving points; silent where another check says it in its own words."""
    if item.part in EXTRA:
        return _extra(item)
    if _measurable(item) or _order(item):
        return None
    found = faults(item.standard())
    return Finding("scoring", *found[0]) if found else None


def _extra(item: ItemFacts) -> Finding | None:
    """Bonus and penalty points are few, and said by steps: a share of a target would be up to 120 points."""
    if item.rule != STEPS:
        message = N_("Bonus and penalty points are given by steps: from which value on how many points.")
        return Finding("scoring", "rule", message)
    if found := faults(item.standard()):
        return Finding("scoring", *found[0])
    if max(points for _at, points in item.steps) > MOST_EXTRA:
        message = N_("Bonus or penalty points are {most} at most.")
        return Finding("scoring", "steps", message, {"most": MOST_EXTRA})
    return None
