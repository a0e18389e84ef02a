"""Scoring one's people in a row: one person a page, one question at a time; then everybody at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Style, Table, Tone, text
from bot.text import Texts
from handlers.cards.amounts import points
from handlers.cards.evidence import ShownPiece, look_choice
from handlers.cards.scorecards import by_level, evidence, given_text, measured_text
from models.rules.totals import Level
from models.scoresheet import Entry

MOST_ODD = 8


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One person's page: `place` of `total`, their card with its version, the levels, and whose pages are beside it."""

    card: tuple[int, int]
    name: str
    place: int
    total: int
    entries: Sequence[Entry]
    levels: Sequence[Level]
    before: int
    after: int
    left: int
    pieces: Sequence[ShownPiece] = ()

    @property
    def asking(self) -> Entry | None:
        """The first indicator without a score."""
        return next((one for one in self.entries if one.asked and one.given is None), None)


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """One line of the summary: `why` are sentences about what the rules find odd; `total` None: not complete."""

    card: tuple[int, int]
    name: str
    total: Decimal | None
    rating: str
    why: Sequence[str] = ()


def page_card(t: Texts, shown: ShownPage) -> Card:
    """What was measured, what was given, and the one question that is open."""
    body: list[Block] = []
    measured = [one for one in shown.entries if not one.asked]
    if measured:
        header = (t("Measured"), t("Value"), t("Points"))
        body.append(
            Table(header, tuple((one.item.name, measured_text(t, one), points(t, one.points)) for one in measured))
        )
    for one in shown.entries:
        if one.asked and one.given is not None:
            own = f" · {t('self score {level}', level=one.own.level)}" if one.own is not None and one.own.level else ""
            body.append(text(f"{one.item.name}: ", Bold(given_text(t, one.given)), own))
    asking = shown.asking
    if asking is not None:
        body.append(text(Bold(asking.item.name), *([f"\n{_about(t, asking)}"] if _about(t, asking) else [])))
        body += evidence(t, asking, pieces=shown.pieces)
    else:
        body.append(text(t("Everything is scored here.")))
    body.append(Note(t.n("{n} score is still to give.", "{n} scores are still to give.", shown.left)))
    place = t("{n} of {total}", n=shown.place, total=shown.total)
    return Card(f"{shown.name} · {place}", tuple(body), _page_actions(t, shown), Tone.INFO, t("Scoring your people"))


def summary_card(t: Texts, cycle: str, people: Sequence[ShownPerson], rater: Sequence[str], handed_in: int) -> Card:
    """Everybody whose scores are not handed in yet, what looks odd and why, and the buttons that hand in."""
    body: list[Block] = []
    if people:
        some = any(one.why for one in people)
        header = (t("Person"), t("Total"), t("Rating"), *([t("Odd")] if some else []))
        body.append(Table(header, tuple(_row(t, one)[: len(header)] for one in people)))
    else:
        body.append(text(t("Everything is handed in. Nothing is left to score.")))
    odd = [one for one in people if one.why]
    body += [text("! ", Bold(one.name), f": {' '.join(one.why)}") for one in odd[:MOST_ODD]]
    if len(odd) > MOST_ODD:
        body.append(Note(t("and {n} more", n=len(odd) - MOST_ODD)))
    body += [text("! ", Bold(t("All your scores")), f": {why}") for why in rater]
    if odd or rater:
        body.append(Note(t("Odd is a question, not a verdict: what you hand in, HR sees with the same sentence.")))
    if handed_in:
        body.append(Note(t.n("{n} person is handed in already.", "{n} people are handed in already.", handed_in)))
    tone = Tone.WARN if odd or rater else Tone.INFO if people else Tone.GOOD
    title = t("My people's scores · {cycle}", cycle=cycle)
    return Card(title, tuple(body), _summary_actions(t, people), tone, t("Your people's scores at a glance"))


def _about(t: Texts, entry: Entry) -> str:
    return by_level(entry.item.levels) if entry.item.rule == "rated" else measured_text(t, entry)


def _row(t: Texts, one: ShownPerson) -> tuple[str, ...]:
    if one.total is None:
        return one.name, "–", t("not complete"), ""
    return one.name, points(t, one.total), one.rating, "!" if one.why else ""


def _page_actions(t: Texts, shown: ShownPage) -> tuple[Action, ...]:
    actions: list[Action] = []
    if shown.asking is not None:
        lineage = shown.asking.item.lineage
        options = tuple((f"{lineage}.{level.name}", level.name) for level in shown.levels)
        actions.append(Choice(shown.asking.item.name[:70], "scorecard.level", options, *shown.card, quick=True))
    if shown.total > 1:
        actions.append(Button(t("Previous"), "scorecard.page", shown.before))
        actions.append(Button(t("Next"), "scorecard.page", shown.after))
    actions += look_choice(t, shown.pieces)
    actions.append(Button(t("Details…"), "scorecard.show", shown.card[0]))
    actions.append(Button(t("Overview"), "team.overview"))
    return tuple(actions)


def _summary_actions(t: Texts, people: Sequence[ShownPerson]) -> tuple[Action, ...]:
    fine = [one for one in people if one.total is not None and not one.why]
    odd = [one for one in people if one.total is not None and one.why]
    actions: list[Action] = []
    if fine:
        label = t.n("Hand in {n}", "Hand in all {n} that are not odd", len(fine)) if odd else t("Hand in all")
        sure = t.n(
            "The scores of {n} person are handed in and cannot be changed afterwards.",
            "The scores of {n} people are handed in and cannot be changed afterwards.",
            len(fine),
        )
        actions.append(Button(label, "team.hand_in", style=Style.PRIMARY, confirm=sure))
    if odd:
        options = tuple((f"{one.card[0]}.{one.card[1]}", one.name) for one in odd)
        actions.append(Choice(t("Hand in although it is odd"), "team.hand_in_odd", options))
    if people:
        actions.append(Button(t("Go through them again"), "scorecard.page", people[0].card[0]))
    actions.append(Button(t("My team"), "team.show"))
    return tuple(actions)
