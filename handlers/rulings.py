"""What happens to a dispute: it is filed, answered, ruled on or withdrawn, and the clock keeps its promise."""

from decimal import Decimal

import structlog

from bot.context import Context
from bot.events import Click, Submitted, Tick
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.amounts import points as said_points
from handlers.cards.clocks import moment
from handlers.cards.disputeforms import WHOLE, AnswerForm, DisputeForm, RulingForm, UpholdForm
from models.base import Change, Refused
from models.cycle import Cycle
from models.delivery import mark_copies
from models.dispute import MANAGER, Dispute, expect_disputable, file, open_lines, running
from models.examination import examine_around
from models.person import name_of
from models.recheck import RATED, kept
from models.result import Result, lines_of
from models.revision import most_points, most_total
from models.rules.clock import JOINS
from models.scorecard import MANAGER as MANAGERS
from models.scorecard import card_of
from models.terms import Terms, terms_of

router = Router()
router.said(
    result_disputed=N_("{who} disputed this result on {when}."),
    result_revised=N_("{who} changed this result after a dispute on {when}."),
    result_dispute_ended=N_("{who} closed the last dispute about this result on {when}."),
    dispute_filed=N_("{who} filed this dispute on {when}."),
    dispute_answered=N_("{who} already answered on {when}."),
    dispute_upheld=N_("{who} already upheld the result on {when}."),
    dispute_adjusted=N_("{who} already adjusted the result on {when}."),
    dispute_withdrawn=N_("{who} withdrew this dispute on {when}."),
)
log = structlog.get_logger()


# Acts


@router.button("result.dispute", versioned=True)
def ask_file(ctx: Context, event: Click) -> None:
    """Asks what is wrong."""
    result = ctx.mine(Result)
    expect_disputable(result)
    ctx.ask(DisputeForm, result, options={"item": _items(ctx, result)})


@router.form(DisputeForm, versioned=True)
def take_dispute(ctx: Context, event: Submitted, form: DisputeForm) -> None:
    """The case begins: whoever scored gets the card, and the clock runs."""
    result = ctx.mine(Result)
    if form.item not in dict(_items(ctx, result)):
        raise Invalid({"item": ctx.t(SENTENCES["literal_error"])})
    case = file(ctx.db, result, ctx.actor, event.version, ctx.now, int(form.item))
    case.reason = ctx.seal(case, "reason", form.reason)
    case.evidence = ctx.seal(case, "evidence", form.evidence or "")
    ctx.db.add(case)
    _hand_over(ctx, case, ctx.t("Filed."))
    ctx.reply("dispute.card", case)


@router.button("dispute.answer", versioned=True)
def ask_answer(ctx: Context, event: Click) -> None:
    """Asks how the manager sees it."""
    case = ctx.mine(Dispute)
    case.expect_answer(ctx.db, ctx.actor)
    ctx.ask(AnswerForm, case)


@router.form(AnswerForm, versioned=True)
def take_answer(ctx: Context, event: Submitted, form: AnswerForm) -> None:
    """HR rules next."""
    case = ctx.mine(Dispute)
    sealed = ctx.vault.seal((str(case.__tablename__), "answer", case.id), form.answer)
    case.take_answer(ctx.db, ctx.actor, event.version, ctx.now, sealed)
    _hand_over(ctx, case, ctx.t("Answered."))


@router.button("dispute.uphold", right="dispute.rule", versioned=True)
def ask_uphold(ctx: Context, event: Click) -> None:
    """Asks why the result is right."""
    case = ctx.mine(Dispute)
    case.expect_ruling(ctx.db, ctx.actor)
    ctx.ask(UpholdForm, case)


@router.form(UpholdForm, right="dispute.rule", versioned=True)
def uphold(ctx: Context, event: Submitted, form: UpholdForm) -> None:
    """The result stays."""
    case = ctx.mine(Dispute)
    case.uphold(ctx.db, ctx.actor, event.version, ctx.now, _ruling(ctx, case, form.reason))
    _tell_parties(ctx, case)
    ctx.toast(ctx.t("Upheld. {name} reads your reason.", name=name_of(ctx.db, case.person_id, ctx.t.locale)))


@router.button("dispute.adjust", right="dispute.rule", versioned=True)
def ask_adjust(ctx: Context, event: Click) -> None:
    """Asks what is right instead: a level, points, or a total."""
    case = ctx.mine(Dispute)
    case.expect_ruling(ctx.db, ctx.actor)
    result, terms = ctx.get(Result, case.result_id), _terms(ctx, case)
    asked = _asked(case)
    said = _range(ctx, case, result)
    levels = [(one.name, ctx.t("{level} · {points} points", level=one.name, points=one.points)) for one in terms.levels]
    labels = {} if asked == "level" else {asked: said}
    ctx.ask(RulingForm, case, options={"level": levels}, labels=labels, only=(asked, "reason"), needed=(asked,))


@router.form(RulingForm, right="dispute.rule", versioned=True)
def adjust(ctx: Context, event: Submitted, form: RulingForm) -> None:
    """A new revision of the result, and everything that depends on it."""
    case = ctx.mine(Dispute)
    terms, asked = _terms(ctx, case), _asked(case)
    value = _given(ctx, form, asked, terms)
    try:
        sealed = _ruling(ctx, case, form.reason)
        result = case.adjust(ctx.db, ctx.actor, event.version, ctx.now, sealed, value, terms)
    except Refused as no:
        if not no.field:
            raise
        raise Invalid({asked: ctx.t(no.message, **no.facts)}) from None
    _examine_again(ctx, case, result)
    _tell_parties(ctx, case)
    values = {"before": said_points(ctx.t, case.total_before), "after": said_points(ctx.t, result.total)}
    ctx.toast(ctx.t("Adjusted: the total goes from {before} to {after}, {rating}.", rating=result.rating, **values))


@router.button("dispute.withdraw", versioned=True)
def withdraw(ctx: Context, event: Click) -> None:
    """Its owner takes it back."""
    case = ctx.mine(Dispute)
    case.withdraw(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Withdrawn. The result stays as it is."))


# The clock


@router.every("disputes", "*/15 * * * *")
def watch(ctx: Context, tick: Tick) -> None:
    """Hands on what was not answered, reminds, draws the next level in, and keeps every clock true."""
    cases = running(ctx.db)
    for case in cases:
        try:
            _move(ctx, case)
        except Refused:
            log.warning("nobody can rule", dispute=case.id)
    mark_copies(ctx.db, [Change("dispute.clock", case.noun, case.id, {}) for case in cases])


def _move(ctx: Context, case: Dispute) -> None:
    handed = case.replace(ctx.db, ctx.now)
    if case.state == MANAGER and ctx.now >= case.awaited_by:
        case.pass_on(ctx.db, ctx.now)
        handed = True
    mark = case.remind(ctx.db, ctx.now)
    if case.waits_for_id is not None and handed:
        ctx.tell(case.waits_for_id, "dispute.card", case)
    elif case.waits_for_id is not None and mark is not None:
        ctx.tell(case.waits_for_id, "dispute.card", case, mark=str(mark))
    joined = case.join(ctx.db, ctx.now) if case.elapsed(ctx.now) >= JOINS else None
    if joined is not None:
        ctx.tell(joined, "dispute.card", case)


# Parts


def _hand_over(ctx: Context, case: Dispute, done: str) -> None:
    """Whoever is next gets the card."""
    if case.waits_for_id is None:
        return
    ctx.tell(case.waits_for_id, "dispute.card", case)
    values = {"name": name_of(ctx.db, case.waits_for_id, ctx.t.locale), "when": moment(ctx.t, case.awaited_by, ctx.now)}
    ctx.toast(ctx.t("{done} Next: {name}, by {when}.", done=done, **values))


def _tell_parties(ctx: Context, case: Dispute) -> None:
    """The person, and who scored them, are told what came of it; everybody else's card is drawn anew."""
    for person_id in sorted({case.person_id, case.author_id or case.person_id} - {ctx.actor.id}):
        ctx.tell(person_id, "dispute.card", case)


def _ruling(ctx: Context, case: Dispute, reason: str) -> bytes:
    return ctx.vault.seal((str(case.__tablename__), "ruling", case.id), reason)


def _terms(ctx: Context, case: Dispute) -> Terms:
    return terms_of(ctx.get(Cycle, case.cycle_id))


def _examine_again(ctx: Context, case: Dispute, result: Result) -> None:
    """The flags around the person follow the new result."""
    card = card_of(ctx.db, result.plan_id, MANAGERS)
    found = examine_around(ctx.db, ctx.get(Cycle, case.cycle_id), card, ctx.now) if card is not None else []
    for flag in found:
        if flag.waits_for_id is not None:
            ctx.tell(flag.waits_for_id, "flag.card", flag)


def _asked(case: Dispute) -> str:
    """The field of the ruling: a level for what people rated, points for what was measured, else a total."""
    if not case.lineage:
        return "total"
    return "level" if kept(case.recheck)[0].kind == RATED else "points"


def _items(ctx: Context, result: Result) -> list[tuple[str, str]]:
    """What can be objected to now: indicators, and the whole."""
    lines = open_lines(ctx.db, result)
    items = [(str(line.lineage), f"{line.name} · {said_points(ctx.t, line.points)}") for line in lines]
    return [*items, (WHOLE, ctx.t("The whole result"))] if items else []


def _range(ctx: Context, case: Dispute, result: Result) -> str:
    line = next((one for one in lines_of(ctx.db, result) if one.lineage == case.lineage), None)
    if line is None:
        values = {"most": most_total(result), "now": said_points(ctx.t, result.total)}
        return ctx.t("The right total, from 0 to {most}; now it is {now}", **values)
    values = {"most": most_points(ctx.db, line), "now": said_points(ctx.t, line.points)}
    return ctx.t("The right points, from 0 to {most}; now {now}", **values)


def _given(ctx: Context, form: RulingForm, asked: str, terms: Terms) -> Decimal:
    if asked == "level":
        level = terms.level(form.level or "")
        if level is None:
            raise Invalid({asked: ctx.t(SENTENCES["literal_error"])})
        return level.points
    value: Decimal | None = getattr(form, asked)
    if value is None:
        raise Invalid({asked: ctx.t(SENTENCES["missing"])})
    return value
