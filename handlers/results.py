"""`perf result`: what came out, how it was computed step by step, and where each number comes from."""

from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command, Submitted
from bot.forms import Invalid
from bot.router import Router
from bot.text import N_, clean
from handlers.cards.amounts import points
from handlers.cards.lines import line_card
from handlers.cards.resultdata import Decided, Entry, ShownLine, ShownOrigin, ShownResult
from handlers.cards.results import AdjustForm, adjust_label, none_card, result_card
from handlers.cards.steps import steps_card
from models.base import Refused
from models.checkin import Measurement
from models.cycle import Cycle
from models.item import Item
from models.origin import first_line, given_by_manager, handed_in_late, last_time, measured_before
from models.person import Person, name_of
from models.reckoning import RATED
from models.result import ACKNOWLEDGED, DISPUTED, PUBLISHED, UNPUBLISHED, Line, Result, lines_of, readable
from models.rules.scoring import Outcome
from models.rules.totals import ADJUST
from models.terms import Terms, terms_of

router = Router()
router.said(
    result_published=N_("{who} published this result on {when}."),
    result_acknowledged=N_("{who} acknowledged this result on {when}."),
)


# Views


@router.command("result", N_("My result, and how it was computed"), usage="[@person | cycle]", right="result.see")
def result(ctx: Context, event: Command) -> None:
    """The newest result that the reader may read: their own or somebody's, of the cycle if one is named."""
    person, cycle = _meant(ctx, event.text)
    found = _readable_results(ctx, person)
    wanted = next((one for one, of in found if cycle is None or of.id == cycle.id), None)
    if wanted is not None:
        ctx.reply("result.card", wanted)
        return
    if person.id != ctx.actor.id:
        ctx.check("plan.read", person)
    ctx.reply("result.none", person, cycle=cycle.name if cycle is not None else "")


@router.button("result.show", right="home.see")
def show(ctx: Context, event: Click) -> None:
    """One result."""
    ctx.reply("result.card", _mine(ctx))


@router.button("result.pick", right="home.see")
def pick(ctx: Context, event: Click) -> None:
    """Another cycle's result."""
    chosen = ctx.chosen(Result, event.value)
    readable(ctx.db, ctx.actor, chosen)
    ctx.reply("result.card", chosen)


@router.button("result.steps", right="home.see")
def steps(ctx: Context, event: Click) -> None:
    """How it was computed."""
    ctx.reply("result.steps", _mine(ctx))


@router.button("line.show", right="home.see")
def show_line(ctx: Context, event: Click) -> None:
    """Where one number comes from."""
    line = ctx.chosen(Line, event.value)
    readable(ctx.db, ctx.actor, ctx.get(Result, line.result_id))
    ctx.reply("line.card", line)


@router.view("result.card")
def result_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The result, for whoever may read it now."""
    return result_card(ctx.t, _shown(ctx, _read(ctx, subject)))


@router.view("result.none")
def none_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Nothing to see, whether there is something or not."""
    person = ctx.get(Person, subject)
    name = "" if person.id == ctx.actor.id else person.called(ctx.t.locale)
    if name:
        ctx.check("plan.read", person)
    return none_card(ctx.t, str(facts["cycle"]), name)


@router.view("result.steps")
def steps_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The items, the sum, the cut-offs."""
    return steps_card(ctx.t, _shown(ctx, _read(ctx, subject)))


@router.view("line.card")
def line_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One item of a result: the rule, the value, the raters."""
    line = ctx.get(Line, subject)
    return line_card(ctx.t, _origin(ctx, line, _read(ctx, line.result_id)))


# Acts


@router.button("result.acknowledge", versioned=True)
def acknowledge(ctx: Context, event: Click) -> None:
    """Its owner has seen it."""
    ctx.mine(Result).acknowledge(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Thank you. You can still dispute the result."))


@router.button("result.adjust", versioned=True)
def ask_adjust(ctx: Context, event: Click) -> None:
    """Asks by how much, and why."""
    found = ctx.mine(Result)
    if found.computed is None:
        raise Refused("Something is not scored yet.")
    terms = _terms(ctx, found)
    values = {"by": found.adjustment, "comment": ctx.unseal(found, "adjustment_note")}
    label = adjust_label(ctx.t, found.computed, terms.levels)
    ctx.ask(AdjustForm, found, values=values, labels={"by": label})


@router.form(AdjustForm, versioned=True)
def adjust(ctx: Context, event: Submitted, form: AdjustForm) -> None:
    """The manager moves the total, and sees what came of it before anybody else does."""
    found = ctx.mine(Result)
    if abs(form.by) > ADJUST:
        said = ctx.t("At most {most} points up or down; more is for calibration.", most=ADJUST)
        raise Invalid({"by": said})
    note = ctx.seal(found, "adjustment_note", form.comment)
    found.adjust(ctx.db, ctx.actor, event.version, form.by, note, _terms(ctx, found))
    ctx.toast(ctx.t("The total is {points} now, {rating}.", points=points(ctx.t, found.total), rating=found.rating))


# Parts


def _mine(ctx: Context) -> Result:
    """The result of the event, if its reader may read it."""
    found = ctx.mine(Result)
    readable(ctx.db, ctx.actor, found)
    return found


def _read(ctx: Context, subject: int) -> Result:
    found = ctx.get(Result, subject)
    readable(ctx.db, ctx.actor, found)
    return found


def _meant(ctx: Context, typed: str) -> tuple[Person, Cycle | None]:
    """Whose result is meant, and of which cycle: "@ana", "2026 Q4", "@ana 2026 Q4" or nothing."""
    said = clean(typed)
    for cycle in ctx.db.exec(select(Cycle).order_by(col(Cycle.id).desc())):
        name = clean(cycle.name).casefold()
        if said.casefold() == name:
            return ctx.get(Person, ctx.actor.id), cycle
        if said.casefold().endswith(f" {name}"):
            return ctx.person(said[: -len(name)]), cycle
    return (ctx.person(said) if said else ctx.get(Person, ctx.actor.id)), None


def _readable_results(ctx: Context, person: Person) -> list[tuple[Result, Cycle]]:
    """What the reader may read of a person's results, the newest first; nothing of one's own before publication."""
    wanted = select(Result, Cycle).join(Cycle, col(Cycle.id) == col(Result.cycle_id))
    wanted = wanted.where(Result.person_id == person.id).order_by(col(Cycle.ends_on).desc(), col(Result.id).desc())
    right = "result.see" if person.id == ctx.actor.id else "result.read"
    return [(one, cycle) for one, cycle in ctx.db.exec(wanted) if ctx.can(right, one)]


def _terms(ctx: Context, found: Result) -> Terms:
    return terms_of(ctx.get(Cycle, found.cycle_id))


def _shown(ctx: Context, found: Result) -> ShownResult:
    """A result that its reader may read."""
    person, cycle = ctx.get(Person, found.person_id), ctx.get(Cycle, found.cycle_id)
    terms, before = terms_of(cycle), last_time(ctx.db, found)
    same = before[2] if before is not None else {}
    lines = [_line(ctx, found, one, terms, same.get(one.lineage)) for one in lines_of(ctx.db, found)]
    mine = person.id == ctx.actor.id
    past = [(one.id, of.name) for one, of in _readable_results(ctx, person) if one.id != found.id]
    return ShownResult(
        id=found.id,
        version=found.version,
        name=person.called(ctx.t.locale),
        cycle=cycle.name,
        state=found.state,
        total=found.total,
        rating=found.rating,
        computed=found.computed,
        lines=lines,
        decided=_decided(ctx, found),
        levels=terms.levels,
        before=(before[0].name, before[1].total) if before is not None and before[1].total is not None else None,
        past=past[:20],
        published=found.published_at,
        acknowledged=found.acknowledged_at,
        mine=mine,
        acknowledges=found.state == PUBLISHED and ctx.can("result.acknowledge", found),
        disputes=found.state in (PUBLISHED, ACKNOWLEDGED, DISPUTED) and ctx.can("result.dispute", found),
        adjusts=_adjustable(found) and ctx.can("result.adjust", found),
    )


def _adjustable(found: Result) -> bool:
    return found.state in UNPUBLISHED and found.computed is not None and found.calibrated is None


def _decided(ctx: Context, found: Result) -> Decided:
    return Decided(
        origin=found.origin,
        adjustment=found.adjustment,
        adjusted_by=name_of(ctx.db, found.adjusted_by_id, ctx.t.locale),
        comment=ctx.unseal(found, "adjustment_note"),
        calibrated=found.calibrated,
        reason=ctx.unseal(found, "calibration_note"),
    )


def _line(ctx: Context, found: Result, line: Line, terms: Terms, before: Line | None) -> ShownLine:
    given = _given(line)
    why = ""
    if line.excluded:
        _rater, score = given_by_manager(ctx.db, found.plan_id, line.lineage)
        why = ctx.unseal(score, "comment") if score is not None else ""
    absent = [rater for rater, share in terms.raters.items() if share and given[rater] is None] if _rated(line) else []
    return ShownLine(
        id=line.id,
        name=line.name,
        part=line.part,
        points=line.points,
        counted=line.counted,
        contribution=line.contribution,
        excluded=line.excluded,
        why=why,
        absent=tuple(absent),
        before=before.points if before is not None else None,
    )


def _given(line: Line) -> dict[str, Decimal | None]:
    """The raters' points in the order in which they are shown."""
    return {"manager": line.manager, "self": line.own, "peer": line.peer}


def _rated(line: Line) -> bool:
    """Whether people gave its points, and not a measurement."""
    return not line.excluded and (line.rule == RATED or line.outcome != Outcome.SCORED)


def _origin(ctx: Context, line: Line, found: Result) -> ShownOrigin:
    item, terms = ctx.get(Item, line.item_id), _terms(ctx, found)
    rater_id, score = given_by_manager(ctx.db, found.plan_id, line.lineage)
    measured = ctx.db.get(Measurement, line.measurement_id) if line.measurement_id is not None else None
    before = measured_before(ctx.db, measured) if measured is not None else None
    first = first_line(ctx.db, line)
    return ShownOrigin(
        line=_line(ctx, found, line, terms, None),
        result_id=found.id,
        standard=item.standard(),
        unit=item.unit,
        outcome=line.outcome,
        rated=_rated(line),
        levels=terms.levels,
        value=_entry(ctx, measured),
        previous=_entry(ctx, before),
        given=_given(line),
        weights=terms.raters,
        rater=name_of(ctx.db, rater_id, ctx.t.locale),
        comment=ctx.unseal(score, "comment") if score is not None and not line.excluded else "",
        ruled=first.points if first is not None and first.points != line.points else None,
        mine=found.person_id == ctx.actor.id,
        late=frozenset() if found.person_id == ctx.actor.id else handed_in_late(ctx.db, found.plan_id),
    )


def _entry(ctx: Context, measured: Measurement | None) -> Entry | None:
    if measured is None:
        return None
    by = name_of(ctx.db, measured.by_id, ctx.t.locale)
    return Entry(measured.value, measured.source, measured.reference, measured.at, by)
