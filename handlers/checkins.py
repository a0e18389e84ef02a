"""`perf checkin`: report a value, a note or a blocker."""

from bot.context import Context
from bot.events import Click, Command, Submitted
from bot.forms import Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.amounts import amount
from handlers.cards.checkins import CheckinForm
from models.abreast import named, running_for
from models.base import Refused
from models.checkin import latest_values, report
from models.cycle import reviewed
from models.evidence import counts_evidence
from models.person import Person
from models.plan import Plan, plan_of
from models.rules.plans import RATED

router = Router()
router.said(plan_reported=N_("{who} reported progress on {when}."))
NO_PLAN = N_("Your plan is not in force yet, so there is nothing to report on.")


@router.command("checkin", N_("Report progress and blockers"), usage="[cycle]", right="plan.checkin")
def checkin(ctx: Context, event: Command) -> None:
    """Opens the form for one's own plan: of the cycle that is named, else the nearest that still takes values."""
    _left, cycle = named(ctx.db, event.text)
    cycles = [cycle] if cycle is not None else running_for(ctx.db, ctx.actor.id, ctx.today)
    plans = [plan for one in cycles if (plan := plan_of(ctx.db, one.id, ctx.actor.id)) and plan.effective]
    if not plans:
        raise Refused(NO_PLAN)
    _ask(ctx, next((plan for plan in plans if not reviewed(ctx.db, plan.cycle_id)), plans[0]))


@router.button("plan.checkin")
def ask(ctx: Context, event: Click) -> None:
    """The same by a button."""
    plan = ctx.mine(Plan)
    if not plan.effective:
        raise Refused(NO_PLAN)
    _ask(ctx, plan)


@router.form(CheckinForm)
def take(ctx: Context, event: Submitted, form: CheckinForm) -> None:
    """Stores the report and shows the progress."""
    plan = ctx.mine(Plan)
    if form.value is None and not form.note and not form.blocker:
        raise Invalid({"value": ctx.t("Give a value, a note or a blocker.")})
    item = next((entry for entry in plan.agreed_items(ctx.db) if str(entry.lineage) == form.item), None)
    if item is None:
        raise Invalid({"item": ctx.t("Please choose one of the options.")})
    if form.value is not None and item.rule == RATED:
        raise Invalid({"value": ctx.t("This one is rated by its levels, not counted. Write a note instead.")})
    if form.value is not None and item.rule == "count" and counts_evidence(ctx.db, plan.id, item.lineage):
        raise Invalid({"value": ctx.t("This one counts accepted evidence: perf evidence adds some.")})
    report(
        ctx.db,
        plan,
        item.lineage,
        ctx.actor,
        ctx.now,
        value=form.value,
        note=form.note or "",
        blocker=form.blocker or "",
    )
    owner = ctx.get(Person, plan.person_id)
    if form.blocker and owner.manager_id and owner.manager_id != ctx.actor.id:
        ctx.tell(owner.manager_id, "person.blocked", plan, lineage=item.lineage)
    said = amount(ctx.t, form.value, item.unit)
    ctx.toast(ctx.t("Reported: {name} {value}", name=item.name, value="" if form.value is None else said).strip())
    ctx.reply("person.progress", owner)


def _ask(ctx: Context, plan: Plan) -> None:
    plan.expect(ctx.db, ctx.actor, "checkin")
    values = latest_values(ctx.db, [plan.id])
    options = []
    for item in plan.agreed_items(ctx.db):
        newest = values.get((plan.id, item.lineage))
        now = amount(ctx.t, newest.value, item.unit) if newest else "–"
        stands = ctx.t("by levels") if item.rule == RATED else f"{now} / {amount(ctx.t, item.target, item.unit)}"
        options.append((str(item.lineage), f"{item.name} ({stands})"))
    ctx.ask(CheckinForm, plan, options={"item": options})
