"""The clock of a case in words: how long somebody still has, and since when they are late."""

from datetime import datetime, timedelta
from decimal import Decimal

from bot.text import N_, Texts

MINUTE = timedelta(minutes=1)
DAYS = timedelta(days=2)
# (state, whether the reader is awaited, whether it is too late) → the sentence.
SENTENCES = {
    ("manager", False, False): N_("The answer of {name} is due in {time} (by {when})."),
    ("manager", False, True): N_("The answer of {name} is overdue by {time}: it was due by {when}."),
    ("manager", True, False): N_("Your answer is due in {time} (by {when})."),
    ("manager", True, True): N_("Your answer is overdue by {time}: it was due by {when}."),
    ("hr", False, False): N_("The ruling of {name} is due in {time} (by {when})."),
    ("hr", False, True): N_("The ruling of {name} is overdue by {time}: it was due by {when}."),
    ("hr", True, False): N_("Your ruling is due in {time} (by {when})."),
    ("hr", True, True): N_("Your ruling is overdue by {time}: it was due by {when}."),
}


def clock_text(t: Texts, state: str, awaited: str, by: datetime, now: datetime) -> str:
    """Who is awaited ("": the reader) and how long they still have; "overdue" in words once it is broken."""
    late = now > by
    left = span(t, now - by) if late else span(t, by - now + MINUTE - timedelta.resolution)
    values = {"time": left, "when": moment(t, by, now)}
    return t(SENTENCES[state, not awaited, late], **values, **({"name": awaited} if awaited else {}))


def reminder_text(t: Texts, mark: Decimal) -> str:
    """Why somebody gets the card once more."""
    return t("Reminder: {share} of the time is over.", share=t.percent(mark))


def span(t: Texts, length: timedelta) -> str:
    """A length of time in whole minutes: "5 h 20 min"; in days from two days on."""
    if length >= DAYS:
        return t.n("{n} day", "{n} days", length.days)
    hours, minutes = divmod(length // MINUTE, 60)
    if not hours:
        return t("{minutes} min", minutes=minutes)
    return t("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes else t("{hours} h", hours=hours)


def moment(t: Texts, at: datetime, now: datetime) -> str:
    """The time alone where it is today for the reader, else with its date."""
    local = at.astimezone(t.zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(t.zone).date() else t.datetime(at)
