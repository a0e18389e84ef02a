"""The forms of a request: what is wanted, the answer, who goes on, why it comes back; and the task for heads."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from bot.forms import Ask, Form, Kind
from bot.text import N_
from handlers.cards.planforms import Long, Short

EVERY = "0"
DUE = Ask(N_("By which day?"), N_("The day counts to its end."))
CYCLE = Ask(N_("For which cycle?"), N_("Only if it is for one."), Kind.CHOICE)


class RequestForm(Form):
    """What somebody needs of a department."""

    action: ClassVar[str] = "request.ask"
    title: ClassVar[str] = N_("Ask a department")
    submit: ClassVar[str] = N_("Send")
    department: Annotated[str, Ask(N_("Which department?"), kind=Kind.CHOICE)]
    what: Annotated[Long, Ask(N_("What do you need?"), N_("Its head and whoever answers read this."), Kind.LONG)]
    due: Annotated[date, DUE]
    cycle: Annotated[str | None, CYCLE] = None


class AnswerRequestForm(Form):
    """The answer: words, a link, or both."""

    action: ClassVar[str] = "request.answer"
    title: ClassVar[str] = N_("Answer the request")
    submit: ClassVar[str] = N_("Send")
    answer: Annotated[Long | None, Ask(N_("Your answer"), N_("Words, a link, or both."), Kind.LONG)] = None
    link: Annotated[Short | None, Ask(N_("Link"), N_("Where the data is."))] = None


class HandRequestForm(Form):
    """Who answers instead."""

    action: ClassVar[str] = "request.hand"
    title: ClassVar[str] = N_("Hand the request on")
    submit: ClassVar[str] = N_("Hand on")
    person: Annotated[Short, Ask(N_("Who answers?"), N_("Somebody of the department."), Kind.PERSON)]


class DeclineRequestForm(Form):
    """Why there is no answer."""

    action: ClassVar[str] = "request.decline"
    title: ClassVar[str] = N_("Decline the request")
    submit: ClassVar[str] = N_("Decline")
    reason: Annotated[Long, Ask(N_("Why not?"), N_("Whoever asked reads this."), Kind.LONG)]


class ReturnRequestForm(Form):
    """What is missing, and by when."""

    action: ClassVar[str] = "request.return"
    title: ClassVar[str] = N_("Return the answer")
    submit: ClassVar[str] = N_("Return it")
    reason: Annotated[Long, Ask(N_("What is missing?"), kind=Kind.LONG)]
    due: Annotated[date, DUE]


class TaskForm(Form):
    """One task for the heads of several departments."""

    action: ClassVar[str] = "assignment.open"
    title: ClassVar[str] = N_("A task for department heads")
    submit: ClassVar[str] = N_("Give the task")
    what: Annotated[Long, Ask(N_("What is to be done?"), kind=Kind.LONG)]
    due: Annotated[date, DUE]
    departments: Annotated[
        tuple[str, ...],
        Field(min_length=1),
        Ask(N_("Whose heads?"), N_("A head of several departments gets it once."), Kind.CHOICES),
    ]
    cycle: Annotated[str | None, CYCLE] = None
