"""The forms about a plan: as they open, with everything filled in, and with nothing to choose from."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.forms import Form, Sheet
from bot.text import Texts
from handlers.cards.amounts import amount
from handlers.cards.checkins import CheckinForm
from handlers.cards.items import RuleForm, steps_text
from handlers.cards.planforms import (
    AddForm,
    DeclineForm,
    ItemForm,
    ObjectForm,
    OwnForm,
    ProposeForm,
    ReturnForm,
    WeightsForm,
)
from handlers.samples.company import BLOCKERS, HOSTILE, LONG, RATED, REASONS, Company, said
from models.item import Item
from models.rules.plans import MOST

PLAN: Mapping[str, Any] = {"subject": 31, "version": 4}
Samples = Iterator[tuple[str, Sheet]]


def plan_form_samples(t: Texts) -> Samples:
    """(name, sheet) of every form about a plan."""
    company = Company(t)
    yield from _add(t, company)
    yield from _own(t, company)
    yield from _item(t, company)
    yield from _rule(t, company)
    yield from _weights(t, company)
    yield from _checkin(t, company)
    reasons: tuple[type[Form], ...] = (ReturnForm, ObjectForm, ProposeForm, DeclineForm)
    for form in reasons:
        yield f"form.{form.action}.empty", form.sheet(t, **PLAN)
        yield f"form.{form.action}.filled", form.sheet(t, **PLAN, values={"reason": said(REASONS, t)})


def _add(t: Texts, company: Company) -> Samples:
    offered = [(str(one.id), one.name(t.locale)) for one in company.indicators()]
    options = {"indicator": offered, "goal": company.goal_options()}
    filled = {"indicator": "105", "weight": "12.5", "target": "40", "goal": "2", "reason": said(REASONS, t)}
    yield "form.plan.add.empty", AddForm.sheet(t, **PLAN, options={"indicator": offered, "goal": ()})
    yield "form.plan.add.options", AddForm.sheet(t, **PLAN, options=options)
    yield "form.plan.add.filled", AddForm.sheet(t, **PLAN, options=options, values=filled)
    many = [(str(number), f"{offered[number % len(offered)][1]} {number}") for number in range(1, 151)]
    yield "form.plan.add.many", AddForm.sheet(t, **PLAN, options={**options, "indicator": many})


def _own(t: Texts, company: Company) -> Samples:
    first = company.items()[0]
    fields = ("name", "formula", "direction", "unit", "target", "weight", "source", "goal_id")
    values = {name.removesuffix("_id"): getattr(first, name) for name in fields}
    options = {"goal": company.goal_options()}
    yield "form.plan.own.empty", OwnForm.sheet(t, **PLAN, options={"goal": ()})
    yield "form.plan.own.options", OwnForm.sheet(t, **PLAN, options=options)
    yield "form.plan.own.filled", OwnForm.sheet(t, **PLAN, options=options, values=values)
    hostile = dict.fromkeys(("name", "formula", "source", "levels"), HOSTILE)
    yield "form.plan.own.hostile", OwnForm.sheet(t, **PLAN, options={"goal": [("1", HOSTILE)]}, values=hostile)


def _item(t: Texts, company: Company) -> Samples:
    """Titled with the item's name, as it is opened."""
    first, levels = company.items()[0], said(RATED["levels"], t)
    bare = Item(id=309, plan_id=31, revision=1, position=9, name=said(RATED["name"], t), levels=levels)
    for state, item in (("filled", first), ("empty", bare), ("long", first.model_copy(update={"name": LONG}))):
        values = {name: getattr(item, name) for name in ItemForm.model_fields if name != "goal"}
        options = {"goal": company.goal_options()}
        sheet = ItemForm.sheet(t, subject=item.id, version=4, values={**values, "goal": item.goal_id}, options=options)
        yield f"form.item.save.{state}", replace(sheet, title=item.name)


def _weights(t: Texts, company: Company) -> Samples:
    items = company.items()
    names = [f"weight_{number}" for number in range(1, len(items) + 1)]
    labels = {name: item.name for name, item in zip(names, items, strict=True)}
    values = {name: item.weight for name, item in zip(names, items, strict=True)}
    yield "form.plan.weights.empty", WeightsForm.sheet(t, **PLAN, labels=labels, only=names, needed=names)
    yield (
        "form.plan.weights.filled",
        WeightsForm.sheet(t, **PLAN, labels=labels, only=names, needed=names, values=values),
    )
    most = [f"weight_{number}" for number in range(1, MOST + 1)]
    yield (
        "form.plan.weights.long",
        WeightsForm.sheet(t, **PLAN, labels=dict.fromkeys(most, LONG), only=most, needed=most),
    )


def _checkin(t: Texts, company: Company) -> Samples:
    items = company.items()
    options = [
        (str(item.lineage), f"{item.name} ({amount(t, item.floor, item.unit)} / {amount(t, item.target, item.unit)})")
        for item in items
    ]
    filled = {"item": "302", "value": "31.5", "note": said(REASONS, t), "blocker": said(BLOCKERS, t)}
    yield "form.plan.checkin.empty", CheckinForm.sheet(t, **PLAN, options={"item": options})
    yield "form.plan.checkin.filled", CheckinForm.sheet(t, **PLAN, options={"item": options}, values=filled)


def _rule(t: Texts, company: Company) -> Samples:
    """Of an anchored item, a rated one, a range and a bonus by steps."""
    yield "form.item.rule.empty", RuleForm.sheet(t, subject=309, version=4)
    budget, _grade, _veto, bonus, _penalty, rated = company.odd_items()
    for state, item in (("anchored", company.items()[0]), ("rated", rated), ("range", budget), ("steps", bonus)):
        values = {name: getattr(item, name) for name in RuleForm.model_fields}
        values |= {"steps": steps_text(item.steps), "cap": None}
        values["direction"] = "higher" if item.direction == "range" else item.direction
        yield (
            f"form.item.rule.{state}",
            replace(RuleForm.sheet(t, subject=item.id, version=4, values=values), title=item.name),
        )
