"""The stages of a cycle: opened and closed by the clock or by hand, given more time, with or without late scores."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Submitted, Tick
from bot.forms import Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.extending import extended_card
from handlers.cards.home import STAGES
from handlers.cards.stages import ACKNOWLEDGE, LISTS, missing_card, scoring_card
from handlers.cards.wizardforms import ExtendForm
from models.access import NOT_FOUND
from models.audience import Audience
from models.base import Refused, batches
from models.cycle import Cycle, deadline, end_of_day
from models.extension import Extension, extend, extendable
from models.fanout import begin
from models.lateness import take_late
from models.person import Person, name_of
from models.rules.workdays import next_working_moment
from models.scorecard import MANAGER, Scorecard, cards_waiting, own_cards
from models.stages import Moved, Notice, launch, move, run
from models.turnout import not_acknowledged, not_handed_in, turnout

router = Router()
router.said(
    cycle_advanced=N_("{who} moved this cycle to its next stage on {when}."),
    cycle_released=N_("{who} published results on {when}."),
    cycle_extended=N_("{who} gave this cycle more time on {when}."),
    cycle_late_set=N_("{who} changed whether late scores are taken on {when}."),
)
# So many readers of one card are a fan-out: the outbox queues them in chunks.
MANY = 200
# A fan-out reads its list of people for each chunk anew.
GROUP = 5000


@router.every("stages", "* * * * *")
def by_the_clock(ctx: Context, tick: Tick) -> None:
    """Every cycle as far as its dates say; people are told in their own working hours."""
    for moved in run(ctx.db, ctx.now, ctx.today):
        _tell(ctx, moved, quietly=True)


@router.button("cycle.publish", versioned=True)
def publish(ctx: Context, event: Click) -> None:
    """Everybody who takes part gets a plan and a message, now or when the first stage opens."""
    moved = launch(ctx.db, ctx.mine(Cycle), event.version, ctx.now, ctx.today)
    _tell(ctx, moved)
    if moved.state == "announced":
        ctx.toast(ctx.t("Published. Plans are made when their setting opens."))
        return
    n = moved.plans
    ctx.toast(ctx.t.n("Published. {n} person has a plan now.", "Published. {n} people have a plan now.", n))


@router.button("cycle.cancel", versioned=True)
def cancel(ctx: Context, event: Click) -> None:
    """A draft is given up."""
    ctx.mine(Cycle).cancel(ctx.db, event.version)
    ctx.toast(ctx.t("Discarded."))


@router.button("cycle.advance", versioned=True)
def next_stage(ctx: Context, event: Click) -> None:
    """The next stage opens; whoever has to do something is told, managers once for all their people."""
    moved = move(ctx.db, ctx.mine(Cycle), ctx.actor, event.version, ctx.now, ctx.today)
    _tell(ctx, moved)
    ctx.toast(_done(ctx, moved))


# More time


@router.button("cycle.extend", right="cycle.advance", versioned=True)
def ask_extend(ctx: Context, event: Click) -> None:
    """The stages that are not over, with a week more for the one under way."""
    cycle = ctx.mine(Cycle)
    rows = extendable(ctx.db, cycle)
    if not rows:
        raise Refused("Every stage of this cycle is over.")
    options = [(one.name, f"{ctx.t(STAGES[one.name])} · {ctx.t.datetime(one.closes_at)}") for one in rows]
    ctx.ask(ExtendForm, cycle, options={"stage": options}, values={"stage": rows[0].name, "along": "yes"})


@router.form(ExtendForm, right="cycle.advance", versioned=True)
def give_time(ctx: Context, event: Submitted, form: ExtendForm) -> None:
    """Moves the stage, what is owed by it, and tells everybody concerned once."""
    cycle = ctx.mine(Cycle)
    until, along = end_of_day(form.until, ctx.zone), form.along == "yes"
    try:
        done = extend(
            ctx.db, cycle, event.version, form.stage, until, ctx.now, by_id=ctx.actor.id, zone=ctx.zone, along=along
        )
    except Refused as no:
        raise Invalid({no.field or "until": ctx.t(no.message, **no.facts)}) from None
    done.row.reason = ctx.seal(done.row, "reason", form.reason)
    ctx.db.add(done.row)
    people = [one for one in done.people if one != ctx.actor.id]
    _send(ctx, [Notice(one, "extension.card", done.row) for one in people], {})
    ctx.toast(ctx.t.n("Saved. {n} person is told.", "Saved. {n} people are told.", len(people)))
    if not event.where.message:
        ctx.reply("cycle.card", cycle)


@router.view("extension.card")
def extension_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """What a reader who owes something in the cycle should know."""
    row = ctx.get(Extension, subject)
    cycle = ctx.get(Cycle, row.cycle_id)
    who = name_of(ctx.db, row.by_id, ctx.t.locale)
    return extended_card(ctx.t, cycle, row.closings(), who, ctx.unseal(row, "reason"))


@router.button("cycle.late", right="cycle.advance", versioned=True)
def switch_late(ctx: Context, event: Click) -> None:
    """Late scores are taken, or not any more."""
    cycle = ctx.mine(Cycle)
    again = take_late(ctx.db, cycle, event.version, ctx.now, ctx.actor, allowed=not cycle.terms.get("late"))
    _tell_again(ctx, cycle, again)
    ctx.toast(ctx.t("Late scores are taken.") if cycle.terms["late"] else ctx.t("Late scores are not taken."))


# Who is missing, and what scoring means for a manager


@router.button("cycle.missing", right="cycle.advance")
def show_missing(ctx: Context, event: Click) -> None:
    """Who has not handed in: "self 0" is the first page of the self scores."""
    kind, _, page = event.value.partition(" ")
    if kind not in LISTS or not number(page):
        raise Refused(NOT_FOUND)
    ctx.reply("cycle.missing", ctx.mine(Cycle), kind=kind, page=int(page))


@router.view("cycle.missing")
def missing_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Names, a page at a time."""
    ctx.check("cycle.advance")
    cycle, kind = ctx.get(Cycle, subject), str(facts["kind"])
    found = not_acknowledged(ctx.db, cycle.id) if kind == ACKNOWLEDGE else not_handed_in(ctx.db, cycle.id, kind)
    people = [(person.called(ctx.t.locale), many) for person, many in found]
    return missing_card(ctx.t, cycle, kind, people, int(facts["page"]))


@router.view("cycle.scoring")
def scoring_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Whom the reader still has to score in the cycle."""
    cycle = ctx.get(Cycle, subject)
    waiting = cards_waiting(ctx.db, cycle.id, ctx.actor.id)
    if not waiting:
        return None
    names = [name_of(ctx.db, card.person_id, ctx.t.locale) for card in waiting]
    due = deadline(ctx.db, cycle.id, "scoring")
    return scoring_card(ctx.t, cycle, names, ctx.t.datetime(due) if due is not None and due > ctx.now else "")


# Parts


def _tell_again(ctx: Context, cycle: Cycle, cards: Sequence[Scorecard]) -> None:
    """Cards that are open again: a manager with several hears of them in one message."""
    theirs = Counter(card.waits_for_id for card in cards if card.kind == MANAGER)
    several = [rater for rater, many in theirs.items() if rater is not None and many > 1]
    for rater in several:
        ctx.tell(rater, "cycle.scoring", cycle)
    for card in cards:
        if card.waits_for_id is not None and not (card.kind == MANAGER and card.waits_for_id in several):
            ctx.tell(card.waits_for_id, "scorecard.card", card)


def _tell(ctx: Context, moved: Moved, *, quietly: bool = False) -> None:
    """The messages of a stage; `quietly`: each in the working hours of its reader."""
    people = [one.person_id for one in moved.notices]
    _send(ctx, moved.notices, _hours(ctx, people) if quietly else {})


def _send(ctx: Context, notices: Sequence[Notice], after: dict[int, datetime]) -> None:
    same: dict[tuple[str, str, int, str, datetime | None], list[Notice]] = defaultdict(list)
    for one in notices:
        same[one.view, one.subject.noun, one.subject.id, one.own, after.get(one.person_id)].append(one)
    for (view, _noun, cycle_id, own, when), alike in same.items():
        people = [one.person_id for one in alike]
        if len(people) > MANY:
            for start in range(0, len(people), GROUP):
                some = Audience(people=tuple(people[start : start + GROUP]))
                begin(ctx.db, view, alike[0].subject, some, ctx.now, after=when, own=own)
            continue
        cards = own_cards(ctx.db, cycle_id, people) if own else {}
        for one in alike:
            ctx.tell(one.person_id, view, cards.get(one.person_id, one.subject), after=when)


def _hours(ctx: Context, people: Sequence[int]) -> dict[int, datetime]:
    """When somebody may be written to next, for those who may not now."""
    found: dict[int, datetime] = {}
    hours: dict[tuple[str, str], datetime] = {}
    for some in batches(people):
        places = select(Person.id, Person.zone, Person.country).where(col(Person.id).in_(some))
        for person_id, zone, country in ctx.db.exec(places):
            place = (zone or ctx.zone.key, country)
            when = hours[place] = hours.get(place) or next_working_moment(ctx.now, *place)
            if when > ctx.now:
                found[person_id] = when
    return found


def _done(ctx: Context, moved: Moved) -> str:
    match moved.state:
        case "setting":
            return ctx.t.n("{n} person has a plan now.", "{n} people have a plan now.", moved.plans)
        case "self_scoring":
            return ctx.t.n("{n} person is asked to score themselves.", "{n} people are asked.", moved.cards)
        case "scoring":
            managers = len(moved.notices)
            return ctx.t.n("{n} manager is asked to score.", "{n} managers are asked to score.", managers)
        case "reckoning":
            return ctx.t("Scoring is over. Results are being computed; the review opens when all of them are there.")
        case "review":
            count = turnout(ctx.db, moved.cycle.id)
            return ctx.t("Results computed: {n}. Flags open: {m}.", n=count.results, m=count.flags)
        case "closed":
            return ctx.t("The cycle is closed.")
        case _:
            return ctx.t("The next stage is open.")
