"""`perf progress`: my chart, somebody's, my team's; and the way to the cycles, the company's and a department's."""

from decimal import Decimal
from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Router
from bot.text import N_, clean
from handlers.cards.progress import Progress, progress_card, team_progress_card
from models.base import Refused
from models.checkin import latest_checkins, measured
from models.cycle import Cycle, current
from models.person import Person
from models.plan import Plan, plan_meant, plan_of
from models.rules.progress import elapsed
from models.team import team_of
from models.vantage import COMPANY, headed_by, vantage, widest

router = Router()
SCOPES = {"me": N_("me"), "team": N_("team"), "department": N_("department"), "company": N_("company")}


@router.command(
    "progress", N_("Progress charts"), usage="[me | team | department | company | @person]", right="person.progress"
)
def progress(ctx: Context, event: Command) -> None:
    """Which chart is meant; without a word the cycles under way for whoever watches them, else my own."""
    word = clean(event.text).casefold()
    scope = next((name for name, said in SCOPES.items() if word in (name, ctx.t(said).casefold())), "")
    if scope == "team":
        ctx.reply("team.progress", ctx.get(Person, ctx.actor.id))
    elif scope in ("company", "department"):
        seen = vantage(ctx.db, ctx.actor, COMPANY if scope == "company" else _own_department(ctx))
        ctx.reply("cycle.progress", _cycle(ctx), place=seen.word, stage="")
    elif not word and widest(ctx.db, ctx.actor):
        ctx.reply("cycle.running", ctx.get(Person, ctx.actor.id))
    else:
        person = ctx.person(event.text) if word and not scope else ctx.get(Person, ctx.actor.id)
        ctx.check("person.progress", person)
        _show(ctx, person)


@router.button("person.progress")
def person_button(ctx: Context, event: Click) -> None:
    """One person's chart."""
    _show(ctx, ctx.mine(Person))


@router.button("person.own", right="home.see")
def own_button(ctx: Context, event: Click) -> None:
    """My own."""
    _show(ctx, ctx.get(Person, ctx.actor.id))


@router.button("team.progress")
def team_button(ctx: Context, event: Click) -> None:
    """My team's chart."""
    ctx.reply("team.progress", ctx.get(Person, ctx.actor.id))


@router.view("person.progress")
def person_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One person's indicators against what is expected by now."""
    person = ctx.get(Person, subject)
    ctx.check("person.progress", person)
    plan = _plan(ctx, person)
    return progress_card(ctx.t, _progress(ctx, ctx.get(Cycle, plan.cycle_id), plan, person))


@router.view("person.blocked")
def blocked_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Somebody reported a blocker: their manager sees the chart with it."""
    plan = ctx.get(Plan, subject)
    person = ctx.get(Person, plan.person_id)
    ctx.check("person.progress", person)
    return progress_card(ctx.t, _progress(ctx, ctx.get(Cycle, plan.cycle_id), plan, person))


@router.view("team.progress")
def team_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The people who report to the reader."""
    cycle = _cycle(ctx)
    members = team_of(ctx.db, ctx.actor.id, cycle.id)
    return team_progress_card(ctx.t, cycle.name, members, _elapsed(ctx, cycle))


def _show(ctx: Context, person: Person) -> None:
    """Refused in words where there is nothing to show."""
    _plan(ctx, person)
    ctx.reply("person.progress", person)


def _plan(ctx: Context, person: Person) -> Plan:
    """The plan in the cycle that is meant, else in another one under way."""
    cycle = _cycle(ctx)
    plan = plan_of(ctx.db, cycle.id, person.id) or plan_meant(ctx.db, person.id, ctx.today)
    if plan is None:
        name = person.called(ctx.t.locale)
        raise Refused("{name} has no plan in {cycle}, so there is no progress to show.", name=name, cycle=cycle.name)
    return plan


def _progress(ctx: Context, cycle: Cycle, plan: Plan, person: Person) -> Progress:
    items = measured(ctx.db, [plan])[plan.id]
    names = {item.lineage: item.name for item, _entry in items}
    notes = latest_checkins(ctx.db, [plan.id])
    blockers = [(names.get(lineage, ""), note.blocker, note.at) for (_, lineage), note in notes.items() if note.blocker]
    return Progress(
        person_id=person.id,
        name=person.called(ctx.t.locale),
        cycle=cycle.name,
        plan_id=plan.id,
        state=plan.state,
        items=items,
        elapsed=_elapsed(ctx, cycle),
        blockers=blockers,
        reports=ctx.can("plan.checkin", plan),
    )


def _own_department(ctx: Context) -> str:
    """The highest department the actor heads, else the one they work in."""
    headed = headed_by(ctx.db, ctx.actor.id)
    person = ctx.get(Person, ctx.actor.id)
    return str(headed.id if headed is not None else person.department_id or "")


def _cycle(ctx: Context) -> Cycle:
    cycle = current(ctx.db, ctx.today)
    if cycle is None:
        raise Refused("No cycle is under way.")
    return cycle


def _elapsed(ctx: Context, cycle: Cycle) -> Decimal:
    today = ctx.now.astimezone(ctx.t.zone).date()
    return elapsed(cycle.starts_on, cycle.ends_on, today)
