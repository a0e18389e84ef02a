"""`perf compare @a @b`: two people side by side, for who may see both."""

from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Command
from bot.router import Router
from bot.text import N_, clean
from handlers.cards.compare import Comparison, comparison_card
from models.base import Refused
from models.comparison import latest_of_both, shared, side_of
from models.cycle import Cycle, current
from models.person import Person

router = Router()


@router.command("compare", N_("Two people side by side"), usage="@person @person", right="person.progress")
def compare(ctx: Context, event: Command) -> None:
    """Names the two; a single name is compared with the one who asks."""
    names = clean(event.text).replace(",", " ").split()
    if not 1 <= len(names) <= 2:
        raise Refused("Name two people: perf compare @ana @ben.")
    people = [ctx.person(name) for name in names]
    first, second = people if len(people) > 1 else [ctx.get(Person, ctx.actor.id), *people]
    for person in (first, second):
        ctx.check("person.progress", person)
    if first.id == second.id:
        raise Refused("These are the same person. Name two people.")
    ctx.reply("person.comparison", first, other=second.id)


@router.view("person.comparison")
def comparison_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Both are asked for at the moment of drawing, too."""
    first, second = ctx.get(Person, subject), ctx.get(Person, int(facts["other"]))
    for person in (first, second):
        ctx.check("person.progress", person)
    cycle = latest_of_both(ctx.db, first.id, second.id) or _cycle(ctx)
    one, other = side_of(ctx.db, cycle, first), side_of(ctx.db, cycle, second)
    both, *only = shared(one, other)
    return comparison_card(ctx.t, Comparison(cycle.name, one, other, both, (only[0], only[1])))


def _cycle(ctx: Context) -> Cycle:
    cycle = current(ctx.db, ctx.today)
    if cycle is None:
        raise Refused("No cycle is under way.")
    return cycle
