"""Todos in words: what somebody owes, about whom, by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Choice, Note, Span, Style, Text, text
from bot.text import N_, Texts
from models.todo import Owed

KINDS = {
    "plan.submit": N_("Set indicators for {name}"),
    "plan.approve": N_("Approve {name}'s plan"),
    "plan.pass": N_("Review {name}'s plan for compliance"),
    "plan.confirm": N_("Confirm your plan"),
    "plan.accept": N_("Answer a proposed change of {name}'s plan"),
    "scorecard.submit": N_("Score {name}"),
    "peer.confirm": N_("Confirm who is asked about {name}"),
    "peer.answer": N_("Say how it is to work with {name}"),
    "flag.resolve": N_("Look into a flag about scores"),
    "result.acknowledge": N_("Read and acknowledge your result"),
    "dispute.answer": N_("Answer {name}'s dispute"),
    "dispute.rule": N_("Rule on {name}'s dispute"),
    "cycle.publish": N_("Publish the results of a cycle"),
    "cycle.advance": N_("Look at a cycle that does not go on by itself"),
    "undelivered.settle": N_("Look at what could not be delivered"),
    "announcement.confirm": N_("Read an announcement and confirm it"),
    "case.answer": N_("Answer a question to HR"),
    "request.answer": N_("Answer {name}'s request"),
    "request.accept": N_("Look at the answer to your request"),
}
OWN = {
    "plan.submit": N_("Set your indicators"),
    "plan.accept": N_("Answer a proposed change of your plan"),
    "scorecard.submit": N_("Score yourself"),
}


# Kinds that have a card for all of them at once, and the button that opens it.
TOGETHER = {"scorecard.submit": "team.score", "flag.resolve": "flag.list", "case.answer": "case.list"}
OPENS = "todo.open"
MOST_CHOICES = 25


@dataclass(frozen=True, slots=True)
class ShownTodo:
    """One todo with the words for it; `label` is the button that leads to it. Several in one have no `id`."""

    id: int
    label: str
    due: datetime | None
    action: str = OPENS


def shown_todos(t: Texts, owed: Sequence[Owed], reader_id: int) -> list[ShownTodo]:
    """What somebody owes in lines, in the given order: what is done in one go is one line, where its first stands."""
    others = [one for one in owed if one.owner_id != reader_id and not one.absent]
    several = {kind: [one for one in others if one.kind == kind] for kind in TOGETHER}
    shown = []
    for one in owed:
        own = one.owner_id == reader_id
        same = [] if own or one.absent else several.get(one.kind, [])
        if len(same) < 2:
            said = todo_label(t, one.kind, one.owner, own=own)
            label = t("{todo} (for {name})", todo=said, name=one.absent) if one.absent else said
            shown.append(ShownTodo(one.id, label, one.due_at))
        elif one is same[0]:
            shown.append(ShownTodo(0, together(t, one.kind, len(same)), one.due_at, TOGETHER[one.kind]))
    return shown


def together(t: Texts, kind: str, count: int) -> str:
    """Several of a kind in one line."""
    if kind == "scorecard.submit":
        return t.n("Score {n} person", "Score {n} people", count)
    if kind == "case.answer":
        return t.n("Answer {n} question to HR", "Answer {n} questions to HR", count)
    return t.n("Look into {n} flag about scores", "Look into {n} flags about scores", count)


def todo_label(t: Texts, kind: str, name: str, *, own: bool) -> str:
    """What is owed, in one short line."""
    return t(OWN.get(kind, KINDS[kind]) if own else KINDS[kind], name=name)


def todo_lines(t: Texts, todos: Sequence[ShownTodo], now: datetime, most: int) -> list[Block]:
    """How many things wait, each with its deadline, line by line; what is overdue says so."""
    head = Text((Bold(t.n("{n} thing waits for you", "{n} things wait for you", len(todos))),))
    lines: list[Span] = []
    for todo in todos[:most]:
        lines += ["\n" if lines else "", *todo_line(t, todo, now)]
    more = [Note(t("and {n} more", n=len(todos) - most))] if len(todos) > most else []
    return [head, text(*lines), *more]


def todo_buttons(t: Texts, todos: Sequence[ShownTodo], style: Style = Style.PRIMARY) -> list[Action]:
    """The first todo as a button, several in one as well; the others in one list as soon as they are more than one."""
    first, rest = todos[:1], todos[1:]
    singles = [one for one in rest if one.action == OPENS]
    actions: list[Action] = [Button(one.label, one.action, one.id, style=style) for one in first]
    actions += [Button(one.label, one.action, one.id) for one in rest if one.action != OPENS or len(singles) == 1]
    if len(singles) > 1:
        options = tuple((str(one.id), one.label) for one in singles[:MOST_CHOICES])
        actions.append(Choice(t("What else waits"), "todo.choose", options))
    return actions


def todo_line(t: Texts, todo: ShownTodo, now: datetime) -> list[Span]:
    """One todo with its deadline."""
    if todo.due is None:
        return ["• ", todo.label]
    when = t.datetime(todo.due)
    if todo.due < now:
        return ["• ", todo.label, " · ", Bold(t("overdue since {when}", when=when))]
    return ["• ", todo.label, " · ", t("by {when}", when=when)]
