"""Cycle cards and the form that opens one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bot.cards import Action, Block, Bold, Button, Card, Style, Tone, facts, text
from bot.forms import SHORT, Ask, Form, Kind
from bot.text import LOCALES, N_, NAMES, Texts
from handlers.cards.home import STAGES
from handlers.cards.stages import STATES, stage_actions, turnout_pairs
from models.cycle import RUNNING, Cycle, Stage
from models.turnout import Turnout

KINDS = {"year": N_("Year"), "quarter": N_("Quarter"), "month": N_("Month"), "probation": N_("Probation")}
STEPS = {
    "manager": N_("line manager"),
    "second": N_("manager's manager"),
    "head": N_("department head"),
    "executive": N_("executive"),
}
SETTERS = {"manager": N_("the line manager"), "employee": N_("the employee")}
NOTHING = Turnout()
Step = Literal["manager", "second", "head", "executive"]


class CycleForm(Form):
    """A new cycle: period, dates of the stages, who approves, in which languages."""

    action: ClassVar[str] = "cycle.open"
    title: ClassVar[str] = N_("Open a cycle")
    submit: ClassVar[str] = N_("Save the draft")
    kind: Annotated[Literal["year", "quarter", "month", "probation"], Ask(N_("Kind"), options=tuple(KINDS.items()))]
    name: Annotated[str, Field(min_length=1, max_length=SHORT), Ask(N_("Name"), N_("For example: 2027 Q1"))]
    starts_on: Annotated[date, Ask(N_("Period starts on"))]
    ends_on: Annotated[date, Ask(N_("Period ends on"))]
    setting: Annotated[date, Ask(N_("Plans agreed by"))]
    self_scoring: Annotated[date, Ask(N_("Self scores by"))]
    scoring: Annotated[date, Ask(N_("Manager scores by"))]
    published: Annotated[date, Ask(N_("Results published by"))]
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


@dataclass(frozen=True, slots=True)
class ShownCycle:
    """A cycle with its stages and how far it is; `told` is how many people the next stage sends a message to."""

    cycle: Cycle
    stages: Sequence[Stage]
    owner: str
    count: Turnout = NOTHING
    told: int = 0
    manages: bool = False


def cycle_card(t: Texts, shown: ShownCycle) -> Card:
    """One cycle as HR sees it."""
    cycle = shown.cycle
    pairs = [
        (t("State"), t(STATES[cycle.state])),
        (t("Period"), f"{t.date(cycle.starts_on)} – {t.date(cycle.ends_on)}"),
    ]
    if shown.count.plans:
        pairs += turnout_pairs(t, cycle.state, shown.count)
    pairs += [
        (t("Approval"), " → ".join(t(STEPS[step]) for step in cycle.chain)),
        (t("First draft by"), t(SETTERS[cycle.setter])),
        (t("Languages"), t.list([NAMES[tag] for tag in cycle.languages])),
        (t("Owner"), shown.owner),
    ]
    body: list[Block] = [facts(pairs)]
    body += [text("• ", Bold(t(STAGES[stage.name])), f" · {t.datetime(stage.closes_at)}") for stage in shown.stages]
    tone = Tone.GOOD if cycle.state in RUNNING else Tone.NEUTRAL
    return Card(cycle.name, tuple(body), _actions(t, shown), tone, t("Cycle {name}", name=cycle.name))


def _actions(t: Texts, shown: ShownCycle) -> tuple[Action, ...]:
    cycle = shown.cycle
    listed = Button(t("Cycles"), "cycle.list")
    if cycle.state in RUNNING:
        actions = stage_actions(t, cycle, shown.count, shown.told) if shown.manages else []
        actions += [_raters(t, cycle)] if shown.manages and cycle.state in ("setting", "tracking") else []
        return (*actions, Button(t("Progress of the company"), "company.progress"), listed)
    if cycle.state != "draft" or not shown.manages:
        return (listed,)
    confirm = t("Everybody who works here gets a plan and a message. Publish now?")
    return (
        Button(t("Publish"), "cycle.publish", cycle.id, cycle.version, Style.PRIMARY, confirm),
        _raters(t, cycle),
        Button(t("Discard"), "cycle.cancel", cycle.id, cycle.version, Style.DANGER, t("The draft is given up.")),
    )


def _raters(t: Texts, cycle: Cycle) -> Button:
    """Whose scores count how much can be set until the first score is given."""
    return Button(t("Who scores…"), "cycle.terms", cycle.id, cycle.version)


def cycles_card(t: Texts, cycles: Sequence[Cycle], *, manages: bool) -> Card:
    """All cycles, the newest first."""
    body = [
        text("• ", Bold(one.name), f" · {t(STATES[one.state])} · {t.date(one.starts_on)} – {t.date(one.ends_on)}")
        for one in cycles
    ]
    actions: list[Action] = [Button(t("Open a cycle…"), "cycle.open", style=Style.PRIMARY)] if manages else []
    actions += [Button(one.name, "cycle.show", one.id) for one in cycles[:5]]
    said = t("No cycles yet.")
    return Card(t("Cycles"), tuple(body) or (text(said),), tuple(actions), summary=t("The cycles of the company"))


def opened_card(t: Texts, cycle: Cycle, due: datetime | None, *, setter: str, owed: int, plan_id: int) -> Card:
    """What an opened cycle means for its reader. `setter` is who writes their plan ("" for themselves)."""
    body: list[Block] = [
        text(t("{name} is open: {start} to {end}.", name=cycle.name, start=cycle.starts_on, end=cycle.ends_on))
    ]
    if setter:
        body.append(text(t("{who} proposes your indicators; you will be asked to confirm them.", who=setter)))
    elif plan_id:
        body.append(text(t("Please propose your indicators.")))
    if owed:
        body.append(text(Bold(t.n("{n} plan is yours to set.", "{n} plans are yours to set.", owed))))
    if due:
        body.append(text(t("Plans are agreed by {when}.", when=due)))
    actions: list[Action] = []
    if owed:
        actions.append(Button(t("My team"), "team.show", style=Style.PRIMARY))
    if plan_id:
        actions.append(Button(t("My plan"), "plan.show", plan_id))
    title = t("{name} begins", name=cycle.name)
    return Card(title, tuple(body), tuple(actions), Tone.INFO, t("A new cycle begins"))
