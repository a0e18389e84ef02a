"""Results: the total, what it means, where it comes from, and each indicator as a bar."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from bot.cards import Action, Block, Bold, Button, Card, Chart, Choice, Style, Tone, facts, text
from bot.forms import Ask, Form, Kind
from bot.plots import Bar, Bars, Pair, Pairs
from bot.text import N_, Texts
from handlers.cards.amounts import points, signed, weight
from handlers.cards.planforms import Long
from handlers.cards.resultdata import ShownLine, ShownResult
from models.result import FROM_CALIBRATION, FROM_DISPUTE, FROM_MANAGER
from models.rules.standards import CAP, FULL
from models.rules.totals import ADJUST, Level

STATES = {
    "computed": N_("Not published yet"),
    "calibrated": N_("Calibrated, not published yet"),
    "published": N_("Published, not acknowledged yet"),
    "acknowledged": N_("Acknowledged"),
    "disputed": N_("Disputed"),
    "final": N_("Final"),
}
# Below these a bar is drawn as weak, or as bad: a little under the target is neither.
SOLID, WEAK = Decimal(80), Decimal(60)
Move = Annotated[Decimal, Field(ge=-200, le=200, max_digits=5, decimal_places=2, allow_inf_nan=False)]


class AdjustForm(Form):
    """The manager moves a total, and says why."""

    action: ClassVar[str] = "result.adjust"
    title: ClassVar[str] = N_("Adjust the total")
    by: Annotated[Move, Ask(N_("Points up or down"), N_("From -5 to 5. 0 takes an adjustment back."))]
    comment: Annotated[Long, Ask(N_("Why?"), N_("The person reads this with their result."), Kind.LONG)]


def adjust_label(t: Texts, computed: Decimal, levels: Sequence[Level]) -> str:
    """What the field asks, with what moving the total would do to the rating."""
    near = [one for one in levels if abs(one.cutoff - computed) <= ADJUST and one.cutoff]
    said = t("Points up or down, computed: {points}", points=points(t, computed))
    cuts = [t("{rating} from {points}", rating=one.name, points=one.cutoff) for one in near]
    return " · ".join([said, *cuts])


def result_card(t: Texts, shown: ShownResult) -> Card:
    """One result; its owner sees it once it is published."""
    title = t("My result · {cycle}", cycle=shown.cycle) if shown.mine else f"{shown.name} · {shown.cycle}"
    body: list[Block] = [facts(_figures(t, shown)), *(text(line) for line in origin_lines(t, shown))]
    if shown.lines:
        body.append(_chart(t, shown))
    missing = [one.name for one in shown.lines if one.points is None and not one.excluded]
    if missing:
        body.append(text("! ", *t.rich("Without points: {names}", names=Bold(t.list(missing)))))
    tone = Tone.INFO if shown.acknowledges else Tone.NEUTRAL
    summary = t("Your result is there") if shown.mine else t("The result of {name}", name=shown.name)
    return Card(title, tuple(body), _actions(t, shown), tone, summary)


def none_card(t: Texts, cycle: str, name: str = "") -> Card:
    """That there is nothing to see; the same whether a result exists or not. `name` is "" for the reader."""
    if name:
        said = t("There is no result of {name} in {cycle} yet.", name=name, cycle=cycle)
        said = said if cycle else t("There is no result of {name} yet.", name=name)
    elif cycle:
        said = t("No result of {cycle} is published for you. HR publishes results after the review.", cycle=cycle)
    else:
        said = t("No result is published for you yet. HR publishes results after the review.")
    return Card(t("Result"), (text(said),), (Button(t("Home"), "home.show"),), summary=said)


def origin_lines(t: Texts, shown: ShownResult) -> list[str]:
    """Where the total comes from, in one sentence, with the words of who decided."""
    decided = shown.decided
    if shown.total is None:
        return []
    if decided.origin == FROM_MANAGER:
        said = {"who": decided.adjusted_by, "points": signed(t, decided.adjustment), "comment": decided.comment}
        return [t("Adjusted by {who}, {points}: “{comment}”", **said)]
    if decided.origin == FROM_CALIBRATION:
        values = {"reason": decided.reason, "before": points(t, shown.computed)}
        return [t("Adjusted in calibration, because “{reason}” (computed: {before}).", **values)]
    if decided.origin == FROM_DISPUTE:
        return [t("Changed after a dispute.")]
    return [t("Computed from the indicators, as it stands.")]


def _figures(t: Texts, shown: ShownResult) -> list[tuple[str, str]]:
    pairs = [(t("Total"), points(t, shown.total)), (t("Rating"), _meaning(t, shown))]
    if shown.before is not None:
        pairs.append((t("Last time"), f"{points(t, shown.before[1])} · {shown.before[0]}"))
    done = shown.acknowledged if shown.acknowledged is not None else shown.published
    when = f" · {t.datetime(done)}" if done is not None else ""
    pairs.append((t("State"), f"{t(STATES[shown.state])}{when}"))
    return pairs


def _meaning(t: Texts, shown: ShownResult) -> str:
    """ "A: from 95 to under 105 points"."""
    names = [one.name for one in shown.levels]
    if shown.rating not in names:
        return ""
    at = names.index(shown.rating)
    low, high = shown.levels[at].cutoff, shown.levels[at - 1].cutoff if at else None
    if high is None:
        return t("{rating}: {low} points and more", rating=shown.rating, low=low)
    if at == len(names) - 1:
        return t("{rating}: less than {high} points", rating=shown.rating, high=high)
    return t("{rating}: from {low} to under {high} points", rating=shown.rating, low=low, high=high)


def _chart(t: Texts, shown: ShownResult) -> Chart:
    """Points of 120 against 100; beside last time's where the same indicator was there."""
    counted = [one for one in shown.lines if not one.excluded and one.part in ("weighted", "veto")]
    subtitle = t("Points of each indicator; the tick is 100, the most is {most}", most=CAP)
    title = t("Points by indicator")
    if shown.before is not None and any(one.before is not None for one in counted):
        rows = tuple(_pair(t, one) for one in counted)
        return Chart(title, subtitle, Pairs(rows, t("This time"), t("Last time"), float(CAP)), t.locale)
    return Chart(title, subtitle, Bars(tuple(_bar(t, one) for one in counted), float(CAP)), t.locale)


def _label(t: Texts, one: ShownLine) -> str:
    return f"{one.name} · {weight(t, one.counted)}" if one.counted is not None else one.name


def _bar(t: Texts, one: ShownLine) -> Bar:
    said = points(t, one.points) if one.points is not None else t("no points yet")
    tone = Tone.NEUTRAL if one.points is None or one.points >= SOLID else Tone.WARN if one.points >= WEAK else Tone.BAD
    return Bar(_label(t, one), _share(one.points), said, float(FULL / CAP), tone)


def _pair(t: Texts, one: ShownLine) -> Pair:
    said = f"{points(t, one.points)} / {points(t, one.before)}"
    return Pair(_label(t, one), _share(one.points), _share(one.before), said, float(FULL / CAP))


def _share(value: Decimal | None) -> float | None:
    return None if value is None else float(value / CAP)


def _actions(t: Texts, shown: ShownResult) -> tuple[Action, ...]:
    at = (shown.id, shown.version)
    actions: list[Action] = []
    if shown.acknowledges:
        actions.append(Button(t("Acknowledge"), "result.acknowledge", *at, style=Style.PRIMARY))
    if shown.lines:
        actions.append(Button(t("How was this computed?"), "result.steps", shown.id))
    if shown.adjusts:
        actions.append(Button(t("Adjust…"), "result.adjust", *at))
    if shown.disputes:
        actions.append(Button(t("Dispute…"), "result.dispute", *at))
    if shown.past:
        options = tuple((str(number), cycle) for number, cycle in shown.past)
        actions.append(Choice(t("Another cycle"), "result.pick", options))
    return tuple(actions)
