"""The machine checks of a plan: never raise, exact about weights, deaf to the order of what they are given."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text import Texts
from models.indicator import RULES
from models.rules.plans import (
    CHECKS,
    FEWEST,
    HALF,
    HEAVIEST,
    LIGHTEST,
    MOST,
    MOST_EXTRA,
    PARTS,
    TOTAL,
    ItemFacts,
    check_item,
    check_weights,
    part_fault,
    weight_fault,
)

NUMBER = st.decimals(-(10**9), 10**9, places=4) | st.sampled_from([Decimal(0), Decimal("-0"), Decimal("1E+20")])
TEXT = st.text(max_size=40) | st.sampled_from(["improve satisfaction", "提升客户满意度", "Revenue", "率", "%", " "])
WEIGHT = st.integers(-20, 300).map(lambda n: Decimal(n) / 2) | st.decimals(-10, 120, places=4)
ITEM = st.builds(
    ItemFacts,
    name=TEXT,
    formula=TEXT,
    kind=st.sampled_from(["quantitative", "qualitative", "count", "milestone", "deduction", "okr", "?"]),
    direction=st.sampled_from(["higher", "lower", "range", "?"]),
    unit=TEXT,
    target=st.none() | NUMBER,
    floor=st.none() | NUMBER,
    stretch=st.none() | NUMBER,
    weight=st.none() | WEIGHT,
    linked=st.booleans(),
    source=TEXT,
    owner_agreed=st.booleans(),
    levels=TEXT,
    last=st.none() | NUMBER,
    reason=TEXT,
    part=st.sampled_from(PARTS),
    rule=st.sampled_from([*RULES, "?"]),
    cap=NUMBER,
    steps=st.lists(st.tuples(NUMBER, NUMBER), max_size=4).map(tuple),
)


@st.composite
def whole_plans(draw: st.DrawFn) -> list[Decimal]:
    """Weights that a plan may have: in range, in halves, 100 in all."""
    count = draw(st.integers(FEWEST, MOST))
    halves = [int(LIGHTEST / HALF)] * count
    left = int(TOTAL / HALF) - sum(halves)
    for place in draw(st.lists(st.integers(0, count - 1), min_size=left, max_size=left)):
        halves[place] += 1
    for place in range(count):  # what is too heavy goes to the lightest
        while halves[place] > int(HEAVIEST / HALF):
            halves[place] -= 1
            halves[halves.index(min(halves))] += 1
    return [HALF * number for number in halves]


@given(ITEM)
def test_any_item_gets_at_most_one_finding_a_check_in_their_order(item: ItemFacts) -> None:
    found = check_item(item)
    order = [name for name in CHECKS if name in [finding.check for finding in found]]
    assert [finding.check for finding in found] == order
    assert all(finding.concerns for finding in found), "each is shown at a field"


@given(ITEM)
def test_every_finding_can_be_said(item: ItemFacts) -> None:
    t = Texts("en")
    for finding in check_item(item):
        assert "{" not in t(finding.message, **dict.fromkeys(finding.facts, "x"))


@given(ITEM)
def test_a_reason_or_no_history_never_makes_a_target_worse(item: ItemFacts) -> None:
    with_reason = {finding.check for finding in check_item(replace(item, reason="The market doubled"))}
    without_past = {finding.check for finding in check_item(replace(item, last=None))}
    assert "target" not in with_reason | without_past
    assert with_reason <= {finding.check for finding in check_item(item)}


@given(whole_plans(), st.randoms(use_true_random=False))
def test_valid_weights_pass_in_any_order_and_beside_items_without_weight(weights: list[Decimal], rng: Random) -> None:
    rng.shuffle(weights)
    assert check_weights(weights) == []
    parts = ["weighted"] * len(weights)
    for part in PARTS[1:]:
        assert check_weights([*weights, None], [*parts, part]) == [] or len(weights) == MOST
        assert check_weights([None, *weights], [part, *parts]) == [] or len(weights) == MOST


@given(whole_plans(), st.data())
def test_half_a_percent_more_or_less_is_always_seen(weights: list[Decimal], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(weights) - 1))
    weights[place] += data.draw(st.sampled_from([HALF, -HALF, Decimal("0.01"), Decimal("-0.0001")]))
    found = check_weights(weights)
    assert found, "the total is exact, not about 100"
    total = next(finding for finding in found if "total" in finding.facts)
    assert total.facts["total"] == sum(weights)
    assert total.facts["missing"] == abs(TOTAL - sum(weights)) > 0


@settings(max_examples=200)
@given(st.lists(st.tuples(st.none() | WEIGHT, st.sampled_from(PARTS)), max_size=14), st.randoms(use_true_random=False))
def test_weights_are_judged_alike_in_any_order_and_never_raise(
    items: list[tuple[Decimal | None, str]], rng: Random
) -> None:
    def found(those: list[tuple[Decimal | None, str]]) -> list[str]:
        return sorted(one.message for one in check_weights([w for w, _part in those], [part for _w, part in those]))

    shuffled = list(items)
    rng.shuffle(shuffled)
    assert found(items) == found(shuffled)
    good = all(part_fault(weight, part) is None for weight, part in items)
    carried = [weight for weight, part in items if part == "weighted" and weight is not None]
    whole = good and len(carried) >= FEWEST and len(items) <= MOST and sum(carried) == TOTAL
    assert (found(items) == []) is whole


def test_fewer_than_three_indicators_with_a_weight_are_no_plan() -> None:
    found = check_weights([Decimal(50), Decimal(50), None], ["weighted", "weighted", "veto"])
    assert [(one.message, one.facts["n"]) for one in found] == [
        ("At least {fewest} indicators must carry a weight; in this plan it is {n}.", 2)
    ]


def test_only_what_is_weighted_has_a_weight_and_has_one() -> None:
    assert part_fault(None, "weighted") is not None
    assert part_fault(Decimal(10), "weighted") is None
    for part in PARTS[1:]:
        assert part_fault(None, part) is None
        assert part_fault(Decimal(10), part) is not None


GOOD = ItemFacts("Loans", unit="items", target=Decimal(100), linked=True, source="CRM", weight=Decimal(10))
STEPS = ((Decimal(1), Decimal(2)), (Decimal(3), Decimal(5)))


@pytest.mark.parametrize(
    ("changed", "concerns"),
    [
        ({}, ""),
        ({"rule": "anchored"}, "floor"),
        ({"rule": "anchored", "floor": Decimal(60)}, ""),
        ({"rule": "range"}, "floor"),
        ({"rule": "steps"}, "steps"),
        ({"rule": "steps", "steps": STEPS}, ""),
        ({"rule": "steps", "steps": tuple(reversed([(at, 9 - points) for at, points in STEPS]))}, "steps"),
        ({"cap": Decimal(90)}, "cap"),
        ({"target": Decimal(0)}, "target"),
        ({"target": Decimal(0), "direction": "lower", "part": "veto"}, ""),
        ({"rule": "rated", "kind": "qualitative", "levels": "A: good", "target": None}, ""),
        ({"part": "bonus"}, "rule"),
        ({"part": "bonus", "rule": "steps", "steps": STEPS, "target": None}, ""),
        ({"part": "penalty", "rule": "steps", "steps": STEPS, "direction": "lower", "target": None}, ""),
        ({"part": "bonus", "rule": "steps"}, "steps"),
        ({"part": "bonus", "rule": "steps", "steps": ((Decimal(1), MOST_EXTRA + 1),)}, "steps"),
    ],
)
def test_a_rule_that_gives_no_points_is_named_at_its_field(changed: dict[str, object], concerns: str) -> None:
    found = check_item(replace(GOOD, **changed))  # type: ignore[arg-type]
    assert [(one.check, one.concerns) for one in found] == ([("scoring", concerns)] if concerns else [])


def test_what_is_missing_is_said_once() -> None:
    for changed in ({"target": None}, {"rule": "rated"}, {"rule": "anchored", "floor": Decimal(200)}):
        assert len(check_item(replace(GOOD, **changed))) == 1, changed


@given(WEIGHT)
def test_a_weight_is_from_5_to_60_in_halves(weight: Decimal) -> None:
    fits = LIGHTEST <= weight <= HEAVIEST and (weight * 2) % 1 == 0
    assert (weight_fault(weight) is None) is fits


@given(NUMBER, NUMBER, NUMBER)
def test_the_order_of_floor_target_and_stretch_is_mirrored_where_lower_is_better(
    floor: Decimal, target: Decimal, stretch: Decimal
) -> None:
    def faults(direction: str, low: Decimal, high: Decimal) -> bool:
        item = ItemFacts("Rate", direction=direction, target=target, floor=low, stretch=high)
        return "order" in [finding.check for finding in check_item(item)]

    assert faults("higher", floor, stretch) == faults("lower", stretch, floor)
    assert faults("higher", floor, stretch) is not (floor <= target <= stretch)
