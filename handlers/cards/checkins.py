"""The form of a check-in."""

from typing import Annotated, ClassVar

from bot.forms import Ask, Form, Kind
from bot.text import N_
from handlers.cards.planforms import Long, Number


class CheckinForm(Form):
    """A value, a note, a blocker: at least one of them."""

    action: ClassVar[str] = "plan.checkin"
    title: ClassVar[str] = N_("Report progress")
    submit: ClassVar[str] = N_("Report")
    item: Annotated[str, Ask(N_("Indicator"), kind=Kind.CHOICE)]
    value: Annotated[
        Number | None, Ask(N_("Value reached so far"), N_("The actual figure, in the indicator's unit."))
    ] = None
    note: Annotated[Long | None, Ask(N_("Note"), kind=Kind.LONG)] = None
    blocker: Annotated[Long | None, Ask(N_("What blocks it?"), N_("Your manager sees this."), Kind.LONG)] = None
