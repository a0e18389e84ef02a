"""Cycle cards: one under way, the list of them, what an opened one means for its reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Card, Note, Style, Tone, facts, text
from bot.text import NAMES, Texts
from handlers.cards.home import STAGES
from handlers.cards.stages import STATES, stage_actions, turnout_pairs
from handlers.cards.wizardforms import SETTERS, STEPS
from models.cycle import RUNNING, Cycle, Stage
from models.turnout import Turnout

NOTHING = Turnout()
UNDER_WAY = ("announced", *RUNNING)
MOST_EXTENSIONS = 3


@dataclass(frozen=True, slots=True)
class ShownExtension:
    """A stage that got more time."""

    stage: str
    until: datetime
    who: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShownCycle:
    """A cycle with its stages and how far it is; `told` is how many people the next stage, `following`, sends a message
    to. `held` says why the clock does not go on ("" if it does)."""

    cycle: Cycle
    stages: Sequence[Stage]
    owner: str
    count: Turnout = NOTHING
    told: int = 0
    manages: bool = False
    following: str = ""
    held: str = ""
    extended: Sequence[ShownExtension] = ()


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
        (t("Late scores"), t("taken, with a mark") if cycle.terms.get("late") else ""),
        (t("Owner"), shown.owner),
    ]
    body: list[Block] = [facts(pairs)]
    if shown.held:
        body.append(text(Bold(t("This stage does not end by itself:")), f" {shown.held}"))
    body += [text("• ", Bold(t(STAGES[stage.name])), " · ", t.datetime(stage.closes_at)) for stage in shown.stages]
    body += [_extension(t, one) for one in shown.extended[:MOST_EXTENSIONS]]
    tone = Tone.WARN if shown.held else Tone.GOOD if cycle.state in RUNNING else Tone.NEUTRAL
    return Card(cycle.name, tuple(body), _actions(t, shown), tone, t("Cycle {name}", name=cycle.name))


def _extension(t: Texts, one: ShownExtension) -> Note:
    said = t("{who} gave more time: {stage} until {when}.", who=one.who, stage=t(STAGES[one.stage]), when=one.until)
    return Note(f"{said} {t('“{reason}”', reason=one.reason)}" if one.reason else said)


def _actions(t: Texts, shown: ShownCycle) -> tuple[Action, ...]:
    cycle = shown.cycle
    listed = Button(t("Cycles"), "cycle.list")
    if cycle.state not in UNDER_WAY:
        return (listed,)
    if not shown.manages:
        return (Button(t("Progress…"), "cycle.progress", cycle.id), listed)
    actions = stage_actions(t, cycle, shown.count, shown.told, shown.following)
    actions.append(Button(t("Give more time…"), "cycle.extend", cycle.id, cycle.version))
    actions.append(Button(t("Reminders…"), "cycle.nudges", cycle.id, cycle.version))
    actions.append(Button(t("Announce…"), "cycle.kickoff", cycle.id, cycle.version))
    if cycle.state in ("announced", "setting", "tracking"):
        actions.append(Button(t("Who scores…"), "cycle.terms", cycle.id, cycle.version))
    if cycle.state in ("scoring", "self_scoring", "review"):
        actions.append(_late(t, cycle))
    return (*actions, Button(t("Progress…"), "cycle.progress", cycle.id), listed)


def _late(t: Texts, cycle: Cycle) -> Button:
    """Whether scores are taken after their last day is HR's to say until results are out."""
    if cycle.terms.get("late"):
        confirm = t("Scores that are not handed in when scoring ends are not taken any more.")
        return Button(t("Take no late scores"), "cycle.late", cycle.id, cycle.version, confirm=confirm)
    confirm = t("Scores can be handed in after their last day. They carry the mark “late”.")
    return Button(t("Take late scores"), "cycle.late", cycle.id, cycle.version, confirm=confirm)


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
