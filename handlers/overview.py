"""`perf overview`: the published results of the company or a department, for who leads it."""

from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Command
from bot.router import Router
from bot.text import N_, clean
from handlers.cards.overview import FACETS, ShownOverview, overview_card
from models.access import NOT_FOUND
from models.base import Refused
from models.cycle import Cycle
from models.department import Department, branches
from models.indicator import Indicator
from models.overview import Overview, newest_complete, open_departments, overview
from models.terms import terms_of

router = Router()


@router.command("overview", N_("Published results by department"), usage="[department]", right="department.overview")
def show(ctx: Context, event: Command) -> None:
    """The company, or the highest department the reader may look at; by name another one."""
    cycle = _cycle(ctx)
    places = _places(ctx, cycle)
    wanted = clean(event.text).casefold()
    found = [key for key, name in places if not wanted or wanted in _called(ctx, key, name)]
    if not found:
        raise Refused(NOT_FOUND)
    ctx.reply("overview.card", cycle, department=found[0], facet="scores")


@router.button("overview.show", right="team.see")
def again(ctx: Context, event: Click) -> None:
    """Another facet or place: "12 ratings"; without a value the first place."""
    cycle = _cycle(ctx)
    places = _places(ctx, cycle)
    key, _, facet = (event.value or f"{places[0][0] if places else ''} scores").partition(" ")
    if not number(key) or int(key) not in dict(places) or facet not in FACETS:
        raise Refused(NOT_FOUND)
    ctx.reply("overview.card", cycle, department=int(key), facet=facet)


@router.view("overview.card")
def overview_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Rights and the size of groups are asked again when it is drawn."""
    cycle, key = ctx.get(Cycle, subject), int(facts["department"])
    places = _places(ctx, cycle)
    if key not in dict(places):
        raise Refused(NOT_FOUND)
    place = ctx.get(Department, key) if key else None
    terms = terms_of(cycle)
    found = overview(ctx.db, cycle, place, terms)
    shown = ShownOverview(
        cycle=cycle.name,
        place=dict(places)[key],
        department=key,
        facet=str(facts["facet"]),
        overview=found,
        guidance={level.name: terms.guidance.get(level.name, Decimal(0)) for level in terms.levels},
        names=_names(ctx, found),
        places=[(str(key), name) for key, name in places],
    )
    return overview_card(ctx.t, shown)


def _cycle(ctx: Context) -> Cycle:
    cycle = newest_complete(ctx.db)
    if cycle is None:
        raise Refused("No cycle is published as a whole yet. Figures of a part would tell who is added next.")
    return cycle


def _places(ctx: Context, cycle: Cycle) -> list[tuple[int, str]]:
    """Where the reader may look, the company (0) first: who may read everybody of a department one by one sees it
    however small it is, anybody else only where nobody is given away."""
    everywhere = ctx.can("company.overview")
    departments = branches(ctx.db, ctx.t.locale, top=not everywhere)
    if ctx.can("department.read"):
        found = [(one.id, name) for one, name in departments]
    else:
        mine = [(one, name) for one, name in departments if ctx.can("department.overview", one)]
        public = open_departments(ctx.db, cycle)
        found = [(one.id, name) for one, name in mine if one.id in public or ctx.can("department.read", one)]
    return [(0, ctx.t("The company")), *found] if everywhere else found


def _called(ctx: Context, key: int, name: str) -> set[str]:
    """How a place may be typed: as it is listed or by its own name; the company by the one at the top as well."""
    own = [one for one, _name in branches(ctx.db, ctx.t.locale) if one.id == key or (not key and not one.parent_id)]
    return {name.casefold(), *(one.name(ctx.t.locale).casefold() for one in own)}


def _names(ctx: Context, found: Overview) -> dict[int, str]:
    """Departments by id, indicators by their negative id."""
    names = {group.department.id: group.department.name(ctx.t.locale) for group in found.groups}
    ids = [one.indicator_id for one in found.ranking]
    for indicator in ctx.db.exec(select(Indicator).where(col(Indicator.id).in_(ids))):
        names[-indicator.id] = indicator.name(ctx.t.locale)
    return names
