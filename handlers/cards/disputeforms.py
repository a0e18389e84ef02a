"""The forms of a dispute: what is wrong, what the manager says, how HR rules."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from bot.forms import Ask, Form, Kind
from bot.text import N_
from handlers.cards.planforms import Long, Short

WHOLE = "0"
Points = Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=2, allow_inf_nan=False)]
REASON = N_("The person, the manager and HR read this.")


class DisputeForm(Form):
    """What the owner of a result objects to."""

    action: ClassVar[str] = "result.dispute"
    title: ClassVar[str] = N_("Dispute the result")
    submit: ClassVar[str] = N_("File the dispute")
    item: Annotated[str, Ask(N_("What is wrong?"), kind=Kind.CHOICE)]
    reason: Annotated[
        Long, Ask(N_("Why is it wrong?"), N_("Whoever scored you, HR and an auditor read this."), Kind.LONG)
    ]
    evidence: Annotated[Short | None, Ask(N_("Evidence"), N_("A link or a reference, if there is one."))] = None


class AnswerForm(Form):
    """How whoever scored sees it."""

    action: ClassVar[str] = "dispute.answer"
    title: ClassVar[str] = N_("Answer the dispute")
    submit: ClassVar[str] = N_("Send the answer")
    answer: Annotated[Long, Ask(N_("How do you see it?"), N_("The person and HR read this."), Kind.LONG)]


class UpholdForm(Form):
    """Why the result stays as it is."""

    action: ClassVar[str] = "dispute.uphold"
    title: ClassVar[str] = N_("Uphold the result")
    submit: ClassVar[str] = N_("Uphold")
    reason: Annotated[Long, Ask(N_("Why is the result right?"), REASON, Kind.LONG)]


class RulingForm(Form):
    """What is right instead: a level for what people rated, points for what was measured, or another total."""

    action: ClassVar[str] = "dispute.adjust"
    title: ClassVar[str] = N_("Adjust the result")
    submit: ClassVar[str] = N_("Adjust")
    level: Annotated[str | None, Ask(N_("The right level"), kind=Kind.CHOICE)] = None
    points: Annotated[Points | None, Ask(N_("The right points"))] = None
    total: Annotated[Points | None, Ask(N_("The right total"))] = None
    reason: Annotated[Long, Ask(N_("Why?"), REASON, Kind.LONG)]
