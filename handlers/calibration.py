"""`perf calibrate`: results against the guidance before they are published, opinions on them, changes with a reason."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, number, whole
from bot.events import Click, Command, Submitted
from bot.router import Router
from bot.text import N_
from handlers.cards.calibration import (
    CalibrateForm,
    Case,
    Opinion,
    QuestionForm,
    Row,
    Spread,
    case_card,
    spread_card,
)
from handlers.cards.flags import why
from models.abreast import named
from models.access import NOT_FOUND
from models.base import Change, Refused
from models.calibration import Vote, vote, votes_on
from models.cycle import Cycle
from models.delivery import mark_copies
from models.department import Department, branches
from models.flag import subjects_of, unsettled
from models.person import Person, name_of
from models.result import UNPUBLISHED, Result, previous_totals
from models.terms import terms_of

router = Router()
router.said(
    result_calibrated=N_("{who} changed this total in calibration on {when}."),
    result_adjusted=N_("{who} adjusted this total on {when}."),
    result_voted=N_("{who} said something about this result on {when}."),
)


@router.command(
    "calibrate", N_("Look at results together before they are published"), usage="[cycle]", right="cycle.calibrate"
)
def calibrate(ctx: Context, event: Command) -> None:
    """The company for HR, the own department for a head; the cycle that is named, else the newest in review."""
    _left, cycle = named(ctx.db, event.text)
    _show(ctx, cycle.id if cycle is not None else 0)


@router.button("calibration.show", right="team.see")
def show(ctx: Context, event: Click) -> None:
    """Back to the list; the subject is the cycle."""
    _show(ctx, event.subject)


@router.button("calibration.cycle", right="team.see")
def another(ctx: Context, event: Click) -> None:
    """Another cycle in review."""
    _show(ctx, whole(event.value) or 0)


@router.button("calibration.place", right="team.see")
def place(ctx: Context, event: Click) -> None:
    """Another department."""
    here = whole(event.value)
    if here not in dict(_places(ctx)):
        raise Refused(NOT_FOUND)
    ctx.reply("calibration.card", _cycle(ctx, event.subject), department=here, page=0)


@router.button("calibration.page", right="team.see")
def page(ctx: Context, event: Click) -> None:
    """Another page: "3 1" is the second page of department 3."""
    department, _, at = event.value.partition(" ")
    if not number(department) or not number(at) or int(department) not in dict(_places(ctx)):
        raise Refused(NOT_FOUND)
    ctx.reply("calibration.card", _cycle(ctx, event.subject), department=int(department), page=int(at))


@router.button("calibration.pick", right="team.see")
def pick(ctx: Context, event: Click) -> None:
    """One result from the list."""
    result = ctx.chosen(Result, event.value)
    ctx.check("result.vote", result)
    ctx.reply("calibration.case", result)


@router.view("calibration.card")
def spread_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The spread of one place; the reader's own result is part of no figure, or the list would tell it (threat T22)."""
    cycle, here = ctx.get(Cycle, subject), int(facts["department"])
    places = _places(ctx)
    if here not in dict(places):
        raise Refused(NOT_FOUND)
    rows = [(result, person) for result, person in _results(ctx, cycle, here) if person.id != ctx.actor.id]
    done = [(result, person) for result, person in rows if result.total is not None]
    terms = terms_of(cycle)
    counts = {level.name: sum(1 for one, _ in done if one.rating == level.name) for level in terms.levels}
    shown = Spread(
        cycle=cycle.name,
        place=dict(places)[here],
        counts=counts,
        guidance=terms.guidance,
        rows=_rows(ctx, cycle, done),
        page=int(facts["page"]),
        unfinished=len(rows) - len(done),
        places=[(str(key), name) for key, name in places],
        department=here,
        id=cycle.id,
        cycles=[(str(one.id), one.name) for one in _in_review(ctx)],
    )
    return spread_card(ctx.t, shown)


@router.view("calibration.case")
def case_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """One result with everything said about it."""
    result = ctx.get(Result, subject)
    ctx.check("result.vote", result)
    cycle, person = ctx.get(Cycle, result.cycle_id), ctx.get(Person, result.person_id)
    earlier = previous_totals(ctx.db, cycle, [person.id]).get(person.id)
    flags = subjects_of([one for one in unsettled(ctx.db, cycle.id) if ctx.can("flag.see", one)])
    about = flags.of(person.id, person.department_id, result.author_id)
    told = [why(ctx.t, one.rule, one.figures) for one in about]
    said = votes_on(ctx.db, [result.id]).get(result.id, [])
    if result.total is None:
        raise Refused(NOT_FOUND)
    shown = Case(
        id=result.id,
        version=result.version,
        name=person.called(ctx.t.locale),
        cycle=cycle.name,
        cycle_id=cycle.id,
        total=result.total,
        rating=result.rating,
        came=_came(ctx, result),
        last=f"{ctx.t.number(earlier.total)} · {earlier.rating}" if earlier and earlier.total is not None else "",
        opinions=[_opinion(ctx, one) for one in said],
        agreed=any(one.by_id == ctx.actor.id and one.agrees for one in said),
        flags=told,
        votes=True,
        calibrates=ctx.can("result.calibrate", result),
        open=result.state in UNPUBLISHED,
    )
    return case_card(ctx.t, shown)


@router.button("result.agree", right="result.vote", versioned=True)
def agree(ctx: Context, event: Click) -> None:
    """The result is as the reader sees it, too."""
    result = ctx.mine(Result)
    vote(ctx.db, result, ctx.actor, ctx.now, agrees=True)
    _redrawn(ctx, result)
    ctx.toast(ctx.t("Noted: you agree."))


@router.button("result.question", right="result.vote", versioned=True)
def ask_question(ctx: Context, event: Click) -> None:
    """Asks what should be talked about."""
    ctx.ask(QuestionForm, ctx.mine(Result))


@router.form(QuestionForm, right="result.vote", versioned=True)
def question(ctx: Context, event: Submitted, form: QuestionForm) -> None:
    """The question is put to those who calibrate."""
    result = ctx.mine(Result)
    said = vote(ctx.db, result, ctx.actor, ctx.now, agrees=False)
    said.note = ctx.seal(said, "note", form.note)
    _redrawn(ctx, result)
    ctx.toast(ctx.t("Your question is noted."))


@router.button("result.calibrate", versioned=True)
def ask_calibrate(ctx: Context, event: Click) -> None:
    """Asks for the total and the reason."""
    result = ctx.mine(Result)
    ctx.ask(CalibrateForm, result, values={"total": result.total})


@router.form(CalibrateForm, versioned=True)
def change(ctx: Context, event: Submitted, form: CalibrateForm) -> None:
    """HR sets the total; its owner will read the reason."""
    result = ctx.mine(Result)
    note = ctx.seal(result, "calibration_note", form.reason)
    terms = terms_of(ctx.get(Cycle, result.cycle_id))
    result.calibrate(ctx.db, ctx.actor, event.version, form.total, note, terms)
    _redrawn(ctx, result)
    ctx.toast(ctx.t("Changed to {total} ({rating}).", total=form.total, rating=result.rating))


def _show(ctx: Context, cycle_id: int = 0) -> None:
    places = _places(ctx)
    if not places:
        raise Refused(NOT_FOUND)
    ctx.reply("calibration.card", _cycle(ctx, cycle_id), department=places[0][0], page=0)


def _cycle(ctx: Context, cycle_id: int) -> Cycle:
    """A cycle whose results are computed and not all published; the newest for 0."""
    found = [one for one in _in_review(ctx) if not cycle_id or one.id == cycle_id]
    if not found:
        raise Refused("No cycle is in review now: results are calibrated between scoring and publication.")
    return found[0]


def _in_review(ctx: Context) -> Sequence[Cycle]:
    return ctx.db.exec(select(Cycle).where(Cycle.state == "review").order_by(col(Cycle.id).desc())).all()


def _places(ctx: Context) -> list[tuple[int, str]]:
    """Where the reader may look: HR at the company (0) and every department, a head at those they head."""
    everywhere = ctx.can("cycle.calibrate")
    departments = branches(ctx.db, ctx.t.locale, top=not everywhere)
    mine = [(one.id, name) for one, name in departments if everywhere or ctx.can("cycle.calibrate", one)]
    return [(0, ctx.t("The company")), *mine] if everywhere else mine


def _results(ctx: Context, cycle: Cycle, department_id: int) -> Sequence[tuple[Result, Person]]:
    """The results of a department and those below it (0: everybody), the best first."""
    wanted = select(Result, Person).join(Person, col(Person.id) == col(Result.person_id))
    wanted = wanted.where(Result.cycle_id == cycle.id)
    if department_id:
        path = ctx.get(Department, department_id).path
        wanted = wanted.join(Department, col(Department.id) == col(Person.department_id))
        wanted = wanted.where(col(Department.path).startswith(path, autoescape=True))
    return ctx.db.exec(wanted.order_by(col(Result.total).desc(), col(Person.name), col(Result.id))).all()


def _rows(ctx: Context, cycle: Cycle, rows: Sequence[tuple[Result, Person]]) -> list[Row]:
    votes = votes_on(ctx.db, [result.id for result, _ in rows])
    flags = subjects_of([one for one in unsettled(ctx.db, cycle.id) if ctx.can("flag.see", one)])
    found = []
    for result, person in rows:
        said = votes.get(result.id, [])
        agree = sum(1 for one in said if one.agrees)
        about = len(flags.of(person.id, person.department_id, result.author_id))
        if result.total is not None:
            name = person.called(ctx.t.locale)
            found.append(Row(result.id, name, result.total, result.rating, agree, len(said) - agree, about))
    return found


def _came(ctx: Context, result: Result) -> list[str]:
    """The way from the computed total to the present one."""
    said = [ctx.t("Computed: {points}", points=result.computed)]
    if result.adjustment:
        values = {"who": name_of(ctx.db, result.adjusted_by_id, ctx.t.locale), "points": _signed(ctx, result)}
        said.append(ctx.t("{who} adjusted by {points}: {note}", note=ctx.unseal(result, "adjustment_note"), **values))
    if result.calibrated is not None:
        who = name_of(ctx.db, result.calibrated_by_id, ctx.t.locale)
        because = ctx.unseal(result, "calibration_note")
        said.append(ctx.t("{who} set {points}: {note}", who=who, points=result.calibrated, note=because))
    return said


def _signed(ctx: Context, result: Result) -> str:
    said = ctx.t.number(result.adjustment)
    return f"+{said}" if result.adjustment > 0 else said


def _opinion(ctx: Context, said: Vote) -> Opinion:
    return Opinion(name_of(ctx.db, said.by_id, ctx.t.locale), said.agrees, ctx.unseal(said, "note"))


def _redrawn(ctx: Context, result: Result) -> None:
    """Everybody's list of the cycle shows it at once."""
    mark_copies(ctx.db, [Change("cycle.calibrated", Cycle.noun, result.cycle_id, {})])
