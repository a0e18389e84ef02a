"""How an announcement goes out: at once, later or again in a new version; and how it is called back or ended."""

from datetime import UTC, datetime, time, timedelta

import structlog

from bot.context import Context
from bot.events import Click, Submitted, Tick
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import N_, texts
from handlers.cards.bulletinforms import TIMES, ScheduleForm
from models.base import Refused
from models.bulletin import Bulletin, due, touch_young

router = Router()
router.said(
    cycle_announced=N_("{who} announced this cycle on {when}."),
    bulletin_scheduled=N_("{who} scheduled this on {when}."),
    bulletin_called_back=N_("{who} called this back on {when}."),
    bulletin_sent=N_("{who} sent this on {when}."),
    bulletin_change_dropped=N_("{who} dropped the change on {when}."),
    bulletin_ended=N_("{who} stopped asking for confirmations on {when}."),
)
YOUNG = timedelta(days=7)
log = structlog.get_logger()


@router.button("bulletin.send", right="bulletin.write", versioned=True)
def send(ctx: Context, event: Click) -> None:
    """To everybody it is for; a changed one as the next version."""
    one = ctx.mine(Bulletin)
    one.send(ctx.db, ctx.actor.id, event.version, ctx.now)
    count = one.readers().count(ctx.db)
    ctx.toast(ctx.t.n("On its way to {n} person.", "On its way to {n} people.", count))


@router.button("bulletin.schedule", right="bulletin.write", versioned=True)
def ask_schedule(ctx: Context, event: Click) -> None:
    """The time that is set, or the next morning."""
    one = ctx.mine(Bulletin)
    one.expect_unsent()
    at = one.send_at.astimezone(ctx.zone) if one.send_at else None
    day = at.date() if at else ctx.today + timedelta(days=1)
    ctx.ask(ScheduleForm, one, values={"day": day, "time": f"{at:%H:%M}" if at else "09:00"})


@router.form(ScheduleForm, right="bulletin.write", versioned=True)
def schedule(ctx: Context, event: Submitted, form: ScheduleForm) -> None:
    """In the company's zone."""
    if form.time not in TIMES:
        raise Invalid({"time": ctx.t(SENTENCES["literal_error"])})
    at = datetime.combine(form.day, time.fromisoformat(form.time), ctx.zone).astimezone(UTC)
    ctx.mine(Bulletin).schedule(ctx.db, event.version, ctx.now, at)
    home = texts(ctx.t.locale, ctx.zone.key)
    ctx.toast(ctx.t("It goes on {when} ({zone}).", when=home.datetime(at), zone=ctx.zone.key))


@router.button("bulletin.call_back", right="bulletin.write", versioned=True)
def call_back(ctx: Context, event: Click) -> None:
    """Back to a draft."""
    ctx.mine(Bulletin).call_back(ctx.db, event.version, ctx.now)
    ctx.toast(ctx.t("Called back. It is a draft again."))


@router.button("bulletin.correct", right="bulletin.write", versioned=True)
def correct(ctx: Context, event: Click) -> None:
    """On the cards that were sent, without asking again."""
    ctx.mine(Bulletin).correct(ctx.db, event.version, ctx.now)
    ctx.toast(ctx.t("Corrected. The cards that were sent are drawn anew."))


@router.button("bulletin.drop_change", right="bulletin.write", versioned=True)
def drop_change(ctx: Context, event: Click) -> None:
    """Back to the words that readers have."""
    ctx.mine(Bulletin).drop_change(ctx.db, event.version, ctx.now)
    ctx.toast(ctx.t("Dropped. Readers have the text as it was."))


@router.button("bulletin.end", right="bulletin.write", versioned=True)
def end(ctx: Context, event: Click) -> None:
    """Nobody is asked any more."""
    ctx.mine(Bulletin).end(ctx.db, event.version, ctx.now)
    ctx.toast(ctx.t("Nobody is asked any more."))


# The clock


@router.every("bulletins", "* * * * *")
def watch(ctx: Context, tick: Tick) -> None:
    """Sends what is due, for whoever scheduled it, and keeps the figures of what was sent lately true."""
    for one in due(ctx.db, ctx.now):
        try:
            one.send(ctx.db, one.owner_id, one.version, ctx.now)
            stopped = False
        except Refused:
            log.warning("scheduled announcement did not go", bulletin=one.id)
            one.call_back(ctx.db, one.version, ctx.now)
            stopped = True
        ctx.tell(one.owner_id, "bulletin.card", one, stopped=stopped)
    touch_young(ctx.db, ctx.now, YOUNG)
