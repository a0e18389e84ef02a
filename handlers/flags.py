"""`perf flags`: what the rules found odd about scores, and HR's second review of it."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, whole
from bot.events import Click, Command, Submitted
from bot.router import Router
from bot.text import N_
from handlers.cards.flags import ConfirmForm, CorrectForm, DismissForm, ShownFlag, flag_card, flags_card
from models.abreast import named
from models.access import NOT_FOUND
from models.base import Refused
from models.cycle import RECKONING, Cycle, current
from models.department import Department
from models.flag import DEPARTMENT, PAIR, PERSON, RATER, UNSETTLED, Flag, flags_of
from models.person import Person, name_of
from models.scorecard import MANAGER, SUBMITTED, Scorecard, rater_of

router = Router()
router.said(
    flag_raised=N_("The figures of this flag changed on {when}."),
    flag_confirmed=N_("{who} already decided on {when} that the scores stand."),
    flag_dismissed=N_("{who} already dismissed this flag on {when}."),
    flag_correcting=N_("{who} already gave the scores back on {when}."),
    flag_corrected=N_("This was settled by corrected scores on {when}."),
)
LISTED = 60
MENDABLE = ("scoring", RECKONING, "review", "published")
MOST_CYCLES = 20


@router.command("flags", N_("What the rules found odd about scores"), usage="[cycle]", right="flag.see")
def flags(ctx: Context, event: Command) -> None:
    """The flags of the cycle that is named, else of the one that waits for decisions."""
    ctx.check("flag.see")
    left, cycle = named(ctx.db, event.text)
    if left:
        raise Refused("I don't know a cycle called “{name}”.", name=left)
    ctx.reply("flag.list", cycle or _cycle(ctx), page=0)


@router.button("flag.list", right="flag.see")
def show_list(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("flag.list", _cycle(ctx), page=0)


@router.button("flag.page", right="flag.see")
def page(ctx: Context, event: Click) -> None:
    """Another page of the list, or another cycle's: "0 7" is the first page of cycle 7."""
    word, _, number = event.value.partition(" ")
    at, cycle = whole(word), whole(number or "0")
    if at is None or cycle is None:
        raise Refused(NOT_FOUND)
    ctx.reply("flag.list", ctx.get(Cycle, cycle) if cycle else _cycle(ctx), page=at)


@router.button("flag.pick", right="flag.see")
def pick(ctx: Context, event: Click) -> None:
    """One flag from the list."""
    flag = ctx.chosen(Flag, event.value)
    ctx.check("flag.see", flag)
    ctx.reply("flag.card", flag)


@router.button("flag.sheet", right="flag.see")
def open_sheet(ctx: Context, event: Click) -> None:
    """The scores of one person whom a flag concerns."""
    card = ctx.chosen(Scorecard, event.value)
    ctx.check("scorecard.read", card)
    ctx.reply("scorecard.card", card)


@router.view("flag.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The open ones first; nobody is shown a flag whose figures are about themselves."""
    ctx.check("flag.see")
    cycle = ctx.get(Cycle, subject)
    found = [flag for flag in flags_of(ctx.db, cycle.id) if ctx.can("flag.see", flag)]
    shown = [_shown(ctx, flag, cycle) for flag in found]
    others = [(one.id, one.name) for one in _flagged(ctx) if one.id != cycle.id]
    return flags_card(ctx.t, cycle.name, shown, page=int(facts["page"]), at=cycle.id, others=others)


@router.view("flag.card")
def flag_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One flag, for HR."""
    flag = ctx.get(Flag, subject)
    ctx.check("flag.see", flag)
    return flag_card(ctx.t, _shown(ctx, flag, ctx.get(Cycle, flag.cycle_id), whole=True))


@router.button("flag.confirm", right="flag.resolve", versioned=True)
def ask_confirm(ctx: Context, event: Click) -> None:
    """Asks why the scores stand."""
    ctx.ask(ConfirmForm, ctx.mine(Flag))


@router.form(ConfirmForm, right="flag.resolve", versioned=True)
def confirm(ctx: Context, event: Submitted, form: ConfirmForm) -> None:
    """The scores stand."""
    flag = ctx.mine(Flag)
    flag.confirm(ctx.db, ctx.actor, event.version, ctx.now, ctx.seal(flag, "reason", form.reason))
    ctx.toast(ctx.t("Noted: the scores stand."))


@router.button("flag.dismiss", right="flag.resolve", versioned=True)
def ask_dismiss(ctx: Context, event: Click) -> None:
    """Asks why the rule is wrong here."""
    ctx.ask(DismissForm, ctx.mine(Flag))


@router.form(DismissForm, right="flag.resolve", versioned=True)
def dismiss(ctx: Context, event: Submitted, form: DismissForm) -> None:
    """The rule does not fit."""
    flag = ctx.mine(Flag)
    flag.dismiss(ctx.db, ctx.actor, event.version, ctx.now, ctx.seal(flag, "reason", form.reason))
    ctx.toast(ctx.t("Dismissed with your reason."))


@router.button("flag.correct", right="flag.resolve", versioned=True)
def ask_correct(ctx: Context, event: Click) -> None:
    """Asks whose scores go back, and why."""
    flag = ctx.mine(Flag)
    cards = _cards(ctx, flag)
    options = [(str(card.person_id), _name(ctx, card.person_id)) for card in cards[:LISTED]]
    several = len(cards) > 1
    ctx.ask(CorrectForm, flag, options={"people": options}, only=None if several else ("reason",))


@router.form(CorrectForm, right="flag.resolve", versioned=True)
def correct(ctx: Context, event: Submitted, form: CorrectForm) -> None:
    """The scores go back to who gave them, with the reason."""
    flag = ctx.mine(Flag)
    chosen = [card for card in _cards(ctx, flag) if not form.people or str(card.person_id) in form.people]
    if not chosen:  # it would wait for scores that nobody hands in again
        raise Refused("These scores are given back already, or nobody concerned was chosen.")
    flag.correct(ctx.db, ctx.actor, event.version, ctx.now, ctx.seal(flag, "reason", form.reason))
    for card in chosen:
        rater = _rater(ctx, card)
        card.reopen(ctx.db, ctx.actor, ctx.now, ctx.seal(card, "reason", form.reason), rater)
        ctx.tell(rater, "scorecard.card", card)
    ctx.toast(ctx.t.n("{n} scorecard went back.", "{n} scorecards went back.", len(chosen)))


def _cycle(ctx: Context) -> Cycle:
    """The newest cycle whose flags are open, else with flags at all, else the current one."""
    undecided = select(Flag.cycle_id).where(col(Flag.state).in_(UNSETTLED))
    waiting = frozenset(ctx.db.exec(undecided.distinct()))
    found = sorted(_flagged(ctx), key=lambda one: one.id not in waiting)
    cycle = found[0] if found else current(ctx.db, ctx.today)
    if cycle is None:
        raise Refused("No cycle is under way.")
    return cycle


def _flagged(ctx: Context) -> Sequence[Cycle]:
    """The cycles with flags whose scores can still be changed, the newest first."""
    flagged = select(Flag.cycle_id)
    wanted = select(Cycle).where(col(Cycle.id).in_(flagged), col(Cycle.state).in_(MENDABLE))
    return ctx.db.exec(wanted.order_by(col(Cycle.id).desc()).limit(MOST_CYCLES)).all()


def _cards(ctx: Context, flag: Flag) -> Sequence[Scorecard]:
    """The managers' cards a flag is about, as far as they are handed in."""
    wanted = (
        select(Scorecard)
        .join(Person, col(Person.id) == col(Scorecard.person_id))
        .where(Scorecard.cycle_id == flag.cycle_id, Scorecard.kind == MANAGER, Scorecard.state == SUBMITTED)
        .order_by(col(Person.name), col(Person.id))
    )
    about = {
        PERSON: col(Scorecard.person_id) == flag.key,
        PAIR: col(Scorecard.person_id) == flag.key,
        RATER: col(Scorecard.rater_id) == flag.key,
        DEPARTMENT: col(Person.department_id) == flag.key,
    }
    found = ctx.db.exec(wanted.where(about[flag.about])).all()
    return [card for card in found if ctx.can("scorecard.reopen", card)]


def _rater(ctx: Context, card: Scorecard) -> int:
    """Who scored, if they are still here, else the manager now."""
    rater = ctx.db.get(Person, card.rater_id) if card.rater_id else None
    if rater is not None and rater.left_at is None:
        return rater.id
    manager = rater_of(ctx.db, card.person_id, MANAGER)
    if manager is None:
        raise Refused("Nobody above this person can score them now.")
    return manager


def _name(ctx: Context, person_id: int | None) -> str:
    return name_of(ctx.db, person_id, ctx.t.locale)


def _subject(ctx: Context, flag: Flag) -> str:
    match flag.about:
        case "department":
            return ctx.get(Department, flag.key).name(ctx.t.locale)
        case "rater":
            return ctx.t("{name} as a rater", name=_name(ctx, flag.key))
        case "pair":
            return ctx.t("{name}, scored by {other}", name=_name(ctx, flag.key), other=_name(ctx, flag.other))
        case _:
            return _name(ctx, flag.key)


def _shown(ctx: Context, flag: Flag, cycle: Cycle, *, whole: bool = False) -> ShownFlag:
    """`whole` shows what only the card of one flag says: the decision, and whose scores it is about."""
    sheets = [(str(card.id), _name(ctx, card.person_id)) for card in _cards(ctx, flag)[:20]] if whole else []
    return ShownFlag(
        id=flag.id,
        version=flag.version,
        rule=flag.rule,
        state=flag.state,
        subject=_subject(ctx, flag),
        cycle=cycle.name,
        figures=flag.figures,
        raised=flag.raised_at,
        reason=ctx.unseal(flag, "reason") if whole else "",
        decided_by=_name(ctx, flag.resolved_by_id) if whole else "",
        decided=flag.resolved_at if whole else None,
        decides=whole and ctx.can("flag.resolve", flag),
        sheets=sheets,
    )
