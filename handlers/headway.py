"""How far the cycles under way are: by stage and department, live, and by name for those who may know."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Tick
from bot.router import Router
from handlers.cards.chase import PAGE, ShownNames, names_card
from handlers.cards.headway import LISTS, Part, Running, ShownHeadway, headway_card, running_card
from models.access import NOT_FOUND, can
from models.base import Refused
from models.copies import last, outdate, young
from models.cycle import RUNNING, STATES, Cycle, current, deadline, stages_of
from models.department import Department
from models.headway import Count, Group, Wanted, by_part, by_stage, by_step, changed, headway, pieces, total
from models.person import Person
from models.vantage import COMPANY, TEAM, Vantage, vantage, widest

router = Router()
LIVE = timedelta(hours=1)
PERIOD = timedelta(seconds=65)  # a little more than between two ticks, so that nothing falls between them


@router.button("cycle.progress", right="home.see")
def show(ctx: Context, event: Click) -> None:
    """A stage in a place: "12 setting"; without a value the widest place that the reader watches, and what runs."""
    word, _, stage = (event.value or widest(ctx.db, ctx.actor)).partition(" ")
    ctx.reply("cycle.progress", ctx.mine(Cycle), place=vantage(ctx.db, ctx.actor, word).word, stage=stage)


@router.button("cycle.again", right="home.see")
def again(ctx: Context, event: Click) -> None:
    """The stage and place that the reader looked at last, counted anew."""
    cycle = ctx.mine(Cycle)
    facts = last(ctx.db, ctx.actor.id, "cycle.progress", cycle.id)
    word, stage = str(facts.get("place") or widest(ctx.db, ctx.actor)), str(facts.get("stage", ""))
    ctx.reply("cycle.progress", cycle, place=vantage(ctx.db, ctx.actor, word).word, stage=stage)


@router.button("team.headway", right="home.see")
def show_team(ctx: Context, event: Click) -> None:
    """The work about one's own people, in the cycle that is meant."""
    cycle = current(ctx.db, ctx.today)
    if cycle is None:
        raise Refused("No cycle is under way.")
    ctx.reply("cycle.progress", cycle, place=TEAM, stage="")


@router.button("cycle.running", right="home.see")
def show_running(ctx: Context, event: Click) -> None:
    """All cycles side by side."""
    vantage(ctx.db, ctx.actor, widest(ctx.db, ctx.actor))
    ctx.reply("cycle.running", ctx.get(Person, ctx.actor.id))


@router.button("cycle.names", right="home.see")
def show_names(ctx: Context, event: Click) -> None:
    """A list of names: "12 setting late 0" is its first page."""
    word, stage, state, page = [*event.value.split(" "), "", "", ""][:4]
    if state not in LISTS or stage not in STATES or not number(page):
        raise Refused(NOT_FOUND)
    _named(ctx, word)
    ctx.reply("cycle.names", ctx.mine(Cycle), place=word, stage=stage, state=state, page=int(page))


@router.view("cycle.progress")
def progress_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Counted anew whenever it is drawn; rights are asked again."""
    cycle, seen = ctx.get(Cycle, subject), vantage(ctx.db, ctx.actor, str(facts["place"]))
    groups = headway(ctx.db, [cycle.id], seen.place, ctx.now)
    stages = [name for name in STATES if any(one.stage == name for one in groups)]
    asked = str(facts["stage"])
    stage = asked if asked in STATES and asked else _stage(cycle, stages, groups)
    here = [one for one in groups if one.stage == stage]
    shown = ShownHeadway(
        cycle_id=cycle.id,
        cycle=cycle.name,
        stage=stage,
        place=seen.word,
        name=_name(ctx, seen),
        count=total(here),
        now=ctx.now,
        parts=_parts(ctx, seen, here),
        steps=by_step(here),
        stages=stages,
        due=deadline(ctx.db, cycle.id, stage),
        above=_above(ctx, seen),
        names=seen.names,
        several=len(_running(ctx)) > 1 and bool(widest(ctx.db, ctx.actor)),
    )
    return headway_card(ctx.t, shown)


@router.view("cycle.names")
def names_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """By name, for HR, heads and line managers."""
    cycle, seen = ctx.get(Cycle, subject), _named(ctx, str(facts["place"]))
    stage, state, page = str(facts["stage"]), str(facts["state"]), int(facts["page"])
    groups = [one for one in headway(ctx.db, [cycle.id], seen.place, ctx.now) if one.stage == stage]
    count = total(groups)
    wanted = Wanted(cycle.id, stage, seen.place, state, ctx.now, ctx.actor.id)
    shown = ShownNames(
        cycle_id=cycle.id,
        cycle=cycle.name,
        stage=stage,
        name=_name(ctx, seen),
        state=state,
        where=f"{seen.word} {stage} {state}",
        pieces=pieces(ctx.db, wanted, ctx.t.locale, page, PAGE),
        lists=[(name, getattr(count, name)) for name in LISTS if getattr(count, name)],
        total=getattr(count, state),
        page=page,
        now=ctx.now,
        reader_id=ctx.actor.id,
    )
    return names_card(ctx.t, shown)


@router.view("cycle.running")
def running_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Every cycle under way with its stages, as far as the reader watches."""
    seen = vantage(ctx.db, ctx.actor, widest(ctx.db, ctx.actor))
    cycles = _running(ctx)
    counts = by_stage(headway(ctx.db, [one.id for one in cycles], seen.place, ctx.now))
    shown = [Running(one.id, one.name, one.state, _stages(ctx, one, counts)) for one in cycles]
    return running_card(ctx.t, shown, _name(ctx, seen), ctx.now)


@router.every("headway", "* * * * *")
def follow(ctx: Context, tick: Tick) -> None:
    """Live cards younger than an hour are drawn again where something has changed: at most once a minute."""
    since = tick.at - LIVE
    shown = {view: young(ctx.db, "cycle", view, since) for view in ("cycle.progress", "cycle.names")}
    readers = young(ctx.db, "person", "cycle.running", since)
    watched = set().union(*shown.values(), [one.id for one in _running(ctx)] if readers else ())
    moved = changed(ctx.db, sorted(watched), tick.at - PERIOD, tick.at) if watched else frozenset()
    for view, cycles in shown.items():
        outdate(ctx.db, "cycle", view, cycles & moved, since)
    if moved:
        outdate(ctx.db, "person", "cycle.running", readers, since)


# Parts


def _named(ctx: Context, word: str) -> Vantage:
    """A place whose people the reader may know by name."""
    seen = vantage(ctx.db, ctx.actor, word)
    if not seen.names:
        raise Refused(NOT_FOUND)
    return seen


def _name(ctx: Context, seen: Vantage) -> str:
    if seen.department is not None:
        return seen.department.name(ctx.t.locale)
    return ctx.t("My team") if seen.word == TEAM else ctx.t("The company")


def _stage(cycle: Cycle, stages: Sequence[str], groups: Sequence[Group]) -> str:
    """The stage that runs, else the last one with something open, else the last one."""
    if cycle.state in stages or not stages:
        return cycle.state if cycle.state in stages else ""
    still = [name for name in stages if any(one.stage == name and one.kind for one in groups)]
    return (still or stages)[-1]


def _parts(ctx: Context, seen: Vantage, groups: Sequence[Group]) -> list[Part]:
    """The departments one level below, and the place's own people under the place's own name."""
    if seen.word == TEAM:
        return []
    departments = {one.id: one for one in ctx.db.exec(select(Department))}
    own = seen.department.id if seen.department is not None else 0
    found = by_part(groups, departments, seen.place.path)
    names = {key: departments[key].name(ctx.t.locale) if key else ctx.t("Without a department") for key in found}
    leaves = {key for key in found if not key or key == own or departments[key].parent_id is None}
    return [Part(key, names[key], count, key not in leaves) for key, count in sorted(found.items())]


def _above(ctx: Context, seen: Vantage) -> tuple[str, str] | None:
    """The next place up that the reader may look at."""
    if seen.department is None:
        return None
    above = ctx.db.get(Department, seen.department.parent_id) if seen.department.parent_id else None
    everywhere = ctx.can("company.progress")
    if everywhere and (above is None or above.parent_id is None):
        return COMPANY, ctx.t("↑ The company")
    if above is None or not can(ctx.db, ctx.actor, "department.progress", above):
        return None
    return str(above.id), f"↑ {above.name(ctx.t.locale)}"


def _running(ctx: Context) -> Sequence[Cycle]:
    """The newest first."""
    order = (col(Cycle.starts_on).desc(), col(Cycle.id).desc())
    return ctx.db.exec(select(Cycle).where(col(Cycle.state).in_(RUNNING)).order_by(*order)).all()


def _stages(ctx: Context, cycle: Cycle, counts: Mapping[tuple[int, str], Count]) -> list[tuple[str, Count, Any]]:
    closes = {one.name: one.closes_at for one in stages_of(ctx.db, cycle.id)}
    return [(name, counts[cycle.id, name], closes.get(name)) for name in STATES if (cycle.id, name) in counts]
