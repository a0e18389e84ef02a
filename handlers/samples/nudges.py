"""Reminders and absences: one thing, many, what others are late with, put off, by hand; who is away and stands in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.absences import AbsenceForm, ShownAbsence, absence_card, absences_card
from handlers.cards.nudges import AREAS, NudgesForm, ShownDigest, digest_card
from handlers.samples.company import AUTHOR, BLOCKED, HOSTILE, LATE, LONG, NOW, OWNER, REVIEWER, Company
from handlers.samples.home import todos
from models.escalation import LEAD, STAFF, Waiting

Samples = Iterator[tuple[str, Card | Sheet]]


def nudge_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about reminders and absences."""
    company = Company(t)
    yield from _digests(t, company)
    yield from _forms(t, company)
    yield from _absences(t, company)


def _late(company: Company, count: int, level: int) -> list[Waiting]:
    kinds = [*AREAS, "unheard.of"]
    return [
        Waiting(number, company.name(number // 2 % 7), kinds[number % len(kinds)], LATE, level)
        for number in range(count)
    ]


def _digests(t: Texts, company: Company) -> Samples:
    one = ShownDigest(7, todos(company, 1), (), NOW, snoozable=True)
    yield "nudge.one", digest_card(t, one)
    yield "nudge.many", digest_card(t, replace(one, todos=[*todos(company, 2, LATE), *todos(company, 13, first=3)]))
    yield "nudge.urgent", digest_card(t, replace(one, urgent=True, snoozable=False))
    yield "nudge.snoozed", digest_card(t, replace(one, snoozable=False, snoozed_until=NOW + timedelta(days=1)))
    sent = replace(one, sender=company.name(REVIEWER), words=t("Please talk to them."))
    yield "nudge.by_hand", digest_card(t, sent)
    yield "nudge.words", digest_card(t, replace(one, words=HOSTILE))
    yield "nudge.others", digest_card(t, replace(one, todos=(), snoozable=False, waiting=_late(company, 1, LEAD)))
    yield "nudge.both", digest_card(t, replace(one, waiting=_late(company, 5, LEAD)))
    crowd = [replace(some, name=f"{some.name} {number}") for number, some in enumerate(_late(company, 30, STAFF))]
    yield "nudge.crowd", digest_card(t, replace(one, todos=(), snoozable=False, waiting=crowd))
    long = [replace(some, name=LONG) for some in _late(company, 4, STAFF)]
    yield "nudge.long", digest_card(t, replace(one, words=LONG, waiting=long))


def _forms(t: Texts, company: Company) -> Samples:
    values = {"kind": "all", "before": "7, 3, 1, 0", "hours": 4, "after": 5, "lead": 1, "hr": 3}
    kinds = [("all", t("everything in this cycle")), *((kind, t(said)) for kind, said in AREAS.items())]
    yield "nudge.form.empty", NudgesForm.sheet(t, options={"kind": kinds})
    yield "nudge.form", NudgesForm.sheet(t, subject=1, version=1, values=values, options={"kind": kinds})
    today = NOW.date()
    yield "absence.form.empty", AbsenceForm.sheet(t)
    yield "absence.form", AbsenceForm.sheet(t, subject=1, values={"from_on": today, "to_on": today})


def _absences(t: Texts, company: Company) -> Samples:
    today = NOW.date()
    name, last = company.name(OWNER), today + timedelta(days=9)
    flags: dict[str, Any] = {"active": True, "over": False, "mine": True, "stands_in": False, "ends": True}
    own = ShownAbsence(3, 1, name, company.name(AUTHOR), today, last, **flags)
    yield "absence.mine", absence_card(t, own)
    yield "absence.nobody", absence_card(t, replace(own, delegate="", mine=False))
    yield "absence.over", absence_card(t, replace(own, over=True, active=False))
    stands = replace(own, mine=False, stands_in=True, ends=False, waits=2)
    yield "absence.stands_in", absence_card(t, stands)
    yield "absence.stands_in.later", absence_card(t, replace(stands, active=False, waits=0))
    yield "absence.hostile", absence_card(t, replace(stands, name=HOSTILE, delegate=LONG))
    yield "absence.none", absences_card(t, name, 1, [], [], mine=True)
    both = ([own, replace(own, delegate="")], [replace(stands, name=company.name(BLOCKED))])
    yield "absence.list", absences_card(t, name, 1, *both, mine=True)
    yield "absence.list.other", absences_card(t, name, 1, [own], [], mine=False)
