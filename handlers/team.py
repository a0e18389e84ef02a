"""`perf team`: who waits for me, and where my people stand."""

from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Reads, Router
from bot.text import N_
from handlers.cards.team import team_card
from handlers.cards.todos import shown_todos
from models.abreast import running_for_team
from models.person import Person
from models.plan import Plan
from models.scorecard import cards_waiting, cycle_to_score
from models.team import team_of
from models.todo import owed_by

router = Router()


@router.command("team", N_("Who waits for me, and where my people stand"), right="team.see", reads=Reads.MANY)
def team(ctx: Context, event: Command) -> None:
    """The manager's list."""
    ctx.reply("team.card", ctx.get(Person, ctx.actor.id))


@router.button("team.show", right="team.see")
def show(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("team.card", ctx.get(Person, ctx.actor.id))


@router.button("team.plan", right="team.see")
def open_plan(ctx: Context, event: Click) -> None:
    """The plan of the chosen person."""
    plan = ctx.chosen(Plan, event.value)
    ctx.check("plan.read", plan)
    ctx.reply("plan.card", plan)


@router.view("team.card")
def team_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Always the reader's own team."""
    cycle = next(iter(running_for_team(ctx.db, ctx.actor.id, ctx.today)), None)
    members = team_of(ctx.db, ctx.actor.id, cycle.id) if cycle else []
    owed = [todo for todo in owed_by(ctx.db, ctx.actor.id, ctx.t.locale) if todo.owner_id != ctx.actor.id]
    todos = shown_todos(ctx.t, owed, ctx.actor.id)
    to_score = cycle_to_score(ctx.db, ctx.actor.id)
    scoring = len(cards_waiting(ctx.db, to_score.id, ctx.actor.id)) if to_score else 0
    return team_card(ctx.t, todos, members, ctx.now, scoring)
