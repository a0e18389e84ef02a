"""Colleagues: named by the person, confirmed by the manager, asked once and anonymously."""

from dataclasses import replace
from typing import Any

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Submitted
from bot.forms import Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.peers import ASKED, DECLINED, WAITS, ShownPeer, colleagues_card, confirm_card, question_card
from handlers.cards.scorecards import by_level
from handlers.cards.scoreforms import MOST as FIELDS
from handlers.cards.scoreforms import AnswerForm, PeerForm
from models.access import NOT_FOUND
from models.base import Refused
from models.cycle import Cycle, deadline
from models.item import Item
from models.peer import MOST, PROPOSED, Peer, peers_of, propose
from models.person import name_of
from models.plan import Plan
from models.reckoning import RATED
from models.rules.totals import Level
from models.terms import Terms, terms_of

router = Router()
# What became of a question is told to nobody: there is no sentence for answered or passed.
router.said(
    peer_proposed=N_("{who} proposed this colleague on {when}."),
    peer_confirmed=N_("{who} already confirmed this on {when}."),
    peer_declined=N_("{who} already declined this on {when}."),
)


@router.button("plan.peers")
def colleagues(ctx: Context, event: Click) -> None:
    """Whom I named."""
    ctx.reply("peer.colleagues", ctx.mine(Plan))


@router.view("peer.colleagues")
def colleagues_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Always the reader's own, by name, without what became of the questions."""
    plan = ctx.get(Plan, subject)
    ctx.check("plan.peers", plan)
    named = [(name_of(ctx.db, one.rater_id, ctx.t.locale), _stands(one)) for one in peers_of(ctx.db, plan.id)]
    return colleagues_card(ctx.t, plan.id, named, most=MOST)


@router.button("plan.propose_peer", right="plan.peers")
def ask_colleague(ctx: Context, event: Click) -> None:
    """Asks for a name."""
    plan = ctx.mine(Plan)
    if not _rated(ctx, plan):
        raise Refused("Nothing in this plan is rated by people, so there is nothing to ask colleagues about.")
    ctx.ask(PeerForm, plan)


@router.form(PeerForm, right="plan.peers")
def name_colleague(ctx: Context, event: Submitted, form: PeerForm) -> None:
    """The manager is asked first."""
    plan = ctx.mine(Plan)
    try:
        rater = ctx.person(form.person)
        peer = propose(ctx.db, plan, ctx.actor, rater, ctx.now)
    except Refused as no:
        raise Invalid({"person": ctx.t(no.message, **no.facts)}) from None
    if peer.waits_for_id is not None:
        ctx.tell(peer.waits_for_id, "peer.card", peer)
    ctx.reply("peer.colleagues", plan)


@router.view("peer.card")
def peer_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """For whom it waits: the manager to confirm, then the colleague to answer."""
    peer = ctx.get(Peer, subject)
    ctx.check("peer.confirm" if peer.state == PROPOSED else "peer.answer", peer)
    plan = ctx.get(Plan, peer.plan_id)
    shown = ShownPeer(
        id=peer.id,
        version=peer.version,
        owner=name_of(ctx.db, peer.person_id, ctx.t.locale),
        rater=name_of(ctx.db, peer.rater_id, ctx.t.locale),
        cycle=ctx.get(Cycle, peer.cycle_id).name,
        items=[item.name for item in _rated(ctx, plan)],
        due=deadline(ctx.db, peer.cycle_id, "scoring"),
    )
    return confirm_card(ctx.t, shown) if peer.state == PROPOSED else question_card(ctx.t, shown)


@router.button("peer.confirm", versioned=True)
def confirm(ctx: Context, event: Click) -> None:
    """The colleague is asked."""
    peer = ctx.mine(Peer)
    peer.confirm(ctx.db, ctx.actor, ctx.now)
    ctx.tell(peer.rater_id, "peer.card", peer)
    ctx.toast(ctx.t("{name} is asked.", name=name_of(ctx.db, peer.rater_id, ctx.t.locale)))


@router.button("peer.decline", versioned=True)
def decline(ctx: Context, event: Click) -> None:
    """The manager does not want it, or the colleague would rather not."""
    ctx.mine(Peer).decline(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Declined. Nothing is asked."))


@router.button("peer.answer", versioned=True)
def ask_answer(ctx: Context, event: Click) -> None:
    """All questions in one form: what is not sent is kept nowhere."""
    peer = ctx.mine(Peer)
    if peer.state == PROPOSED:
        raise Refused(NOT_FOUND)
    items = dict(enumerate(_rated(ctx, ctx.get(Plan, peer.plan_id))[:FIELDS], 1))
    terms = terms_of(ctx.get(Cycle, peer.cycle_id))
    ctx.ask(
        AnswerForm,
        peer,
        only=[f"level_{place}" for place in items],
        labels={f"level_{place}": item.name for place, item in items.items()},
        options={f"level_{place}": _options(item, terms) for place, item in items.items()},
        title=ctx.t("How is it to work with {name}?", name=name_of(ctx.db, peer.person_id, ctx.t.locale)),
    )
    if ctx.sheet is not None:
        levels = {f"level_{place}": by_level(item.levels) for place, item in items.items()}
        ctx.sheet = replace(ctx.sheet, fields=tuple(replace(one, hint=levels[one.name]) for one in ctx.sheet.fields))


@router.form(AnswerForm, versioned=True)
def answer(ctx: Context, event: Submitted, form: AnswerForm) -> None:
    """Stored without a name, all at once."""
    peer = ctx.mine(Peer)
    terms = terms_of(ctx.get(Cycle, peer.cycle_id))
    known = {item.lineage for item in _rated(ctx, ctx.get(Plan, peer.plan_id))}
    given: dict[int, Level] = {}
    for name, said in form.model_dump(exclude_none=True).items():
        lineage, _dot, level_name = str(said).partition(".")
        level = terms.level(level_name)
        if level is None or not number(lineage) or int(lineage) not in known:
            raise Invalid({name: ctx.t("Please choose one of the options.")})
        given[int(lineage)] = level
    if not given:
        raise Invalid({"level_1": ctx.t("Answer at least one question, or close the form.")})
    peer.answer(ctx.db, ctx.actor, event.version, ctx.now, given)
    ctx.toast(ctx.t("Thank you. Your answers are stored without your name."))


def _stands(peer: Peer) -> str:
    return WAITS if peer.state == PROPOSED else ASKED if peer.asked else DECLINED


def _rated(ctx: Context, plan: Plan) -> list[Item]:
    return [item for item in plan.agreed_items(ctx.db) if item.rule == RATED]


def _options(item: Item, terms: Terms) -> list[tuple[str, str]]:
    return [(f"{item.lineage}.{level.name}", level.name) for level in terms.levels]
