"""`perf request`: what one department needs of another, answered by a day, accepted or returned."""

from datetime import timedelta

from bot.context import Context, whole
from bot.events import Click, Command, Submitted, Tick
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.requestforms import (
    AnswerRequestForm,
    DeclineRequestForm,
    HandRequestForm,
    RequestForm,
    ReturnRequestForm,
)
from models.base import Change, Refused
from models.cycle import announced, end_of_day
from models.delivery import mark_copies
from models.department import Department, choices, named
from models.person import name_of
from models.request import Request, late_between, request_of
from models.ticking import last_tick

router = Router()
router.said(
    request_asked=N_("{who} asked this on {when}."),
    request_handed=N_("{who} handed this on on {when}."),
    request_answered=N_("{who} already answered on {when}."),
    request_done=N_("{who} was done with this on {when}."),
    request_accepted=N_("{who} accepted the answer on {when}."),
    request_returned=N_("{who} returned the answer on {when}."),
    request_declined=N_("{who} declined this on {when}."),
    request_withdrawn=N_("{who} withdrew this on {when}."),
)
MOST_CYCLES, MOST_PLACES = 20, 90
USUAL = timedelta(days=7)


# Asking


@router.command("request", N_("Ask a department for something"), usage="[@department what]", right="request.ask")
def request(ctx: Context, event: Command) -> None:
    """The form, with what was typed in it; without words, what is asked already."""
    typed = event.text.strip()
    if not typed:
        ctx.reply("request.list")
        return
    place, rest = named(ctx.db, typed.removeprefix("@").strip())
    if place is None and typed.startswith("@"):
        word = typed.removeprefix("@").split()[0][:40] if typed != "@" else ""
        raise Refused("I don't know a department called “{name}”. Type perf request to choose one.", name=word)
    _ask(ctx, place, rest if place is not None else typed)


@router.button("request.ask")
def ask_again(ctx: Context, event: Click) -> None:
    """The same by a button."""
    _ask(ctx, None, "")


@router.form(RequestForm)
def take_request(ctx: Context, event: Submitted, form: RequestForm) -> None:
    """Whoever leads the department gets the card."""
    if form.cycle and form.cycle not in dict(_cycles(ctx)):
        raise Invalid({"cycle": ctx.t(SENTENCES["literal_error"])})
    place, cycle_id = ctx.chosen(Department, form.department), whole(form.cycle or "")
    due_at = end_of_day(form.due, ctx.zone)
    try:
        made = request_of(ctx.db, ctx.actor, place, ctx.now, due_at, cycle_id)
    except Refused as no:
        raise _at_field(ctx, no) from None
    made.what = ctx.seal(made, "what", form.what)
    ctx.db.add(made)
    _tell_next(ctx, made, ctx.t("Asked."))
    ctx.reply("request.card", made)


# Answering


@router.button("request.answer", versioned=True)
def ask_answer(ctx: Context, event: Click) -> None:
    """Asks for words or a link."""
    asked = ctx.mine(Request)
    title = ctx.t("Done with the task") if asked.assignment_id else ""
    ctx.ask(AnswerRequestForm, asked, title=title)


@router.form(AnswerRequestForm, versioned=True)
def take_answer(ctx: Context, event: Submitted, form: AnswerRequestForm) -> None:
    """Whoever asked looks at it; a task is done."""
    asked = ctx.mine(Request)
    if not asked.assignment_id and not (form.answer or form.link):
        raise Invalid({"answer": ctx.t("Write an answer or give a link.")})
    asked.give(ctx.db, ctx.actor, event.version, ctx.now)
    for column, said in (("answer", form.answer), ("link", form.link)):
        setattr(asked, column, ctx.seal(asked, column, said) if said else None)
    ctx.db.add(asked)
    if asked.assignment_id is None:
        _tell_next(ctx, asked, ctx.t("Sent."))
    else:
        _task_moved(ctx, asked)
        ctx.toast(ctx.t("Done. HR sees it."))


@router.button("request.hand", versioned=True)
def ask_hand(ctx: Context, event: Click) -> None:
    """Asks for a name."""
    ctx.ask(HandRequestForm, ctx.mine(Request))


@router.form(HandRequestForm, versioned=True)
def hand(ctx: Context, event: Submitted, form: HandRequestForm) -> None:
    """One of the department answers; its head still sees it."""
    asked = ctx.mine(Request)
    try:
        asked.hand_to(ctx.db, ctx.actor, event.version, ctx.now, ctx.person(form.person))
    except Refused as no:
        raise Invalid({"person": ctx.t(no.message, **no.facts)}) from None
    _tell_next(ctx, asked, ctx.t("Handed on."))


@router.button("request.decline", versioned=True)
def ask_decline(ctx: Context, event: Click) -> None:
    """Asks why."""
    ctx.ask(DeclineRequestForm, ctx.mine(Request))


@router.form(DeclineRequestForm, versioned=True)
def decline(ctx: Context, event: Submitted, form: DeclineRequestForm) -> None:
    """Whoever asked reads why."""
    asked = ctx.mine(Request)
    asked.decline(ctx.db, ctx.actor, event.version, ctx.now, ctx.seal(asked, "reason", form.reason))
    ctx.tell(asked.person_id, "request.card", asked)
    _task_moved(ctx, asked)
    ctx.toast(ctx.t("Declined. {name} reads why.", name=name_of(ctx.db, asked.person_id, ctx.t.locale)))


# What becomes of the answer


@router.button("request.accept", versioned=True)
def accept(ctx: Context, event: Click) -> None:
    """It is what was needed."""
    asked = ctx.mine(Request)
    asked.accept(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Accepted. {name} sees it.", name=name_of(ctx.db, asked.author_id, ctx.t.locale)))


@router.button("request.return", versioned=True)
def ask_return(ctx: Context, event: Click) -> None:
    """Asks what is missing, and by when; two days at least are proposed."""
    asked = ctx.mine(Request)
    day = max(asked.due_at.astimezone(ctx.zone).date(), ctx.today + timedelta(days=2))
    ctx.ask(ReturnRequestForm, asked, values={"due": day})


@router.form(ReturnRequestForm, versioned=True)
def take_return(ctx: Context, event: Submitted, form: ReturnRequestForm) -> None:
    """Whoever answered is asked again."""
    asked, due_at = ctx.mine(Request), end_of_day(form.due, ctx.zone)
    if due_at <= ctx.now:
        raise Invalid({"due": ctx.t("Choose a day that is still to come.")})
    asked.return_(ctx.db, ctx.actor, event.version, ctx.now, due_at, ctx.seal(asked, "reason", form.reason))
    _task_moved(ctx, asked)
    _tell_next(ctx, asked, ctx.t("Returned."))


@router.button("request.withdraw", versioned=True)
def withdraw(ctx: Context, event: Click) -> None:
    """It is needed no more."""
    asked = ctx.mine(Request)
    asked.withdraw(ctx.db, ctx.actor, event.version, ctx.now)
    _task_moved(ctx, asked)
    ctx.toast(ctx.t("Withdrawn. Nobody has to answer."))


# The clock


@router.every("requests", "*/10 * * * *")
def watch(ctx: Context, tick: Tick) -> None:
    """Cards say so as soon as a day has passed without an answer."""
    late = late_between(ctx.db, last_tick(ctx.db, tick.name, tick.at), tick.at)
    mark_copies(ctx.db, [Change("request.clock", Request.noun, one, {}) for one in late])


# Parts


def _ask(ctx: Context, place: Department | None, what: str) -> None:
    options = choices(ctx.db, ctx.t.locale, MOST_PLACES)
    if place is not None and str(place.id) not in dict(options):
        options = [(str(place.id), place.name(ctx.t.locale)), *options]
    values = {"department": str(place.id) if place is not None else "", "what": what, "due": ctx.today + USUAL}
    ctx.ask(RequestForm, values=values, options={"department": options, "cycle": _cycles(ctx)})


def _cycles(ctx: Context) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in announced(ctx.db, MOST_CYCLES)]


def _at_field(ctx: Context, no: Refused) -> Exception:
    return Invalid({no.field: ctx.t(no.message, **no.facts)}) if no.field else no


def _tell_next(ctx: Context, asked: Request, done: str) -> None:
    """Whoever has to act now gets the card."""
    if asked.waits_for_id is None:
        return
    ctx.tell(asked.waits_for_id, "request.card", asked)
    ctx.toast(ctx.t("{done} Next: {name}.", done=done, name=name_of(ctx.db, asked.waits_for_id, ctx.t.locale)))


def _task_moved(ctx: Context, asked: Request) -> None:
    """The list of who is done is drawn again."""
    if asked.assignment_id is not None:
        mark_copies(ctx.db, [Change("assignment.moved", "assignment", asked.assignment_id, {})])
