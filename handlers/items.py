"""How an indicator of a plan is scored: the form that sets its rule, with its faults at the fields."""

from typing import Any

from bot.context import Context
from bot.events import Click, Submitted
from bot.forms import Invalid
from bot.router import Router
from handlers.cards.items import BAD_STEPS, RuleForm, cliff_warning, errors, read_steps, steps_text
from models.access import NOT_FOUND
from models.base import Refused
from models.indicator import DIRECTIONS
from models.item import Item, item_of
from models.plan import Plan
from models.rules.plans import RATED, WEIGHTED, check_item, part_fault
from models.rules.scoring import CAP

router = Router()
# The kind that belongs to a rule; every other rule scores a quantity.
KINDS = {"rated": "qualitative", "count": "count", "milestone": "milestone", "deduction": "deduction", "okr": "okr"}
# Other faults of an item, such as a missing goal, do not keep its rule from being set.
LOOKED_AT = frozenset({"measurable", "order", "scoring", "weights"})


@router.button("plan.rule", right="plan.edit", versioned=True)
def ask_rule(ctx: Context, event: Click) -> None:
    """The form of one item's rule, with what it is now."""
    plan = ctx.mine(Plan)
    item = item_of(ctx.db, plan.id, plan.revision, event.value)
    if item is None:
        raise Refused(NOT_FOUND)
    values = {name: getattr(item, name) for name in RuleForm.model_fields}
    values |= {"steps": steps_text(item.steps), "cap": item.cap if item.cap != CAP else None}
    values["direction"] = item.direction if item.direction in DIRECTIONS[:2] else DIRECTIONS[0]
    ctx.ask(RuleForm, item, values=values, title=item.name, version=plan.version)


@router.form(RuleForm, right="plan.edit")
def set_rule(ctx: Context, event: Submitted, form: RuleForm) -> None:
    """Sets the rule if points can be computed by it, and says where they jump."""
    item = ctx.mine(Item)
    plan = ctx.get(Plan, item.plan_id)
    plan.expect_version(event.version)
    if item.revision != plan.revision:
        raise Refused(NOT_FOUND)
    draft = Item(**{**item.model_dump(), **_changed(ctx, form)})
    _check(ctx, draft)
    plan.edit(ctx.db, ctx.actor, event.version, ctx.now)
    item.sqlmodel_update(_changed(ctx, form))
    ctx.db.add(item)
    if not event.where.message:
        ctx.reply("plan.definitions", plan)
    ctx.toast(f"{ctx.t('Saved.')} {cliff_warning(ctx.t, draft.standard())}".strip())


def _changed(ctx: Context, form: RuleForm) -> dict[str, Any]:
    """The columns as the form says them: a rated item has no figures, and only what is weighted has a weight."""
    steps = read_steps(form.steps) if form.steps else []
    if steps is None:
        raise Invalid({"steps": ctx.t(BAD_STEPS)})
    rated = form.rule == RATED
    return {
        "part": form.part,
        "rule": form.rule,
        "kind": KINDS.get(form.rule, "quantitative"),
        "direction": "range" if form.rule == "range" else form.direction,
        "target": None if rated else form.target,
        "floor": None if rated else form.floor,
        "stretch": None if rated else form.stretch,
        "steps": [] if rated else steps,
        "cap": CAP if form.cap is None else form.cap,
        "weight": form.weight if form.part == WEIGHTED else None,
        "levels": form.levels or "",
    }


def _check(ctx: Context, item: Item) -> None:
    found = [one for one in check_item(item.facts(owner_agreed=True)) if one.check in LOOKED_AT]
    if fault := part_fault(item.weight, item.part):
        found.append(fault)
    here = [one for one in found if one.concerns in RuleForm.model_fields]
    if here:
        raise Invalid(errors(ctx.t, RuleForm, here))
