"""`perf`: the home card, and the todos that lead from it."""

from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Reads, Router
from bot.text import N_
from handlers.cards.home import ShownHome, home_card
from handlers.cards.todos import shown_todos
from models.access import NOT_FOUND
from models.base import Refused, models_by_noun
from models.checkin import weighted_progress
from models.cycle import under_way
from models.heading import standing
from models.person import Person
from models.team import counted
from models.todo import Todo, may_open, owed_by

router = Router()
DONE = N_("This is done already. Nothing is left to do.")


@router.command("home", N_("What waits for me"), right="home.see", reads=Reads.FEW)
def home(ctx: Context, event: Command) -> None:
    """Where everything starts."""
    ctx.reply("home.card", ctx.get(Person, ctx.actor.id))


@router.button("home.show", right="home.see")
def show(ctx: Context, event: Click) -> None:
    """Back to the start."""
    ctx.reply("home.card", ctx.get(Person, ctx.actor.id))


@router.view("home.card")
def home_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Always the reader's own home."""
    person = ctx.get(Person, ctx.actor.id)
    now = standing(ctx.db, person.id, ctx.now, ctx.today)
    runs_cycles = ctx.can("cycle.watch")
    shown = ShownHome(
        name=person.called(ctx.t.locale),
        todos=shown_todos(ctx.t, owed_by(ctx.db, ctx.actor.id, ctx.t.locale), ctx.actor.id),
        plan=now.plan,
        cycle=now.cycle,
        deadline=now.deadline,
        done=weighted_progress(ctx.db, now.plan) if now.plan is not None and now.plan.effective else None,
        manages=now.manages,
        runs_cycles=runs_cycles,
        now=ctx.now,
        team=counted(ctx.db, person.id, now.cycle_id) if now.manages and now.cycle_id else None,
        cycles=under_way(ctx.db, ctx.today) if runs_cycles else (),
    )
    return home_card(ctx.t, shown)


@router.button("todo.open", right="home.see")
def open_todo(ctx: Context, event: Click) -> None:
    """Leads to the thing that is asked for."""
    _lead(ctx, ctx.mine(Todo))


@router.button("todo.choose", right="home.see")
def choose_todo(ctx: Context, event: Click) -> None:
    """Leads to what was picked from the list."""
    _lead(ctx, ctx.chosen(Todo, event.value))


def _lead(ctx: Context, todo: Todo) -> None:
    if not may_open(ctx.db, todo, ctx.actor.id):
        raise Refused(NOT_FOUND)
    if todo.done_at is not None:
        raise Refused(DONE)
    model = models_by_noun()[todo.subject_noun]
    ctx.reply(f"{todo.subject_noun}.card", ctx.get(model, todo.subject_id))
