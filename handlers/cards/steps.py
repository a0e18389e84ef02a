"""How a total came about, step by step, so that the reader can add it up again."""

from collections.abc import Sequence
from decimal import Decimal

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Table, Tone, text
from bot.text import N_, Texts
from handlers.cards.amounts import points, signed, sum_text, weight
from handlers.cards.resultdata import ShownLine, ShownResult
from models.rules.totals import Level, lowest_passing

RATERS = {"manager": N_("manager"), "self": N_("the person themselves"), "peer": N_("colleagues")}
ZERO = Decimal(0)


def steps_card(t: Texts, shown: ShownResult) -> Card:
    """Every item with its share, everything else that counts, the sum, and what the ratings begin at."""
    body: list[Block] = [_table(t, shown), *(text("• ", line) for line in _aside(t, shown))]
    body += [text(Bold(line)) if number == 0 else text(line) for number, line in enumerate(sums(t, shown))]
    body.append(Note(levels_text(t, shown.levels)))
    options = tuple((str(one.id), one.name[:70]) for one in shown.lines)
    actions: list[Action] = [Button(t("Back to the result"), "result.show", shown.id)]
    if options:
        actions.insert(0, Choice(t("Where does this number come from?"), "line.show", options))
    title = t("How it was computed · {name}", name=shown.cycle if shown.mine else shown.name)
    return Card(title, tuple(body), tuple(actions), Tone.NEUTRAL, t("How a result was computed"))


def levels_text(t: Texts, levels: Sequence[Level]) -> str:
    """ "S from 105 · A from 95 · … · D below 60"."""
    said = [t("{rating} from {points}", rating=one.name, points=one.cutoff) for one in levels[:-1]]
    if len(levels) > 1:
        said.append(t("{rating} below {points}", rating=levels[-1].name, points=levels[-2].cutoff))
    return " · ".join(said)


def sums(t: Texts, shown: ShownResult) -> list[str]:
    """The way from the items to the total; every line adds up exactly."""
    if shown.computed is None:
        return [t("Not everything has points yet: there is no total.")]
    weighted = [one.contribution for one in shown.lines if one.contribution is not None and not one.excluded]
    lines = [sum_text(t, weighted)]
    value = sum(weighted, ZERO)
    extra = [_extra(one) for one in shown.lines if one.part in ("bonus", "penalty") and not one.excluded]
    if extra:
        lines.append(sum_text(t, [value, *extra]))
        value += sum(extra, ZERO)
    lines += _bounds(t, shown, value)
    return lines + _decisions(t, shown, shown.computed)


def _extra(one: ShownLine) -> Decimal:
    earned = one.points or ZERO
    return -earned if one.part == "penalty" else earned


def _bounds(t: Texts, shown: ShownResult, value: Decimal) -> list[str]:
    if value < 0:
        return [t("Less than 0 counts as 0.")]
    return _held(t, shown) if shown.computed is not None and value > shown.computed else []


def _held(t: Texts, shown: ShownResult) -> list[str]:
    most = points(t, lowest_passing(shown.levels))
    return [t("A veto is tripped ({names}): at most {points}.", names=t.list(shown.vetoes), points=most)]


def _decisions(t: Texts, shown: ShownResult, computed: Decimal) -> list[str]:
    """What people decided about the computed total, in the order in which it counts."""
    decided, total = shown.decided, shown.total if shown.total is not None else computed
    if decided.origin == "disputed":
        if total == computed:
            return []
        return [t("Decided beside the points: {sum}", sum=sum_text(t, [computed, total - computed]))]
    lines = []
    if decided.adjustment:
        moved = sum_text(t, [computed, decided.adjustment])
        lines.append(t("Adjusted by {who}: {sum}", who=decided.adjusted_by, sum=moved))
        counts = decided.origin == "adjusted"
        if computed + decided.adjustment < 0:
            lines.append(t("Less than 0 counts as 0."))
        elif counts and total != computed + decided.adjustment:
            lines += _held(t, shown)
    if decided.calibrated is not None:
        lines.append(t("Calibration set the total to {points}.", points=points(t, decided.calibrated)))
    return lines


def _table(t: Texts, shown: ShownResult) -> Table:
    header = (t("Indicator"), t("Weight as counted"), t("Points"), t("Part of the total"))
    rows = tuple(
        (one.name, weight(t, one.counted), points(t, one.points), points(t, one.contribution))
        for one in shown.lines
        if one.part == "weighted" and not one.excluded
    )
    return Table(header, rows)


def _aside(t: Texts, shown: ShownResult) -> list[str]:
    """What has no share of its own: left out, bonus, penalty, veto, raters who did not score."""
    lines = []
    for one in shown.lines:
        if one.excluded:
            said = t("{name} is left out, its weight is spread over the others.", name=one.name)
            lines.append(f"{said} {t('“{reason}”', reason=one.why)}" if one.why else said)
        elif one.part in ("bonus", "penalty"):
            kind = t("Bonus points") if one.part == "bonus" else t("Penalty points")
            lines.append(f"{kind} · {one.name}: {signed(t, _extra(one))}")
        elif one.part == "veto":
            tripped = t("tripped") if one.points == 0 else t("not tripped")
            lines.append(t("Veto · {name}: {said}", name=one.name, said=tripped))
        if one.absent:
            names = t.list(t(RATERS[rater]) for rater in one.absent)
            lines.append(t("{name}: not scored by {raters}; the others count for them.", name=one.name, raters=names))
    return lines
