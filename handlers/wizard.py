"""A cycle before it is published: begun from a pattern or the last one, changed section by section, rehearsed."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.cards import Card
from bot.context import Context, whole
from bot.events import Click, Submitted
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import N_, clean
from handlers.cards.rehearsal import rehearsal_card
from handlers.cards.scoreforms import RatersForm
from handlers.cards.wizard import SECTIONS
from handlers.cards.wizardforms import (
    BEGIN,
    EVERYBODY,
    NAMED,
    OWN,
    AudienceForm,
    BeginForm,
    CourseForm,
    DatesForm,
    PeriodForm,
    ScaleForm,
)
from models.access import NOT_FOUND
from models.audience import Audience
from models.base import Refused
from models.cycle import Cycle
from models.department import Department, branches
from models.drafting import (
    Course,
    Period,
    begun,
    check_scale,
    days_of,
    first_day,
    last_ones,
    like,
    set_audience,
    set_course,
    set_dates,
    set_period,
    set_scale,
)
from models.partaking import hired_within
from models.person import Person
from models.rehearsing import rehearsed
from models.rules.patterns import STAGES
from models.rules.totals import SCALE, Level
from models.terms import terms_of

router = Router()
router.said(
    cycle_opened=N_("{who} began this cycle on {when}."),
    cycle_changed=N_("{who} changed this cycle on {when}."),
)
NAME = 12
MOST_PLACES = 100
FOUR = (("A", 110, 100), ("B", 100, 85), ("C", 75, 60), ("D", 50, 0))
THREE = (("A", 110, 95), ("B", 90, 70), ("C", 60, 0))


@router.button("cycle.open")
def ask_open(ctx: Context, event: Click) -> None:
    """The ready patterns, and the last cycle of each kind."""
    options = [(name, ctx.t(label)) for name, label in BEGIN.items()]
    options += [(f"like {one.id}", ctx.t("Like {name}, dates moved on", name=one.name)) for one in last_ones(ctx.db)]
    ctx.ask(BeginForm, options={"begin": options})


@router.form(BeginForm)
def open_new(ctx: Context, event: Submitted, form: BeginForm) -> None:
    """Stores a draft; nobody is told before it is published."""
    about = (ctx.actor.id, ctx.zone, ctx.today)
    word, _, number = form.begin.partition(" ")
    if word == "like":
        last = next((one for one in last_ones(ctx.db) if one.id == whole(number)), None)
        if last is None:
            raise Invalid({"begin": ctx.t(SENTENCES["literal_error"])})
        cycle = like(ctx.db, last, *about)
    elif form.begin in BEGIN:
        filled = form.begin != "nothing"
        cycle = begun(ctx.db, form.begin if filled else "quarter", *about, filled=filled)
    else:
        raise Invalid({"begin": ctx.t(SENTENCES["literal_error"])})
    ctx.toast(ctx.t("Begun as a draft. Nobody is told before you publish it."))
    ctx.reply("cycle.card", cycle)


@router.button("cycle.change", right="cycle.open", versioned=True)
def change(ctx: Context, event: Click) -> None:
    """The form of a section."""
    asks: dict[str, Callable[[Context, Cycle], None]] = {
        "period": _ask_period,
        "stages": _ask_dates,
        "audience": _ask_audience,
        "course": _ask_course,
        "raters": _ask_raters,
        "scale": _ask_scale,
    }
    if event.value not in SECTIONS:
        raise Refused(NOT_FOUND)
    asks[event.value](ctx, ctx.mine(Cycle))


@router.form(PeriodForm, right="cycle.open", versioned=True)
def period(ctx: Context, event: Submitted, form: PeriodForm) -> None:
    """The stages move along with the period."""
    cycle, given = ctx.mine(Cycle), Period(form.kind, form.name, form.starts_on, form.ends_on)
    _at_the_field(ctx, "ends_on", lambda: set_period(ctx.db, cycle, event.version, given, ctx.zone, ctx.today))
    _saved(ctx, event, cycle)


@router.form(DatesForm, right="cycle.open", versioned=True)
def dates(ctx: Context, event: Submitted, form: DatesForm) -> None:
    """The last day of each stage; what is empty is left out."""
    cycle = ctx.mine(Cycle)
    days: dict[str, date] = {name: getattr(form, name) for name in STAGES if getattr(form, name) is not None}
    opens = form.opens_on if form.opens_on is not None and form.opens_on > ctx.today else None
    _at_the_field(ctx, "setting", lambda: set_dates(ctx.db, cycle, event.version, ctx.now, days, opens, ctx.zone))
    _saved(ctx, event, cycle)


@router.form(CourseForm, right="cycle.open", versioned=True)
def set_out(ctx: Context, event: Submitted, form: CourseForm) -> None:
    """Who writes and approves, in which languages, and late scores."""
    cycle, late = ctx.mine(Cycle), form.late == "yes"
    course = Course(form.setter, form.chain, form.languages, late)
    set_course(ctx.db, cycle, event.version, course)
    _saved(ctx, event, cycle)


@router.form(AudienceForm, right="cycle.open", versioned=True)
def audience(ctx: Context, event: Submitted, form: AudienceForm) -> None:
    """Everything chosen counts together."""
    cycle = ctx.mine(Cycle)
    places = tuple(ctx.chosen(Department, one).id for one in form.departments)
    roles = tuple(one for one in form.who if one not in (EVERYBODY, NAMED))
    chosen = Audience(EVERYBODY in form.who, places, roles, _people(ctx, form.people or ""))
    _at_the_field(ctx, "who", lambda: set_audience(ctx.db, cycle, event.version, chosen, form.hired or 0))
    _saved(ctx, event, cycle)


@router.form(ScaleForm, right="cycle.open", versioned=True)
def scale(ctx: Context, event: Submitted, form: ScaleForm) -> None:
    """A ready scale, or the levels that are written."""
    cycle = ctx.mine(Cycle)
    ready = {"five": SCALE, "four": _levels(FOUR), "three": _levels(THREE)}
    levels = _read(ctx, form.levels or "") if form.preset == OWN else ready[form.preset]
    _at_the_field(ctx, "levels", lambda: check_scale(levels))
    set_scale(ctx.db, cycle, event.version, levels)
    _saved(ctx, event, cycle)


# The dry run


@router.button("cycle.rehearse", right="cycle.open")
def rehearse(ctx: Context, event: Click) -> None:
    """From its first week on."""
    ctx.reply("cycle.rehearsal", ctx.mine(Cycle), week=0)


@router.button("cycle.week", right="cycle.open")
def week(ctx: Context, event: Click) -> None:
    """Another week of it."""
    number = whole(event.value)
    if number is None:
        raise Refused(NOT_FOUND)
    ctx.reply("cycle.rehearsal", ctx.mine(Cycle), week=number)


@router.view("cycle.rehearsal")
def rehearsal_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Who would get which message on which day, if nobody did anything before it is due."""
    ctx.check("cycle.open")
    cycle = ctx.get(Cycle, subject)
    sendings = rehearsed(ctx.db, cycle, ctx.zone.key, ctx.now, ctx.today)
    return rehearsal_card(ctx.t, cycle, sendings, int(facts["week"]))


# The forms as they stand


def _ask_period(ctx: Context, cycle: Cycle) -> None:
    same = {"kind": cycle.kind, "name": cycle.name, "starts_on": cycle.starts_on, "ends_on": cycle.ends_on}
    ctx.ask(PeriodForm, cycle, values=same)


def _ask_dates(ctx: Context, cycle: Cycle) -> None:
    opens = first_day(ctx.db, cycle, ctx.zone)
    ctx.ask(DatesForm, cycle, values={**days_of(ctx.db, cycle, ctx.zone), "opens_on": opens})


def _ask_course(ctx: Context, cycle: Cycle) -> None:
    late = "yes" if cycle.terms.get("late") else "no"
    same = {"setter": cycle.setter, "chain": tuple(cycle.chain), "languages": tuple(cycle.languages), "late": late}
    ctx.ask(CourseForm, cycle, values=same)


def _ask_audience(ctx: Context, cycle: Cycle) -> None:
    chosen = Audience.read(cycle.audience)
    places = branches(ctx.db, ctx.t.locale, top=False)[:MOST_PLACES]
    who = (*((EVERYBODY,) if chosen.everybody else ()), *chosen.roles) or (NAMED,)
    known = {str(one.id) for one, _name in places}
    people = [ctx.get(Person, one).number for one in chosen.people]
    ctx.ask(
        AudienceForm,
        cycle,
        options={"departments": [(str(one.id), name[:70]) for one, name in places]},
        values={
            "who": who,
            "departments": tuple(str(one) for one in chosen.departments if str(one) in known),
            "people": ", ".join(people),
            "hired": hired_within(cycle) or None,
        },
    )


def _ask_raters(ctx: Context, cycle: Cycle) -> None:
    now = terms_of(cycle).raters
    ctx.ask(RatersForm, cycle, values={"manager": now["manager"], "own": now["self"], "peer": now["peer"]})


def _ask_scale(ctx: Context, cycle: Cycle) -> None:
    levels = terms_of(cycle).levels
    written = "; ".join(f"{one.name} {one.points.normalize():f} {one.cutoff.normalize():f}" for one in levels)
    ctx.ask(ScaleForm, cycle, values={"preset": "five" if levels == SCALE else OWN, "levels": written})


# Parts


def _saved(ctx: Context, event: Submitted, cycle: Cycle) -> None:
    """The hub is redrawn in place; where there is none, the answer is a new one."""
    ctx.toast(ctx.t("Saved."))
    if not event.where.message:
        ctx.reply("cycle.card", cycle)


def _at_the_field(ctx: Context, field: str, work: Callable[[], object]) -> None:
    """A rule's refusal stands at the field it concerns."""
    try:
        work()
    except Refused as no:
        raise Invalid({no.field or field: ctx.t(no.message, **no.facts)}) from None


def _people(ctx: Context, typed: str) -> tuple[int, ...]:
    """Who is named, or the sentence at the field that says who cannot be found."""
    found: list[int] = []
    for word in filter(None, map(str.strip, re.split(r"[,，、;；\n]", typed))):
        try:
            found.append(ctx.person(word).id)
        except Refused as no:
            raise Invalid({"people": ctx.t(no.message, **no.facts)}) from None
    return tuple(dict.fromkeys(found))


def _levels(rows: tuple[tuple[str, int, int], ...]) -> tuple[Level, ...]:
    return tuple(Level(name, Decimal(points), Decimal(cutoff)) for name, points, cutoff in rows)


def _read(ctx: Context, typed: str) -> list[Level]:
    """Levels as people write them: "S 110 105; A, 100, 95"."""
    lines = [line.replace(",", " ").split() for line in clean(typed).replace("\n", ";").split(";") if line.strip()]
    found: list[Level] = []
    for words in lines:
        try:
            name, points, cutoff = " ".join(words[:-2]), Decimal(words[-2]), Decimal(words[-1])
        except (IndexError, InvalidOperation):
            name, points, cutoff = "", Decimal(0), Decimal(0)
        if not name or len(name) > NAME or not (points.is_finite() and cutoff.is_finite()):
            line = " ".join(words)
            said = ctx.t("I cannot read “{line}”. Write it like this: A 100 95.", line=line)
            raise Invalid({"levels": said})
        found.append(Level(name, points, cutoff))
    return found
