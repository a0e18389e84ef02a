"""`perf ask`: a question to HR, what is said about it in private, and how it ends."""

from typing import Any

from bot.cards import Card
from bot.context import Context, whole
from bot.events import Click, Command, Submitted, Tick
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.caseforms import CaseAnswerForm, CloseForm, HandForm, OpinionForm, QuestionForm, ReplyForm
from handlers.cards.cases import opinions_card
from models.access import NOT_FOUND
from models.base import Change, Refused
from models.case import Case, Message, fit_for, open_case
from models.caseload import cases_by, cases_with, deserted, overdue_between
from models.cycle import announced
from models.delivery import mark_copies
from models.opinion import Satisfaction, express, satisfaction, words_about
from models.person import Person, name_of
from models.ticking import last_tick

router = Router()
router.said(
    case_asked=N_("{who} asked this on {when}."),
    case_added=N_("{who} wrote more on {when}."),
    case_asked_again=N_("{who} wrote more on {when}."),
    case_reopened=N_("{who} opened this case again on {when}."),
    case_answered=N_("{who} already answered on {when}."),
    case_handed=N_("{who} handed this case on to somebody else in HR on {when}."),
    case_handed_over=N_("Somebody else in HR is in charge of this case since {when}."),
    case_taken=N_("{who} took this case over on {when}."),
    case_closed=N_("{who} closed this case on {when}."),
    case_satisfied=N_("{who} closed this case on {when}."),
    case_rated=N_("{who} already rated this on {when}."),
)
MOST_CYCLES, MOST_WORDS = 20, 10


# Asking


@router.command("ask", N_("Ask HR, in private"), usage="[question]", right="case.ask")
def ask(ctx: Context, event: Command) -> None:
    """The form, with what was typed in it; without words, what is open first."""
    if event.text.strip() or not _concerned(ctx):
        _ask(ctx, event.text.strip())
    else:
        ctx.reply("case.list")


@router.button("case.ask")
def ask_again(ctx: Context, event: Click) -> None:
    """The same by a button."""
    _ask(ctx, "")


@router.form(QuestionForm)
def take_question(ctx: Context, event: Submitted, form: QuestionForm) -> None:
    """One person in HR gets the card, and has 24 hours."""
    if form.cycle and form.cycle not in dict(_cycles(ctx)):
        raise Invalid({"cycle": ctx.t(SENTENCES["literal_error"])})
    case, message = open_case(ctx.db, ctx.actor, ctx.now, whole(form.cycle or ""))
    _keep(ctx, message, form.question)
    _tell_owner(ctx, case)
    ctx.reply("case.card", case)


# The thread: a message is never refused because the other side wrote in between.


@router.button("case.reply")
def ask_reply(ctx: Context, event: Click) -> None:
    """Asks for the message."""
    ctx.ask(ReplyForm, ctx.mine(Case))


@router.form(ReplyForm)
def take_reply(ctx: Context, event: Submitted, form: ReplyForm) -> None:
    """Goes to who is in charge; a closed case is open again."""
    case = ctx.mine(Case)
    _keep(ctx, case.reply(ctx.db, ctx.actor, ctx.now), form.said)
    _tell_owner(ctx, case)


@router.button("case.answer")
def ask_answer(ctx: Context, event: Click) -> None:
    """Asks for the message."""
    ctx.ask(CaseAnswerForm, ctx.mine(Case))


@router.form(CaseAnswerForm)
def take_answer(ctx: Context, event: Submitted, form: CaseAnswerForm) -> None:
    """Goes to who asked."""
    case = ctx.mine(Case)
    _keep(ctx, case.answer(ctx.db, ctx.actor, ctx.now), form.said)
    ctx.tell(case.person_id, "case.card", case)
    ctx.toast(ctx.t("Sent to {name}.", name=name_of(ctx.db, case.person_id, ctx.t.locale)))


# Who goes on, and the end


@router.button("case.hand", versioned=True)
def ask_hand(ctx: Context, event: Click) -> None:
    """Asks who goes on."""
    case = ctx.mine(Case)
    options = _colleagues(ctx, case)
    if not options:
        raise Refused("There is nobody else in HR who could go on with it.")
    ctx.ask(HandForm, case, options={"to": options})


@router.form(HandForm, versioned=True)
def hand(ctx: Context, event: Submitted, form: HandForm) -> None:
    """Somebody else in HR is in charge; the one who asked sees who."""
    case = ctx.mine(Case)
    if form.to not in dict(_colleagues(ctx, case)):
        raise Invalid({"to": ctx.t(SENTENCES["literal_error"])})
    to = ctx.chosen(Person, form.to)
    case.hand_to(ctx.db, ctx.actor, event.version, ctx.now, to)
    ctx.tell(to.id, "case.card", case)
    ctx.toast(ctx.t("{name} goes on with it.", name=to.called(ctx.t.locale)))


@router.button("case.take")
def take(ctx: Context, event: Click) -> None:
    """A colleague's case that waits too long."""
    case = ctx.chosen(Case, event.value)
    ctx.check("case.take", case)
    case.take(ctx.db, ctx.actor, case.version, ctx.now)
    ctx.tell(case.person_id, "case.card", case)
    ctx.reply("case.card", case)


@router.button("case.close", versioned=True)
def ask_close(ctx: Context, event: Click) -> None:
    """Asks for a last word."""
    ctx.ask(CloseForm, ctx.mine(Case))


@router.form(CloseForm, versioned=True)
def close(ctx: Context, event: Submitted, form: CloseForm) -> None:
    """The one who asked is told, and asked how it was."""
    case, note = ctx.mine(Case), form.note or ""
    try:
        message = case.close(ctx.db, ctx.actor, event.version, ctx.now, said=bool(note))
    except Refused as no:
        if not no.field:
            raise
        raise Invalid({no.field: ctx.t(no.message, **no.facts)}) from None
    if message is not None:
        _keep(ctx, message, note)
    ctx.tell(case.person_id, "case.card", case)
    ctx.toast(ctx.t("Closed."))


@router.button("case.satisfied", versioned=True)
def satisfied(ctx: Context, event: Click) -> None:
    """Nothing more is needed; how it was can be said with one press."""
    ctx.mine(Case).satisfied(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Closed. Thank you."))


@router.button("case.rate", versioned=True)
def rate(ctx: Context, event: Click) -> None:
    """A number from 1 to 5, kept without a name."""
    score = whole(event.value) or 0
    if not 1 <= score <= 5:
        raise Refused(NOT_FOUND)
    _rate(ctx, ctx.mine(Case), event.version, score, "")


@router.button("case.word", right="case.rate", versioned=True)
def ask_word(ctx: Context, event: Click) -> None:
    """Asks for the number and a word."""
    ctx.ask(OpinionForm, ctx.mine(Case))


@router.form(OpinionForm, right="case.rate", versioned=True)
def take_word(ctx: Context, event: Submitted, form: OpinionForm) -> None:
    """The same with a word."""
    _rate(ctx, ctx.mine(Case), event.version, int(form.score), form.word or "")


@router.button("case.opinions", right="case.watch")
def show_opinions(ctx: Context, event: Click) -> None:
    """How people find the answers."""
    ctx.reply("case.opinions")


@router.view("case.opinions")
def opinions_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Of all of HR, and of the reader's own cases."""
    ctx.check("case.watch")
    words = [ctx.unseal(one, "word") for one in words_about(ctx.db, ctx.actor.id)[:MOST_WORDS]]
    own = satisfaction(ctx.db, ctx.actor.id)
    return opinions_card(ctx.t, _figures(satisfaction(ctx.db)), _figures(own), words)


# The clock


@router.every("cases", "*/10 * * * *")
def watch(ctx: Context, tick: Tick) -> None:
    """Questions to somebody who is away now go to somebody who is here; cards say when a promise broke."""
    for case in deserted(ctx.db):
        if case.replace(ctx.db, ctx.now):
            ctx.tell(case.waits_for_id, "case.card", case)
    late = overdue_between(ctx.db, last_tick(ctx.db, tick.name, tick.at), tick.at)
    mark_copies(ctx.db, [Change("case.clock", Case.noun, one, {}) for one in late])


# Parts


def _ask(ctx: Context, typed: str) -> None:
    ctx.ask(QuestionForm, values={"question": typed}, options={"cycle": _cycles(ctx)})


def _cycles(ctx: Context) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in announced(ctx.db, MOST_CYCLES)]


def _concerned(ctx: Context) -> bool:
    return ctx.can("case.watch") or bool(cases_by(ctx.db, ctx.actor.id, 1) or cases_with(ctx.db, ctx.actor.id))


def _keep(ctx: Context, message: Message, said: str) -> None:
    message.body = ctx.seal(message, "body", said)
    ctx.db.add(message)


def _tell_owner(ctx: Context, case: Case) -> None:
    ctx.tell(case.waits_for_id, "case.card", case)
    ctx.toast(ctx.t("Sent to {name} in HR. Nobody else reads it.", name=_owner(ctx, case)))


def _rate(ctx: Context, case: Case, at: int, score: int, word: str) -> None:
    case.rate(ctx.db, ctx.actor, at)
    opinion = express(ctx.db, case.waits_for_id, score)
    if word:
        opinion.word = ctx.seal(opinion, "word", word)
        ctx.db.add(opinion)
    ctx.toast(ctx.t("Thank you. It is kept without your name."))


def _owner(ctx: Context, case: Case) -> str:
    return name_of(ctx.db, case.waits_for_id, ctx.t.locale)


def _colleagues(ctx: Context, case: Case) -> list[tuple[str, str]]:
    return [(str(one), name_of(ctx.db, one, ctx.t.locale)) for one in fit_for(ctx.db, case)]


def _figures(found: Satisfaction | None) -> tuple[int, Any] | None:
    return (found.ratings, found.mean) if found is not None else None
