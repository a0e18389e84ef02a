"""`perf undelivered`: HR sees which messages did not arrive and why, sends them again, or gives up on them."""

from typing import Any

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Command, Tick
from bot.router import Router
from bot.text import N_
from handlers.cards.undelivered import (
    ALL,
    PAGE,
    ShownGroup,
    ShownLetter,
    ShownQueue,
    ShownUndelivered,
    letters_card,
    undelivered_card,
)
from models import undelivered
from models.access import NOT_FOUND
from models.base import Refused, record
from models.person import HR, name_of, with_role
from models.undelivered import REASONS

router = Router()
Which = tuple[str, str, int]


@router.command("undelivered", N_("What could not be delivered"), right="undelivered.see")
def command(ctx: Context, event: Command) -> None:
    """Everything that did not arrive."""
    ctx.check("undelivered.see")
    _show(ctx)


@router.button("undelivered.show", right="undelivered.see")
def show(ctx: Context, event: Click) -> None:
    """The same by a button."""
    _show(ctx)


@router.button("undelivered.pick", right="undelivered.see")
def pick(ctx: Context, event: Click) -> None:
    """Who is concerned by one reason."""
    _list(ctx, _which(event.value), 0)


@router.button("undelivered.page", right="undelivered.see")
def page(ctx: Context, event: Click) -> None:
    """Another page of them."""
    value, _dot, at = event.value.rpartition(".")
    if not number(at):
        raise Refused(NOT_FOUND)
    _list(ctx, _which(value), int(at))


@router.button("undelivered.resend")
def resend(ctx: Context, event: Click) -> None:
    """One message, all of a reason, or everything."""
    which = _which(event.value)
    row = undelivered.newest(ctx.db, ctx.today, ctx.now)
    sent = undelivered.resend(ctx.db, ctx.now, *which)
    ctx.toast(ctx.t.n("{n} message is sent again.", "{n} messages are sent again.", sent))
    if row is not None:
        record(ctx.db, "undelivered.resent", row, messages=sent, platform=which[0], reason=which[1])
    undelivered.settled(ctx.db, ctx.actor.id, ctx.now)


@router.button("undelivered.leave")
def leave(ctx: Context, event: Click) -> None:
    """The same messages are given up."""
    which = _which(event.value)
    row = undelivered.newest(ctx.db, ctx.today, ctx.now)
    left = undelivered.leave(ctx.db, *which)
    ctx.toast(ctx.t.n("{n} message will not be sent.", "{n} messages will not be sent.", left))
    if row is not None:
        record(ctx.db, "undelivered.left", row, messages=left, platform=which[0], reason=which[1])
    undelivered.settled(ctx.db, ctx.actor.id, ctx.now)


@router.every("undelivered", "*/10 * * * *")
def watch(ctx: Context, tick: Tick) -> None:
    """Tells HR once a day that there is something to decide, and takes the todo back when there is nothing left."""
    if undelivered.settled(ctx.db, ctx.actor.id, tick.at):
        return
    found = undelivered.tell(ctx.db, ctx.today, tick.at)
    for person in with_role(ctx.db, HR) if found is not None else ():
        ctx.tell(person.id, "undelivered.card", found)


@router.view("undelivered.card")
def card_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """As it is now."""
    ctx.check("undelivered.see")
    people, waiting = undelivered.without_account(ctx.db)
    groups = [ShownGroup(one.platform, one.reason, one.messages, one.people) for one in undelivered.dead(ctx.db)]
    queues = [
        ShownQueue(one.platform, one.queued, one.oldest, one.paused) for one in undelivered.queues(ctx.db, ctx.now)
    ]
    return undelivered_card(ctx.t, ShownUndelivered(groups, people, waiting, queues))


@router.view("undelivered.letters")
def letters_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Names and kinds of messages, never their contents."""
    ctx.check("undelivered.see")
    where, reason, at = str(facts["platform"]), str(facts["reason"]), int(facts["page"])
    groups = [one for one in undelivered.dead(ctx.db) if (one.platform, one.reason) == (where, reason)]
    messages, people = (groups[0].messages, groups[0].people) if groups else (0, 0)
    letters = [
        ShownLetter(one.id, name_of(ctx.db, one.person_id, ctx.t.locale), one.noun, one.created_at)
        for one in undelivered.letters(ctx.db, where, reason, at * PAGE, PAGE)
    ]
    return letters_card(ctx.t, ShownGroup(where, reason, messages, people), letters, at)


def _show(ctx: Context) -> None:
    ctx.reply("undelivered.card", undelivered.newest(ctx.db, ctx.today, ctx.now))


def _list(ctx: Context, which: Which, at: int) -> None:
    row = undelivered.newest(ctx.db, ctx.today, ctx.now)
    ctx.reply("undelivered.letters", row, platform=which[0], reason=which[1], page=at)


def _which(value: str) -> Which:
    """Platform, reason and number of a message (0: all of them), as a choice carries them."""
    if value == ALL:
        return "", "", 0
    platform, _dot, rest = value.partition(".")
    reason, _dot, one = rest.partition(".")
    if not platform or not number(reason) or not number(one) or int(reason) >= len(REASONS):
        raise Refused(NOT_FOUND)
    return platform, REASONS[int(reason)], int(one)
