"""How a cycle scores: HR sets whose scores count how much."""

from bot.context import Context
from bot.events import Click, Submitted
from bot.forms import Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.scoreforms import RatersForm
from models.base import Refused
from models.cycle import Cycle
from models.terms import set_raters, terms_of

router = Router()
router.said(cycle_raters_set=N_("{who} changed who scores on {when}."))


@router.button("cycle.terms", versioned=True)
def ask_raters(ctx: Context, event: Click) -> None:
    """The weights as they are."""
    cycle = ctx.mine(Cycle)
    now = terms_of(cycle).raters
    ctx.ask(RatersForm, cycle, values={"manager": now["manager"], "own": now["self"], "peer": now["peer"]})


@router.form(RatersForm, versioned=True)
def raters(ctx: Context, event: Submitted, form: RatersForm) -> None:
    """Stores them, before the first score is given."""
    cycle = ctx.mine(Cycle)
    weights = {"manager": form.manager, "self": form.own, "peer": form.peer}
    try:
        set_raters(ctx.db, cycle, event.version, weights)
    except Refused as no:
        raise Invalid({no.field or "manager": ctx.t(no.message, **no.facts)}) from None
    ctx.toast(ctx.t("Saved."))
    if not event.where.message:
        ctx.reply("cycle.card", cycle)
