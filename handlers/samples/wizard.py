"""A cycle that is not published yet: its hub, the forms of its sections, the one for more time, and its rehearsal."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bot.cards import Card
from bot.forms import Sheet
from bot.text import LOCALES, Texts
from handlers.cards.home import STAGES
from handlers.cards.rehearsal import rehearsal_card
from handlers.cards.wizard import ShownDraft, draft_card
from handlers.cards.wizardforms import (
    BEGIN,
    AudienceForm,
    BeginForm,
    CourseForm,
    DatesForm,
    ExtendForm,
    PeriodForm,
    ScaleForm,
)
from handlers.samples.company import DUE, HOSTILE, LONG, NOW, REVIEWER, Company
from models.rules.patterns import coming, proposed
from models.rules.rehearsal import Crowd, Errand, rehearse
from models.rules.totals import SCALE

Samples = Iterator[tuple[str, Card | Sheet]]
TODAY = NOW.date()
DAY = timedelta(days=1)
LATER = date(2027, 2, 1)


def wizard_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about drafts of cycles."""
    company = Company(t)
    yield from _hub(t, company)
    yield from _forms(t, company)
    yield from _rehearsal(t, company)


def _hub(t: Texts, company: Company) -> Samples:
    owner, cycle = company.name(REVIEWER), company.cycle_in("draft")
    shown = ShownDraft(cycle, company.stages(), owner, t("Everybody"), 203, levels=SCALE, manages=True)
    yield "cycle.draft.hr", draft_card(t, shown)
    yield "cycle.draft.later.hr", draft_card(t, replace(shown, opens=t.date(date(2027, 1, 1))))
    yield "cycle.draft.auditor", draft_card(t, replace(shown, manages=False))
    said = ("The day by which plans are agreed is missing.", "Who takes part is not said yet.")
    bare = company.cycle_in("draft", chain=[], languages=[])
    yield "cycle.draft.missing.hr", draft_card(t, replace(shown, cycle=bare, stages=(), who="", people=0, missing=said))
    long = company.cycle_in("draft", name=LONG, chain=["manager", "second", "executive"], setter="employee")
    several = ", ".join(company.departments() * 2)
    yield "cycle.draft.long.hr", draft_card(t, replace(shown, cycle=long, who=several))
    hostile = company.cycle_in("draft", name=HOSTILE, kind="probation", terms={"late": True})
    yield "cycle.draft.hostile.hr", draft_card(t, replace(shown, cycle=hostile, who=HOSTILE, people=1))


def _forms(t: Texts, company: Company) -> Samples:
    options = [(name, t(label)) for name, label in BEGIN.items()]
    like = ("like 7", t("Like {name}, dates moved on", name=company.cycle.name))
    begin = {"begin": [*options, like]}
    yield "form.cycle.open.empty", BeginForm.sheet(t, options=begin)
    yield "form.cycle.open.filled", BeginForm.sheet(t, options=begin, values={"begin": "quarter"})
    starts_on, ends_on = coming("quarter", TODAY)
    days = proposed("quarter", starts_on, ends_on, TODAY)
    period = {"kind": "quarter", "name": "2027 Q1", "starts_on": starts_on, "ends_on": ends_on}
    yield "form.cycle.period.empty", PeriodForm.sheet(t, subject=7, version=1)
    yield "form.cycle.period.filled", PeriodForm.sheet(t, subject=7, version=1, values=period)
    yield "form.cycle.dates.empty", DatesForm.sheet(t, subject=7, version=1)
    yield "form.cycle.dates.filled", DatesForm.sheet(t, subject=7, version=1, values={**days, "opens_on": starts_on})
    course = {"setter": "manager", "chain": ("manager", "head"), "languages": LOCALES, "late": "no"}
    yield "form.cycle.course.empty", CourseForm.sheet(t, subject=7, version=1)
    yield "form.cycle.course.filled", CourseForm.sheet(t, subject=7, version=1, values=course)
    places = [(str(number), name) for number, name in enumerate(company.departments(), 1)]
    who = {"who": ("everybody",), "departments": ("2",), "people": "HL0001, HL0002", "hired": 6}
    yield "form.cycle.audience.empty", AudienceForm.sheet(t, subject=7, options={"departments": places})
    yield "form.cycle.audience.filled", AudienceForm.sheet(t, subject=7, values=who, options={"departments": places})
    written = "S 110 105; A 100 95; B 85 80; C 70 60; D 50 0"
    yield "form.cycle.scale.empty", ScaleForm.sheet(t, subject=7, version=1)
    yield (
        "form.cycle.scale.filled",
        ScaleForm.sheet(t, subject=7, version=1, values={"preset": "own", "levels": written}),
    )
    rows = [(one.name, f"{t(STAGES[one.name])} · {t.datetime(one.closes_at)}") for one in company.stages()]
    stages = {"stage": rows}
    yield "form.cycle.extend.empty", ExtendForm.sheet(t, subject=7, options=stages)
    said = {"stage": "scoring", "until": LATER, "along": "no", "reason": HOSTILE}
    yield "form.cycle.extend.filled", ExtendForm.sheet(t, subject=7, values=said, options=stages)


def _rehearsal(t: Texts, company: Company) -> Samples:
    crowds = (Crowd("Asia/Shanghai", "CN", 180), Crowd("Europe/Berlin", "DE", 23))
    few = (Crowd("Asia/Shanghai", "CN", 31),)
    errands = [
        Errand("setting", "cycle.opened", NOW, None, crowds),
        Errand("setting", "plan.submit", NOW, DUE, few, told=False),
        Errand("self_scoring", "scorecard.submit", DUE + 17 * DAY, DUE + 27 * DAY, crowds),
        Errand("scoring", "scorecard.submit", DUE + 27 * DAY, DUE + 37 * DAY, few),
        Errand("published", "result.acknowledge", DUE + 47 * DAY, DUE + 54 * DAY, crowds),
    ]
    found, cycle = rehearse(errands, {}), company.cycle_in("draft")
    yield "cycle.rehearsal", rehearsal_card(t, cycle, found, 0)
    yield "cycle.rehearsal.later", rehearsal_card(t, cycle, found, 5)
    yield "cycle.rehearsal.empty", rehearsal_card(t, cycle, [], 0)
    hostile = company.cycle_in("draft", name=HOSTILE)
    yield "cycle.rehearsal.hostile", rehearsal_card(t, hostile, found[:1], 0)
