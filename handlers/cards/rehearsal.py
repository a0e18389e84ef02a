"""The dry run of a cycle: week by week, who would get which message on which day."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from babel.dates import format_date

from bot.cards import Action, Block, Bold, Button, Card, Chart, Choice, Note, Tone, text
from bot.plots import Column, Columns
from bot.text import N_, Texts
from models.cycle import Cycle
from models.rules.rehearsal import AFTER, BEFORE, HOURS, OPENING, Sending, monday, weeks

OPENINGS = {
    "setting": N_("“The cycle begins”"),
    "self_scoring": N_("“Score yourself”"),
    "scoring": N_("“Your people wait for your scores”"),
    "published": N_("“Your result”, if you publish on this day"),
}
REMINDERS = {
    "setting": N_("plans"),
    "self_scoring": N_("self scores"),
    "scoring": N_("manager scores"),
    "published": N_("reading the result"),
}
MOST_WEEKS = 25
MOST_BARS = 20


def rehearsal_card(t: Texts, cycle: Cycle, sendings: Sequence[Sending], week: int) -> Card:
    """One week, and a list of all others; the first page shows all weeks as a picture."""
    mondays = weeks(sendings)
    week = min(week, len(mondays) - 1)
    body: list[Block] = []
    if not mondays:
        body.append(text(t("No messages: nobody takes part, or no stage has a date.")))
    elif week == 0:
        body.append(_chart(t, cycle, sendings, mondays))
    if mondays:
        body += _week(t, [one for one in sendings if monday(one.day) == mondays[week]], mondays[week])
        note = t("Reminders go to those who are not done by then, at most once a day and in working hours.")
        body.append(Note(note))
    title = t("Rehearsal · {cycle}", cycle=cycle.name)
    return Card(title, tuple(body), _actions(t, cycle, mondays, week), Tone.INFO, t("What the cycle would send"))


def _week(t: Texts, sendings: Sequence[Sending], first: date) -> list[Block]:
    last = first + timedelta(days=6)
    blocks: list[Block] = [text(Bold(t("{start} to {end}", start=first, end=last)))]
    for day, some in groupby(sendings, key=lambda one: one.day):
        lines = [_line(t, one) for one in some]
        blocks.append(text(Bold(_weekday(t, day)), *(f"\n• {line}" for line in lines)))
    return blocks


def _line(t: Texts, one: Sending) -> str:
    said = t.n("{what}: {n} person", "{what}: {n} people", one.people, what=_what(t, one))
    if not one.moved or one.meant is None:
        return said
    day = _weekday(t, one.meant)
    if one.moved == one.people:
        return t("{reminder} (instead of {day}: a day off or the night)", reminder=said, day=day)
    return t("{reminder} ({n} of them instead of {day}: a day off or the night)", reminder=said, n=one.moved, day=day)


def _what(t: Texts, one: Sending) -> str:
    match one.message:
        case message if message == OPENING:
            return t(OPENINGS[one.stage])
        case message if message == BEFORE:
            return t("reminder of {what}", what=t(REMINDERS[one.stage]))
        case message if message == HOURS:
            return t("last hours for {what}", what=t(REMINDERS[one.stage]))
        case message if message == AFTER:
            return t("overdue: {what}", what=t(REMINDERS[one.stage]))
    raise ValueError(one.message)


def _chart(t: Texts, cycle: Cycle, sendings: Sequence[Sending], mondays: Sequence[date]) -> Chart:
    """How many messages at most, week by week."""
    counts = [(first, sum(one.people for one in sendings if monday(one.day) == first)) for first in mondays]
    bars = tuple(Column(t.day(first), float(count), t.number(count)) for first, count in counts[:MOST_BARS])
    more = t("and {n} more", n=len(counts) - MOST_BARS) if len(counts) > MOST_BARS else ""
    return Chart(cycle.name, t("Messages by week, at most"), Columns(bars), t.locale, more)


def _actions(t: Texts, cycle: Cycle, mondays: Sequence[date], week: int) -> tuple[Action, ...]:
    actions: list[Action] = []
    if len(mondays) > 1:
        start = max(0, min(week - MOST_WEEKS // 2, len(mondays) - MOST_WEEKS))
        shown = list(enumerate(mondays))[start : start + MOST_WEEKS]
        options = tuple((str(n), t("Week of {day}", day=first)) for n, first in shown)
        actions.append(Choice(t("Week"), "cycle.week", options, cycle.id))
    actions.append(Button(t("Back to the cycle"), "cycle.show", cycle.id))
    return tuple(actions)


def _weekday(t: Texts, day: date) -> str:
    """ "Mon 14 Dec" as the reader writes it; in Japanese a weekday in front would be read as a month."""
    name = format_date(day, "EEE", locale=t.locale)
    return f"{t.day(day)}（{name}）" if t.locale == "ja" else f"{name} {t.day(day)}"
