"""The forms of a plan: items, weights and reasons."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from bot.forms import LONG, SHORT, Ask, Form, Kind
from bot.text import N_
from models.rules.units import UNITS

Number = Annotated[Decimal, Field(max_digits=14, decimal_places=4, allow_inf_nan=False)]
Weight = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2, allow_inf_nan=False)]
Short = Annotated[str, Field(min_length=1, max_length=SHORT)]
Long = Annotated[str, Field(min_length=1, max_length=LONG)]


def _known(unit: str) -> str:
    """Only the listed units: other words would not be translated."""
    if unit not in UNITS:
        raise PydanticCustomError("literal_error", "unknown unit")
    return unit


Unit = Annotated[str, AfterValidator(_known)]
GOAL = Ask(N_("Strategic goal it serves"), kind=Kind.CHOICE)
REASON = Ask(N_("Reason, if the target is far from last time"), kind=Kind.LONG)
TARGET = Ask(N_("Target"))
WEIGHT = Ask(N_("Weight in %"), N_("5 to 60, in whole or half percents; all weights total 100."))
UNIT_OPTIONS = tuple(UNITS.items())
STEPS = Ask(
    N_("Steps"), N_("From which value how many points, only if it is scored so. Such as 80: 60; 90: 80; 100: 100.")
)
LEVELS = Ask(N_("Levels, if it cannot be counted"), N_("What S, A, B, C and D look like."), Kind.LONG)
PART_OPTIONS = (
    ("weighted", N_("a share of the total, by its weight")),
    ("veto", N_("veto: without points here, the whole result is held down")),
    ("bonus", N_("bonus points on top")),
    ("penalty", N_("penalty points")),
)
DIRECTION_OPTIONS = (("higher", N_("higher is better")), ("lower", N_("lower is better")))


class AddForm(Form):
    """An indicator from the library."""

    action: ClassVar[str] = "plan.add"
    title: ClassVar[str] = N_("Add from library")
    submit: ClassVar[str] = N_("Add")
    indicator: Annotated[str, Ask(N_("Indicator"), kind=Kind.CHOICE)]
    weight: Annotated[Weight, WEIGHT]
    target: Annotated[Number | None, Ask(N_("Target"), N_("Leave empty to take the library's suggestion."))] = None
    goal: Annotated[str | None, GOAL] = None
    reason: Annotated[Long | None, REASON] = None


class OwnForm(Form):
    """An indicator written for this plan."""

    action: ClassVar[str] = "plan.own"
    title: ClassVar[str] = N_("Write an indicator")
    submit: ClassVar[str] = N_("Add")
    name: Annotated[Short, Ask(N_("Name"))]
    formula: Annotated[Long, Ask(N_("Formula"), N_("What is counted, or divided by what."), Kind.LONG)]
    direction: Annotated[Literal["higher", "lower"], Ask(N_("Direction"), options=DIRECTION_OPTIONS)]
    unit: Annotated[Unit | None, Ask(N_("Unit"), kind=Kind.CHOICE, options=UNIT_OPTIONS)] = None
    target: Annotated[Number | None, TARGET] = None
    levels: Annotated[Long | None, LEVELS] = None
    part: Annotated[Literal["weighted", "veto", "bonus", "penalty"], Ask(N_("Counts as"), options=PART_OPTIONS)] = (
        "weighted"
    )
    weight: Annotated[Weight | None, WEIGHT] = None
    steps: Annotated[Short | None, STEPS] = None
    source: Annotated[
        Short | None, Ask(N_("Data source"), N_("The system, report or person the figure comes from."))
    ] = None
    goal: Annotated[str | None, GOAL] = None


class ItemForm(Form):
    """A change of one item."""

    action: ClassVar[str] = "item.save"
    title: ClassVar[str] = N_("Change an indicator")
    target: Annotated[Number | None, TARGET] = None
    floor: Annotated[Number | None, Ask(N_("Floor"), N_("Below this it counts as not reached."))] = None
    stretch: Annotated[Number | None, Ask(N_("Stretch"), N_("An outstanding value."))] = None
    weight: Annotated[Weight | None, WEIGHT] = None
    formula: Annotated[Long | None, Ask(N_("Formula"), kind=Kind.LONG)] = None
    levels: Annotated[Long | None, Ask(N_("Levels, if it cannot be counted"), kind=Kind.LONG)] = None
    source: Annotated[Short | None, Ask(N_("Data source"))] = None
    goal: Annotated[str | None, GOAL] = None
    reason: Annotated[Long | None, REASON] = None


class WeightsForm(Form):
    """All weights of a plan at once; only as many fields are asked as the plan has items."""

    action: ClassVar[str] = "plan.weights"
    title: ClassVar[str] = N_("Weights")
    weight_1: Annotated[Weight | None, WEIGHT] = None
    weight_2: Annotated[Weight | None, WEIGHT] = None
    weight_3: Annotated[Weight | None, WEIGHT] = None
    weight_4: Annotated[Weight | None, WEIGHT] = None
    weight_5: Annotated[Weight | None, WEIGHT] = None
    weight_6: Annotated[Weight | None, WEIGHT] = None
    weight_7: Annotated[Weight | None, WEIGHT] = None
    weight_8: Annotated[Weight | None, WEIGHT] = None
    weight_9: Annotated[Weight | None, WEIGHT] = None
    weight_10: Annotated[Weight | None, WEIGHT] = None


class ReturnForm(Form):
    """Why a plan goes back."""

    action: ClassVar[str] = "plan.return"
    title: ClassVar[str] = N_("Return the plan")
    submit: ClassVar[str] = N_("Return")
    reason: Annotated[Long, Ask(N_("What should change?"), N_("The author reads this."), Kind.LONG)]


class ObjectForm(Form):
    """Why the owner does not agree."""

    action: ClassVar[str] = "plan.object"
    title: ClassVar[str] = N_("Object to the plan")
    submit: ClassVar[str] = N_("Object")
    reason: Annotated[Long, Ask(N_("What do you not agree with?"), N_("The author reads this."), Kind.LONG)]


class ProposeForm(Form):
    """Why a plan in force should change."""

    action: ClassVar[str] = "plan.propose"
    title: ClassVar[str] = N_("Send the change")
    submit: ClassVar[str] = N_("Send")
    reason: Annotated[Long, Ask(N_("Why is the change needed?"), N_("The other side reads this."), Kind.LONG)]


class DeclineForm(Form):
    """Why an amendment is not accepted."""

    action: ClassVar[str] = "plan.decline"
    title: ClassVar[str] = N_("Decline the change")
    submit: ClassVar[str] = N_("Decline")
    reason: Annotated[Long, Ask(N_("Why not?"), N_("The author reads this."), Kind.LONG)]
