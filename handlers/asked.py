"""Requests as their readers see them: the card, and the lists of what is asked and by whom."""

from collections.abc import Sequence
from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click
from bot.router import Router
from handlers.cards.requests import (
    ListedRequest,
    ShownAssignment,
    ShownRequest,
    ShownRequests,
    request_card,
    requests_card,
)
from models.access import NOT_FOUND
from models.assignment import Assignment, Standing, assignments, standing
from models.base import Refused
from models.cycle import Cycle
from models.department import Department
from models.person import name_of
from models.request import ANSWERED, ASKED, Request, requests_by, requests_with

router = Router()
OWN, TASKS, SHORT = 15, 8, 60
NOTHING = Standing(0, 0, 0, 0)


@router.button("request.list", right="home.see")
def show_list(ctx: Context, event: Click) -> None:
    """Everything that concerns the reader."""
    ctx.reply("request.list")


@router.button("request.show", right="request.read")
def show(ctx: Context, event: Click) -> None:
    """One request."""
    ctx.reply("request.card", ctx.mine(Request))


@router.button("request.pick", right="home.see")
def pick(ctx: Context, event: Click) -> None:
    """A request from a list."""
    asked = ctx.chosen(Request, event.value)
    _expect_readable(ctx, asked)
    ctx.reply("request.card", asked)


@router.view("request.card")
def request_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """For who asked, who leads the department, and who answers; of a task for all of HR."""
    asked = ctx.get(Request, subject)
    _expect_readable(ctx, asked)
    awaited = "" if asked.waits_for_id == ctx.actor.id else name_of(ctx.db, asked.waits_for_id, ctx.t.locale)
    shown = ShownRequest(
        id=asked.id,
        version=asked.version,
        name=name_of(ctx.db, asked.person_id, ctx.t.locale),
        department=ctx.get(Department, asked.department_id).name(ctx.t.locale),
        what=_what(ctx, asked),
        state=asked.state,
        due_at=asked.due_at,
        now=ctx.now,
        mine=asked.person_id == ctx.actor.id,
        task=asked.assignment_id is not None,
        cycle=ctx.get(Cycle, asked.cycle_id).name if asked.cycle_id else "",
        awaited=awaited,
        answered_by=name_of(ctx.db, asked.author_id, ctx.t.locale),
        answer=ctx.unseal(asked, "answer"),
        link=ctx.unseal(asked, "link"),
        reason=ctx.unseal(asked, "reason"),
        returns=asked.returns,
        verbs=_verbs(ctx, asked),
        ended_at=asked.ended_at,
    )
    return request_card(ctx.t, shown)


@router.view("request.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Always the reader's own; tasks for all of HR."""
    tasks = assignments(ctx.db, TASKS) if ctx.can("assignment.read") else ()
    far = standing(ctx.db, [one.id for one in tasks], ctx.now) if tasks else {}
    shown = ShownRequests(
        now=ctx.now,
        waiting=[_listed(ctx, one, own=False) for one in requests_with(ctx.db, ctx.actor.id)],
        own=[_listed(ctx, one, own=True) for one in requests_by(ctx.db, ctx.actor.id, OWN)],
        tasks=[_task(ctx, one, far.get(one.id, NOTHING)) for one in tasks],
        gives_tasks=ctx.can("assignment.open"),
    )
    return requests_card(ctx.t, shown)


# Parts


def _expect_readable(ctx: Context, asked: Request) -> None:
    """A task is of all of HR; everything else is of those who take part in it."""
    if not (ctx.can("request.read", asked) or (asked.assignment_id is not None and ctx.can("assignment.read"))):
        raise Refused(NOT_FOUND)


def _verbs(ctx: Context, asked: Request) -> Sequence[str]:
    verbs: list[str] = []
    if asked.state == ASKED:
        verbs += [verb for verb in ("answer", "hand", "decline") if ctx.can(f"request.{verb}", asked)]
    if asked.state == ANSWERED and ctx.can("request.accept", asked):
        verbs.append("accept")
    if asked.returnable and ctx.can("request.return", asked):
        verbs.append("return")
    if asked.running and ctx.can("request.withdraw", asked):
        verbs.append("withdraw")
    return verbs


def _what(ctx: Context, asked: Request) -> str:
    if asked.assignment_id is None:
        return ctx.unseal(asked, "what")
    return ctx.unseal(ctx.get(Assignment, asked.assignment_id), "what")


def _listed(ctx: Context, asked: Request, *, own: bool) -> ListedRequest:
    place = ctx.get(Department, asked.department_id).name(ctx.t.locale)
    return ListedRequest(
        id=asked.id,
        who=place if own else name_of(ctx.db, asked.person_id, ctx.t.locale),
        about=_short(_what(ctx, asked)),
        state=asked.state,
        due_at=asked.due_at,
        with_="" if asked.waits_for_id == ctx.actor.id else name_of(ctx.db, asked.waits_for_id, ctx.t.locale),
    )


def _task(ctx: Context, one: Assignment, far: Standing) -> ShownAssignment:
    return ShownAssignment(
        id=one.id,
        about=_short(ctx.unseal(one, "what")),
        due_at=one.due_at,
        total=far.total,
        done=far.done,
        late=far.late,
        declined=far.declined,
        ended=one.ended_at is not None,
    )


def _short(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= SHORT else f"{line[:SHORT].rstrip()}…"
