"""`perf cycle`: HR opens a cycle and publishes it."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command, Submitted
from bot.forms import Invalid
from bot.router import Router
from bot.text import LOCALES, N_
from handlers.cards.cycles import CycleForm, ShownCycle, cycle_card, cycles_card, opened_card
from models.base import Refused
from models.cycle import Cycle, deadline, end_of_day, members, open_cycle, proposal, stages_of
from models.person import Person
from models.plan import Plan, begin_plans, plan_of

router = Router()
router.said(
    cycle_published=N_("{who} already published this cycle on {when}."),
    cycle_cancelled=N_("{who} discarded this cycle on {when}."),
)
DATES = ("setting", "self_scoring", "scoring", "published")
AGREED = ("active", "amending", "proposed", "scored", "final")


@router.command("cycle", N_("Open and watch cycles"), right="cycle.watch")
def cycles(ctx: Context, event: Command) -> None:
    """All cycles."""
    ctx.reply("cycle.list")


@router.button("cycle.list", right="cycle.watch")
def show_list(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("cycle.list")


@router.view("cycle.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The newest first."""
    ctx.check("cycle.watch")
    rows = ctx.db.exec(select(Cycle).order_by(col(Cycle.starts_on).desc(), col(Cycle.id).desc()).limit(10)).all()
    return cycles_card(ctx.t, rows, manages=ctx.can("cycle.open"))


@router.button("cycle.show", right="cycle.watch")
def show(ctx: Context, event: Click) -> None:
    """One cycle."""
    ctx.reply("cycle.card", ctx.mine(Cycle))


@router.view("cycle.card")
def cycle_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One cycle with its stages."""
    ctx.check("cycle.watch")
    cycle = ctx.get(Cycle, subject)
    counts = dict(
        ctx.db.exec(
            select(Plan.state, sa.func.count()).where(Plan.cycle_id == cycle.id).group_by(col(Plan.state))
        ).all()
    )
    agreed = sum(number for state, number in counts.items() if state in AGREED)
    owner = ctx.get(Person, cycle.owner_id).called(ctx.t.locale)
    manages = ctx.can("cycle.publish")
    return cycle_card(
        ctx.t, ShownCycle(cycle, stages_of(ctx.db, cycle.id), owner, agreed, sum(counts.values()), manages)
    )


@router.button("cycle.open")
def ask_open(ctx: Context, event: Click) -> None:
    """The form, with the last cycle's habits in it."""
    last = ctx.db.exec(select(Cycle).order_by(col(Cycle.id).desc()).limit(1)).first()
    begin = {"chain": ("manager",), "languages": LOCALES, "setter": "manager"}
    values: dict[str, object] = {**proposal(ctx.today), **begin}
    if last is not None:
        habits = {"chain": tuple(last.chain), "languages": tuple(last.languages), "setter": last.setter}
        values = {**values, **habits}
    ctx.ask(CycleForm, values=values)


@router.form(CycleForm)
def open_new(ctx: Context, event: Submitted, form: CycleForm) -> None:
    """Stores a draft; nobody is told before it is published."""
    closes = {name: end_of_day(getattr(form, name), ctx.zone) for name in DATES}
    cycle = Cycle(
        kind=form.kind,
        name=form.name,
        starts_on=form.starts_on,
        ends_on=form.ends_on,
        chain=list(form.chain),
        languages=list(form.languages),
        setter=form.setter,
        owner_id=ctx.actor.id,
    )
    try:
        open_cycle(ctx.db, cycle, closes)
    except Refused as no:
        if no.field:
            raise Invalid({no.field: ctx.t(no.message, **no.facts)}) from None
        raise
    ctx.toast(ctx.t("Saved as a draft. Publish it when it is right."))
    ctx.reply("cycle.card", cycle)


@router.button("cycle.publish", versioned=True)
def publish(ctx: Context, event: Click) -> None:
    """Everybody gets a plan and a message."""
    cycle = ctx.mine(Cycle)
    cycle.publish(ctx.db, event.version, ctx.now)
    people = members(ctx.db)
    owed = begin_plans(ctx.db, cycle, people, ctx.now)
    for person in people:
        ctx.tell(
            person.id,
            "cycle.opened",
            cycle,
            owed=len([1 for plan in owed.get(person.id, []) if plan.person_id != person.id]),
        )
    ctx.toast(ctx.t.n("Published. {n} person has a plan now.", "Published. {n} people have a plan now.", len(people)))


@router.button("cycle.cancel", versioned=True)
def cancel(ctx: Context, event: Click) -> None:
    """A draft is given up."""
    ctx.mine(Cycle).cancel(ctx.db, event.version)
    ctx.toast(ctx.t("Discarded."))


@router.view("cycle.opened")
def opened_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """What the cycle means for its reader."""
    cycle = ctx.get(Cycle, subject)
    plan = plan_of(ctx.db, cycle.id, ctx.actor.id)
    person = ctx.get(Person, ctx.actor.id)
    manager = ctx.db.get(Person, person.manager_id) if person.manager_id else None
    setter = manager.called(ctx.t.locale) if manager is not None and cycle.setter == "manager" else ""
    return opened_card(
        ctx.t,
        cycle,
        deadline(ctx.db, cycle.id, "setting"),
        setter=setter,
        owed=int(facts["owed"]),
        plan_id=plan.id if plan else 0,
    )
