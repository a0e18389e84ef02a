"""Flags in words: what a rule found odd, with its figures, and what HR decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Style, Tone, facts, text
from bot.forms import Ask, Form, Kind
from bot.text import N_, Texts
from handlers.cards.planforms import Long
from models.flag import CONFIRMED, CORRECTED, CORRECTING, DISMISSED, OPEN

MOST = 12

RULES = {
    "inflated_gap": N_("Ratings far above what was measured"),
    "inflated_share": N_("Very many at the top rating"),
    "inflated_deviation": N_("Ratings above all other departments"),
    "uniform_totals": N_("Everybody has almost the same result"),
    "uniform_ratings": N_("Everybody was rated almost the same"),
    "alliance_department": N_("Self scores and manager's scores are the same, and high"),
    "alliance_pair": N_("Same scores from both sides, twice in a row"),
    "jump": N_("A jump against last time"),
    "contradiction_rated_above": N_("Measured low, rated high"),
    "contradiction_rated_below": N_("Measured high, rated low"),
}
# Why, with the figures a rule gives (models.rules.anomalies names them).
REASONS = {
    "inflated_gap": N_(
        "The rated indicators of {people} people are {rated} points on average, the measured ones {measured}: "
        "{gap} points apart, where at most {limit} are usual."
    ),
    "inflated_share": N_(
        "{top} of {people} people have the top rating, and for {lifted} of them the measured results do not bear it "
        "out: {share}, where at most {limit} are usual."
    ),
    "inflated_deviation": N_(
        "The ratings here are {rated} points on average, in the {departments} other departments {others}. Up to "
        "{limit} would be usual, and the measured results are not higher to the same degree."
    ),
    "uniform_totals": N_(
        "The results of {people} people differ by {deviation} points (standard deviation) around {mean}; less than "
        "{limit} says that nobody was told apart."
    ),
    "uniform_ratings": N_(
        "The ratings of {people} people differ by {deviation} points (standard deviation) around {mean}; less than "
        "{limit} says that nobody was told apart."
    ),
    "alliance_department": N_(
        "For {same} of {items} rated indicators ({share}) of {people} people the self score and the manager's score "
        "are the same, {mean} points on average, and the measured results do not bear that out."
    ),
    "alliance_pair": N_(
        "In this cycle and the one before, {same} of {items} rated indicators ({share}) have the same score from both "
        "sides, {mean} points on average, and the measured results do not bear that out."
    ),
    "jump": N_("The result moved from {before} to {after}: {change} points, where up to {limit} either way are usual."),
    "contradiction_rated_above": N_(
        "What was measured reaches {measured} points on average, what was rated {rated}. One of the two may be wrong."
    ),
    "contradiction_rated_below": N_(
        "What was measured reaches {measured} points on average, what was rated only {rated}. One of the two may be "
        "wrong."
    ),
}
STATES = {
    OPEN: N_("Open"),
    CORRECTING: N_("Given back for correction"),
    CONFIRMED: N_("Scores stand"),
    CORRECTED: N_("Corrected"),
    DISMISSED: N_("Dismissed"),
}
TONES = {OPEN: Tone.WARN, CORRECTING: Tone.WARN}
SHARES = frozenset({"share"})
CHANGES = frozenset({"change"})


class ConfirmForm(Form):
    """Why the scores stand."""

    action: ClassVar[str] = "flag.confirm"
    title: ClassVar[str] = N_("The scores stand")
    submit: ClassVar[str] = N_("Let the scores stand")
    reason: Annotated[Long, Ask(N_("Why are the scores right?"), N_("Kept in the file; HR reads it."), Kind.LONG)]


class DismissForm(Form):
    """Why the rule is wrong here."""

    action: ClassVar[str] = "flag.dismiss"
    title: ClassVar[str] = N_("Dismiss the flag")
    submit: ClassVar[str] = N_("Dismiss")
    reason: Annotated[Long, Ask(N_("Why does the rule not fit here?"), N_("Kept in the file; HR reads it."), Kind.LONG)]


class CorrectForm(Form):
    """Whose scores go back, and why."""

    action: ClassVar[str] = "flag.correct"
    title: ClassVar[str] = N_("Give scores back")
    submit: ClassVar[str] = N_("Give back")
    people: Annotated[
        tuple[str, ...], Ask(N_("Whose scores"), N_("Leave empty for everybody concerned."), Kind.CHOICES)
    ] = ()
    reason: Annotated[Long, Ask(N_("What should be looked at again?"), N_("The manager reads this."), Kind.LONG)]


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """A flag with names as the reader reads them; `subject` is who or what it is about, `reason` what was decided."""

    id: int
    version: int
    rule: str
    state: str
    subject: str
    cycle: str
    figures: Mapping[str, str]
    raised: datetime
    reason: str = ""
    decided_by: str = ""
    decided: datetime | None = None
    decides: bool = False
    sheets: Sequence[tuple[str, str]] = ()


def why(t: Texts, rule: str, figures: Mapping[str, str]) -> str:
    """What the rule found, in one sentence with its figures."""
    share = rule == "inflated_share"
    return t(REASONS[rule], **{name: _figure(t, name, value, share=share) for name, value in figures.items()})


def flag_card(t: Texts, shown: ShownFlag) -> Card:
    """One flag: the finding first, then what was decided or can be."""
    body: list[Block] = [text(Bold(shown.subject)), text(why(t, shown.rule, shown.figures))]
    pairs = [(t("Cycle"), shown.cycle), (t("State"), t(STATES[shown.state])), (t("Found"), t.datetime(shown.raised))]
    if shown.decided is not None:
        said = t("{who} on {when}", who=shown.decided_by or t("The rule found nothing any more"), when=shown.decided)
        pairs.append((t("Decided"), said if shown.decided_by else t.datetime(shown.decided)))
    pairs.append((t("Reason"), shown.reason))
    body.append(facts(pairs))
    if shown.state == OPEN:
        body.append(Note(t("A flag is a question, not a verdict. Results about it are published once it is decided.")))
    elif shown.state == CORRECTING:
        body.append(Note(t("The rule looks again as soon as the corrected scores are handed in.")))
    return Card(
        t("Flag: {rule}", rule=t(RULES[shown.rule])),
        tuple(body),
        _actions(t, shown),
        TONES.get(shown.state, Tone.GOOD),
        t("A flag about scores"),
    )


def flags_card(
    t: Texts, cycle: str, flags: Sequence[ShownFlag], *, page: int, at: int = 0, others: Sequence[tuple[int, str]] = ()
) -> Card:
    """All flags of the cycle `at`, the open ones first, a page at a time; `others` are cycles with flags beside it."""
    shown = flags[page * MOST : (page + 1) * MOST]
    waiting = sum(1 for one in flags if one.state in TONES)
    body: list[Block] = [text(Bold(t.n("{n} flag is not decided", "{n} flags are not decided", waiting)))]
    if not flags:
        body = [text(t("The rules found nothing odd in the scores so far."))]
    body += [
        text(f"{'!' if one.state in TONES else '✓'} ", Bold(one.subject), f" · {_rule(t, one.rule, one.state)}")
        for one in shown
    ]
    actions: list[Action] = []
    if shown:
        options = tuple((str(one.id), listed(t, one.subject, one.rule, one.state)[:70]) for one in shown)
        actions.append(Choice(t("Open a flag"), "flag.pick", options))
    pages = (len(flags) + MOST - 1) // MOST
    if pages > 1:
        options = tuple((f"{n} {at}", t("Page {n} of {total}", n=n + 1, total=pages)) for n in range(pages))
        actions.append(Choice(t("Page"), "flag.page", options))
    if others:
        options = tuple((f"0 {number}", name) for number, name in others)
        actions.append(Choice(t("Another cycle"), "flag.page", options))
    title = t("Flags · {cycle}", cycle=cycle)
    return Card(title, tuple(body), tuple(actions), Tone.WARN if waiting else Tone.GOOD, t("Flags about scores"))


def listed(t: Texts, subject: str, rule: str, state: str) -> str:
    """A flag in one line of a list."""
    return f"{subject} · {_rule(t, rule, state)}"


def _rule(t: Texts, rule: str, state: str) -> str:
    """What was found, and that HR has already asked for other scores."""
    return f"{t(RULES[rule])} · {t(STATES[state])}" if state == CORRECTING else t(RULES[rule])


def _actions(t: Texts, shown: ShownFlag) -> tuple[Action, ...]:
    actions: list[Action] = []
    if shown.decides and shown.state == OPEN:
        at = (shown.id, shown.version)
        actions.append(Button(t("Give scores back…"), "flag.correct", *at, style=Style.PRIMARY))
        actions.append(Button(t("The scores stand…"), "flag.confirm", *at))
        actions.append(Button(t("Dismiss…"), "flag.dismiss", *at))
    if shown.sheets:
        actions.append(Choice(t("Open the scores of"), "flag.sheet", tuple(shown.sheets), shown.id))
    actions.append(Button(t("All flags"), "flag.list"))
    return tuple(actions)


def _figure(t: Texts, name: str, value: str, *, share: bool) -> str:
    number = Decimal(value)
    if name in SHARES or (share and name == "limit"):
        return t.percent(number)
    said = t.number(number)
    return f"+{said}" if name in CHANGES and number > 0 else said
