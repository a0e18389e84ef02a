"""`perf publish`: HR publishes the results of the company or a department, each person's to that person alone."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context, whole
from bot.events import Click, Command
from bot.router import Router
from bot.text import N_
from handlers.cards.flags import listed
from handlers.cards.publishing import ShownRelease, no_release_card, release_card
from models.abreast import named
from models.access import NOT_FOUND
from models.base import Refused, Stale
from models.cycle import Cycle
from models.department import Department, branches
from models.examination import examine
from models.flag import DEPARTMENT, Flag
from models.person import Person, name_of
from models.releasing import RELEASING as OPEN
from models.releasing import publish, releasable
from models.result import Result
from models.turnout import unscored

router = Router()


@router.command("publish", N_("Publish results"), usage="[cycle]", right="cycle.release")
def show(ctx: Context, event: Command) -> None:
    """What can be published in the cycle that is named, else in the newest that is so far."""
    _left, cycle = named(ctx.db, event.text)
    found = [one for one in _cycles(ctx) if cycle is None or one.id == cycle.id]
    if found:
        ctx.reply("cycle.results", found[0], department=0)
    else:
        ctx.reply("cycle.unreleased")


@router.button("cycle.results", right="cycle.release")
def open_card(ctx: Context, event: Click) -> None:
    """The same from the card of a cycle."""
    ctx.reply("cycle.results", ctx.mine(Cycle), department=0)


@router.button("cycle.scope", right="cycle.release")
def choose(ctx: Context, event: Click) -> None:
    """Another place: 0 is the company."""
    cycle = ctx.mine(Cycle)
    if event.value != "0":
        ctx.chosen(Department, event.value)
    ctx.reply("cycle.results", cycle, department=whole(event.value) or 0)


@router.view("cycle.unreleased")
def unreleased_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """No cycle is that far."""
    ctx.check("cycle.release")
    return no_release_card(ctx.t)


@router.view("cycle.results")
def release_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """What is ready in one place, and what is in the way."""
    ctx.check("cycle.release")
    return release_card(ctx.t, _shown(ctx, ctx.get(Cycle, subject), int(facts["department"])))


@router.button("cycle.release", versioned=True)
def release_all(ctx: Context, event: Click) -> None:
    """Everybody's results."""
    _publish(ctx, ctx.mine(Cycle), None, event.version)


@router.button("department.release", right="cycle.release")
def release_department(ctx: Context, event: Click) -> None:
    """A department's results, with those of the departments below it; the version is the cycle's."""
    people = _people(ctx, ctx.mine(Department))
    found = [one for one in _cycles(ctx) if one.version == event.version]
    if len(found) > 1:
        raise Refused("Several cycles are in review. Publish one of them for the whole company first.")
    newest = _cycles(ctx)[:1]
    if not found and newest:
        raise Stale(Cycle.noun, newest[0].id)
    if not found:
        raise Refused(NOT_FOUND)
    _publish(ctx, found[0], people, event.version, ctx.mine(Department).id)


def _publish(ctx: Context, cycle: Cycle, people: Collection[int] | None, at: int, department: int = 0) -> None:
    cycle.expect_version(at)
    fresh = examine(ctx.db, cycle, ctx.now) if cycle.state in OPEN else []
    for flag in fresh:
        if flag.waits_for_id is not None:
            ctx.tell(flag.waits_for_id, "flag.card", flag)
    held = releasable(ctx.db, cycle, people).flags if fresh else ()
    if held:  # not refused: the flags that were raised just now have to stay
        n = len(held)
        ctx.toast(
            ctx.t.n(
                "The rules found something new: {n} flag is open. Nothing was published.",
                "The rules found something new: {n} flags are open. Nothing was published.",
                n,
            )
        )
        ctx.reply("cycle.results", cycle, department=department)
        return
    done = publish(ctx.db, cycle, ctx.now, people, at=at, by_id=ctx.actor.id)
    for result in done:
        ctx.tell(result.person_id, "result.card", result)
    ctx.toast(ctx.t.n("Published: {n} person has their result.", "Published: {n} people have results.", len(done)))


def _cycles(ctx: Context) -> Sequence[Cycle]:
    """The cycles whose results can be published, the newest first."""
    wanted = select(Cycle).where(col(Cycle.state).in_(OPEN))
    return ctx.db.exec(wanted.order_by(col(Cycle.state) != "review", col(Cycle.id).desc())).all()


def _people(ctx: Context, department: Department) -> frozenset[int]:
    """Everybody in a department and below it."""
    wanted = select(Person.id).join(Department, col(Department.id) == col(Person.department_id))
    return frozenset(ctx.db.exec(wanted.where(col(Department.path).startswith(department.path, autoescape=True))))


def _shown(ctx: Context, cycle: Cycle, department_id: int) -> ShownRelease:
    department = ctx.get(Department, department_id) if department_id else None
    people = _people(ctx, department) if department is not None else None
    found = releasable(ctx.db, cycle, people)
    mine = [flag for flag in found.flags if ctx.can("flag.see", flag)]
    done = select(Result.person_id, Result.acknowledged_at).where(
        Result.cycle_id == cycle.id, col(Result.published_at).is_not(None)
    )
    published = [at for person_id, at in ctx.db.exec(done) if people is None or person_id in people]
    wanting = [one for one in unscored(ctx.db, cycle.id) if people is None or one.id in people]
    return ShownRelease(
        cycle=cycle,
        place=department.name(ctx.t.locale) if department is not None else ctx.t("The company"),
        department=department_id,
        ready=len(found.ready),
        held=len(found.held),
        published=len(published),
        acknowledged=sum(at is not None for at in published),
        wanting=[one.called(ctx.t.locale) for one in wanting],
        flags=[(flag.id, _about(ctx, flag)) for flag in mine],
        hidden=len(found.flags) - len(mine),
        places=_places(ctx),
    )


def _about(ctx: Context, flag: Flag) -> str:
    """ "Ana Silva: a jump against last time"."""
    if flag.about == DEPARTMENT:
        name = ctx.get(Department, flag.key).name(ctx.t.locale)
    else:
        name = name_of(ctx.db, flag.key, ctx.t.locale)
    return listed(ctx.t, name, flag.rule, flag.state)


def _places(ctx: Context) -> list[tuple[str, str]]:
    rows = branches(ctx.db, ctx.t.locale, top=False)
    return [("0", ctx.t("The company")), *((str(one.id), name[:70]) for one, name in rows)]
