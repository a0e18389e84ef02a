"""What a plan must fulfil: machine checks before people look at it (rules: docs/rules.md)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

N_ = str  # marks a sentence for extraction; rules import nothing of ours

FEWEST, MOST = 3, 10
LIGHTEST, HEAVIEST = Decimal(5), Decimal(60)
HALF = Decimal("0.5")
TOTAL = Decimal(100)
FAR = Decimal("0.5")

CHECKS = {
    "linked": N_("Linked to a strategic goal"),
    "measurable": N_("Measurable: unit and target, or described levels"),
    "source": N_("Data source exists and its owner agreed"),
    "target": N_("Target is plausible against last time"),
    "wording": N_("Wording can be checked"),
    "order": N_("Floor, target and stretch are in order"),
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


@dataclass(frozen=True, slots=True)
class Finding:
    """A failed check: its id, the form field it `concerns`, an English sentence and its values."""

    check: str
    concerns: str
    message: str
    facts: Mapping[str, object] = field(default_factory=dict)


def check_item(item: ItemFacts) -> list[Finding]:
    """The failed checks of one item, in the order of CHECKS."""
    every = (_linked, _measurable, _source, _target, _wording, _order)
    return [finding for look in every if (finding := look(item))]


def check_weights(weights: Sequence[Decimal | None]) -> list[Finding]:
    """The failed checks of a plan's weights in percent; None is an item without weight (veto, bonus, penalty)."""
    given = [weight for weight in weights if weight is not None]
    found = []
    if not FEWEST <= len(weights) <= MOST:
        message = N_("A plan has {fewest} to {most} indicators; this one has {n}.")
        found.append(Finding("weights", "", message, {"fewest": FEWEST, "most": MOST, "n": len(weights)}))
    for number, weight in enumerate(weights, 1):
        if weight is not None and (fault := weight_fault(weight)):
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
    if item.kind == "qualitative":
        if item.levels.strip():
            return None
        message = N_("Describe what each level looks like, so that it can be rated fairly.")
        return Finding("measurable", "levels", message)
    if item.target is None:
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
