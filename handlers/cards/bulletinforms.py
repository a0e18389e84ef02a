"""The forms of an announcement: its words, who gets it, what is asked of them, when it goes."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bot.forms import LONG, Ask, Form, Kind
from bot.text import N_
from handlers.cards.paragraphs import FIRST, LANGUAGE, PART, TITLE, Heading, More, Paragraph, Paragraphs

ROLES = {
    "manager": N_("Line managers"),
    "head": N_("Department heads"),
    "hr": N_("HR"),
    "executive": N_("Executives"),
    "auditor": N_("Auditors"),
}
TIMES = tuple(f"{hour:02}:{minute:02}" for hour in range(7, 21) for minute in (0, 30))
YES, NO = "yes", "no"
Role = Literal["manager", "head", "hr", "executive", "auditor"]


class BeginForm(Paragraphs, Form):
    """A new announcement, in one language first."""

    action: ClassVar[str] = "bulletin.begin"
    title: ClassVar[str] = N_("New announcement")
    submit: ClassVar[str] = N_("Save the draft")
    locale: Annotated[str, LANGUAGE]
    heading: Annotated[str, Field(min_length=1, max_length=TITLE), Ask(N_("Title"), N_("Up to 100 characters."))]
    text: Annotated[PART, Field(min_length=1), Ask(N_("Text"), FIRST, Kind.LONG)]
    more: More = None


class WordsForm(Paragraphs, Form):
    """The words in one language."""

    action: ClassVar[str] = "bulletin.write"
    title: ClassVar[str] = N_("Words of the announcement")
    locale: Annotated[str, LANGUAGE]
    heading: Heading = None
    text: Paragraph = None
    more: More = None


class AudienceForm(Form):
    """Who gets it."""

    action: ClassVar[str] = "bulletin.address"
    title: ClassVar[str] = N_("Who gets it")
    everybody: Annotated[
        Literal["yes", "no"],
        Ask(N_("Who"), options=((YES, N_("Everybody who works here")), (NO, N_("Only those chosen below")))),
    ]
    departments: Annotated[
        tuple[str, ...], Ask(N_("Departments"), N_("Each with everything below it."), Kind.CHOICES)
    ] = ()
    roles: Annotated[tuple[Role, ...], Ask(N_("Roles"), kind=Kind.CHOICES, options=tuple(ROLES.items()))] = ()
    people: Annotated[
        str | None,
        Field(max_length=LONG),
        Ask(N_("People"), N_("Names, employee numbers or @ana, with commas between them."), Kind.LONG),
    ] = None


class AskForm(Form):
    """What is asked of the readers."""

    action: ClassVar[str] = "bulletin.ask"
    title: ClassVar[str] = N_("Confirmation and rules")
    confirm: Annotated[
        Literal["yes", "no"],
        Ask(
            N_("Ask for a confirmation of reading?"),
            options=((YES, N_("Yes: it waits for each reader until they confirm")), (NO, N_("No: nothing to do"))),
        ),
    ]
    due: Annotated[date | None, Ask(N_("Confirm by"), N_("Readers are reminded before and after that day."))] = None
    rulebooks: Annotated[
        tuple[str, ...],
        Field(max_length=10),
        Ask(N_("Rule documents"), N_("Each gets a button on the announcement."), Kind.CHOICES),
    ] = ()


class ScheduleForm(Form):
    """When it goes."""

    action: ClassVar[str] = "bulletin.schedule"
    title: ClassVar[str] = N_("When it goes")
    submit: ClassVar[str] = N_("Schedule")
    day: Annotated[date, Ask(N_("Day"), N_("In the company's time zone."))]
    time: Annotated[str, Ask(N_("Time"), kind=Kind.CHOICE, options=tuple((one, one) for one in TIMES))]


class RemindForm(Paragraphs, Form):
    """A reminder by hand."""

    action: ClassVar[str] = "bulletin.remind"
    title: ClassVar[str] = N_("Remind those who have not")
    submit: ClassVar[str] = N_("Remind")
    words: Annotated[
        str | None,
        Field(max_length=300),
        Ask(
            N_("A sentence of your own"),
            N_("Everybody reads it as you write it here; it is not translated. Up to 300 characters."),
            Kind.LONG,
        ),
    ] = None
