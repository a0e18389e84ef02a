"""`perf library`: what can be measured, in three levels, each traced to a strategic goal."""

from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Command
from bot.router import Router
from bot.text import N_
from handlers.cards.library import LEVELS, indicator_card, library_card
from models.access import NOT_FOUND
from models.base import Refused
from models.goal import Goal
from models.indicator import Indicator, goal_of, library
from models.person import Person

router = Router()


@router.command("library", N_("The indicator library"), right="library.see")
def show(ctx: Context, event: Command) -> None:
    """The personal level first: what plans are made of."""
    ctx.reply("library.card", level="personal", page=0)


@router.button("library.show", right="library.see")
def show_again(ctx: Context, event: Click) -> None:
    """Back to the list."""
    ctx.reply("library.card", level="personal", page=0)


@router.button("library.level", right="library.see")
def level(ctx: Context, event: Click) -> None:
    """Another level."""
    if event.value not in LEVELS:
        raise Refused(NOT_FOUND)
    ctx.reply("library.card", level=event.value, page=0)


@router.button("library.page", right="library.see")
def page(ctx: Context, event: Click) -> None:
    """Another page: "personal 2"."""
    name, _, at = event.value.partition(" ")
    if name not in LEVELS or not number(at):
        raise Refused(NOT_FOUND)
    ctx.reply("library.card", level=name, page=int(at))


@router.view("library.card")
def library_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One page of one level."""
    every = library(ctx.db)
    name = str(facts["level"])
    entries = [one for one in every if one.level == name]
    unlinked = [one for one in entries if goal_of(ctx.db, one) is None] if ctx.can("library.change") else []
    return library_card(ctx.t, name, entries, unlinked, int(facts["page"]))


@router.button("indicator.pick", right="library.see")
def pick(ctx: Context, event: Click) -> None:
    """One definition."""
    ctx.reply("indicator.card", ctx.chosen(Indicator, event.value))


@router.view("indicator.card")
def indicator_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Formula, source, goal and who answers for it."""
    one = ctx.get(Indicator, subject)
    ids: dict[str, list[int | None]] = {
        "owner": [one.owner_id],
        "responsible": [one.responsible_id],
        "accountable": [one.accountable_id],
        "consulted": [*one.consulted_ids],
        "informed": [*one.informed_ids],
    }
    wanted = {key for keys in ids.values() for key in keys if key}
    known = ctx.db.exec(select(Person).where(col(Person.id).in_(wanted)))
    names = {person.id: person.called(ctx.t.locale) for person in known}
    people = {role: ctx.t.list([names[key] for key in keys if key in names]) for role, keys in ids.items()}
    goal_id = goal_of(ctx.db, one)
    goal = ctx.get(Goal, goal_id).name(ctx.t.locale) if goal_id else ""
    return indicator_card(ctx.t, one, people, goal)
