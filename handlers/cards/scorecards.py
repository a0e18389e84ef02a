"""Scorecards: what one rater has to score about one person, with value, evidence and last time beside it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Span, Style, Text, Tone, text
from bot.text import Texts
from handlers.cards.amounts import amount, points
from handlers.cards.evidence import ShownPiece, look_choice, mention
from handlers.cards.plans import share_text, target_text
from models.scorecard import LOCKED, SUBMITTED, Score, Scorecard
from models.scoresheet import Entry

# Between a sentence's end and the short name of the next level with its colon.
LEVEL = re.compile(r"(?<=[.。;；!！])\s*(?=[^\s:：.。;；]{1,12}[:：])")
NAMED = 3


@dataclass(frozen=True, slots=True)
class ShownScores:
    """A scorecard as one reader may see it. `reason` is why HR gave it back; `comments` are the rater's by lineage.

    `total` and `rating` are what the scores give as they stand ("" until all are there); `own_card` is the self score
    HR may give back; `pieces` is the evidence by lineage.
    """

    card: Scorecard
    owner: str
    cycle: str
    entries: Sequence[Entry]
    mine: bool = False
    rates: bool = False
    reopens: bool = False
    peers: bool = False
    by: str = ""
    reason: str = ""
    comment: str = ""
    comments: Mapping[int, str] = field(default_factory=dict)
    total: Decimal | None = None
    rating: str = ""
    own_card: tuple[int, int] | None = None
    pieces: Mapping[int, Sequence[ShownPiece]] = field(default_factory=dict)

    @property
    def wanting(self) -> Sequence[Entry]:
        """What still needs a score."""
        return [one for one in self.entries if one.asked and one.given is None]


def scorecard_card(t: Texts, shown: ShownScores) -> Card:
    """Where it stands, every indicator, the comment, and what its reader can do."""
    body: list[Block] = [*_standing(t, shown)]
    for number, entry in enumerate(shown.entries, 1):
        body.append(entry_line(t, entry, number))
        body += evidence(t, entry, shown.comments.get(entry.item.lineage, ""), shown.pieces.get(entry.item.lineage, ()))
    if shown.comment:
        body.append(text(*t.rich("On the whole: {comment}", comment=Bold(shown.comment))))
    if shown.total is not None:
        body.append(
            text(t("As it stands: {total} points, {rating}.", total=points(t, shown.total), rating=shown.rating))
        )
    title = t("My scores · {cycle}", cycle=shown.cycle)
    if not shown.mine:
        title = t("Scores of {name} · {cycle}", name=shown.owner, cycle=shown.cycle)
    tone = Tone.INFO if shown.rates else Tone.GOOD if shown.card.state == SUBMITTED else Tone.NEUTRAL
    return Card(title, tuple(body), _actions(t, shown), tone, t("Scores of {name}", name=shown.owner))


def entry_line(t: Texts, entry: Entry, number: int) -> Text:
    """An indicator with its weight, and what stands for it."""
    head: tuple[Span, ...] = (Bold(f"{number}. {entry.item.name}"), f" · {share_text(t, entry.item)} · ")
    return text(*head, *_standing_of(t, entry))


def by_level(said: str) -> str:
    """What each level means, a line for each: levels are written as sentences that begin with a name and a colon."""
    return LEVEL.sub("\n", said)


def measured_text(t: Texts, entry: Entry) -> str:
    """The value against the target."""
    if entry.value is None:
        return t("nothing measured, target {target}", target=target_text(t, entry.item))
    reached = amount(t, entry.value, entry.item.unit)
    return t("{value}, target {target}", value=reached, target=target_text(t, entry.item))


def evidence(t: Texts, entry: Entry, comment: str = "", pieces: Sequence[ShownPiece] = ()) -> list[Block]:
    """What was given for it, the newest check-in, last time's outcome and the rater's comment, in one quiet line."""
    said = [mention(t, pieces)] if pieces else []
    if entry.note is not None:
        blocker = t("blocked: {blocker}", blocker=entry.note.blocker) if entry.note.blocker else ""
        words = " · ".join(one for one in (entry.note.note, blocker) if one)
        if words:
            said.append(t("{day}: {words}", day=t.day(entry.note.at.astimezone(t.zone).date()), words=words))
    if entry.last is not None and entry.last.points is not None:
        was = "" if entry.last.value is None else f"{amount(t, entry.last.value, entry.item.unit)}, "
        said.append(t("last cycle: {value}{points} points", value=was, points=points(t, entry.last.points)))
    if comment:
        said.append(t("comment: {comment}", comment=comment))
    return [Note(" · ".join(said))] if said else []


def _standing(t: Texts, shown: ShownScores) -> list[Block]:
    card = shown.card
    if card.state == LOCKED:
        return [text(t("Scoring has ended. These scores were not handed in and do not count."))]
    if card.state == SUBMITTED:
        when: datetime | None = card.submitted_at
        said = t("Handed in by {who} on {when}.", who=shown.by, when=when) if when else t("Handed in.")
        said = t("Handed in late by {who} on {when}.", who=shown.by, when=when) if card.late else said
        return [text(said), Note(t("It cannot be changed any more, unless HR gives it back."))]
    blocks: list[Block] = []
    if shown.reason:
        blocks.append(text(*t.rich("HR gave these scores back: {reason}", reason=Bold(shown.reason))))
    if shown.rates and shown.wanting:
        blocks.append(text(_wanting(t, [one.item.name for one in shown.wanting])))
    elif shown.rates:
        blocks.append(text(t("Everything is scored. Nobody else sees it before you hand it in.")))
    else:
        blocks.append(text(t("Not handed in yet.")))
    return blocks


def _wanting(t: Texts, names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return t("Still to score: {names}.", names=t.list(names))
    return t.n("{n} indicator still needs a score.", "{n} indicators still need a score.", len(names))


def _standing_of(t: Texts, entry: Entry) -> tuple[Span, ...]:
    if not entry.asked:
        said = measured_text(t, entry) if entry.item.rule != "rated" else t("rated by your manager")
        return (
            (said,)
            if entry.points is None
            else (f"{said} · ", Bold(t("{points} points", points=points(t, entry.points))))
        )
    before = "" if entry.item.rule == "rated" else f"{measured_text(t, entry)} · "
    if entry.given is None:
        return before, Bold(t("not scored yet"))
    own = f" · {t('self score {level}', level=entry.own.level)}" if entry.own is not None and entry.own.level else ""
    return before, Bold(given_text(t, entry.given)), own


def given_text(t: Texts, given: Score) -> str:
    """The level with its points, or that the indicator is left out."""
    if given.excluded:
        return t("left out")
    return t("{level}, {points} points", level=given.level, points=given.points)


def _actions(t: Texts, shown: ShownScores) -> tuple[Action, ...]:
    card, at = shown.card, (shown.card.id, shown.card.version)
    actions: list[Action] = []
    if shown.rates:
        rate = Button(t("Rate…"), "scorecard.rate", *at, style=Style.PRIMARY)
        loud = Style.PLAIN if shown.wanting else Style.PRIMARY
        sure = t("You cannot change the scores afterwards. Hand in now?")
        hand_in = Button(t("Hand in"), "scorecard.submit", *at, style=loud, confirm=sure)
        actions += [rate, hand_in] if shown.wanting else [hand_in]
        actions.append(Button(t("Comment…"), "scorecard.comment", *at))
        given = tuple((str(one.item.lineage), one.item.name[:70]) for one in shown.entries if one.asked and one.given)
        if given:
            actions.append(Choice(t("Change a score"), "scorecard.change", given, *at))
    actions += look_choice(t, [piece for given in shown.pieces.values() for piece in given])
    if shown.peers:
        actions.append(Button(t("Colleagues…"), "plan.peers", card.plan_id))
    if shown.reopens:
        actions.append(Button(t("Give back…"), "scorecard.reopen", *at))
    if shown.own_card is not None:
        actions.append(Button(t("Give the self score back…"), "scorecard.reopen", *shown.own_card))
    return tuple(actions)
