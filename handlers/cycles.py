"""`perf cycle`: HR opens a cycle and publishes it."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Command, Submitted
from bot.forms import Invalid
from bot.router import Router
from bot.text import LOCALES, N_
from handlers.cards.cycles import CycleForm, ShownCycle, cycle_card, cycles_card, opened_card
from handlers.cards.stages import ACKNOWLEDGE, LISTS, missing_card, scoring_card
from models.access import NOT_FOUND
from models.base import Refused
from models.cycle import Cycle, deadline, end_of_day, members, open_cycle, proposal, stages_of
from models.person import Person, name_of
from models.plan import begin_plans, plan_of
from models.scorecard import SELF, Scorecard, cards_waiting
from models.stages import advance
from models.turnout import Turnout, not_acknowledged, not_handed_in, raters, turnout

router = Router()
router.said(
    cycle_published=N_("{who} already published this cycle on {when}."),
    cycle_cancelled=N_("{who} discarded this cycle on {when}."),
    cycle_advanced=N_("{who} moved this cycle to its next stage on {when}."),
    cycle_released=N_("{who} published results on {when}."),
)
DATES = ("setting", "self_scoring", "scoring", "published")


@router.command("cycle", N_("Open and watch cycles"), right="cycle.watch", reads=True)
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
    count = turnout(ctx.db, cycle.id)
    owner = name_of(ctx.db, cycle.owner_id, ctx.t.locale)
    manages = ctx.can("cycle.advance")
    told = _told(ctx, cycle, count) if manages else 0
    return cycle_card(ctx.t, ShownCycle(cycle, stages_of(ctx.db, cycle.id), owner, count, told, manages))


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


@router.button("cycle.advance", versioned=True)
def next_stage(ctx: Context, event: Click) -> None:
    """The next stage opens; whoever has to do something is told, managers once for all their people."""
    cycle = ctx.mine(Cycle)
    opened = advance(ctx.db, cycle, ctx.actor, event.version, ctx.now)
    for card in opened:
        if card.kind == SELF:
            ctx.tell(card.person_id, "scorecard.card", card)
    managers = {card.waits_for_id for card in opened if card.kind != SELF and card.waits_for_id}
    for manager_id in sorted(managers):
        ctx.tell(manager_id, "cycle.scoring", cycle)
    ctx.toast(_done(ctx, cycle, opened, len(managers)))


@router.button("cycle.missing", right="cycle.advance")
def show_missing(ctx: Context, event: Click) -> None:
    """Who has not handed in: "self 0" is the first page of the self scores."""
    kind, _, page = event.value.partition(" ")
    if kind not in LISTS or not number(page):
        raise Refused(NOT_FOUND)
    ctx.reply("cycle.missing", ctx.mine(Cycle), kind=kind, page=int(page))


@router.view("cycle.missing")
def missing_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Names, a page at a time."""
    ctx.check("cycle.advance")
    cycle, kind = ctx.get(Cycle, subject), str(facts["kind"])
    found = not_acknowledged(ctx.db, cycle.id) if kind == ACKNOWLEDGE else not_handed_in(ctx.db, cycle.id, kind)
    people = [(person.called(ctx.t.locale), many) for person, many in found]
    return missing_card(ctx.t, cycle, kind, people, int(facts["page"]))


@router.view("cycle.scoring")
def scoring_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Whom the reader still has to score in the cycle."""
    cycle = ctx.get(Cycle, subject)
    waiting = cards_waiting(ctx.db, cycle.id, ctx.actor.id)
    if not waiting:
        return None
    names = [name_of(ctx.db, card.person_id, ctx.t.locale) for card in waiting]
    due = deadline(ctx.db, cycle.id, "scoring")
    return scoring_card(ctx.t, cycle, names, ctx.t.datetime(due) if due is not None else "")


def _told(ctx: Context, cycle: Cycle, count: Turnout) -> int:
    """How many people the next stage sends a message to."""
    match cycle.state:
        case "tracking":
            return count.in_force
        case "self_scoring":
            return len(raters(ctx.db, cycle.id))
        case _:
            return 0


def _done(ctx: Context, cycle: Cycle, opened: Sequence[Scorecard], managers: int) -> str:
    match cycle.state:
        case "self_scoring":
            return ctx.t.n("{n} person is asked to score themselves.", "{n} people are asked.", len(opened))
        case "scoring":
            return ctx.t.n("{n} manager is asked to score.", "{n} managers are asked to score.", managers)
        case "review":
            count = turnout(ctx.db, cycle.id)
            return ctx.t("Results computed: {n}. Flags open: {m}.", n=count.results, m=count.flags)
        case "closed":
            return ctx.t("The cycle is closed.")
        case _:
            return ctx.t("The next stage is open.")


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
