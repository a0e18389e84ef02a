"""Plans on their way: how they are shown, submitted, approved, reviewed, confirmed and amended."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Submitted
from bot.router import Router
from bot.text import N_
from handlers.cards.plandata import Decision, ShownItem, ShownPlan
from handlers.cards.planforms import DeclineForm, ObjectForm, ProposeForm, ReturnForm
from handlers.cards.plans import DECIDING, definitions_card, plan_card
from models.approval import newest_decision
from models.evidence import number_of
from models.goal import Goal
from models.heading import heading
from models.indicator import Template
from models.item import Difference, Item, differences, items_of
from models.person import Person, name_of
from models.plan import ACTIVE, AMENDING, COMPLIANCE, CONFIRMING, DRAFT, PROPOSED, SUBMITTED, Plan
from models.position import Position
from models.rules.plans import Finding

router = Router()
router.said(
    plan_submitted=N_("{who} submitted this plan on {when}."),
    plan_approved=N_("{who} already approved this on {when}."),
    plan_returned=N_("{who} already returned this on {when}."),
    plan_passed=N_("{who} already passed this on {when}."),
    plan_confirmed=N_("{who} already confirmed this on {when}."),
    plan_objected=N_("{who} already objected on {when}."),
    plan_edited=N_("{who} changed this plan on {when}."),
    plan_amended=N_("{who} started to change this plan on {when}."),
    plan_proposed=N_("{who} proposed a change on {when}."),
    plan_amendment_cancelled=N_("{who} discarded the change on {when}."),
    plan_accepted=N_("{who} already accepted the change on {when}."),
    plan_declined=N_("{who} already declined the change on {when}."),
)


# Views


@router.view("plan.card")
def show_plan(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The plan, for whoever may read it."""
    plan = ctx.get(Plan, subject)
    ctx.check("plan.read", plan)
    return plan_card(ctx.t, _shown(ctx, plan, agreed=_in_force(ctx, plan)))


@router.view("plan.definitions")
def show_definitions(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Formula, source, owner and accountable of every indicator."""
    plan = ctx.get(Plan, subject)
    ctx.check("plan.read", plan)
    return definitions_card(ctx.t, _shown(ctx, plan, agreed=_in_force(ctx, plan), defined=True))


@router.button("plan.definitions", right="plan.read")
def definitions(ctx: Context, event: Click) -> None:
    """Opens the definitions."""
    ctx.reply("plan.definitions", ctx.mine(Plan))


@router.button("plan.show", right="plan.read")
def show(ctx: Context, event: Click) -> None:
    """Opens a plan."""
    ctx.reply("plan.card", ctx.mine(Plan))


# Decisions


@router.button("plan.submit", versioned=True)
def submit(ctx: Context, event: Click) -> None:
    """The draft goes to the first approver."""
    plan = ctx.mine(Plan)
    plan.submit(ctx.db, ctx.actor, event.version, ctx.now)
    _hand_over(ctx, plan, ctx.t("Submitted."))


@router.button("plan.approve", versioned=True)
def approve(ctx: Context, event: Click) -> None:
    """This step of the chain agrees."""
    plan = ctx.mine(Plan)
    plan.approve(ctx.db, ctx.actor, event.version, ctx.now)
    _hand_over(ctx, plan, ctx.t("Approved."))


@router.button("plan.pass", versioned=True)
def pass_review(ctx: Context, event: Click) -> None:
    """HR finds it compliant."""
    plan = ctx.mine(Plan)
    plan.pass_(ctx.db, ctx.actor, event.version, ctx.now)
    _hand_over(ctx, plan, ctx.t("Passed."))


@router.button("plan.confirm", versioned=True)
def confirm(ctx: Context, event: Click) -> None:
    """The owner agrees, and the text is frozen."""
    plan = ctx.mine(Plan)
    plan.confirm(ctx.db, ctx.actor, event.version, ctx.now)
    _tell_author(ctx, plan, "plan.card")
    ctx.toast(ctx.t("Confirmed. The plan is in force now."))


@router.button("plan.return", versioned=True)
def ask_return(ctx: Context, event: Click) -> None:
    """Asks for the reason."""
    ctx.ask(ReturnForm, ctx.mine(Plan))


@router.form(ReturnForm, versioned=True)
def return_plan(ctx: Context, event: Submitted, form: ReturnForm) -> None:
    """Back to the author, with the reason."""
    plan = ctx.mine(Plan)
    plan.return_(ctx.db, ctx.actor, event.version, ctx.now, form.reason)
    _back(ctx, plan, ctx.t("Returned with your reason."))


@router.button("plan.object", versioned=True)
def ask_object(ctx: Context, event: Click) -> None:
    """Asks for the reason."""
    ctx.ask(ObjectForm, ctx.mine(Plan))


@router.form(ObjectForm, versioned=True)
def object_plan(ctx: Context, event: Submitted, form: ObjectForm) -> None:
    """Back to the author, with the objection."""
    plan = ctx.mine(Plan)
    plan.object_(ctx.db, ctx.actor, event.version, ctx.now, form.reason)
    _back(ctx, plan, ctx.t("Your objection went back with your reason."))


# Amendments


@router.button("plan.amend", versioned=True)
def amend(ctx: Context, event: Click) -> None:
    """Opens a working copy."""
    plan = ctx.mine(Plan)
    plan.amend(ctx.db, ctx.actor, event.version, ctx.now)
    _reply_unless_pressed(ctx, plan)
    ctx.toast(ctx.t("Change what you need, then send the change. The plan in force stays until both sides agree."))


@router.button("plan.cancel", versioned=True)
def cancel(ctx: Context, event: Click) -> None:
    """Gives the working copy up."""
    plan = ctx.mine(Plan)
    plan.cancel(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Discarded. The plan in force is unchanged."))


@router.button("plan.propose", versioned=True)
def ask_propose(ctx: Context, event: Click) -> None:
    """Asks for the reason."""
    ctx.ask(ProposeForm, ctx.mine(Plan))


@router.form(ProposeForm, versioned=True)
def propose(ctx: Context, event: Submitted, form: ProposeForm) -> None:
    """The other side sees the difference."""
    plan = ctx.mine(Plan)
    plan.propose(ctx.db, ctx.actor, event.version, ctx.now, form.reason)
    _hand_over(ctx, plan, ctx.t("Sent. It counts as soon as the other side accepts."))


@router.button("plan.accept", versioned=True)
def accept(ctx: Context, event: Click) -> None:
    """The change is in force."""
    plan = ctx.mine(Plan)
    plan.accept(ctx.db, ctx.actor, event.version, ctx.now)
    _tell_author(ctx, plan, "plan.card")
    ctx.toast(ctx.t("Accepted. The changed plan is in force now."))


@router.button("plan.decline", versioned=True)
def ask_decline(ctx: Context, event: Click) -> None:
    """Asks for the reason."""
    ctx.ask(DeclineForm, ctx.mine(Plan))


@router.form(DeclineForm, versioned=True)
def decline(ctx: Context, event: Submitted, form: DeclineForm) -> None:
    """The plan in force stays."""
    plan = ctx.mine(Plan)
    plan.decline(ctx.db, ctx.actor, event.version, ctx.now, form.reason)
    _tell_author(ctx, plan, "plan.card")
    ctx.toast(ctx.t("Declined with your reason. The plan in force is unchanged."))


# Parts


def _hand_over(ctx: Context, plan: Plan, said: str) -> None:
    """Whoever has to decide next gets the card."""
    if plan.waits_for_id is not None:
        ctx.tell(plan.waits_for_id, "plan.card", plan)
    waiting = name_of(ctx.db, plan.waits_for_id, ctx.t.locale)
    ctx.toast(ctx.t("{done} Next: {name}.", done=said, name=waiting) if waiting else said)


def _back(ctx: Context, plan: Plan, said: str) -> None:
    if plan.author_id is not None and plan.author_id != ctx.actor.id:
        ctx.tell(plan.author_id, "plan.card", plan)
    ctx.toast(said)


def _tell_author(ctx: Context, plan: Plan, view: str) -> None:
    """Everyone affected is told what changed (requirement G7): the author, the owner, the line manager."""
    owner = ctx.get(Person, plan.person_id)
    affected = {plan.person_id, plan.author_id or plan.person_id, owner.manager_id or plan.person_id}
    for person_id in sorted(affected - {ctx.actor.id}):
        ctx.tell(person_id, view, plan)


def _reply_unless_pressed(ctx: Context, plan: Plan) -> None:
    """A pressed card is redrawn in place; where there is none, the answer is a new one."""
    if ctx.event is not None and not ctx.event.where.message:
        ctx.reply("plan.card", plan)


def _in_force(ctx: Context, plan: Plan) -> bool:
    """Whether the reader is shown the plan in force: a working copy is for those who write it."""
    return plan.state == ACTIVE or (plan.state == AMENDING and "edit" not in plan.allowed(ctx.db, ctx.actor))


def _shown(ctx: Context, plan: Plan, *, agreed: bool = False, defined: bool = False) -> ShownPlan:
    """The plan for its reader; goals, owners and accountables only where they are told (`defined`)."""
    items = plan.agreed_items(ctx.db) if agreed or plan.state == "active" else plan.items(ctx.db)
    allowed = plan.allowed(ctx.db, ctx.actor)
    changed = _changed(ctx, plan)
    top = heading(ctx.db, plan.id, ctx.t.locale)
    goals = _goals(ctx) if defined or changed else ()
    return ShownPlan(
        plan=plan,
        owner=top.owner,
        cycle=top.cycle,
        items=[_defined(ctx, item, dict(goals)) if defined else ShownItem(item) for item in items],
        allowed=allowed,
        waits_for=ctx.t("you") if plan.waits_for_id == ctx.actor.id else top.waits_for,
        due=top.agreed_by,
        findings=_findings(ctx, plan, items) if DECIDING & set(allowed) else (),
        changed=changed,
        goals=goals,
        last=_last(ctx, plan),
        templates=_templates(ctx, plan) if "edit" in allowed and not items else (),
        mine=plan.person_id == ctx.actor.id,
        pieces=number_of(ctx.db, plan.id) if plan.effective and ctx.can("plan.evidence", plan) else 0,
    )


def _goals(ctx: Context) -> tuple[tuple[int, str], ...]:
    return tuple((goal.id, goal.name(ctx.t.locale)) for goal in ctx.db.exec(select(Goal)))


def _findings(ctx: Context, plan: Plan, items: Sequence[Item]) -> list[tuple[str, Finding]]:
    """The failed checks with the indicator's name; who neither writes nor reviews the plan is not shown them."""
    names = {item.id: item.name for item in items}
    return [(names.get(item.id, item.name) if item else "", finding) for item, finding in plan.findings(ctx.db)]


def _defined(ctx: Context, item: Item, goals: dict[int, str]) -> ShownItem:
    owner, accountable = (name_of(ctx.db, one, ctx.t.locale) for one in (item.owner_id, item.accountable_id))
    return ShownItem(item, goals.get(item.goal_id or 0, ""), owner, accountable)


def _changed(ctx: Context, plan: Plan) -> list[Difference]:
    """Against the plan in force while amending, else against the revision that was returned."""
    against = plan.effective if plan.state in (AMENDING, PROPOSED) else plan.revision - 1
    if plan.state == "active" or not against or (plan.state == DRAFT and plan.revision == 1):
        return []
    return differences(items_of(ctx.db, plan.id, against), plan.items(ctx.db))


def _last(ctx: Context, plan: Plan) -> Decision | None:
    """The newest decision, where the card tells its reason: until the plan is agreed, and what was declined since."""
    told = plan.state in (DRAFT, SUBMITTED, COMPLIANCE, CONFIRMING, ACTIVE)
    newest = newest_decision(ctx.db, plan.id) if told else None
    if newest is None:
        return None
    return Decision(newest.decision, name_of(ctx.db, newest.by_id, ctx.t.locale), newest.at, newest.reason)


def _templates(ctx: Context, plan: Plan) -> tuple[tuple[str, str], ...]:
    """All templates, the one for the owner's position first."""
    owner = ctx.get(Person, plan.person_id)
    position = ctx.db.get(Position, owner.position_id) if owner.position_id else None
    wanted = position.template if position else ""
    rows = ctx.db.exec(select(Template).order_by(col(Template.code) != wanted, col(Template.code))).all()
    return tuple((row.code, row.name(ctx.t.locale)) for row in rows)
