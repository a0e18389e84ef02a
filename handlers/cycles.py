"""`perf cycle`: the cycles of the company, and the card of each."""

from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Reads, Router
from bot.text import N_
from handlers.cards.cycles import ShownCycle, ShownExtension, cycle_card, cycles_card, opened_card
from handlers.cards.wizard import ShownDraft, draft_card
from handlers.cards.wizardforms import WHO
from models.audience import Audience
from models.cycle import Cycle, deadline, stages_of
from models.department import Department
from models.drafting import first_day, missing
from models.extension import extensions_of
from models.partaking import hired_within, how_many
from models.person import Person, name_of
from models.plan import plan_of
from models.stages import following, obstacle
from models.terms import terms_of
from models.todo import waiting
from models.turnout import Turnout, raters, turnout

router = Router()
router.said(
    cycle_published=N_("{who} already published this cycle on {when}."),
    cycle_cancelled=N_("{who} discarded this cycle on {when}."),
)
LISTED = 10
NAMED = 5


@router.command("cycle", N_("Open and watch cycles"), right="cycle.watch", reads=Reads.MANY)
def cycles(ctx: Context, event: Command) -> None:
    """All cycles."""
    ctx.reply("cycle.list")


@router.button("cycle.list", right="cycle.watch")
def show_list(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("cycle.list")


@router.view("cycle.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Those under way and drafts first, each kind the newest first."""
    ctx.check("cycle.watch")
    over = col(Cycle.state).in_(("closed", "cancelled"))
    newest = select(Cycle).order_by(over, col(Cycle.starts_on).desc(), col(Cycle.id).desc()).limit(LISTED)
    return cycles_card(ctx.t, ctx.db.exec(newest).all(), manages=ctx.can("cycle.open"))


@router.button("cycle.show", right="cycle.watch")
def show(ctx: Context, event: Click) -> None:
    """One cycle."""
    ctx.reply("cycle.card", ctx.mine(Cycle))


@router.view("cycle.card")
def cycle_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One cycle with its stages; a draft is the hub of its sections."""
    ctx.check("cycle.watch")
    cycle = ctx.get(Cycle, subject)
    if cycle.state == "draft":
        return draft_card(ctx.t, _draft(ctx, cycle))
    count = turnout(ctx.db, cycle.id)
    manages = ctx.can("cycle.advance")
    state = (following(ctx.db, cycle) or "") if manages else ""
    held = obstacle(ctx.db, cycle, ctx.now)
    return cycle_card(
        ctx.t,
        ShownCycle(
            cycle,
            stages_of(ctx.db, cycle.id),
            name_of(ctx.db, cycle.owner_id, ctx.t.locale),
            count,
            _told(ctx, cycle, state, count),
            manages,
            state,
            ctx.t(held.message, **held.facts) if held is not None else "",
            _extended(ctx, cycle),
        ),
    )


@router.view("cycle.opened")
def opened_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """What the cycle means for its reader."""
    cycle = ctx.get(Cycle, subject)
    plan = plan_of(ctx.db, cycle.id, ctx.actor.id)
    person = ctx.get(Person, ctx.actor.id)
    manager = ctx.db.get(Person, person.manager_id) if person.manager_id and plan is not None else None
    setter = manager.called(ctx.t.locale) if manager is not None and cycle.setter == "manager" else ""
    mine = [one for one in waiting(ctx.db, ctx.actor.id) if one.kind == "plan.submit" and one.cycle_id == cycle.id]
    return opened_card(
        ctx.t,
        cycle,
        deadline(ctx.db, cycle.id, "setting"),
        setter=setter,
        owed=len([one for one in mine if one.about_id != ctx.actor.id]),
        plan_id=plan.id if plan else 0,
    )


def _draft(ctx: Context, cycle: Cycle) -> ShownDraft:
    opens = first_day(ctx.db, cycle, ctx.zone)
    return ShownDraft(
        cycle=cycle,
        stages=stages_of(ctx.db, cycle.id),
        owner=name_of(ctx.db, cycle.owner_id, ctx.t.locale),
        who=_who(ctx, cycle),
        people=how_many(ctx.db, cycle, ctx.today) if cycle.audience else 0,
        missing=[one.message for one in missing(ctx.db, cycle, ctx.now, ctx.today)],
        levels=terms_of(cycle).levels,
        opens=ctx.t.date(opens) if opens is not None and opens > ctx.today else "",
        manages=ctx.can("cycle.open"),
    )


def _who(ctx: Context, cycle: Cycle) -> str:
    """Who takes part, in words."""
    chosen = Audience.read(cycle.audience)
    said = [ctx.t(WHO["everybody"])] if chosen.everybody else []
    said += [ctx.t(WHO[name]) for name in chosen.roles if name in WHO]
    found = select(Department).where(col(Department.id).in_(chosen.departments[:NAMED])).order_by(col(Department.path))
    said += [one.name(ctx.t.locale) for one in ctx.db.exec(found)]
    if len(chosen.departments) > NAMED:
        said.append(ctx.t("and {n} more", n=len(chosen.departments) - NAMED))
    if chosen.people:
        said.append(ctx.t.n("{n} named person", "{n} named people", len(chosen.people)))
    months = hired_within(cycle)
    if months and said:
        said.append(ctx.t.n("only who came within {n} month", "only who came within {n} months", months))
    return ", ".join(said)


def _extended(ctx: Context, cycle: Cycle) -> list[ShownExtension]:
    """Who gave which stage more time, the newest first."""
    found = []
    for row in extensions_of(ctx.db, cycle.id):
        until = next(after for name, _before, after in row.closings() if name == row.stage)
        who = name_of(ctx.db, row.by_id, ctx.t.locale)
        found.append(ShownExtension(row.stage, until, who, ctx.unseal(row, "reason")))
    return found


def _told(ctx: Context, cycle: Cycle, state: str, count: Turnout) -> int:
    """How many people the next stage sends a message to."""
    match state:
        case "setting":
            return how_many(ctx.db, cycle, ctx.today)
        case "self_scoring":
            return count.in_force
        case "scoring":
            return len(raters(ctx.db, cycle.id))
        case _:
            return 0
