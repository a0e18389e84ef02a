"""The forms of evidence: adding some, keeping what somebody sent, sending it back."""

from typing import Annotated, ClassVar

from pydantic import Field

from bot.forms import SHORT, Ask, Form, Kind
from bot.text import N_
from handlers.cards.planforms import Long, Short

ITEM = Ask(N_("Evidence of"), kind=Kind.CHOICE)
Picked = Annotated[str, Field(max_length=SHORT)]
Files = Annotated[tuple[str, ...], Field(max_length=10)]


class EvidenceForm(Form):
    """A link, words, or files."""

    action: ClassVar[str] = "plan.attach"
    title: ClassVar[str] = N_("Add evidence")
    submit: ClassVar[str] = N_("Add")
    item: Annotated[Picked, ITEM]
    name: Annotated[
        Short | None, Ask(N_("What is it called?"), N_("Left out, its first words or the file's name."))
    ] = None
    said: Annotated[
        Long | None,
        Ask(N_("Link or words"), N_("Whoever scores you reads this, and HR and an auditor may."), Kind.LONG),
    ] = None
    files: Annotated[Files, Ask(N_("File"), N_("Up to 20 MB."), Kind.ATTACHMENT)] = ()


class KeepForm(Form):
    """What a message, or a file that was sent, proves."""

    action: ClassVar[str] = "offer.keep"
    title: ClassVar[str] = N_("Keep as evidence")
    submit: ClassVar[str] = N_("Keep")
    item: Annotated[Picked, ITEM]
    said: Annotated[Long | None, Ask(N_("Link or words"), kind=Kind.LONG)] = None


class SendBackForm(Form):
    """What is missing."""

    action: ClassVar[str] = "evidence.return"
    title: ClassVar[str] = N_("Send evidence back")
    submit: ClassVar[str] = N_("Send back")
    reason: Annotated[Long, Ask(N_("What is missing?"), N_("Whoever gave it reads this."), Kind.LONG)]
