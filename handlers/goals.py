"""`perf goals`: seeing a plan and writing it, from a template, the library or by hand."""

from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Command, Submitted
from bot.forms import Form, Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.items import BAD_STEPS, cliff_warning, errors, read_steps
from handlers.cards.planforms import AddForm, ItemForm, OwnForm, WeightsForm
from handlers.cards.plans import no_cycle_card
from models.abreast import named
from models.access import NOT_FOUND
from models.base import Refused
from models.checkin import last_actual
from models.goal import Goal
from models.indicator import Indicator, library, template_items
from models.item import Item, findings_of, from_library, item_of, place
from models.person import Person
from models.plan import Plan, plan_meant, plan_of
from models.rules.plans import MOST, WEIGHTED, check_weights

router = Router()
FULL = N_("A plan has at most {most} indicators. Remove one first.")


@router.command("goals", N_("See, set or change indicators"), usage="[@person] [cycle]", right="plan.read")
def goals(ctx: Context, event: Command) -> None:
    """My plan, or somebody's: of the cycle that is named, else the one that a command means."""
    said, cycle = named(ctx.db, event.text)
    person = ctx.person(said) if said else ctx.get(Person, ctx.actor.id)
    plan = plan_meant(ctx.db, person.id, ctx.today) if cycle is None else plan_of(ctx.db, cycle.id, person.id)
    if plan is None and person.id == ctx.actor.id:
        ctx.reply("goals.none")
        return
    ctx.check("plan.read", plan or person)
    if plan is None:
        raise Refused(NOT_FOUND)
    ctx.reply("plan.card", plan)


@router.view("goals.none")
def none_yet(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """No cycle has asked for a plan."""
    return no_cycle_card(ctx.t)


@router.button("plan.template", right="plan.edit", versioned=True)
def from_template(ctx: Context, event: Click) -> None:
    """Fills an empty plan from a template."""
    plan = ctx.mine(Plan)
    entries = template_items(ctx.db, event.value)
    if not entries or plan.items(ctx.db):
        raise Refused(NOT_FOUND)
    plan.edit(ctx.db, ctx.actor, event.version, ctx.now)
    for entry, indicator in entries[:MOST]:
        item = from_library(ctx.db, indicator, _language(ctx, plan), entry.weight)
        item.last = last_actual(ctx.db, plan.person_id, indicator, plan)
        place(ctx.db, item, plan.id, plan.revision)
    _done(ctx, plan, ctx.t.n("{n} indicator added.", "{n} indicators added.", len(entries[:MOST])))


@router.button("plan.add", right="plan.edit", versioned=True)
def ask_add(ctx: Context, event: Click) -> None:
    """Offers what the library has and the plan has not."""
    plan = _with_room(ctx)
    used = {item.indicator_id for item in plan.items(ctx.db)}
    offered = [entry for entry in library(ctx.db) if entry.id not in used and entry.level != "strategy"]
    options = [(str(entry.id), entry.name(ctx.t.locale)) for entry in offered]
    if not options:
        raise Refused("The library has nothing that is not in this plan already.")
    ctx.ask(AddForm, plan, options={"indicator": options, "goal": _goals(ctx)})


@router.form(AddForm, right="plan.edit", versioned=True)
def add(ctx: Context, event: Submitted, form: AddForm) -> None:
    """One indicator from the library, checked before it is stored."""
    plan = _with_room(ctx)
    indicator = ctx.db.get(Indicator, int(form.indicator)) if number(form.indicator) else None
    if indicator is None or indicator.retired:
        raise Invalid({"indicator": ctx.t("Please choose one of the options.")})
    item = from_library(ctx.db, indicator, _language(ctx, plan), form.weight)
    item.target = form.target if form.target is not None else item.target
    item.goal_id = item.goal_id or _goal(ctx, form.goal)
    item.reason = form.reason or ""
    _store(ctx, event, plan, item, form)


@router.button("plan.own", right="plan.edit", versioned=True)
def ask_own(ctx: Context, event: Click) -> None:
    """A form for an indicator that is in no library."""
    ctx.ask(OwnForm, _with_room(ctx), values={"direction": "higher"}, options={"goal": _goals(ctx)})


@router.form(OwnForm, right="plan.edit", versioned=True)
def own(ctx: Context, event: Submitted, form: OwnForm) -> None:
    """One indicator in the writer's own words, checked before it is stored."""
    plan = _with_room(ctx)
    steps = read_steps(form.steps) if form.steps else []
    if steps is None:
        raise Invalid({"steps": ctx.t(BAD_STEPS)})
    rated = bool(form.levels) and form.target is None
    item = Item(
        plan_id=plan.id,
        revision=plan.revision,
        position=0,
        name=form.name,
        formula=form.formula,
        kind="qualitative" if rated else "quantitative",
        direction=form.direction,
        rule="rated" if rated else "steps" if steps else "ratio",
        part=form.part,
        steps=steps,
        unit=form.unit or "",
        target=form.target,
        levels=form.levels or "",
        weight=form.weight,
        source=form.source or "",
        goal_id=_goal(ctx, form.goal),
        accountable_id=plan.person_id,
    )
    _store(ctx, event, plan, item, form)


@router.button("plan.change", right="plan.edit", versioned=True)
def ask_change(ctx: Context, event: Click) -> None:
    """The form of one item, with what it says now."""
    plan, item = ctx.mine(Plan), _item(ctx, event)
    values = {name: getattr(item, name) for name in ItemForm.model_fields if name != "goal"}
    values["goal"] = item.goal_id
    only = [name for name in ItemForm.model_fields if name != "weight" or item.part == WEIGHTED]
    goals = {"goal": _goals(ctx)}
    ctx.ask(ItemForm, item, values=values, options=goals, only=only, title=item.name, version=plan.version)


@router.form(ItemForm, right="plan.edit")
def change(ctx: Context, event: Submitted, form: ItemForm) -> None:
    """Changes one item, checked before it is stored."""
    item = ctx.mine(Item)
    plan = ctx.get(Plan, item.plan_id)
    plan.expect_version(event.version)
    if item.revision != plan.revision:  # what was handed in or agreed stays as it is, whatever number is sent
        raise Refused(NOT_FOUND)
    values = form.model_dump(exclude={"goal"})
    changed = {name: value if value is not None else ("" if name in _TEXTS else None) for name, value in values.items()}
    draft = Item(**{**item.model_dump(), **changed, "goal_id": _goal(ctx, form.goal)})
    _check(ctx, draft, form)
    plan.edit(ctx.db, ctx.actor, event.version, ctx.now)
    item.sqlmodel_update({**changed, "goal_id": draft.goal_id})
    ctx.db.add(item)
    _done(ctx, plan, ctx.t("Saved."))


@router.button("plan.remove", right="plan.edit", versioned=True)
def remove(ctx: Context, event: Click) -> None:
    """Takes one item out of the working revision."""
    plan, item = ctx.mine(Plan), _item(ctx, event)
    plan.edit(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.db.delete(item)
    ctx.db.flush()
    _done(ctx, plan, ctx.t("Removed: {name}.", name=item.name))


@router.button("plan.weights", right="plan.edit", versioned=True)
def ask_weights(ctx: Context, event: Click) -> None:
    """All weights in one form."""
    plan = ctx.mine(Plan)
    items = _weighted(ctx, plan)
    names = [f"weight_{number}" for number in range(1, len(items) + 1)]
    ctx.ask(
        WeightsForm,
        plan,
        values={name: item.weight for name, item in zip(names, items, strict=True)},
        labels={name: item.name for name, item in zip(names, items, strict=True)},
        only=names,
        needed=names,
    )


@router.form(WeightsForm, right="plan.edit", versioned=True)
def weights(ctx: Context, event: Submitted, form: WeightsForm) -> None:
    """Stores all weights if they are valid and total 100."""
    plan = ctx.mine(Plan)
    items = _weighted(ctx, plan)
    given: list[Decimal | None] = [getattr(form, f"weight_{number}") for number in range(1, len(items) + 1)]
    found = [finding for finding in check_weights(given) if finding.concerns]
    if found:
        raise Invalid({finding.concerns: ctx.t(finding.message, **finding.facts) for finding in reversed(found)})
    plan.edit(ctx.db, ctx.actor, event.version, ctx.now)
    for item, weight in zip(items, given, strict=True):
        item.weight = weight
        ctx.db.add(item)
    _done(ctx, plan, ctx.t("Saved."))


_TEXTS = frozenset({"formula", "levels", "source", "reason"})


def _store(ctx: Context, event: Submitted, plan: Plan, item: Item, form: Form) -> None:
    """Checks a new item and adds it; what is wrong is said at the field."""
    indicator = ctx.db.get(Indicator, item.indicator_id) if item.indicator_id else None
    if indicator is not None:
        item.last = last_actual(ctx.db, plan.person_id, indicator, plan)
    _check(ctx, item, form)
    plan.edit(ctx.db, ctx.actor, event.version, ctx.now)
    place(ctx.db, item, plan.id, plan.revision)
    warning = cliff_warning(ctx.t, item.standard()) if item.indicator_id is None else ""
    _done(ctx, plan, f"{ctx.t('Added: {name}.', name=item.name)} {warning}".strip())


def _check(ctx: Context, item: Item, form: Form) -> None:
    found = findings_of(ctx.db, item)
    if found:
        raise Invalid(errors(ctx.t, type(form), found))


def _weighted(ctx: Context, plan: Plan) -> list[Item]:
    """The items that count by their weight: the others have none."""
    return [item for item in plan.items(ctx.db) if item.part == WEIGHTED]


def _with_room(ctx: Context) -> Plan:
    plan = ctx.mine(Plan)
    if len(plan.items(ctx.db)) >= MOST:
        raise Refused(FULL, most=MOST)
    return plan


def _item(ctx: Context, event: Click) -> Item:
    plan = ctx.mine(Plan)
    item = item_of(ctx.db, plan.id, plan.revision, event.value)
    if item is None:
        raise Refused(NOT_FOUND)
    return item


def _goals(ctx: Context) -> list[tuple[str, str]]:
    return [(str(goal.id), goal.name(ctx.t.locale)) for goal in ctx.db.exec(select(Goal).order_by(col(Goal.code)))]


def _goal(ctx: Context, typed: str | None) -> int | None:
    goal = ctx.db.get(Goal, int(typed)) if typed and number(typed) else None
    return goal.id if goal else None


def _language(ctx: Context, plan: Plan) -> str:
    """Indicators are written in the language of the plan's owner."""
    return ctx.get(Person, plan.person_id).locale or ctx.t.locale


def _done(ctx: Context, plan: Plan, said: str) -> None:
    """The pressed card is redrawn in place; where none is remembered, a new one is shown."""
    if ctx.event is not None and not ctx.event.where.message:
        ctx.reply("plan.card", plan)
    ctx.toast(said)
