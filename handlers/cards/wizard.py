"""A cycle before it is published: every section, who owes what in which stage, and what is still missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Style, Tone, facts, text
from bot.text import N_, NAMES, Texts
from handlers.cards.wizardforms import KINDS, SETTERS, STEPS
from models.cycle import Cycle, Stage
from models.rules.totals import Level

SECTIONS = {
    "period": N_("Name and period…"),
    "stages": N_("Dates of the stages…"),
    "audience": N_("Who takes part…"),
    "course": N_("Approval, languages, late scores…"),
    "raters": N_("Who scores…"),
    "scale": N_("Scale…"),
}
# What each stage asks of whom.
OWES = {
    "setting": N_("Plans agreed by {when}: first draft by {setter}, approved by {chain}, checked by HR, confirmed"),
    "tracking": N_("Work on the plans until {when}: everybody reports progress"),
    "self_scoring": N_("Self scores by {when}: everybody scores themselves"),
    "scoring": N_("Manager scores by {when}: every line manager scores their people"),
    "review": N_("Flags and calibration done by {when}: HR"),
    "published": N_("Results published by {when}: HR"),
    "disputing": N_("Disputes taken until {when}: whoever scored answers, HR rules"),
}


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """A draft as HR sees it: `who` takes part in words, `people` how many that is, `missing` what is still to be said.

    `opens` is when plans begin to be set, "" for the moment it is published.
    """

    cycle: Cycle
    stages: Sequence[Stage]
    owner: str
    who: str = ""
    people: int = 0
    missing: Sequence[str] = ()
    levels: Sequence[Level] = ()
    opens: str = ""
    manages: bool = False


def draft_card(t: Texts, shown: ShownDraft) -> Card:
    """The hub of a draft: all sections at a glance, and where to change each."""
    cycle = shown.cycle
    body: list[Block] = [facts(_pairs(t, shown))]
    body += [text("• ", owed(t, cycle, stage)) for stage in shown.stages]
    if shown.missing:
        body.append(text(Bold(t("Still missing"))))
        body += [text("• ", t(said)) for said in shown.missing]
    elif shown.manages:
        body.append(Note(t("Nothing is missing. Rehearse it, then publish it.")))
    tone = Tone.WARN if shown.missing else Tone.NEUTRAL
    return Card(cycle.name, tuple(body), _actions(t, shown), tone, t("Cycle {name}", name=cycle.name))


def owed(t: Texts, cycle: Cycle, stage: Stage) -> str:
    """What a stage asks, of whom, until when."""
    chain = " → ".join(t(STEPS[step]) for step in cycle.chain) or "?"
    return t(OWES[stage.name], when=stage.closes_at, setter=t(SETTERS[cycle.setter]), chain=chain)


def scale_text(t: Texts, levels: Sequence[Level]) -> str:
    """ "S 110 from 105 · A 100 from 95"."""
    said = [
        t("{level} {points} from {least}", level=one.name, points=t.number(one.points), least=t.number(one.cutoff))
        for one in levels
    ]
    return " · ".join(said)


def _pairs(t: Texts, shown: ShownDraft) -> list[tuple[str, str]]:
    cycle = shown.cycle
    people = t.n("{who} ({n} person)", "{who} ({n} people)", shown.people, who=shown.who) if shown.who else ""
    late = t("taken, with a mark") if cycle.terms.get("late") else t("not taken")
    return [
        (t("State"), t("Draft")),
        (t("Kind"), t(KINDS[cycle.kind])),
        (t("Period"), f"{t.date(cycle.starts_on)} – {t.date(cycle.ends_on)}"),
        (t("Who takes part"), people),
        (t("Setting of plans opens"), shown.opens or t("as soon as it is published")),
        (t("Approval"), " → ".join(t(STEPS[step]) for step in cycle.chain)),
        (t("First draft by"), t(SETTERS[cycle.setter])),
        (t("Languages"), t.list([NAMES[tag] for tag in cycle.languages])),
        (t("Scale"), scale_text(t, shown.levels)),
        (t("Late scores"), late),
        (t("Owner"), shown.owner),
    ]


def _actions(t: Texts, shown: ShownDraft) -> tuple[Action, ...]:
    cycle = shown.cycle
    if not shown.manages:
        return (Button(t("Cycles"), "cycle.list"),)
    options = tuple((name, t(label)) for name, label in SECTIONS.items())
    actions: list[Action] = []
    if not shown.missing:
        confirm = t.n("{n} person gets a plan and a message.", "{n} people get a plan and a message.", shown.people)
        if shown.opens:
            confirm = t(
                "Plans are made, and people are told, on {day}. How many: {n}.", day=shown.opens, n=shown.people
            )
        actions.append(Button(t("Publish"), "cycle.publish", cycle.id, cycle.version, Style.PRIMARY, confirm))
        actions.append(Button(t("Rehearse"), "cycle.rehearse", cycle.id))
        actions.append(Button(t("Announce…"), "cycle.kickoff", cycle.id, cycle.version))
    actions.append(Choice(t("Change…"), "cycle.change", options, cycle.id, cycle.version))
    discard = t("The draft is given up.")
    actions.append(Button(t("Discard"), "cycle.cancel", cycle.id, cycle.version, Style.DANGER, discard))
    actions.append(Button(t("Cycles"), "cycle.list"))
    return tuple(actions)
