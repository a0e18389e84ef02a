"""By when an answer is due, in words: whose it is, and since when it is late."""

from datetime import datetime

from bot.text import Texts
from handlers.cards.clocks import moment


def due_text(t: Texts, name: str, by: datetime, now: datetime) -> str:
    """Who answers by when; "" is the reader. Once it is late it says since when."""
    when = moment(t, by, now)
    if not name:
        mine = t("Your answer is overdue since {when}.", when=when)
        return mine if now > by else t("Your answer is due by {when}.", when=when)
    if now > by:
        return t("The answer of {name} is overdue since {when}.", name=name, when=when)
    return t("{name} answers by {when}.", name=name, when=when)


def short_due(t: Texts, by: datetime, now: datetime) -> str:
    """The same at the end of a line."""
    when = moment(t, by, now)
    return t("overdue since {when}", when=when) if now > by else t("by {when}", when=when)
