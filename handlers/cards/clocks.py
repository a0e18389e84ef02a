"""The clock of a case in words: how long somebody still has, and since when they are late."""

from datetime import datetime, timedelta
from decimal import Decimal

from bot.text import Texts

MINUTE = 60
DAYS = timedelta(days=2)


def clock_text(t: Texts, awaited: str, state: str, by: datetime, now: datetime) -> str:
    """Who is awaited and how long they still have; "overdue" in words once it is broken."""
    values = {"name": awaited, "time": span(t, abs(by - now)), "when": moment(t, by, now)}
    if state == "manager":
        if now > by:
            return t("The answer of {name} is overdue by {time}: it was due by {when}.", **values)
        return t("{name} answers next: due in {time} (by {when}).", **values)
    if now > by:
        return t("The ruling of {name} is overdue by {time}: it was due by {when}.", **values)
    return t("{name} rules next: due in {time} (by {when}).", **values)


def reminder_text(t: Texts, mark: Decimal) -> str:
    """Why somebody gets the card once more."""
    return t("Reminder: {share} of the time is over.", share=t.percent(mark))


def span(t: Texts, length: timedelta) -> str:
    """A length of time in whole minutes: "5 h 20 min"; in days from two days on."""
    if length >= DAYS:
        return t.n("{n} day", "{n} days", length.days)
    hours, minutes = divmod(int(length.total_seconds()) // MINUTE, MINUTE)
    if not hours:
        return t("{minutes} min", minutes=minutes)
    return t("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes else t("{hours} h", hours=hours)


def moment(t: Texts, at: datetime, now: datetime) -> str:
    """The time alone where it is today for the reader, else with its date."""
    local = at.astimezone(t.zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(t.zone).date() else t.datetime(at)
