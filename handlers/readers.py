"""Who has read an announcement: names by right, and the reminder to those who have not."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from bot.cards import Card
from bot.context import Context, number
from bot.events import Click, Submitted
from bot.router import Router
from handlers.cards.bulletinforms import RemindForm
from handlers.cards.readers import PAGE, ShownChase, ShownReaders, chase_card, readers_card
from handlers.cards.todos import todo_label
from models.access import NOT_FOUND, reaches, visible_to
from models.announcement import (
    CONFIRM,
    Announcement,
    confirmed,
    confirmed_by_place,
    readers,
    waiting_todos,
)
from models.base import Refused, record
from models.bulletin import Bulletin
from models.byhand import Sent, by_hand, foresee, remarked
from models.person import Person, name_of
from models.wording import worded

router = Router()
WAITING, READ = "waiting", "read"
FORESEEN = 2000  # of more people the card does not say when each gets it


@router.button("bulletin.waiting", right="home.see")
def show_waiting(ctx: Context, event: Click) -> None:
    """Who has not confirmed."""
    _show(ctx, ctx.mine(Bulletin), read=False)


@router.button("bulletin.readers", right="home.see")
def show_readers(ctx: Context, event: Click) -> None:
    """Who has."""
    _show(ctx, ctx.mine(Bulletin), read=True)


@router.button("bulletin.missing", right="home.see")
def pick(ctx: Context, event: Click) -> None:
    """One from the list of a head."""
    _show(ctx, ctx.chosen(Bulletin, event.value), read=False)


@router.button("bulletin.names", right="home.see")
def turn(ctx: Context, event: Click) -> None:
    """Another page or department: "waiting 12 0" is the first page of department 12, 0 stands for all."""
    which, _, rest = event.value.partition(" ")
    place, _, page = rest.partition(" ")
    if which not in (WAITING, READ) or not number(place) or not number(page):
        raise Refused(NOT_FOUND)
    _show(ctx, ctx.mine(Bulletin), read=which == READ, place=int(place), page=int(page))


@router.view("bulletin.names")
def names_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """HR and auditors see everybody, heads those below them."""
    one = ctx.get(Bulletin, subject)
    live, visible = _live(ctx, one), visible_to(ctx.db, ctx.actor)
    read, place, page = bool(facts["read"]), int(facts["place"]), int(facts["page"])
    places = confirmed_by_place(ctx.db, live.id, visible)
    chosen = next((found for found, _count in places if found.id == place), None)
    if place and chosen is None:
        raise Refused(NOT_FOUND)
    among = sa.and_(visible, col(Person.department_id) == place) if place else visible
    count = confirmed(ctx.db, live.id, among)
    found = readers(ctx.db, live.id, ctx.t.locale, read=read, among=among, start=page * PAGE, most=PAGE)
    shown = ShownReaders(
        id=one.id,
        title=worded(live.texts, ctx.t.locale).title,
        read=read,
        asked=count.asked,
        done=count.read,
        names=[(person.name, person.number, person.read_at) for person in found],
        places=[(where.id, where.name(ctx.t.locale), part.asked, part.read) for where, part in places],
        place=chosen.name(ctx.t.locale) if chosen is not None else "",
        place_id=place,
        page=page,
        manages=ctx.can("bulletin.write"),
        asking=live.asking,
    )
    return readers_card(ctx.t, shown)


# The reminder


@router.button("bulletin.chase", right="bulletin.write")
def chase(ctx: Context, event: Click) -> None:
    """What would go out, before it does."""
    one = ctx.mine(Bulletin)
    _live(ctx, one)
    ctx.reply("bulletin.chase", one)


@router.view("bulletin.chase")
def chase_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """How many get it, and the line they read."""
    ctx.check("bulletin.write")
    one = ctx.get(Bulletin, subject)
    live = _live(ctx, one)
    waiting = confirmed(ctx.db, live.id).waiting if live.asking else 0
    seen = foresee(ctx.db, waiting_todos(ctx.db, live.id), ctx.now) if 0 < waiting <= FORESEEN else Sent()
    shown = ShownChase(
        id=one.id,
        title=worded(live.texts, ctx.t.locale).title,
        sender=name_of(ctx.db, ctx.actor.id, ctx.t.locale),
        waiting=waiting,
        todo=todo_label(ctx.t, CONFIRM, "", own=True),
        due_at=live.due_at,
        at_once=seen.now,
        later=seen.later,
        had=seen.none,
    )
    return chase_card(ctx.t, shown)


@router.button("bulletin.nudge", right="bulletin.write")
def nudge(ctx: Context, event: Click) -> None:
    """The reminder as it is."""
    _remind(ctx, "")


@router.button("bulletin.remind", right="bulletin.write")
def ask_remind(ctx: Context, event: Click) -> None:
    """A sentence of one's own in front of it."""
    one = ctx.mine(Bulletin)
    _live(ctx, one)
    ctx.ask(RemindForm, one)


@router.form(RemindForm, right="bulletin.write")
def remind(ctx: Context, event: Submitted, form: RemindForm) -> None:
    """The reminder with it."""
    _remind(ctx, form.words or "")


# Parts


def _show(ctx: Context, one: Bulletin, *, read: bool, place: int = 0, page: int = 0) -> None:
    _live(ctx, one)
    ctx.reply("bulletin.names", one, read=read, place=place, page=page)


def _live(ctx: Context, one: Bulletin) -> Announcement:
    """What readers have; for HR, auditors and heads whose people have it, and only where confirmations are asked."""
    if not reaches(ctx.db, ctx.actor, "bulletin.watch") or one.live_id is None:
        raise Refused(NOT_FOUND)
    live = ctx.get(Announcement, one.live_id)
    known = ctx.can("bulletin.watch") or confirmed(ctx.db, live.id, visible_to(ctx.db, ctx.actor)).asked
    if not live.confirm or not known:
        raise Refused(NOT_FOUND)
    return live


def _remind(ctx: Context, words: str) -> None:
    """Merged with what else waits for each, in their hours, once a day."""
    one = ctx.mine(Bulletin)
    live = _live(ctx, one)
    todos = waiting_todos(ctx.db, live.id) if live.asking else []
    if not todos:
        raise Refused("Everybody has confirmed, or nobody is asked any more.")
    sent = by_hand(ctx.db, todos, ctx.actor.id, ctx.now, remarked(ctx.db, words, ctx.now, ctx.seal))
    record(ctx.db, "bulletin.nudged", one, people=len(todos), now=sent.now, later=sent.later)
    said = [ctx.t.n("{n} person is reminded now.", "{n} people are reminded now.", sent.now)]
    if sent.later:
        said.append(ctx.t("{n} get it when they work again.", n=sent.later))
    if sent.none:
        said.append(ctx.t("{n} had a reminder today, or are away: they get none.", n=sent.none))
    ctx.toast(" ".join(said))
