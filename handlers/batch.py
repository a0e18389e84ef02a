"""The manager's batch: everybody one has to score, a press for a score, then all that is not odd at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import select

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click
from bot.router import Router
from handlers.cards.batch import ShownPage, ShownPerson, page_card, summary_card
from handlers.cards.evidence import ShownPiece, shown_pieces
from handlers.cards.flags import why
from models.base import Refused
from models.cycle import Cycle, current
from models.evidence import stored_of
from models.flag import RATER
from models.foresight import foresee
from models.person import Person, name_of
from models.releasing import look_again
from models.rules.sheets import Found
from models.scorecard import MANAGER, SUBMITTED, Scorecard, cards_waiting, cycle_scored, cycle_to_score
from models.scoresheet import Scoresheet, scoresheet, scoresheets
from models.todo import concerned

router = Router()


@router.button("team.score", right="team.see")
def begin(ctx: Context, event: Click) -> None:
    """The first person with something to score, else everybody at a glance."""
    _turn(ctx)


@router.button("team.overview", right="team.see")
def overview(ctx: Context, event: Click) -> None:
    """Everybody at a glance, also before the last score is given."""
    _turn(ctx, overview=True)


@router.button("scorecard.page", right="scorecard.rate")
def turn(ctx: Context, event: Click) -> None:
    """Somebody's page; one that is complete stays open until the next press."""
    card = ctx.mine(Scorecard)
    _turn(ctx, at=card.id, stay=not scoresheet(ctx.db, card).wanting)


@router.button("scorecard.level", right="scorecard.rate", versioned=True)
def give(ctx: Context, event: Click) -> None:
    """One press is one score; the same message shows the next question."""
    card = ctx.mine(Scorecard)
    sheet = scoresheet(ctx.db, card)
    lineage, _dot, name = event.value.partition(".")
    entry = sheet.entry(int(lineage)) if number(lineage) else None
    level = sheet.terms.level(name)
    if entry is None or level is None:
        raise Refused("Nothing here is scored by people.")
    card.rate(ctx.db, ctx.actor, event.version, ctx.now, entry.item, level)
    _redraw(ctx)


@router.button("team.hand_in", right="team.see")
def hand_in(ctx: Context, event: Click) -> None:
    """Everybody who is complete and about whom no rule finds anything."""
    cycle = _cycle(ctx)
    sheets = _sheets(ctx, cycle)
    odd = {one.key for one in foresee(ctx.db, cycle, ctx.actor.id, sheets) if one.on != RATER}
    fine = [one for one in sheets if one.total is not None and one.card.person_id not in odd]
    if not fine:
        raise Refused("Nothing is ready to be handed in.")
    _submit(ctx, cycle, fine)


@router.button("team.hand_in_odd", right="team.see")
def hand_in_odd(ctx: Context, event: Click) -> None:
    """One person whose scores look odd, as they stood when the reason was read."""
    card_id, _dot, version = event.value.partition(".")
    card = ctx.chosen(Scorecard, card_id)
    ctx.check("scorecard.rate", card)
    card.expect_version(int(version) if number(version) else 0)
    _submit(ctx, ctx.get(Cycle, card.cycle_id), [scoresheet(ctx.db, card)])


@router.view("batch.card")
def batch_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Always the reader's own people: a page while a score is missing, then everybody at a glance."""
    cycle = _cycle(ctx)
    sheets = _sheets(ctx, cycle)
    place = None if facts.get("overview") else _place(sheets, int(facts.get("at", 0)), stay=bool(facts.get("stay")))
    if place is None:
        return _summary(ctx, cycle, sheets)
    sheet = sheets[place]
    around = (sheets[place - 1].card.id, sheets[(place + 1) % len(sheets)].card.id)
    return page_card(
        ctx.t,
        ShownPage(
            card=(sheet.card.id, sheet.card.version),
            name=name_of(ctx.db, sheet.card.person_id, ctx.t.locale),
            place=place + 1,
            total=len(sheets),
            entries=sheet.entries,
            levels=sheet.terms.levels,
            before=around[0],
            after=around[1],
            left=sum(len(one.wanting) for one in sheets),
            pieces=_pieces(ctx, sheet),
        ),
    )


# Parts


def _pieces(ctx: Context, sheet: Scoresheet) -> list[ShownPiece]:
    """What was given for the indicator that is asked next."""
    asking = next((one.item.lineage for one in sheet.asked if one.given is None), None)
    given = stored_of(ctx.db, sheet.plan.id).get(asking, []) if asking is not None else []
    return shown_pieces(given, ctx.unseal) if given and ctx.can("plan.evidence", sheet.plan) else []


def _cycle(ctx: Context) -> Cycle:
    me = ctx.actor.id
    cycle = cycle_to_score(ctx.db, me) or cycle_scored(ctx.db, me) or current(ctx.db, ctx.today)
    if cycle is None:
        raise Refused("No cycle is under way.")
    return cycle


def _sheets(ctx: Context, cycle: Cycle) -> list[Scoresheet]:
    return scoresheets(ctx.db, cycle, cards_waiting(ctx.db, cycle.id, ctx.actor.id))


def _place(sheets: Sequence[Scoresheet], at: int, *, stay: bool) -> int | None:
    """Which page is shown: the one asked for, else the first after it that misses a score; None if none does."""
    start = next((place for place, one in enumerate(sheets) if one.card.id == at), 0)
    if stay and sheets and sheets[start].card.id == at:
        return start
    around = [*range(start, len(sheets)), *range(start)]
    return next((place for place in around if sheets[place].wanting), None)


def _turn(ctx: Context, **facts: Any) -> None:
    ctx.reply("batch.card", ctx.get(Person, ctx.actor.id), **facts)


def _redraw(ctx: Context) -> None:
    """The pressed message shows what comes next; where there is none, a new one does."""
    concerned(ctx.db).add(ctx.actor.id)
    if ctx.event is not None and not ctx.event.where.message:
        _turn(ctx)


def _submit(ctx: Context, cycle: Cycle, sheets: Sequence[Scoresheet]) -> None:
    for one in sheets:
        one.card.submit(ctx.db, ctx.actor, one.card.version, ctx.now, one.wanting)
    for flag in look_again(ctx.db, cycle, [one.card for one in sheets], ctx.now):
        if flag.waits_for_id is not None:
            ctx.tell(flag.waits_for_id, "flag.card", flag)
    said = ctx.t.n("Handed in: {n} person.", "Handed in: {n} people.", len(sheets))
    ctx.toast(said)
    _redraw(ctx)


def _summary(ctx: Context, cycle: Cycle, sheets: Sequence[Scoresheet]) -> Card:
    found = foresee(ctx.db, cycle, ctx.actor.id, sheets)
    people = [
        ShownPerson(
            card=(one.card.id, one.card.version),
            name=name_of(ctx.db, one.card.person_id, ctx.t.locale),
            total=one.total,
            rating=one.rating,
            why=[_why(ctx, odd) for odd in found if odd.on != RATER and odd.key == one.card.person_id],
        )
        for one in sheets
    ]
    rater = [_why(ctx, odd) for odd in found if odd.on == RATER]
    wanted = select(func.count()).where(
        Scorecard.cycle_id == cycle.id,
        Scorecard.rater_id == ctx.actor.id,
        Scorecard.kind == MANAGER,
        Scorecard.state == SUBMITTED,
    )
    return summary_card(ctx.t, cycle.name, people, rater, ctx.db.exec(wanted).one())


def _why(ctx: Context, odd: Found) -> str:
    return why(ctx.t, odd.rule, {name: str(value) for name, value in odd.figures.items()})
