"""The forms of a case: what somebody asks, what is answered, who goes on, and how it was."""

from typing import Annotated, ClassVar, Literal

from bot.forms import Ask, Form, Kind
from bot.text import N_
from handlers.cards.cases import SCORES
from handlers.cards.planforms import Long


class QuestionForm(Form):
    """A question to HR."""

    action: ClassVar[str] = "case.ask"
    title: ClassVar[str] = N_("Ask HR")
    submit: ClassVar[str] = N_("Ask")
    question: Annotated[
        Long, Ask(N_("What would you like to know?"), N_("One person in HR reads this, and nobody else."), Kind.LONG)
    ]
    cycle: Annotated[str | None, Ask(N_("About which cycle?"), N_("Only if it is about one."), Kind.CHOICE)] = None


class ReplyForm(Form):
    """What whoever asked adds."""

    action: ClassVar[str] = "case.reply"
    title: ClassVar[str] = N_("Reply to HR")
    submit: ClassVar[str] = N_("Send")
    said: Annotated[Long, Ask(N_("Your message"), kind=Kind.LONG)]


class CaseAnswerForm(Form):
    """What HR answers."""

    action: ClassVar[str] = "case.answer"
    title: ClassVar[str] = N_("Reply to the question")
    submit: ClassVar[str] = N_("Send")
    said: Annotated[Long, Ask(N_("Your message"), N_("Only the person who asked reads this."), Kind.LONG)]


class HandForm(Form):
    """Who goes on."""

    action: ClassVar[str] = "case.hand"
    title: ClassVar[str] = N_("Hand the case on")
    submit: ClassVar[str] = N_("Hand on")
    to: Annotated[str, Ask(N_("Who goes on?"), N_("They read everything; you do not any more."), Kind.CHOICE)]


class CloseForm(Form):
    """A last word."""

    action: ClassVar[str] = "case.close"
    title: ClassVar[str] = N_("Close the case")
    submit: ClassVar[str] = N_("Close it")
    note: Annotated[Long | None, Ask(N_("A last word"), N_("The person who asked reads this."), Kind.LONG)] = None


class OpinionForm(Form):
    """How it was, in a number and a word."""

    action: ClassVar[str] = "case.word"
    title: ClassVar[str] = N_("How did HR answer?")
    submit: ClassVar[str] = N_("Send")
    score: Annotated[Literal["1", "2", "3", "4", "5"], Ask(N_("Did this help you?"), kind=Kind.CHOICE, options=SCORES)]
    word: Annotated[
        Long | None,
        Ask(
            N_("In a word"),
            N_("Whoever answered reads this without your name, once five people have said something."),
            Kind.LONG,
        ),
    ] = None
