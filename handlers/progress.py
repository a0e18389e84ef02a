"""`perf progress`: my chart, somebody's, my team's, a department's, the company's."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Router
from bot.text import N_, clean
from handlers.cards.progress import Progress, Share, progress_card, stage_card, team_progress_card
from models.access import NOT_FOUND
from models.base import Refused
from models.checkin import latest_checkins, measured
from models.cycle import Cycle, current, deadline
from models.department import Department
from models.person import Person
from models.plan import Plan, plan_of
from models.rules.progress import elapsed
from models.team import team_of

router = Router()
SCOPES = {"me": N_("me"), "team": N_("team"), "department": N_("department"), "company": N_("company")}
AGREED = ("active", "amending", "proposed", "scored", "final")


@router.command(
    "progress", N_("Progress charts"), usage="[me | team | department | company | @person]", right="person.progress"
)
def progress(ctx: Context, event: Command) -> None:
    """Which chart is meant; without a word, my own."""
    word = clean(event.text).casefold()
    scope = next((name for name, said in SCOPES.items() if word in (name, ctx.t(said).casefold())), "")
    if scope == "team":
        ctx.reply("team.progress", ctx.get(Person, ctx.actor.id))
    elif scope == "company":
        ctx.check("company.progress")
        ctx.reply("company.progress")
    elif scope == "department":
        department = _own_department(ctx)
        ctx.check("department.progress", department)
        ctx.reply("department.progress", department)
    else:
        person = ctx.person(event.text) if word and not scope else ctx.get(Person, ctx.actor.id)
        ctx.check("person.progress", person)
        ctx.reply("person.progress", person)


@router.button("person.progress")
def person_button(ctx: Context, event: Click) -> None:
    """One person's chart."""
    ctx.reply("person.progress", ctx.mine(Person))


@router.button("team.progress")
def team_button(ctx: Context, event: Click) -> None:
    """My team's chart."""
    ctx.reply("team.progress", ctx.get(Person, ctx.actor.id))


@router.button("company.progress")
def company_button(ctx: Context, event: Click) -> None:
    """The company's plans."""
    ctx.reply("company.progress")


@router.view("person.progress")
def person_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One person's indicators against what is expected by now."""
    person = ctx.get(Person, subject)
    ctx.check("person.progress", person)
    cycle = _cycle(ctx)
    plan = plan_of(ctx.db, cycle.id, person.id)
    if plan is None:
        raise Refused(NOT_FOUND)
    return progress_card(ctx.t, _progress(ctx, cycle, plan, person))


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


@router.view("department.progress")
def department_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """How far a department's parts are with their plans."""
    department = ctx.get(Department, subject)
    ctx.check("department.progress", department)
    return _stage(ctx, department.name(ctx.t.locale), department.path)


@router.view("company.progress")
def company_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """How far the company is with its plans."""
    ctx.check("company.progress")
    return _stage(ctx, ctx.t("The company"), "/")


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


def _stage(ctx: Context, title: str, path: str) -> Card:
    """Counts by the departments one level below `path`; deeper ones are counted there."""
    cycle = _cycle(ctx)
    depth = path.count("/")
    departments = ctx.db.exec(select(Department).where(col(Department.path).like(path + "%"))).all()
    top = {one.id: _ancestor(one.path, depth) for one in departments}
    names = {one.id: one.name(ctx.t.locale) for one in departments}
    counts: dict[int, list[int]] = {}
    for department_id, state, number in _states(ctx, cycle, [one.id for one in departments]):
        place = counts.setdefault(top[department_id], [0, 0, 0])
        place[0] += number if state in AGREED else 0
        place[1] += number if state not in (*AGREED, "draft") else 0
        place[2] += number
    shares = [Share(names[key], agreed, total, waiting) for key, (agreed, waiting, total) in counts.items()]
    due = deadline(ctx.db, cycle.id, "setting")
    return stage_card(ctx.t, title, cycle.name, shares, due)


def _states(ctx: Context, cycle: Cycle, ids: list[int]) -> list[tuple[int, str, int]]:
    rows = ctx.db.exec(
        select(Person.department_id, Plan.state, sa.func.count())
        .join(Plan, col(Plan.person_id) == col(Person.id))
        .where(Plan.cycle_id == cycle.id, col(Person.department_id).in_(ids))
        .group_by(col(Person.department_id), col(Plan.state))
    )
    return [(department_id, state, number) for department_id, state, number in rows if department_id is not None]


def _ancestor(path: str, depth: int) -> int:
    """The id of the part of a path that lies one level below `depth` slashes, or the last one above it."""
    parts = [int(part) for part in path.split("/") if part]
    return parts[min(depth, len(parts)) - 1] if depth > 1 else parts[min(1, len(parts) - 1)]


def _own_department(ctx: Context) -> Department:
    """The highest department the actor heads, else the one they work in."""
    headed = ctx.db.exec(
        select(Department).where(Department.head_id == ctx.actor.id).order_by(sa.func.length(Department.path))
    ).first()
    person = ctx.get(Person, ctx.actor.id)
    if headed is None and person.department_id is None:
        raise Refused(NOT_FOUND)
    return headed or ctx.get(Department, person.department_id or 0)


def _cycle(ctx: Context) -> Cycle:
    cycle = current(ctx.db, ctx.today)
    if cycle is None:
        raise Refused("No cycle is under way.")
    return cycle


def _elapsed(ctx: Context, cycle: Cycle) -> Decimal:
    today = ctx.now.astimezone(ctx.t.zone).date()
    return elapsed(cycle.starts_on, cycle.ends_on, today)
