"""Files and messages somebody sends to be kept: the question as evidence of what, the answer, and what was fetched."""

import json
from dataclasses import dataclass
from typing import Any

from bot import storage
from bot.cards import Card
from bot.context import Context
from bot.events import Attached, Click, Fetched, File, Submitted, unpacked
from bot.forms import SENTENCES
from bot.router import Router
from bot.text import N_
from handlers.cards.evidence import fault_text, kind_of, shown_pieces, title_of
from handlers.cards.evidenceforms import KeepForm
from handlers.cards.offers import ShownFile, ShownOffer, offer_card
from models.abreast import running_for
from models.access import NOT_FOUND
from models.base import Refused, put, record
from models.cycle import Cycle
from models.evidence import FILE, FULL, NO_PLAN, OVER, Evidence, by_offer, give, overfull, takers
from models.identity import known
from models.plan import Plan, plan_of
from models.rules.files import TYPES, Kind, named, unlikely
from models.wish import DROPPED, KEPT, MOST, OPEN, Offer, Wish, want

router = Router()
router.said(offer_kept=N_("{who} kept this on {when}."), offer_dropped=N_("{who} dropped this on {when}."))


@dataclass(frozen=True, slots=True)
class What:
    """What was sent: files as they were described, words beside them, where the message stands."""

    files: tuple[File, ...]
    text: str = ""
    link: str = ""

    def packed(self) -> str:
        """As one text."""
        return json.dumps([[file.packed() for file in self.files], self.text, self.link], ensure_ascii=False)


@router.take(Attached)
def sent(ctx: Context, event: Attached) -> None:
    """Asks what it is evidence of; until that is answered only the description is kept, and for a day at most."""
    items = _items(ctx)
    if not items:
        raise Refused(OVER if _plans(ctx) else NO_PLAN)
    files = _fit(ctx, event)
    found = known(ctx.db, event.who.platform, event.who.tenant, event.who.user)
    if found is None:
        raise Refused(NOT_FOUND)
    offer = Offer(person_id=ctx.actor.id, identity_id=found.account.id, at=ctx.now)
    put(ctx.db, offer)
    offer.what = ctx.seal(offer, "what", What(files, event.text[:1000], event.link).packed())
    ctx.db.add(offer)
    record(ctx.db, "offer.made", offer, files=len(files))
    if event.wanted:
        ctx.ask(KeepForm, offer, options={"item": items}, values={"said": _said(event.text, event.link)})
    else:
        ctx.reply("offer.card", offer)


@router.view("offer.card")
def show(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The question for the one who sent it, or what became of it."""
    offer = ctx.get(Offer, subject)
    ctx.check("offer.keep", offer)
    if offer.state == OPEN:
        files = [ShownFile(one.name, one.size, unlikely(one.name, one.size)) for one in _what(ctx, offer).files]
        return offer_card(ctx.t, ShownOffer(offer, files, _items(ctx)))
    pieces = by_offer(ctx.db, offer.id)
    named = [_item(ctx, piece) for piece in pieces[:1]]
    return offer_card(ctx.t, ShownOffer(offer, pieces=shown_pieces(pieces, ctx.unseal), item="".join(named)))


@router.button("offer.keep", versioned=True)
def keep(ctx: Context, event: Click) -> None:
    """Everything that was sent becomes evidence of the chosen item."""
    _keep(ctx, event.version, event.value, None)


@router.form(KeepForm, versioned=True)
def keep_form(ctx: Context, event: Submitted, form: KeepForm) -> None:
    """The same, with words of one's own."""
    _keep(ctx, event.version, form.item, form.said or "")


@router.button("offer.drop", versioned=True)
def drop(ctx: Context, event: Click) -> None:
    """Nothing is kept."""
    offer = ctx.mine(Offer)
    offer.expect_open(ctx.db, ctx.actor, "offer.drop", ctx.now)
    offer.decide(ctx.db, event.version, DROPPED)
    ctx.toast(ctx.t("Dropped. Nothing was stored."))


@router.take(Fetched)
def fetched(ctx: Context, event: Fetched) -> None:
    """A file is stored, or its owner hears why not; one that was taken away meanwhile is not missed."""
    wish = ctx.db.get(Wish, event.wish)
    piece = ctx.db.get(Evidence, wish.evidence_id) if wish is not None else None
    if wish is None or piece is None:
        return
    ctx.db.delete(wish)
    fault = event.fault or (FULL if overfull(ctx.db, piece, len(event.content)) else "")
    if fault:
        piece.fail(ctx.db, fault)
        ctx.tell(piece.person_id, "evidence.card", piece)
    else:
        stored = storage.store(ctx.db, ctx.vault, event.content, TYPES[event.ending], ctx.now)
        name = named(ctx.unseal(piece, "title"), Kind(event.ending))
        piece.keep(ctx.db, stored, ctx.seal(piece, "title", name))
    offer = ctx.db.get(Offer, piece.offer_id) if piece.offer_id else None
    if offer is not None:
        record(ctx.db, "offer.fetched", offer)


def _fit(ctx: Context, event: Attached) -> tuple[File, ...]:
    """What may be kept of what was sent, as far as it can be told; refuses where nothing is left."""
    if len(event.files) > MOST:
        raise Refused("Please send at most {most} files at once.", most=MOST)
    if not event.files and not event.wanted:
        raise Refused(NOT_FOUND)
    faults = {file: unlikely(file.name, file.size) for file in event.files}
    if event.files and all(faults.values()):
        file, fault = next(iter(faults.items()))
        raise Refused("{why} Nothing was stored.", why=fault_text(ctx.t, fault, file.name))
    return event.files


def _keep(ctx: Context, at: int, value: str, typed: str | None) -> None:
    offer = ctx.mine(Offer)
    offer.expect_open(ctx.db, ctx.actor, "offer.keep", ctx.now)
    what, (plan, lineage) = _what(ctx, offer), _target(ctx, value)
    said = _said(what.text, what.link) if typed is None else typed
    files = [file for file in what.files if not unlikely(file.name, file.size)]
    for file in files:
        piece = give(ctx.db, plan, ctx.actor, ctx.now, lineage, FILE, size=file.size, offer_id=offer.id)
        piece.write(ctx.db, ctx.seal, file.name, said)
        want(ctx.db, piece, offer.identity_id, ctx.now, ctx.seal, file.packed())
    if not files and not said:
        raise Refused("There is nothing in it that could be kept.")
    if not files:
        piece = give(ctx.db, plan, ctx.actor, ctx.now, lineage, kind_of(said), offer_id=offer.id)
        piece.write(ctx.db, ctx.seal, title_of("", said), said)
    offer.decide(ctx.db, at, KEPT)
    ctx.toast(ctx.t("Kept as evidence."))
    if ctx.event is not None and not ctx.event.where.message:
        ctx.reply("offer.card", offer)


def _target(ctx: Context, value: str) -> tuple[Plan, int]:
    """The plan and the item that an option names."""
    if value not in dict(_items(ctx)):
        raise Refused(SENTENCES["literal_error"], field="item")
    plan, _dot, lineage = value.partition(".")
    return ctx.get(Plan, int(plan)), int(lineage)


def _items(ctx: Context) -> list[tuple[str, str]]:
    """Every item of the reader's plans in force that takes evidence; with the cycle where there are several."""
    taking = [(plan, items) for plan in _plans(ctx) if (items := takers(ctx.db, plan))]
    options = []
    for plan, items in taking:
        more = f" · {ctx.get(Cycle, plan.cycle_id).name}" if len(taking) > 1 else ""
        options += [(f"{plan.id}.{item.lineage}", item.name[: 70 - len(more)] + more) for item in items]
    return options


def _plans(ctx: Context) -> list[Plan]:
    """One's own plans in force, of the nearest cycle first."""
    cycles = running_for(ctx.db, ctx.actor.id, ctx.today)
    return [plan for one in cycles if (plan := plan_of(ctx.db, one.id, ctx.actor.id)) and plan.effective]


def _item(ctx: Context, piece: Evidence) -> str:
    plan = ctx.get(Plan, piece.plan_id)
    return next((item.name for item in plan.agreed_items(ctx.db) if item.lineage == piece.lineage), "–")


def _what(ctx: Context, offer: Offer) -> What:
    files, said, link = json.loads(ctx.unseal(offer, "what"))
    return What(tuple(file for one in files if (file := unpacked(one)) is not None), said, link)


def _said(words: str, link: str) -> str:
    """Words and the place they stand at, as much as a field takes; the link stays whole."""
    return "\n".join(part for part in (words[: 999 - len(link)].strip(), link) if part)
