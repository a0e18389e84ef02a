"""Dispute cards: one card for everybody involved, with the clock, the re-check, and every step so far."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Style, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards.amounts import points, weight
from handlers.cards.clocks import clock_text, moment, reminder_text
from handlers.cards.disputedata import Listed, ShownCase, ShownDisputes, ShownStep
from handlers.cards.evidence import look_choice, mention
from handlers.cards.rechecks import recheck_lines

STATES = {
    "manager": N_("With the manager"),
    "hr": N_("With HR"),
    "upheld": N_("Upheld: the result stays"),
    "adjusted": N_("Adjusted"),
    "withdrawn": N_("Withdrawn"),
}
STEPS = {
    "dispute.filed": N_("{when}: filed by {who}"),
    "dispute.answered": N_("{when}: answered by {who}"),
    "dispute.passed_on": N_("{when}: passed on to HR without an answer"),
    "dispute.escalated": N_("{when}: {joined} was drawn in, because time is running out"),
    "dispute.upheld": N_("{when}: upheld by {who}"),
    "dispute.adjusted": N_("{when}: adjusted by {who}"),
    "dispute.withdrawn": N_("{when}: withdrawn by {who}"),
}
TONES = {"upheld": Tone.NEUTRAL, "adjusted": Tone.GOOD, "withdrawn": Tone.NEUTRAL}
LABELS = {
    "answer": N_("Answer…"),
    "uphold": N_("Uphold…"),
    "adjust": N_("Adjust…"),
    "withdraw": N_("Withdraw"),
}
SURE = N_("The case is closed and the result stays as it is.")
LISTED = 20


def dispute_card(t: Texts, shown: ShownCase) -> Card:
    """The case, how far it is, and what its reader can do."""
    about = shown.item or t("the whole result")
    title = (
        t("My dispute · {item}", item=about)
        if shown.mine
        else t("Dispute of {name} · {item}", name=shown.name, item=about)
    )
    body: list[Block] = _clock(t, shown)
    body.append(facts(_figures(t, shown)))
    body += _words(t, shown)
    body += [text(mention(t, shown.pieces))] if shown.pieces else []
    body += recheck_lines(t, shown.rereads)
    body.append(Note("\n".join(_step(t, shown, one) for one in shown.steps)))
    return Card(title, tuple(body), _actions(t, shown), _tone(shown), _summary(t, shown))


def _clock(t: Texts, shown: ShownCase) -> list[Block]:
    if not shown.running:
        return []
    said: list[Block] = [text(Bold(reminder_text(t, shown.mark)))] if shown.mark is not None and shown.asked else []
    name = "" if shown.asked else shown.awaited
    return [*said, text(Bold(clock_text(t, shown.state, name, shown.awaited_by, shown.now)))]


def _figures(t: Texts, shown: ShownCase) -> list[tuple[str, str]]:
    """What the case is about, as it was when it was filed; and what came of it."""
    pairs = [(t("State"), t(STATES[shown.state]))]
    if shown.item:
        before, after = points(t, shown.points), points(t, shown.points_after)
        changed = shown.points_after is not None and shown.points_after != shown.points
        pairs.append((t("Points"), f"{before} → {after}" if changed else before))
        pairs.append((t("Weight"), weight(t, shown.weight) if shown.weight is not None else ""))
    if shown.total_after is not None:
        new = _rated(t, shown.total_after, shown.rating_after)
        pairs.append((t("Total"), f"{points(t, shown.total_before)} → {new}"))
    else:
        pairs.append((t("Total"), _rated(t, shown.total, shown.rating)))
    return pairs


def _rated(t: Texts, total: Decimal | None, rating: str) -> str:
    return t("{points}, rated {rating}", points=points(t, total), rating=rating)


def _words(t: Texts, shown: ShownCase) -> list[Block]:
    """Everything that was written, each with its author."""
    said = [
        (shown.name, shown.reason),
        (shown.answered_by, shown.answer),
        (shown.ruled_by, shown.ruling),
    ]
    lines: list[Block] = [text(*t.rich("{who}: “{words}”", who=Bold(who), words=words)) for who, words in said if words]
    if shown.evidence:
        lines.insert(1, text(t("Evidence: {evidence}", evidence=shown.evidence)))
    return lines


def _step(t: Texts, shown: ShownCase, step: ShownStep) -> str:
    values = {"when": t.datetime(step.at), "who": step.who or "–", "joined": shown.joined or "–"}
    return t(STEPS[step.action], **values)


def _actions(t: Texts, shown: ShownCase) -> tuple[Action, ...]:
    """What may happen now; the most likely one first: adjusting where the record says something else."""
    differs = any(one.differs for one in shown.rereads)
    order = ("answer", "adjust", "uphold", "withdraw") if differs else ("answer", "uphold", "adjust", "withdraw")
    verbs = [verb for verb in order if verb in shown.verbs]
    actions: list[Action] = [_button(t, shown, verb, first=verb == verbs[0]) for verb in verbs]
    actions += look_choice(t, shown.pieces)
    if shown.result_id:
        actions.append(Button(t("Open the result"), "result.show", shown.result_id))
    return tuple(actions)


def _button(t: Texts, shown: ShownCase, verb: str, *, first: bool) -> Button:
    if verb == "withdraw":
        return Button(t(LABELS[verb]), "dispute.withdraw", shown.id, shown.version, Style.DANGER, t(SURE))
    style = Style.PRIMARY if first else Style.PLAIN
    return Button(t(LABELS[verb]), f"dispute.{verb}", shown.id, shown.version, style)


def _tone(shown: ShownCase) -> Tone:
    if not shown.running:
        return TONES[shown.state]
    return Tone.BAD if shown.now > shown.awaited_by else Tone.INFO if shown.asked else Tone.WARN


def _summary(t: Texts, shown: ShownCase) -> str:
    if shown.asked and shown.mark is not None:
        return t("Reminder: the dispute of {name} waits for you", name=shown.name)
    if shown.asked:
        return t("The dispute of {name} waits for you", name=shown.name)
    if shown.mine and shown.state in ("upheld", "adjusted"):
        return t("HR has ruled on your dispute")
    return t("Your dispute") if shown.mine else t("The dispute of {name}", name=shown.name)


# Lists


def disputes_card(t: Texts, shown: ShownDisputes) -> Card:
    """What waits for the reader, their own cases, and everybody's for those who watch."""
    body: list[Block] = _section(t, t("Waits for you"), shown.waiting, shown.now)
    body += _section(t, t("Your cases"), shown.own, shown.now)
    seen = {one.id for one in (*shown.waiting, *shown.own)}
    rest = [one for one in shown.all if one.id not in seen]
    heading = t("All others in {cycle}", cycle=shown.cycle) if seen else t("All in {cycle}", cycle=shown.cycle)
    body += _section(t, heading, rest, shown.now)
    if not body:
        body = [text(t("There is no dispute that concerns you."))]
    return Card(t("Disputes"), tuple(body), _list_actions(t, shown, rest), summary=t("Disputes that concern you"))


def _section(t: Texts, title: str, cases: Sequence[Listed], now: datetime) -> list[Block]:
    if not cases:
        return []
    lines: list[Block] = [text(Bold(title))]
    lines += [text("• ", _line(t, one, now)) for one in cases[:LISTED]]
    more = len(cases) - LISTED
    return [*lines, Note(t.n("and {n} more", "and {n} more", more))] if more > 0 else lines


def _line(t: Texts, one: Listed, now: datetime) -> str:
    said = f"{one.name} · {one.item or t('the whole result')}"
    if one.ended_at is not None:
        return f"{said} · {t(STATES[one.state])} · {t.datetime(one.ended_at)}"
    values = {"name": one.awaited, "when": moment(t, one.awaited_by, now)}
    if now > one.awaited_by:
        return f"{said} · {t('waits for {name}, overdue since {when}', **values)}"
    return f"{said} · {t('waits for {name}, by {when}', **values)}"


def _list_actions(t: Texts, shown: ShownDisputes, rest: Sequence[Listed]) -> tuple[Action, ...]:
    cases = [*shown.waiting, *shown.own, *rest][:LISTED]
    actions: list[Action] = []
    if shown.waiting:
        first = shown.waiting[0]
        actions.append(Button(t("Open the most urgent one"), "dispute.show", first.id, style=Style.PRIMARY))
    if shown.files is not None:
        result_id, version, cycle = shown.files
        actions.append(Button(t("Dispute my result of {cycle}…", cycle=cycle), "result.dispute", result_id, version))
    if cases:
        options = tuple((str(one.id), f"{one.name} · {one.item or t('the whole result')}"[:70]) for one in cases)
        actions.append(Choice(t("Open a case"), "dispute.pick", options))
    if shown.watches:
        actions.append(Button(t("Answer times"), "dispute.statistics"))
    return (*actions, Button(t("Home"), "home.show"))
