"""`perf tasks`: all my todos at any time, and what I wait for."""

from typing import Any

from bot.cards import Card
from bot.context import Context, whole
from bot.events import Click, Command
from bot.router import Reads, Router
from bot.text import N_
from handlers.cards.tasks import ShownTasks, ShownWaiting, tasks_card
from handlers.cards.todos import shown_todos
from models.access import NOT_FOUND
from models.base import Refused, Row
from models.case import OPEN, Case
from models.caseload import cases_by
from models.department import Department
from models.dispute import Dispute, disputes_by
from models.heading import standing
from models.person import Person, name_of
from models.plan import Plan
from models.request import Request, requests_by
from models.todo import owed_by

router = Router()
MOST = 10
LEADS: dict[str, type[Row]] = {"plan": Plan, "case": Case, "request": Request, "dispute": Dispute}


@router.command("tasks", N_("Everything that waits for me, and what I wait for"), right="home.see", reads=Reads.MANY)
def tasks(ctx: Context, event: Command) -> None:
    """The whole list."""
    ctx.reply("todo.list", ctx.get(Person, ctx.actor.id))


@router.button("todo.list", right="home.see")
def show(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("todo.list", ctx.get(Person, ctx.actor.id))


@router.button("todo.page", right="home.see")
def page(ctx: Context, event: Click) -> None:
    """Another page."""
    at = whole(event.value)
    if at is None:
        raise Refused(NOT_FOUND)
    ctx.reply("todo.list", ctx.get(Person, ctx.actor.id), page=at)


@router.button("todo.other", right="home.see")
def open_other(ctx: Context, event: Click) -> None:
    """What waits for somebody else: "case 12"."""
    noun, _, value = event.value.partition(" ")
    model = LEADS.get(noun)
    if model is None:
        raise Refused(NOT_FOUND)
    subject = ctx.chosen(model, value)
    ctx.check(f"{noun}.read", subject)
    ctx.reply(f"{noun}.card", subject)


@router.view("todo.list")
def tasks_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Always the reader's own."""
    owed = owed_by(ctx.db, ctx.actor.id, ctx.t.locale)
    todos = shown_todos(ctx.t, owed, ctx.actor.id)
    others = [*_plan(ctx), *_cases(ctx), *_requests(ctx), *_disputes(ctx)]
    return tasks_card(ctx.t, ShownTasks(ctx.now, todos, others, int(facts.get("page", 0))))


# What waits for others


def _plan(ctx: Context) -> list[ShownWaiting]:
    plan = standing(ctx.db, ctx.actor.id, ctx.now, ctx.today).plan
    if plan is None or plan.waits_for_id in (None, ctx.actor.id):
        return []
    return [ShownWaiting(f"plan {plan.id}", ctx.t("My plan"), _name(ctx, plan.waits_for_id))]


def _cases(ctx: Context) -> list[ShownWaiting]:
    open_ones = [one for one in cases_by(ctx.db, ctx.actor.id, MOST) if one.state == OPEN]
    label = ctx.t("My question to HR")
    return [ShownWaiting(f"case {one.id}", label, _name(ctx, one.waits_for_id), one.due_at) for one in open_ones]


def _requests(ctx: Context) -> list[ShownWaiting]:
    found = []
    for one in requests_by(ctx.db, ctx.actor.id, MOST):
        if one.running and one.waits_for_id != ctx.actor.id:
            place = ctx.get(Department, one.department_id).name(ctx.t.locale)
            label = ctx.t("My request to {department}", department=place)
            found.append(ShownWaiting(f"request {one.id}", label, _name(ctx, one.waits_for_id), one.due_at))
    return found


def _disputes(ctx: Context) -> list[ShownWaiting]:
    label = ctx.t("My dispute")
    return [
        ShownWaiting(f"dispute {one.id}", label, _name(ctx, one.waits_for_id), one.awaited_by)
        for one in disputes_by(ctx.db, ctx.actor.id, MOST)
        if one.running
    ]


def _name(ctx: Context, person_id: int | None) -> str:
    return name_of(ctx.db, person_id, ctx.t.locale)
