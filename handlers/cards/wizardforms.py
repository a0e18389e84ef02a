"""The forms of a cycle that is not published yet, one for each section, and the one that gives a stage more time."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bot.forms import LONG, SHORT, Ask, Form, Kind
from bot.text import LOCALES, N_, NAMES

KINDS = {"year": N_("Year"), "quarter": N_("Quarter"), "month": N_("Month"), "probation": N_("Probation")}
STEPS = {
    "manager": N_("line manager"),
    "second": N_("manager's manager"),
    "head": N_("department head"),
    "executive": N_("executive"),
}
SETTERS = {"manager": N_("the line manager"), "employee": N_("the employee")}
YES_NO = (("yes", N_("Yes")), ("no", N_("No")))
# Where a new cycle begins; the last ones of each kind are added ("like 7").
BEGIN = {
    "year": N_("Year, by the usual pattern"),
    "quarter": N_("Quarter, by the usual pattern"),
    "month": N_("Month, by the usual pattern"),
    "probation": N_("Probation, by the usual pattern"),
    "nothing": N_("From nothing"),
}
EVERYBODY = "everybody"
WHO = {
    EVERYBODY: N_("Everybody"),
    "manager": N_("All managers"),
    "head": N_("All department heads"),
    "hr": N_("HR"),
    "executive": N_("Executives"),
}
NAMED = "named"
GROUPS = {**WHO, NAMED: N_("Only those named below")}
OWN = "own"
PRESETS = {
    "five": N_("Five levels: S, A, B, C, D"),
    "four": N_("Four levels: A, B, C, D"),
    "three": N_("Three levels: A, B, C"),
    OWN: N_("The levels written below"),
}
Step = Literal["manager", "second", "head", "executive"]
YesNo = Literal["yes", "no"]
Optional = date | None


class BeginForm(Form):
    """Where a new cycle begins."""

    action: ClassVar[str] = "cycle.open"
    title: ClassVar[str] = N_("Open a cycle")
    submit: ClassVar[str] = N_("Begin a draft")
    begin: Annotated[
        str,
        Ask(
            N_("Begin with"),
            N_("Everything can be changed before it is published."),
            kind=Kind.CHOICE,
            options=tuple(BEGIN.items()),
        ),
    ]


class PeriodForm(Form):
    """What the cycle is called and which time it is about."""

    action: ClassVar[str] = "cycle.period"
    title: ClassVar[str] = N_("Name and period")
    kind: Annotated[Literal["year", "quarter", "month", "probation"], Ask(N_("Kind"), options=tuple(KINDS.items()))]
    name: Annotated[str, Field(min_length=1, max_length=SHORT), Ask(N_("Name"), N_("For example: 2027 Q1"))]
    starts_on: Annotated[date, Ask(N_("Period starts on"))]
    ends_on: Annotated[date, Ask(N_("Period ends on"), N_("The dates of the stages move along."))]


class DatesForm(Form):
    """The last day of each stage."""

    action: ClassVar[str] = "cycle.dates"
    title: ClassVar[str] = N_("Dates of the stages")
    opens_on: Annotated[
        Optional, Ask(N_("Setting of plans opens on"), N_("Leave it empty: as soon as it is published."))
    ] = None
    setting: Annotated[date, Ask(N_("Plans agreed by"))]
    tracking: Annotated[date, Ask(N_("Work on the plans until"), N_("Scoring opens the day after."))]
    self_scoring: Annotated[Optional, Ask(N_("Self scores by"), N_("Leave it empty: nobody scores themselves."))] = None
    scoring: Annotated[date, Ask(N_("Manager scores by"))]
    review: Annotated[Optional, Ask(N_("Flags and calibration done by"), N_("For HR; may be empty."))] = None
    published: Annotated[date, Ask(N_("Results published by"))]
    disputing: Annotated[
        Optional, Ask(N_("Disputes taken until"), N_("Leave it empty: HR closes the cycle by hand."))
    ] = None


class CourseForm(Form):
    """Who writes and approves plans, in which languages, and what happens to late scores."""

    action: ClassVar[str] = "cycle.course"
    title: ClassVar[str] = N_("Approval, languages, late scores")
    setter: Annotated[
        Literal["manager", "employee"], Ask(N_("Who writes the first draft"), options=tuple(SETTERS.items()))
    ]
    chain: Annotated[
        tuple[Step, ...],
        Field(min_length=1, max_length=3),
        Ask(N_("Who approves plans, in this order (1 to 3)"), kind=Kind.CHOICES, options=tuple(STEPS.items())),
    ]
    languages: Annotated[
        tuple[str, ...],
        Field(min_length=1),
        Ask(N_("Languages"), kind=Kind.CHOICES, options=tuple((tag, NAMES[tag]) for tag in LOCALES)),
    ]
    late: Annotated[
        YesNo,
        Ask(N_("Take scores after their last day?"), N_("They carry the mark “late”."), options=YES_NO),
    ]


class AudienceForm(Form):
    """Who takes part: everything chosen counts."""

    action: ClassVar[str] = "cycle.audience"
    title: ClassVar[str] = N_("Who takes part")
    who: Annotated[
        tuple[Literal["everybody", "manager", "head", "hr", "executive", "named"], ...],
        Ask(N_("Groups"), kind=Kind.CHOICES, options=tuple(GROUPS.items())),
    ] = ()
    departments: Annotated[
        tuple[str, ...], Ask(N_("Departments, with all below them"), kind=Kind.CHOICES, options=(("1", "…"),))
    ] = ()
    people: Annotated[
        str | None,
        Field(max_length=LONG),
        Ask(N_("People"), N_("Names or numbers, with commas between them"), kind=Kind.LONG),
    ] = None
    hired: Annotated[
        int | None,
        Field(ge=1, le=24),
        Ask(N_("Only who came within so many months"), N_("For a probation, for example 6."), kind=Kind.NUMBER),
    ] = None


class ScaleForm(Form):
    """The levels in which people are rated."""

    action: ClassVar[str] = "cycle.scale"
    title: ClassVar[str] = N_("Scale")
    preset: Annotated[Literal["five", "four", "three", "own"], Ask(N_("Levels"), options=tuple(PRESETS.items()))]
    levels: Annotated[
        str | None,
        Field(max_length=LONG),
        Ask(
            N_("Your own levels"),
            N_("Best first, with semicolons between them: name, points of a rated indicator, lowest total"),
            kind=Kind.LONG,
        ),
    ] = None


class ExtendForm(Form):
    """A new last day for a stage."""

    action: ClassVar[str] = "cycle.extend"
    title: ClassVar[str] = N_("Give more time")
    submit: ClassVar[str] = N_("Give more time")
    stage: Annotated[str, Ask(N_("Stage"), kind=Kind.CHOICE, options=(("setting", "…"),))]
    until: Annotated[date, Ask(N_("New last day"))]
    along: Annotated[YesNo, Ask(N_("Move the later stages along?"), options=YES_NO)]
    reason: Annotated[
        str,
        Field(min_length=1, max_length=LONG),
        Ask(N_("Why"), N_("Everybody concerned reads it."), kind=Kind.LONG),
    ]
