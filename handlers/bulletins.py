"""`perf announce`: what HR writes, has scheduled or has sent, and how far each is with its readers."""

from dataclasses import replace
from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Reads, Router
from bot.text import N_, texts
from handlers.cards.bulletinforms import ROLES
from handlers.cards.bulletins import Listed, ShownBulletin, Turnout, audience_text, bulletin_card, bulletins_card
from models.access import NOT_FOUND, reaches, visible_to
from models.announcement import VIEW, Announcement, confirmed
from models.base import Refused
from models.bulletin import Bulletin, asking, bulletins
from models.cycle import Cycle
from models.department import Department
from models.fanout import progress
from models.rulebook import documents
from models.wording import worded

router = Router()
MOST = 20


@router.command("announce", N_("Announce something, and see who has read it"), right="bulletin.watch", reads=Reads.MANY)
def announce(ctx: Context, event: Command) -> None:
    """Drafts, scheduled ones and what was sent."""
    _expect_watching(ctx)
    ctx.reply("bulletin.list")


@router.button("bulletin.list", right="home.see")
def show_list(ctx: Context, event: Click) -> None:
    """The same by a button."""
    _expect_watching(ctx)
    ctx.reply("bulletin.list")


@router.view("bulletin.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Everything for HR and auditors; heads see what their people are asked to confirm, with their people's numbers."""
    if ctx.can("bulletin.watch"):
        listed = [_listed(ctx, one) for one in bulletins(ctx.db, MOST)]
        return bulletins_card(ctx.t, listed, writes=ctx.can("bulletin.write"), opens="bulletin.pick")
    _expect_watching(ctx)
    own = [_listed(ctx, one, theirs=True) for one in asking(ctx.db, MOST)]
    return bulletins_card(ctx.t, [one for one in own if one.asked], writes=False, opens="bulletin.missing")


@router.button("bulletin.pick", right="bulletin.watch")
def pick(ctx: Context, event: Click) -> None:
    """One from the list."""
    ctx.reply("bulletin.card", ctx.chosen(Bulletin, event.value))


@router.button("bulletin.show", right="bulletin.watch")
def show(ctx: Context, event: Click) -> None:
    """One."""
    ctx.reply("bulletin.card", ctx.mine(Bulletin))


@router.view("bulletin.card")
def bulletin_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """What HR wrote and how far it is; an auditor may look. `stopped`: it did not go when its time came."""
    ctx.check("bulletin.watch")
    stopped = bool(facts.get("stopped"))
    return bulletin_card(ctx.t, replace(_shown(ctx, ctx.get(Bulletin, subject)), stopped=stopped))


# Parts


def _expect_watching(ctx: Context) -> None:
    """HR, auditors, and whoever heads a department."""
    if not reaches(ctx.db, ctx.actor, "bulletin.watch"):
        raise Refused(NOT_FOUND)


def _listed(ctx: Context, one: Bulletin, *, theirs: bool = False) -> Listed:
    live = ctx.get(Announcement, one.live_id) if one.live_id else None
    among = visible_to(ctx.db, ctx.actor) if theirs else None
    count = confirmed(ctx.db, live.id, among) if live is not None and live.confirm else None
    at = one.send_at or (live.sent_at if live is not None else one.changed_at)
    title = worded(live.texts if live is not None and theirs else one.texts, ctx.t.locale).title
    return Listed(one.id, title, one.state, at, count.asked if count else 0, count.read if count else 0)


def _shown(ctx: Context, one: Bulletin) -> ShownBulletin:
    live = ctx.get(Announcement, one.live_id) if one.live_id else None
    audience = one.readers()
    places = [ctx.get(Department, place).name(ctx.t.locale) for place in audience.departments]
    zone = ctx.zone.key
    return ShownBulletin(
        id=one.id,
        version=one.version,
        state=one.state,
        title=worded(one.texts, ctx.t.locale).title,
        languages=list(one.texts),
        audience=audience_text(ctx.t, one.audience, places, ROLES),
        count=audience.count(ctx.db),
        confirm=one.confirm,
        due_at=one.due_at,
        rulebooks=[worded(document.texts, ctx.t.locale).title for document in documents(ctx.db, one.rulebook_ids)],
        cycle=ctx.get(Cycle, one.cycle_id).name if one.cycle_id else "",
        send_at=texts(ctx.t.locale, zone).datetime(one.send_at) if one.send_at else "",
        zone=zone,
        edition=one.edition,
        sent_at=live.sent_at if live is not None else None,
        corrected_at=live.corrected_at if live is not None else None,
        turnout=_turnout(ctx, live) if live is not None else None,
        changed=one.differs(ctx.db),
        manages=ctx.can("bulletin.write"),
        asking=live is not None and live.asking,
    )


def _turnout(ctx: Context, live: Announcement) -> Turnout:
    reach = progress(ctx.db, live, VIEW)
    count = confirmed(ctx.db, live.id) if live.confirm else None
    return Turnout(
        total=reach.total,
        delivered=reach.delivered,
        under_way=reach.queued,
        no_account=reach.waiting,
        failed=reach.dead,
        asked=count.asked if count else 0,
        read=count.read if count else 0,
    )
