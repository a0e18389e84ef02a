"""`perf library`: what can be measured, in three levels, each traced to a strategic goal."""

import secrets
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Command, Submitted
from bot.router import Reads, Router
from bot.text import N_
from handlers.cards.library import LEVELS, GoalForm, Powers, indicator_card, library_card
from models.access import NOT_FOUND
from models.base import Refused, put, record
from models.compliance import look_again
from models.goal import Goal
from models.indicator import Indicator, goal_of, library
from models.person import Person

router = Router()


@router.command("library", N_("The indicator library"), right="library.see", reads=Reads.MANY)
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
    unlinked = [one for one in entries if goal_of(ctx.db, one) is None] if ctx.can("indicator.link") else []
    powers = Powers(ctx.can("goal.open"), ctx.can("indicator.link"))
    return library_card(ctx.t, name, entries, unlinked, int(facts["page"]), powers)


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
    every = ctx.db.exec(select(Goal).order_by(col(Goal.year).desc(), col(Goal.id))).all()
    goals = [(str(other.id), other.name(ctx.t.locale)) for other in every] if ctx.can("indicator.link") else []
    return indicator_card(ctx.t, one, people, goal, goals)


@router.button("indicator.link")
def link(ctx: Context, event: Click) -> None:
    """HR says which strategic goal an indicator serves."""
    indicator, goal = ctx.mine(Indicator), ctx.chosen(Goal, event.value)
    indicator.goal_id = goal.id
    ctx.db.add(indicator)
    record(ctx.db, "indicator.linked", indicator, goal=goal.id)
    ctx.toast(ctx.t("Linked to {goal}.", goal=goal.name(ctx.t.locale)))


@router.button("indicator.agree")
def agree(ctx: Context, event: Click) -> None:
    """HR notes that the owner of the data will provide it."""
    indicator = ctx.mine(Indicator)
    indicator.owner_agreed = True
    ctx.db.add(indicator)
    look_again(ctx.db, indicator.id)
    record(ctx.db, "indicator.agreed", indicator)
    ctx.toast(ctx.t("Noted."))


@router.button("goal.open")
def ask_goal(ctx: Context, event: Click) -> None:
    """The form for a strategic goal."""
    ctx.ask(GoalForm)


@router.form(GoalForm)
def open_goal(ctx: Context, event: Submitted, form: GoalForm) -> None:
    """Stores a strategic goal of this year, in the language of who wrote it."""
    locale = ctx.t.locale
    goal = Goal(
        code=f"{ctx.today.year}-{secrets.token_hex(4)}",
        year=ctx.today.year,
        names={locale: form.name},
        measures={locale: form.measure},
        target=form.target,
        unit=form.unit,
        owner_id=ctx.actor.id,
    )
    put(ctx.db, goal)
    record(ctx.db, "goal.opened", goal)
    ctx.toast(ctx.t("Added: {name}.", name=form.name))
