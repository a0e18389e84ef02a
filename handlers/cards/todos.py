"""Todos in words: what somebody owes, about whom, by when."""

from dataclasses import dataclass
from datetime import datetime

from bot.cards import Block, Bold, text
from bot.text import N_, Texts

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
}
OWN = {
    "plan.submit": N_("Set your indicators"),
    "plan.accept": N_("Answer a proposed change of your plan"),
    "scorecard.submit": N_("Score yourself"),
}


@dataclass(frozen=True, slots=True)
class ShownTodo:
    """One todo with the words for it; `label` is the button that leads to it."""

    id: int
    label: str
    due: datetime | None


def todo_label(t: Texts, kind: str, name: str, *, own: bool) -> str:
    """What is owed, in one short line."""
    return t(OWN.get(kind, KINDS[kind]) if own else KINDS[kind], name=name)


def todo_line(t: Texts, todo: ShownTodo, now: datetime) -> Block:
    """One todo with its deadline; what is overdue says so."""
    if todo.due is None:
        return text("• ", todo.label)
    when = t.datetime(todo.due)
    if todo.due < now:
        return text("• ", todo.label, " · ", Bold(t("overdue since {when}", when=when)))
    return text("• ", todo.label, " · ", t("by {when}", when=when))
