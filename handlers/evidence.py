"""`perf evidence`: what supports my plan; added, opened, looked at by who scores, taken away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.cards import Card
from bot.context import Context, whole
from bot.events import Click, Command, File, Submitted, unpacked
from bot.forms import Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.evidence import (
    ShownEvidence,
    ShownList,
    evidence_card,
    evidence_list,
    fault_text,
    file_card,
    kind_of,
    shown_pieces,
    title_of,
)
from handlers.cards.evidenceforms import EvidenceForm, SendBackForm
from models.abreast import named, running_for
from models.access import NOT_FOUND
from models.base import Refused, record
from models.cycle import Cycle
from models.evidence import FAILED, FILE, NO_PLAN, OVER, Evidence, give, open_for, pieces_of, takers
from models.identity import known
from models.person import Person, name_of
from models.plan import Plan, plan_of
from models.rules.files import unlikely
from models.wish import want

router = Router()
router.said(
    evidence_accepted=N_("{who} accepted this on {when}."),
    evidence_returned=N_("{who} sent this back on {when}."),
    evidence_given=N_("{who} gave this on {when}."),
)
HANDED = timedelta(minutes=15)  # so long a file that was asked for is worth sending


@router.command(
    "evidence", N_("What supports my plan: files, links, words"), usage="[@person] [cycle]", right="plan.evidence"
)
def evidence(ctx: Context, event: Command) -> None:
    """Everything given for a plan: of the cycle that is named, else of the nearest under way."""
    said, cycle = named(ctx.db, event.text)
    person = ctx.person(said) if said else ctx.get(Person, ctx.actor.id)
    cycles = [cycle] if cycle is not None else running_for(ctx.db, person.id, ctx.today)
    plans = [plan for one in cycles if (plan := plan_of(ctx.db, one.id, person.id)) and plan.effective]
    for plan in plans:
        ctx.check("plan.evidence", plan)
    if not plans:
        ctx.check("plan.evidence", person)
        raise Refused(NO_PLAN)
    best = next((plan for plan in plans if takers(ctx.db, plan)), plans[0])
    ctx.reply("evidence.list", best, page=0)


@router.button("plan.evidence")
def show_list(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("evidence.list", ctx.mine(Plan), page=0)


@router.button("plan.evidence_page", right="plan.evidence")
def turn(ctx: Context, event: Click) -> None:
    """Another page."""
    ctx.reply("evidence.list", ctx.mine(Plan), page=whole(event.value) or 0)


@router.view("evidence.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Everything given for a plan, for whoever may read it."""
    plan = ctx.get(Plan, subject)
    ctx.check("plan.evidence", plan)
    pieces = pieces_of(ctx.db, plan.id)
    mine = plan.person_id == ctx.actor.id
    items = plan.agreed_items(ctx.db)
    shown = ShownList(
        plan_id=plan.id,
        version=plan.version,
        owner=name_of(ctx.db, plan.person_id, ctx.t.locale),
        cycle=ctx.get(Cycle, plan.cycle_id).name,
        items=[(item.lineage, item.name) for item in items],
        pieces=shown_pieces([one for one in pieces if mine or one.state != FAILED], ctx.unseal),
        page=int(facts.get("page", 0)),
        mine=mine,
        gives=mine and bool(takers(ctx.db, plan)),
        counts=_counts(items),
    )
    return evidence_list(ctx.t, shown)


def _counts(items: Sequence[Any]) -> dict[int, Decimal | None]:
    return {item.lineage: item.target for item in items if item.rule == "count"}


# One piece


@router.button("evidence.pick", right="home.see")
def pick(ctx: Context, event: Click) -> None:
    """One from a list."""
    piece = ctx.chosen(Evidence, event.value)
    ctx.check("evidence.read", piece)
    ctx.reply("evidence.card", piece)


@router.view("evidence.card")
def show(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One piece, for whoever may read it."""
    return evidence_card(ctx.t, _shown(ctx, ctx.get(Evidence, subject)))


@router.button("evidence.open", right="evidence.read")
def hand(ctx: Context, event: Click) -> None:
    """The file, to this person alone; who opens what is somebody else's is written down."""
    piece = ctx.mine(Evidence)
    if piece.deposit_id is None:
        ctx.reply("evidence.card", piece)
        return
    if piece.person_id != ctx.actor.id:
        record(ctx.db, "evidence.read", piece)
    ctx.reply("evidence.file", None, evidence=piece.id, until=(ctx.now + HANDED).isoformat())


@router.view("evidence.file")
def file_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The file itself; the right is asked again when it is sent."""
    piece = ctx.get(Evidence, whole(str(facts["evidence"])) or 0)
    late = ctx.now > datetime.fromisoformat(str(facts["until"]))
    return file_card(ctx.t, _shown(ctx, piece), late=late)


@router.button("evidence.accept", versioned=True)
def accept(ctx: Context, event: Click) -> None:
    """It proves something."""
    piece = ctx.mine(Evidence)
    piece.accept(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Accepted."))
    _answer(ctx, piece)


@router.button("evidence.return", versioned=True)
def ask_reason(ctx: Context, event: Click) -> None:
    """Asks what is missing."""
    ctx.ask(SendBackForm, ctx.mine(Evidence))


@router.form(SendBackForm, versioned=True)
def send_back(ctx: Context, event: Submitted, form: SendBackForm) -> None:
    """Its owner learns what is missing."""
    piece = ctx.mine(Evidence)
    piece.send_back(ctx.db, ctx.actor, event.version, ctx.now, ctx.seal(piece, "reason", form.reason))
    ctx.tell(piece.person_id, "evidence.card", piece)
    ctx.toast(ctx.t("Sent back."))
    _answer(ctx, piece)


@router.button("evidence.remove", versioned=True)
def remove(ctx: Context, event: Click) -> None:
    """Taken away by its owner."""
    piece = ctx.mine(Evidence)
    plan = ctx.get(Plan, piece.plan_id)
    piece.remove(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Removed."))
    ctx.reply("evidence.list", plan, page=0)


# Adding


@router.button("plan.attach")
def ask(ctx: Context, event: Click) -> None:
    """The form, with the items of the plan."""
    plan = ctx.mine(Plan)
    options = [(str(item.lineage), item.name) for item in takers(ctx.db, plan)]
    if not options:
        raise Refused(OVER if plan.effective else NO_PLAN)
    ctx.ask(EvidenceForm, plan, options={"item": options})


@router.form(EvidenceForm)
def add(ctx: Context, event: Submitted, form: EvidenceForm) -> None:
    """A link, words or files for one item."""
    plan, files = ctx.mine(Plan), _files(ctx, form)
    if not form.said and not files:
        raise Invalid({"said": ctx.t("Give a link, words or a file.")})
    lineage = whole(form.item) or 0
    if all(item.lineage != lineage for item in plan.agreed_items(ctx.db)):
        raise Invalid({"item": ctx.t("Please choose one of the options.")})
    found = known(ctx.db, event.who.platform, event.who.tenant, event.who.user)
    if found is None:
        raise Refused(NOT_FOUND)
    for file in files:
        piece = give(ctx.db, plan, ctx.actor, ctx.now, lineage, FILE, size=file.size)
        piece.write(ctx.db, ctx.seal, file.name, form.said or "")
        want(ctx.db, piece, found.account.id, ctx.now, ctx.seal, file.packed())
    if not files:
        said = form.said or ""
        piece = give(ctx.db, plan, ctx.actor, ctx.now, lineage, kind_of(said))
        piece.write(ctx.db, ctx.seal, title_of(form.name or "", said), said)
    ctx.toast(ctx.t("Added."))
    ctx.reply("evidence.list", plan, page=0)


def _files(ctx: Context, form: EvidenceForm) -> list[File]:
    """The files as they are described; what can be told to be unfit by now is refused at its field."""
    found = [file for answer in form.files if (file := unpacked(answer)) is not None]
    for file in found:
        if fault := unlikely(file.name, file.size):
            raise Invalid({"files": fault_text(ctx.t, fault, file.name)})
    return found


# Parts


def _answer(ctx: Context, piece: Evidence) -> None:
    """A pressed card is redrawn in place; where there is none, the answer is a new one."""
    if ctx.event is not None and not ctx.event.where.message:
        ctx.reply("evidence.card", piece)


def _shown(ctx: Context, piece: Evidence) -> ShownEvidence:
    ctx.check("evidence.read", piece)
    plan = ctx.get(Plan, piece.plan_id)
    name = next((item.name for item in plan.agreed_items(ctx.db) if item.lineage == piece.lineage), "–")
    mine, opened = piece.person_id == ctx.actor.id, open_for(ctx.db, plan, piece.lineage)
    return ShownEvidence(
        piece=piece,
        name=ctx.unseal(piece, "title"),
        item=name,
        owner=name_of(ctx.db, piece.person_id, ctx.t.locale),
        body=ctx.unseal(piece, "body"),
        reason=ctx.unseal(piece, "reason"),
        by=name_of(ctx.db, piece.decided_by_id, ctx.t.locale),
        mine=mine,
        removes=mine and open_for(ctx.db, plan),
        decides=opened and ctx.can("evidence.accept", piece),
    )
