"""`perf away`: who is away when, and who stands in."""

from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command, Submitted
from bot.forms import Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.absences import AbsenceForm, ShownAbsence, absence_card, absences_card
from models.absence import Absence, coming, declare, standing_in
from models.base import Refused
from models.person import Person, name_of
from models.rules.workdays import next_working_moment
from models.todo import concerned, owed_by

router = Router()
router.said(
    absence_declared=N_("{who} planned this absence on {when}."),
    absence_ended=N_("{who} ended this absence on {when}."),
)


@router.command("away", N_("Say when you are away, and who stands in"), usage="[@person]", right="person.away")
def away(ctx: Context, event: Command) -> None:
    """One's own absences, or those of somebody one may plan for."""
    person = ctx.person(event.text) if event.text else ctx.get(Person, ctx.actor.id)
    ctx.check("person.away", person)
    ctx.reply("absence.list", person)


@router.button("absence.show", right="absence.see")
def show(ctx: Context, event: Click) -> None:
    """One absence."""
    ctx.reply("absence.card", ctx.mine(Absence))


@router.button("person.away")
def ask_away(ctx: Context, event: Click) -> None:
    """From when to when."""
    ctx.ask(AbsenceForm, ctx.mine(Person), values={"from_on": ctx.today, "to_on": ctx.today})


@router.form(AbsenceForm)
def take_away(ctx: Context, event: Submitted, form: AbsenceForm) -> None:
    """Stores it; whoever stands in is told at once, in their hours, and so is the person if somebody else did this."""
    person = ctx.mine(Person)
    try:
        delegate = ctx.person(form.delegate) if form.delegate else None
    except Refused as no:
        raise Invalid({"delegate": ctx.t(no.message, **no.facts)}) from None
    try:
        home = ctx.zone.key
        absence = declare(ctx.db, person, form.from_on, form.to_on, delegate, ctx.actor.id, ctx.now, home)
    except Refused as no:
        raise Invalid({no.field or "from_on": ctx.t(no.message, **no.facts)}) from None
    for other in {one.id: one for one in (person, delegate) if one is not None and one.id != ctx.actor.id}.values():
        moment = next_working_moment(ctx.now, other.zone or home, other.country)
        ctx.tell(other.id, "absence.card", absence, after=moment)
    concerned(ctx.db).update({person.id, absence.delegate_id or person.id})
    ctx.toast(ctx.t("Saved."))
    ctx.reply("absence.card", absence)


@router.button("absence.end", versioned=True)
def end(ctx: Context, event: Click) -> None:
    """Back earlier, or not away at all."""
    absence = ctx.mine(Absence)
    absence.end(ctx.db, event.version, ctx.now)
    concerned(ctx.db).update({absence.person_id, absence.delegate_id or absence.person_id})
    name = name_of(ctx.db, absence.person_id, ctx.t.locale)
    ctx.toast(ctx.t("Ended. Everything waits for {name} again.", name=name))


@router.view("absence.card")
def absence_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """For the person, who stands in, and who may plan for them."""
    absence = ctx.get(Absence, subject)
    ctx.check("absence.see", absence)
    return absence_card(ctx.t, _shown(ctx, absence))


@router.view("absence.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The absences of one person; to themselves also those in which they stand in."""
    person = ctx.get(Person, subject)
    ctx.check("person.away", person)
    mine = person.id == ctx.actor.id
    own = [_shown(ctx, one) for one in coming(ctx.db, person.id, ctx.now)]
    others = [_shown(ctx, one) for one in standing_in(ctx.db, person.id, ctx.now)] if mine else []
    return absences_card(ctx.t, person.called(ctx.t.locale), person.id, own, others, mine=mine)


def _shown(ctx: Context, one: Absence) -> ShownAbsence:
    stands_in = one.delegate_id == ctx.actor.id
    absent = name_of(ctx.db, one.person_id, ctx.t.locale)
    waits = [each for each in owed_by(ctx.db, ctx.actor.id, ctx.t.locale) if each.absent == absent] if stands_in else []
    return ShownAbsence(
        id=one.id,
        version=one.version,
        name=absent,
        delegate=name_of(ctx.db, one.delegate_id, ctx.t.locale),
        from_on=one.from_on,
        to_on=one.to_on,
        active=one.active,
        over=one.ended_at is not None or one.ends_at <= ctx.now,
        mine=one.person_id == ctx.actor.id,
        stands_in=stands_in,
        ends=ctx.can("absence.end", one),
        waits=len(waits),
        ended_at=one.ended_at,
    )
