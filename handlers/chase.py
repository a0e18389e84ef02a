"""Nudge these now: a reminder to everybody on a list of names, shown before it goes."""

from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Submitted
from bot.router import Router
from bot.text import N_
from handlers.cards.chase import ShownChase, WordsForm, chase_card
from handlers.cards.headway import LISTS
from models.access import NOT_FOUND
from models.base import Refused
from models.byhand import Sent, foresee, remarked
from models.chase import Chase, begin, targets_of
from models.copies import last
from models.cycle import STATES, Cycle
from models.headway import TARDY, Wanted, pieces
from models.person import name_of
from models.vantage import TEAM, Vantage, vantage

router = Router()
router.said(chase_sent=N_("{who} sent this reminder on {when}."))


@router.button("cycle.chase", right="home.see")
def look(ctx: Context, event: Click) -> None:
    """What would go out to "12 setting late" (without a value: to the list that was opened last), before it does."""
    cycle = ctx.mine(Cycle)
    facts = last(ctx.db, ctx.actor.id, "cycle.names", cycle.id)
    listed = [str(facts.get(name, "")) for name in ("place", "stage", "state")]
    word, stage, state = [*event.value.split(" "), "", ""][:3] if event.value else listed
    seen = vantage(ctx.db, ctx.actor, word)
    if not seen.names or state not in LISTS or state == TARDY or stage not in STATES:
        raise Refused(NOT_FOUND)
    wanted = Wanted(cycle.id, stage, seen.place, state, ctx.now, ctx.actor.id)
    ctx.reply("chase.card", begin(ctx.db, ctx.actor, seen, wanted))


@router.button("chase.word", right="chase.send", versioned=True)
def ask_words(ctx: Context, event: Click) -> None:
    """A sentence of one's own."""
    chase = ctx.mine(Chase)
    ctx.ask(WordsForm, chase, values={"words": ctx.unseal(chase, "words")})


@router.form(WordsForm, right="chase.send", versioned=True)
def take_words(ctx: Context, event: Submitted, form: WordsForm) -> None:
    """The reminder is looked at again, with it."""
    chase = ctx.mine(Chase)
    chase.word(ctx.db, ctx.actor, event.version, ctx.seal(chase, "words", form.words) if form.words else None)
    ctx.reply("chase.card", chase)


@router.button("chase.names", right="chase.send")
def back(ctx: Context, event: Click) -> None:
    """The list it came from."""
    chase = ctx.mine(Chase)
    facts = {"place": chase.place, "stage": chase.stage, "state": chase.state, "page": 0}
    ctx.reply("cycle.names", ctx.get(Cycle, chase.cycle_id), **facts)


@router.button("chase.send", versioned=True)
def send(ctx: Context, event: Click) -> None:
    """Off it goes, once."""
    chase = ctx.mine(Chase)
    remark = remarked(ctx.db, ctx.unseal(chase, "words"), ctx.now, ctx.seal)
    sent = chase.send(ctx.db, ctx.actor, event.version, ctx.now, remark)
    ctx.toast(ctx.t.n("{n} person is reminded.", "{n} people are reminded.", sent.now + sent.later))


@router.view("chase.card")
def chase_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The author's own; rights to the place are asked again."""
    chase = ctx.get(Chase, subject)
    ctx.check("chase.send", chase)
    seen, cycle = vantage(ctx.db, ctx.actor, chase.place), ctx.get(Cycle, chase.cycle_id)
    wanted = Wanted(cycle.id, chase.stage, seen.place, chase.state, ctx.now, ctx.actor.id)
    sent, outside = _figures(ctx, chase)
    shown = ShownChase(
        id=chase.id,
        version=chase.version,
        cycle=cycle.name,
        stage=chase.stage,
        state=chase.state,
        name=_name(ctx, seen),
        writer=name_of(ctx.db, chase.author_id, ctx.t.locale),
        words=ctx.unseal(chase, "words"),
        example=next(iter(pieces(ctx.db, wanted, ctx.t.locale, 0, 1)), None),
        now=sent.now,
        later=sent.later,
        none=sent.none,
        outside=outside,
        sent=chase.sent_at,
        at=ctx.now,
    )
    return chase_card(ctx.t, shown)


def _figures(ctx: Context, chase: Chase) -> tuple[Sent, int]:
    """Who would be reminded at this moment, or who was; and how many only others may remind."""
    if chase.sent_at is not None:
        return Sent(chase.reached, chase.later, chase.spared), 0
    targets = targets_of(ctx.db, chase, ctx.actor, ctx.now)
    return foresee(ctx.db, targets.todos, ctx.now), targets.outside


def _name(ctx: Context, seen: Vantage) -> str:
    if seen.department is not None:
        return seen.department.name(ctx.t.locale)
    return ctx.t("My team") if seen.word == TEAM else ctx.t("The company")
