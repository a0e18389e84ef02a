"""One number's origin: the rule with the numbers in it, the value with its source, the raters and what they gave."""

from decimal import Decimal

from bot.cards import Block, Button, Card, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards.amounts import amount, points, weight
from handlers.cards.items import scored_text
from handlers.cards.resultdata import Entry, ShownOrigin
from handlers.cards.steps import RATERS
from handlers.cards.working import working
from models.checkin import MANUAL
from models.evidence import SOURCE

NOT_SCORED = {
    "unmeasured": N_("No value was measured, so people gave the points."),
    "impossible": N_("The value cannot be scored by this rule, so people gave the points."),
    "undefined": N_("The agreed standard gives no points, so people gave them."),
}
CENT, FULL = Decimal("0.01"), Decimal(100)


def line_card(t: Texts, shown: ShownOrigin) -> Card:
    """Where the points of one item come from."""
    line = shown.line
    body: list[Block] = [facts(_counted(t, shown)), *(text(said) for said in _why(t, shown))]
    if shown.value is not None and not shown.rated:
        body.append(facts(_entry(t, shown, shown.value)))
    body += [text(said) for said in _raters(t, shown)]
    actions = (
        Button(t("How was this computed?"), "result.steps", shown.result_id),
        Button(t("Back to the result"), "result.show", shown.result_id),
    )
    summary = t("Where one number comes from")
    return Card(line.name, tuple(body), actions, Tone.NEUTRAL, summary)


def _counted(t: Texts, shown: ShownOrigin) -> list[tuple[str, str]]:
    line = shown.line
    pairs = [(t("Points"), points(t, line.points))]
    if line.contribution is None or line.points is None or line.counted is None:
        return pairs
    product = f"{points(t, line.points)} × {weight(t, line.counted)}"
    exact = (line.points * line.counted / FULL).quantize(CENT) == line.contribution
    said = f"{product} = {points(t, line.contribution)}"
    if not exact:
        said = t("{points}, rounded so that all parts add up exactly", points=said)
    return [*pairs, (t("Part of the total"), said)]


def _why(t: Texts, shown: ShownOrigin) -> list[str]:
    """The rule in words, and worked out; what happened instead where it does not apply."""
    line = shown.line
    if line.excluded:
        said = t("This indicator is left out of the result.")
        return [said, t("“{reason}”", reason=line.why)] if line.why else [said]
    if shown.rated:
        lines = [t(NOT_SCORED[shown.outcome])] if shown.standard.rule != "rated" else []
    else:
        worked = working(t, shown.standard, shown.value.value) if shown.value is not None else []
        lines = [scored_text(t, shown.standard, line.part), *worked]
    if shown.ruled is not None:
        values = {"before": points(t, shown.ruled), "after": points(t, line.points)}
        lines.append(t("A dispute changed the points: {before} → {after}.", **values))
    return lines


def _entry(t: Texts, shown: ShownOrigin, entry: Entry) -> list[tuple[str, str]]:
    """The value, who or what said so and when, and what it was before."""
    before = shown.previous
    said = ""
    if before is not None:
        said = t("{value}, until then since {when}", value=amount(t, before.value, shown.unit), when=before.at)
    by_hand, counted = entry.source == MANUAL, entry.source == SOURCE
    source = t("accepted evidence") if counted else t("entered by hand") if by_hand else entry.source
    return [
        (t("Value"), amount(t, entry.value, shown.unit)),
        (t("Source"), source),
        (t("Record"), "" if by_hand or counted else entry.reference),
        (t("Accepted by") if counted else t("Entered by"), entry.by),
        (t("When"), t.datetime(entry.at)),
        (t("Before"), said),
    ]


def _raters(t: Texts, shown: ShownOrigin) -> list[str]:
    """Who gave which points; what is shown beside and does not count says so."""
    if not shown.rated or shown.line.excluded:
        return []
    lines = []
    names = {"manager": shown.rater, "self": t("You") if shown.mine else t("The person"), "peer": t("Colleagues")}
    for rater, given in shown.given.items():
        share = shown.weights.get(rater, Decimal(0))
        if given is None:
            if share:
                lines.append(t("Not scored by {raters}; the others count for them.", raters=t(RATERS[rater])))
            continue
        lines.append(_given(t, names[rater] or t(RATERS[rater]), rater, given, share, shown))
    if shown.comment:
        lines.append(t("“{reason}”", reason=shown.comment))
    return [*lines, *_combined(t, shown)]


def _given(t: Texts, name: str, rater: str, given: Decimal, share: Decimal, shown: ShownOrigin) -> str:
    level = next((one.name for one in shown.levels if one.points == given), "") if rater != "peer" else ""
    said = f"{level} · {points(t, given)}" if level else points(t, given)
    if rater == "peer":
        said = t("{points}, the mean of at least three", points=said)
    elif rater in shown.late:
        said = t("{points}, handed in late", points=said)
    if not share:
        return t("{who}: {said}; shown beside, not counted", who=name, said=said)
    return t("{who}: {said}; counts {share}", who=name, said=said, share=weight(t, share))


def _combined(t: Texts, shown: ShownOrigin) -> list[str]:
    """The mean by weight, where more than one rater counts."""
    counted = [
        (shown.weights.get(rater, Decimal(0)), given) for rater, given in shown.given.items() if given is not None
    ]
    counted = [(share, given) for share, given in counted if share]
    if len(counted) < 2 or shown.ruled is not None:
        return []
    top = " + ".join(f"{t.number(share)} × {points(t, given)}" for share, given in counted)
    whole = sum((share for share, _given in counted), Decimal(0))
    return [f"({top}) / {t.number(whole)} = {points(t, shown.line.points)}"]
