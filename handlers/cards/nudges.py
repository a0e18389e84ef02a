"""Reminders: one card a person and day, and the form that says when they go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, ClassVar

from pydantic import Field

from bot.cards import Action, Block, Bold, Button, Card, Choice, Divider, Note, Span, Style, Tone, text
from bot.forms import SHORT, Ask, Form, Kind
from bot.text import N_, Texts
from handlers.cards.todos import ShownTodo, todo_buttons, todo_lines
from models.escalation import Waiting

MOST, MOST_NAMES = 8, 10
# What somebody has not done, in words that tell nothing about whom it concerns.
AREAS = {
    "plan.submit": N_("setting indicators"),
    "plan.approve": N_("approving a plan"),
    "plan.pass": N_("a compliance review"),
    "plan.confirm": N_("confirming a plan"),
    "plan.accept": N_("answering a proposed change"),
    "scorecard.submit": N_("scoring"),
    "peer.confirm": N_("confirming who is asked"),
    "flag.resolve": N_("looking into a flag"),
    "result.acknowledge": N_("acknowledging a result"),
    "announcement.confirm": N_("confirming an announcement"),
    "case.answer": N_("answering a question"),
    "request.answer": N_("answering a request"),
    "request.accept": N_("looking at an answer"),
}
OTHER = N_("a task")


@dataclass(frozen=True, slots=True)
class ShownDigest:
    """What waits for the reader, and what others are late with; `words` are HR's own, by `sender` if sent by hand."""

    nudge_id: int
    todos: Sequence[ShownTodo]
    waiting: Sequence[Waiting]
    now: datetime
    words: str = ""
    sender: str = ""
    urgent: bool = False
    snoozable: bool = False
    snoozed_until: datetime | None = None


def digest_card(t: Texts, shown: ShownDigest) -> Card:
    """Everything in one message, with what finishes it."""
    body: list[Block] = []
    if shown.sender:
        body.append(text(t("{name} asks you to look at this.", name=shown.sender)))
    if shown.words:
        body.append(text(shown.words))
    if shown.todos:
        body += todo_lines(t, shown.todos, shown.now, MOST)
    if shown.snoozed_until is not None:
        body.append(Note(t("I remind you again on {when}.", when=shown.snoozed_until)))
    if shown.waiting:
        body += [Divider()] if body else []
        body += _others(t, shown.waiting)
    title = t("Only hours are left") if shown.urgent else t("A reminder")
    late = any(one.due is not None and one.due < shown.now for one in shown.todos)
    tone = Tone.WARN if late or shown.urgent or shown.waiting else Tone.INFO
    return Card(title, tuple(body), _actions(t, shown), tone, t("What waits for you"))


def _others(t: Texts, waiting: Sequence[Waiting]) -> list[Block]:
    """Who is late with what, a line a person."""
    people = [(name, list(some)) for name, some in groupby(waiting, key=lambda one: one.name)]
    lines: list[Span] = []
    for name, some in people[:MOST_NAMES]:
        kinds = [t(AREAS.get(kind, OTHER)) for kind in dict.fromkeys(one.kind for one in some)]
        since = min(one.due_at for one in some)
        said = t("{what}, overdue since {when}", what=t.list(kinds), when=since)
        lines += ["\n" if lines else "", "• ", Bold(name), f" · {said}"]
    head = t.n("{n} person is late. Please talk to them.", "{n} people are late. Please talk to them.", len(people))
    more = [Note(t("and {n} more", n=len(people) - MOST_NAMES))] if len(people) > MOST_NAMES else []
    return [text(Bold(head)), text(*lines), *more]


def _actions(t: Texts, shown: ShownDigest) -> tuple[Action, ...]:
    actions = todo_buttons(t, shown.todos)
    if shown.snoozable:
        options = (("day", t("In 1 day")), ("morning", t("Tomorrow at 10:00")))
        actions.append(Choice(t("Not now: remind me"), "nudge.snooze", options, shown.nudge_id, quick=True))
    actions.append(Button(t("What waits for me"), "home.show", style=Style.PLAIN if actions else Style.PRIMARY))
    return tuple(actions)


Words = Annotated[str, Field(max_length=SHORT)]
HINT = N_("Said above the list of what waits. Empty: nothing is added.")


class NudgesForm(Form):
    """When people are reminded of what they owe in a cycle, and in which words."""

    action: ClassVar[str] = "cycle.nudges"
    title: ClassVar[str] = N_("Reminders of this cycle")
    kind: Annotated[str | None, Ask(N_("For"), N_("One kind of task can have days of its own."), kind=Kind.CHOICE)] = (
        None
    )
    before: Annotated[
        str | None,
        Field(max_length=40),
        Ask(N_("Days before the deadline"), N_("For example: 7, 3, 1, 0. 0 is the day.")),
    ] = None
    hours: Annotated[int, Field(ge=0, le=24), Ask(N_("Hours before the deadline"), N_("0: never"))]
    after: Annotated[int, Field(ge=0, le=10), Ask(N_("Working days after the deadline"), N_("0: never"))]
    lead: Annotated[int, Field(ge=0, le=30), Ask(N_("Days until the line manager hears of it"), N_("0: never"))]
    hr: Annotated[int, Field(ge=0, le=60), Ask(N_("Days until HR hears of it"), N_("0: never"))]
    hold: Annotated[date | None, Ask(N_("No reminders before"), N_("They are held back until this day."))] = None
    en: Annotated[Words | None, Ask(N_("Own words in English"), HINT)] = None
    zh_Hans: Annotated[Words | None, Ask(N_("Own words in simplified Chinese"), HINT)] = None
    zh_Hant: Annotated[Words | None, Ask(N_("Own words in traditional Chinese"), HINT)] = None
    ja: Annotated[Words | None, Ask(N_("Own words in Japanese"), HINT)] = None
