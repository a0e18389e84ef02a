"""Who is late, waiting or non-compliant, by name; and a reminder to them before it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Span, Style, Tone, text
from bot.forms import Ask, Form, Kind
from bot.text import N_, Texts
from handlers.cards.headway import LISTS, STEPS, as_of
from handlers.cards.stages import STATES as STAGES
from handlers.cards.todos import todo_label
from models.headway import FAULTY, PEERS, TARDY, Piece
from models.plan import RETURNED
from models.rules.plans import CHECKS

PAGE, PAGES = 20, 99
WORDS = 300


class WordsForm(Form):
    """A sentence of one's own in front of a reminder."""

    action: ClassVar[str] = "chase.word"
    title: ClassVar[str] = N_("A sentence of your own")
    submit: ClassVar[str] = N_("Look at it again")
    words: Annotated[
        str | None,
        Field(max_length=WORDS),
        Ask(N_("Your words"), N_("Everybody who is reminded reads them. Nothing is sent yet."), kind=Kind.LONG),
    ] = None


@dataclass(frozen=True, slots=True)
class ShownNames:
    """One page of names; `where` is "12 setting late" for the buttons, `lists` how long each list is."""

    cycle_id: int
    cycle: str
    stage: str
    name: str
    state: str
    where: str
    pieces: Sequence[Piece]
    lists: Sequence[tuple[str, int]]
    total: int
    page: int
    now: datetime
    reader_id: int
    reminds: bool = True


def names_card(t: Texts, shown: ShownNames) -> Card:
    """The longest overdue first: what is missing, since when, at whose desk."""
    title = f"{t(LISTS[shown.state])} · {t(STAGES[shown.stage])} · {shown.name}"
    body: list[Block] = [text(*_lines(t, shown))] if shown.pieces else [text(t("Nobody any more."))]
    pages = min((shown.total + PAGE - 1) // PAGE, PAGES)
    if pages > 1:
        body.append(Note(t("Page {n} of {total}", n=shown.page + 1, total=pages)))
    body.append(Note(f"{shown.cycle} · {as_of(t, shown.now)}"))
    return Card(title, tuple(body), _actions(t, shown, pages), summary=t("Who is missing"))


def _lines(t: Texts, shown: ShownNames) -> list[Span]:
    lines: list[Span] = []
    for piece in shown.pieces:
        lines += ["\n" if lines else "", "• ", Bold(piece.owner), *_said(t, shown, piece)]
    return [span for span in lines if span != ""]


def _said(t: Texts, shown: ShownNames, piece: Piece) -> list[Span]:
    if shown.state == TARDY:
        return [f" · {_tardy(t, piece)}"]
    said = faults(t, piece.faults) if shown.state == FAULTY else [_step(t, piece)]
    if piece.desk_id == shown.reader_id:
        said.append(t("at your desk"))
    elif piece.desk_id != piece.owner_id:
        said.append(t("at the desk of {name}", name=piece.desk))
    spans: list[Span] = [f" · {one}" for one in said]
    if piece.due_at is None:
        return spans
    if piece.due_at < shown.now:
        return [*spans, " · ", Bold(overdue(t, piece.due_at, shown.now))]
    return [*spans, f" · {t('by {when}', when=piece.due_at)}"]


def faults(t: Texts, names: Sequence[str]) -> list[str]:
    """Which checks failed, and that HR gave it back."""
    given = [t("given back by HR")] if RETURNED in names else []
    failed = [t("failed: {checks}", checks=t.list(t(CHECKS[name]) for name in names if name in CHECKS))]
    return [*given, *(failed if any(name in CHECKS for name in names) else [])]


def overdue(t: Texts, due: datetime, now: datetime) -> str:
    """How long something is overdue, in days; within the first day since when."""
    days = (now - due).days
    return t.n("{n} day overdue", "{n} days overdue", days) if days else t("overdue since {when}", when=due)


def _tardy(t: Texts, piece: Piece) -> str:
    if piece.done_at is None or piece.due_at is None:
        return t("after the deadline")
    days = (piece.done_at - piece.due_at).days
    return (
        t.n("{n} day after the deadline", "{n} days after the deadline", days)
        if days > 0
        else t("less than a day after the deadline")
    )


def _actions(t: Texts, shown: ShownNames, pages: int) -> tuple[Action, ...]:
    actions: list[Action] = []
    place, stage, _state = shown.where.split(" ")
    if shown.reminds and shown.pieces and shown.state != TARDY:
        actions.append(Button(t("Nudge these now…"), "cycle.chase", shown.cycle_id, style=Style.PRIMARY))
    if pages > 1:
        options = tuple((f"{shown.where} {n}", t("Page {n} of {total}", n=n + 1, total=pages)) for n in range(pages))
        actions.append(Choice(t("Page"), "cycle.names", options, shown.cycle_id))
    others = tuple(
        (f"{place} {stage} {name} 0", f"{t(LISTS[name])} ({t.number(n)})")
        for name, n in shown.lists
        if name != shown.state
    )
    if others:
        actions.append(Choice(t("Other names"), "cycle.names", others, shown.cycle_id))
    actions.append(Button(t("Back to the progress"), "cycle.again", shown.cycle_id))
    return tuple(actions)


@dataclass(frozen=True, slots=True)
class ShownChase:
    """A reminder by hand: how many people get it now, later, or not today; `outside` are not the writer's to remind.

    Once it is `sent`, the figures are what became of it.
    """

    id: int
    version: int
    cycle: str
    stage: str
    state: str
    name: str
    writer: str
    words: str
    example: Piece | None
    now: int
    later: int
    none: int
    outside: int
    sent: datetime | None
    at: datetime


def chase_card(t: Texts, shown: ShownChase) -> Card:
    """To whom it goes and what they read, before anything is sent."""
    title = t("Nudge · {what}", what=f"{t(LISTS[shown.state])} · {t(STAGES[shown.stage])} · {shown.name}")
    people = shown.now + shown.later
    body: list[Block] = [text(Bold(_head(t, shown, people)))]
    body += [text(f"• {said}") for said in _split(t, shown)]
    if people:
        body.append(text(t("They read, in their own language and with the buttons that finish it, for example:")))
        body.append(text(*_letter(t, shown)))
        body.append(Note(t("What else waits for somebody comes in the same message; nobody is reminded twice a day.")))
    tone = Tone.GOOD if shown.sent else Tone.INFO
    return Card(title, tuple(body), _chase_actions(t, shown, people), tone, t("A reminder before it goes"))


def _head(t: Texts, shown: ShownChase, people: int) -> str:
    if shown.sent is not None:
        return t.n("Sent on {when} to {n} person.", "Sent on {when} to {n} people.", people, when=shown.sent)
    if not people:
        return t("Nobody can be reminded now.")
    return t.n("{n} person will be reminded.", "{n} people will be reminded.", people)


def _split(t: Texts, shown: ShownChase) -> list[str]:
    said = []
    if shown.later:
        said.append(t.n("{n} now", "{n} now", shown.now))
        said.append(t.n("{n} later, in their working hours", "{n} later, in their working hours", shown.later))
    if shown.none:
        said.append(t.n("{n} not: was reminded today already", "{n} not: were reminded today already", shown.none))
    if shown.outside:
        said.append(t.n("{n} not: does not work for you", "{n} not: do not work for you", shown.outside))
    return said


def _letter(t: Texts, shown: ShownChase) -> list[Span]:
    """As handlers.cards.nudges says it; the longest overdue stands for all."""
    piece = shown.example
    lines = [t("{name} asks you to look at this.", name=shown.writer), *([shown.words] if shown.words else [])]
    if piece is not None:
        named = piece.kind not in PEERS
        said = todo_label(t, piece.kind, piece.owner, own=piece.desk_id == piece.owner_id) if named else _step(t, piece)
        due = f" · {overdue(t, piece.due_at, shown.at)}" if piece.due_at and piece.due_at < shown.at else ""
        lines.append(f"• {said}{due}")
    return ["\n".join(lines)]


def _step(t: Texts, piece: Piece) -> str:
    return t(STEPS.get(piece.kind, N_("something else to be done")))


def _chase_actions(t: Texts, shown: ShownChase, people: int) -> tuple[Action, ...]:
    actions: list[Action] = []
    if people and shown.sent is None:
        actions.append(Button(t("Send"), "chase.send", shown.id, shown.version, Style.PRIMARY))
        actions.append(Button(t("Add a sentence of my own…"), "chase.word", shown.id, shown.version))
    actions.append(Button(t("Back to the names"), "chase.names", shown.id))
    return tuple(actions)
