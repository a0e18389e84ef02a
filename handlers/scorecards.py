"""`perf score`: what I give myself, or somebody whose manager I am; handed in once, given back by HR."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.cards import Card
from bot.context import Context, number, whole
from bot.events import Click, Command, Submitted
from bot.forms import Field, Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.evidence import ShownPiece, shown_pieces
from handlers.cards.scorecards import ShownScores, by_level, measured_text, scorecard_card
from handlers.cards.scoreforms import A_PAGE, MOST, OUT, CommentForm, RateForm, ReopenForm
from models.abreast import named
from models.base import Refused
from models.cycle import Cycle
from models.evidence import stored_of
from models.person import Person, name_of
from models.plan import Plan
from models.reckoning import RATED
from models.releasing import look_again
from models.result import result_of
from models.scorecard import MANAGER, OPEN, SELF, SUBMITTED, Score, Scorecard, card_meant, card_of, rater_of
from models.scoresheet import Entry, Scoresheet, scoresheet
from models.terms import ASKING, Terms

router = Router()
router.said(
    scorecard_rated=N_("{who} changed these scores on {when}."),
    scorecard_commented=N_("{who} commented on these scores on {when}."),
    scorecard_submitted=N_("{who} handed these scores in on {when}."),
    scorecard_reopened=N_("{who} gave these scores back on {when}."),
)
NOTHING = N_("Nothing here is scored by people.")
NOT_YET = N_("There is nothing to score yet: HR opens the self scores first, and the managers' scores after them.")


@router.command("score", N_("Score yourself, or your people"), usage="[@person] [cycle]", right="scorecard.own")
def score(ctx: Context, event: Command) -> None:
    """My own card, or the manager's card about somebody: of the cycle that is named, else one that takes scores."""
    said, cycle = named(ctx.db, event.text)
    person = ctx.person(said) if said else ctx.get(Person, ctx.actor.id)
    kind = SELF if person.id == ctx.actor.id else MANAGER
    ctx.check("scorecard.own" if kind == SELF else "scorecard.read", person)
    card = card_meant(ctx.db, person.id, kind, cycle.id if cycle is not None else None)
    if card is None:
        raise Refused(NOT_YET)
    ctx.reply("scorecard.card", card)


@router.view("scorecard.card")
def show_card(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The self score for its owner alone, the manager's for whoever may read it: never for the person it is about."""
    card = ctx.get(Scorecard, subject)
    ctx.check("scorecard.own" if card.kind == SELF else "scorecard.read", card)
    return scorecard_card(ctx.t, _shown(ctx, scoresheet(ctx.db, card)))


@router.button("scorecard.show", right="scorecard.read")
def show(ctx: Context, event: Click) -> None:
    """Opens a manager's card."""
    ctx.reply("scorecard.card", ctx.mine(Scorecard))


# Giving scores


@router.button("scorecard.rate", versioned=True)
def ask_page(ctx: Context, event: Click) -> None:
    """The next page of what is not scored yet, else the first one."""
    card = _open(ctx)
    sheet = scoresheet(ctx.db, card)
    _ask(ctx, sheet, [one for one in sheet.asked if one.given is None] or sheet.asked)


@router.button("scorecard.change", right="scorecard.rate", versioned=True)
def ask_one(ctx: Context, event: Click) -> None:
    """One indicator again, with what was given."""
    sheet = scoresheet(ctx.db, _open(ctx))
    entry = sheet.entry(whole(event.value) or 0)
    if entry is None:
        raise Refused(NOTHING)
    _ask(ctx, sheet, [entry])


@router.form(RateForm, versioned=True)
def rate(ctx: Context, event: Submitted, form: RateForm) -> None:
    """Stores a page, so that nothing is lost, and opens the next one."""
    card = _open(ctx)
    sheet, at = scoresheet(ctx.db, card), event.version
    given = [(place, *_read(ctx, sheet, form, place)) for place in range(1, A_PAGE + 1) if _said(form, place)]
    for place, entry, level in given:
        _give(ctx, sheet, entry, level, getattr(form, f"comment_{place}") or "", at)
        at = card.version
    if given:
        ctx.toast(ctx.t("Saved."))
    now = scoresheet(ctx.db, card)
    last = max((entry.item.position for _place, entry, _level in given), default=MOST)
    following = [one for one in now.asked if one.given is None and one.item.position > last]
    if following:
        _ask(ctx, now, following)
    else:
        _answer(ctx, card)


@router.button("scorecard.comment", right="scorecard.rate", versioned=True)
def ask_comment(ctx: Context, event: Click) -> None:
    """The comment as it stands."""
    card = _open(ctx)
    ctx.ask(CommentForm, card, values={"comment": ctx.unseal(card, "comment")})


@router.form(CommentForm, right="scorecard.rate", versioned=True)
def comment(ctx: Context, event: Submitted, form: CommentForm) -> None:
    """Stores the comment, sealed."""
    card = ctx.mine(Scorecard)
    card.say(ctx.db, ctx.actor, event.version, ctx.seal(card, "comment", form.comment or ""))
    ctx.toast(ctx.t("Saved."))
    _answer(ctx, card)


# Handing in, giving back


@router.button("scorecard.submit", right="scorecard.rate", versioned=True)
def submit(ctx: Context, event: Click) -> None:
    """The scores count from now on; what is odd about a manager's is told to HR."""
    card = ctx.mine(Scorecard)
    card.submit(ctx.db, ctx.actor, event.version, ctx.now, scoresheet(ctx.db, card).wanting)
    cycle = ctx.get(Cycle, card.cycle_id)
    if card.kind == MANAGER or cycle.state not in ASKING:
        for flag in look_again(ctx.db, cycle, [card], ctx.now):
            if flag.waits_for_id is not None:
                ctx.tell(flag.waits_for_id, "flag.card", flag)
    ctx.toast(ctx.t("Handed in."))
    _answer(ctx, card)


@router.button("scorecard.reopen", versioned=True)
def ask_reopen(ctx: Context, event: Click) -> None:
    """Asks for the reason."""
    ctx.ask(ReopenForm, ctx.mine(Scorecard))


@router.form(ReopenForm, versioned=True)
def reopen(ctx: Context, event: Submitted, form: ReopenForm) -> None:
    """Back to whoever scores now, with the reason; not once the result is out."""
    card = ctx.mine(Scorecard)
    result = result_of(ctx.db, card.cycle_id, card.person_id)
    if result is not None and result.published:
        raise Refused("This result is published. What is wrong with it is for a dispute.")
    rater = rater_of(ctx.db, card.person_id, card.kind)
    if rater is None:
        raise Refused("Nobody is there to score: the person has no manager.")
    card.reopen(ctx.db, ctx.actor, ctx.now, ctx.seal(card, "reason", form.reason), rater)
    ctx.tell(rater, "scorecard.card", card)
    ctx.toast(ctx.t("Given back to {name}.", name=name_of(ctx.db, rater, ctx.t.locale)))


# Parts


def _open(ctx: Context) -> Scorecard:
    card = ctx.mine(Scorecard)
    card.expect_open(ctx.db, ctx.actor)
    return card


def _answer(ctx: Context, card: Scorecard) -> None:
    """A pressed card is redrawn in place; where there is none, the answer is a new one."""
    if ctx.event is not None and not ctx.event.where.message:
        ctx.reply("scorecard.card", card)


def _ask(ctx: Context, sheet: Scoresheet, entries: Sequence[Entry]) -> None:
    """A page of the form: what each level means stands under its question."""
    page = entries[:A_PAGE]
    if not page:
        raise Refused(NOTHING)
    places = range(1, len(page) + 1)
    about = dict(zip(places, page, strict=True))
    ctx.ask(
        RateForm,
        sheet.card,
        only=[f"{name}_{place}" for place in places for name in ("level", "comment")],
        labels={name: said for place, entry in about.items() for name, said in _labels(ctx, place, entry)},
        options={f"level_{place}": _options(ctx, sheet, entry) for place, entry in about.items()},
        values={name: said for place, entry in about.items() for name, said in _values(ctx, place, entry)},
    )
    if ctx.sheet is not None:
        hinted = (_hinted(ctx, sheet.terms, field, about[int(field.name[-1])]) for field in ctx.sheet.fields)
        ctx.sheet = replace(ctx.sheet, fields=tuple(hinted))


def _labels(ctx: Context, place: int, entry: Entry) -> list[tuple[str, str]]:
    name = entry.item.name
    return [(f"level_{place}", name), (f"comment_{place}", ctx.t("Comment: {name}", name=name))]


def _values(ctx: Context, place: int, entry: Entry) -> list[tuple[str, object]]:
    if entry.given is None:
        return []
    level = OUT if entry.given.excluded else entry.given.level
    said = ctx.unseal(entry.given, "comment")
    return [(f"level_{place}", f"{entry.item.lineage}.{level}"), (f"comment_{place}", said)]


def _options(ctx: Context, sheet: Scoresheet, entry: Entry) -> list[tuple[str, str]]:
    lineage = entry.item.lineage
    options = [(f"{lineage}.{level.name}", level.name) for level in sheet.terms.levels]
    out = [(f"{lineage}.{OUT}", ctx.t("Leave out"))] if _may_leave_out(sheet, entry) else []
    return [*options, *out]


def _may_leave_out(sheet: Scoresheet, entry: Entry) -> bool:
    return sheet.card.kind == MANAGER and entry.item.rule != RATED


def _hinted(ctx: Context, terms: Terms, field: Field, entry: Entry) -> Field:
    if field.name.startswith("comment"):
        needed = entry.item.rule != RATED
        return replace(field, hint=ctx.t("Needed if it is left out: the reason.")) if needed else field
    worth = ctx.t.list([f"{level.name} {ctx.t.number(level.points)}" for level in terms.levels])
    said = by_level(entry.item.levels) if entry.item.rule == RATED else measured_text(ctx.t, entry)
    return replace(field, hint=said or worth)


def _said(form: RateForm, place: int) -> bool:
    return bool(getattr(form, f"level_{place}") or getattr(form, f"comment_{place}"))


def _read(ctx: Context, sheet: Scoresheet, form: RateForm, place: int) -> tuple[Entry, str]:
    """Which indicator and which level an answer names; refused at its field."""
    lineage, _dot, level = str(getattr(form, f"level_{place}") or "").partition(".")
    entry = sheet.entry(int(lineage)) if number(lineage) else None
    known = entry is not None and (sheet.terms.level(level) or (level == OUT and _may_leave_out(sheet, entry)))
    if entry is None or not known:
        raise Invalid({f"level_{place}": ctx.t("Please choose one of the options.")})
    if level == OUT and not getattr(form, f"comment_{place}"):
        raise Invalid({f"comment_{place}": ctx.t("Say why it is left out.")})
    return entry, level


def _give(ctx: Context, sheet: Scoresheet, entry: Entry, level: str, said: str, at: int) -> None:
    known = sheet.terms.level(level)
    if known is None:
        given: Score = sheet.card.exclude(ctx.db, ctx.actor, at, ctx.now, entry.item)
    else:
        given = sheet.card.rate(ctx.db, ctx.actor, at, ctx.now, entry.item, known)
    given.comment = ctx.seal(given, "comment", said)
    ctx.db.add(given)
    ctx.db.flush()


def _comments(ctx: Context, sheet: Scoresheet) -> dict[int, str]:
    given = [one for one in sheet.entries if one.given is not None]
    return {one.item.lineage: ctx.unseal(one.given, "comment") for one in given if one.given is not None}


def _pieces(ctx: Context, card: Scorecard) -> dict[int, list[ShownPiece]]:
    """The evidence of the plan by item, for who may read it."""
    if not ctx.can("plan.evidence", ctx.get(Plan, card.plan_id)):
        return {}
    return {lineage: shown_pieces(given, ctx.unseal) for lineage, given in stored_of(ctx.db, card.plan_id).items()}


def _shown(ctx: Context, sheet: Scoresheet) -> ShownScores:
    """What is not handed in is the rater's alone."""
    card = sheet.card
    cycle = ctx.get(Cycle, card.cycle_id)
    rates = card.state == OPEN and ctx.can("scorecard.rate", card)
    told = rates or card.state == SUBMITTED
    manages = card.kind == MANAGER
    own = card_of(ctx.db, card.plan_id, SELF) if manages and card.state == OPEN else None
    again = own is not None and own.state != OPEN and not rates and ctx.can("scorecard.reopen", own)
    return ShownScores(
        card=card,
        owner=name_of(ctx.db, card.person_id, ctx.t.locale),
        cycle=cycle.name,
        entries=sheet.entries if told else [replace(one, given=None, own=None) for one in sheet.entries],
        mine=card.kind == SELF,
        rates=rates,
        reopens=manages and card.state != OPEN and ctx.can("scorecard.reopen", card),
        peers=not manages and cycle.state in ASKING,
        by=name_of(ctx.db, card.rater_id, ctx.t.locale),
        comment=ctx.unseal(card, "comment") if told else "",
        comments=_comments(ctx, sheet) if told else {},
        total=sheet.total if told else None,
        rating=sheet.rating if told else "",
        reason=ctx.unseal(card, "reason") if told else "",
        own_card=(own.id, own.version) if own is not None and again else None,
        pieces=_pieces(ctx, card),
    )
