"""Tasks that HR gives to the heads of departments, with the live list of who is done."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, whole
from bot.events import Click, Submitted
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.assignments import ShownPart, ShownTask, assignment_card
from handlers.cards.requestforms import EVERY, TaskForm
from models.access import NOT_FOUND
from models.assignment import Assignment, Standing, assign, parts_of, standing
from models.base import Refused
from models.cycle import Cycle, announced, end_of_day
from models.department import Department, choices
from models.person import name_of
from models.request import Request

router = Router()
router.said(
    assignment_given=N_("{who} gave this task on {when}."),
    assignment_withdrawn=N_("{who} withdrew this task on {when}."),
)
PAGE, MOST_CYCLES, MOST_PLACES = 15, 20, 90


@router.button("assignment.open")
def ask_open(ctx: Context, event: Click) -> None:
    """Asks what, by when, and of whom."""
    ctx.ask(TaskForm, options={"departments": _places(ctx), "cycle": _cycles(ctx)})


@router.form(TaskForm)
def take_task(ctx: Context, event: Submitted, form: TaskForm) -> None:
    """Each head gets a card of their own; HR gets the list."""
    if form.cycle and form.cycle not in dict(_cycles(ctx)):
        raise Invalid({"cycle": ctx.t(SENTENCES["literal_error"])})
    due_at, cycle_id = end_of_day(form.due, ctx.zone), whole(form.cycle or "")
    try:
        made, rows = assign(ctx.db, ctx.actor, _chosen(ctx, form.departments), ctx.now, due_at, cycle_id)
    except Refused as no:
        raise Invalid({no.field: ctx.t(no.message, **no.facts)}) if no.field else no from None
    made.what = ctx.seal(made, "what", form.what)
    ctx.db.add(made)
    for one in rows:
        ctx.tell(one.author_id or 0, "request.card", one)
    ctx.toast(ctx.t.n("{n} head has the task now.", "{n} heads have the task now.", len(rows)))
    ctx.reply("assignment.card", made)


@router.button("assignment.pick", right="assignment.read")
def pick(ctx: Context, event: Click) -> None:
    """A task from the list."""
    ctx.reply("assignment.card", ctx.chosen(Assignment, event.value))


@router.button("assignment.page", right="assignment.read")
def page(ctx: Context, event: Click) -> None:
    """More heads."""
    at = whole(event.value)
    if at is None:
        raise Refused(NOT_FOUND)
    ctx.reply("assignment.card", ctx.mine(Assignment), page=at)


@router.button("assignment.withdraw", versioned=True)
def withdraw(ctx: Context, event: Click) -> None:
    """Nobody has to do it any more."""
    ctx.mine(Assignment).withdraw(ctx.db, ctx.actor, event.version, ctx.now)
    ctx.toast(ctx.t("Withdrawn. Nobody has to do it any more."))


@router.view("assignment.card")
def assignment_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Counts, and one page of the heads."""
    ctx.check("assignment.read")
    made, at = ctx.get(Assignment, subject), int(facts.get("page", 0))
    far = standing(ctx.db, [made.id], ctx.now).get(made.id, Standing(0, 0, 0, 0))
    shown = ShownTask(
        id=made.id,
        version=made.version,
        what=ctx.unseal(made, "what"),
        by=name_of(ctx.db, made.person_id, ctx.t.locale),
        due_at=made.due_at,
        now=ctx.now,
        total=far.total,
        done=far.done,
        late=far.late,
        declined=far.declined,
        cycle=ctx.get(Cycle, made.cycle_id).name if made.cycle_id else "",
        ended=made.ended_at is not None,
        parts=[_part(ctx, one) for one in parts_of(ctx.db, made.id, at, PAGE)],
        page=at,
        pages=max(1, -(-far.total // PAGE)),
    )
    return assignment_card(ctx.t, shown)


def _part(ctx: Context, one: Request) -> ShownPart:
    place = ctx.get(Department, one.department_id).name(ctx.t.locale)
    name = name_of(ctx.db, one.waits_for_id or one.author_id, ctx.t.locale)
    return ShownPart(one.id, place, name, one.state, one.due_at)


def _places(ctx: Context) -> list[tuple[str, str]]:
    return [(EVERY, ctx.t("All departments")), *choices(ctx.db, ctx.t.locale, MOST_PLACES)]


def _chosen(ctx: Context, values: Sequence[str]) -> Sequence[Department]:
    if EVERY in values:
        return ctx.db.exec(select(Department).order_by(col(Department.path))).all()
    return [ctx.chosen(Department, value) for value in values]


def _cycles(ctx: Context) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in announced(ctx.db, MOST_CYCLES)]
