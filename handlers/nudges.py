"""Reminders: the clock that makes them, the card that shows them, putting off, and how HR sets them for a cycle."""

from datetime import datetime
from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Submitted, Tick
from bot.forms import Invalid
from bot.router import Router
from bot.text import LOCALES, N_
from handlers.cards.nudges import AREAS, NudgesForm, ShownDigest, digest_card
from handlers.cards.todos import shown_todos
from models.absence import switch
from models.base import Refused
from models.cycle import Cycle
from models.deployment import note_zone
from models.escalation import heard
from models.nudge import Nudge, Remark, at, forget
from models.nudgeterms import said_before, set_nudges, words_for
from models.person import Person, name_of
from models.rules.nudging import OWN_WAY, Policy, paused_until, policy
from models.rules.workdays import Calendar, calendar
from models.snoozing import snoozable, snooze
from models.todo import concerned, owed_by
from models.wave import begin

router = Router()
router.said(
    cycle_nudges_set=N_("{who} changed the reminders of this cycle on {when}."),
    nudge_snoozed=N_("{who} put this off on {when}."),
)


@router.every("nudges", "*/10 * * * *")
def remind(ctx: Context, tick: Tick) -> None:
    """Absences begin and end, then it begins that everybody is reminded of what has come up; the outbox does it."""
    note_zone(ctx.db, ctx.zone.key)
    for absence in switch(ctx.db, tick.at):
        concerned(ctx.db).add(absence.person_id)
        if absence.delegate_id is not None:
            concerned(ctx.db).add(absence.delegate_id)
            moment = _calendar(ctx, absence.delegate_id).moment(tick.at)
            ctx.tell(absence.delegate_id, "absence.card", absence, after=moment)
    begin(ctx.db, tick.at, ctx.zone.key)
    if (tick.at.hour, tick.at.minute) == (0, 0):
        forget(ctx.db, tick.at)


@router.view("nudge.digest")
def digest_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The reader's own: nothing if everything it was about is done, or put off."""
    nudge = at(ctx.db, ctx.actor.id, datetime.fromisoformat(facts["made_at"]))
    if nudge is None:
        return None
    owed = owed_by(ctx.db, ctx.actor.id, ctx.t.locale)
    reminded = [one for one in owed if nudge.made_at in (one.nudged_at, one.urged_at)]
    waiting = heard(ctx.db, nudge.id, ctx.t.locale)
    if not reminded and not waiting:
        return None
    off = [one.snoozed_until for one in reminded if one.snoozed_until and one.snoozed_until > ctx.now]
    shown = ShownDigest(
        nudge_id=nudge.id,
        todos=shown_todos(ctx.t, owed if reminded else [], ctx.actor.id),
        waiting=waiting,
        now=ctx.now,
        words=_words(ctx, nudge, [one.id for one in reminded]),
        sender=name_of(ctx.db, nudge.by_id, ctx.t.locale),
        urgent=nudge.kind.startswith("urgent"),
        snoozable=bool(snoozable(ctx.db, ctx.actor.id, _calendar(ctx, ctx.actor.id), ctx.now)),
        snoozed_until=min(off, default=None),
    )
    return digest_card(ctx.t, shown)


@router.button("nudge.snooze")
def put_off(ctx: Context, event: Click) -> None:
    """In a day, or tomorrow at 10."""
    done = snooze(ctx.db, ctx.mine(Nudge), event.value, _calendar(ctx, ctx.actor.id), ctx.now)
    said = ctx.t("I remind you again on {when}.", when=done.until)
    if done.kept:
        more = ctx.t.n("{n} thing cannot be put off any more.", "{n} things cannot be put off any more.", done.kept)
        said = f"{said} {more}"
    ctx.toast(said)


@router.button("cycle.nudges", versioned=True)
def ask_nudges(ctx: Context, event: Click) -> None:
    """As they are now."""
    cycle = ctx.mine(Cycle)
    kept = cycle.terms.get("nudges", {})
    now = Policy.read(kept)
    values = {
        "before": said_before(now),
        "hours": now.hours,
        "after": now.after,
        "lead": now.lead,
        "hr": now.hr,
        "hold": paused_until(kept),
        **kept.get("words", {}),
    }
    kinds = [("all", ctx.t("everything in this cycle"))]
    kinds += [(kind, ctx.t(said)) for kind, said in AREAS.items() if kind not in OWN_WAY]
    names = [name for name in NudgesForm.model_fields if name not in LOCALES or name in cycle.languages]
    ctx.ask(NudgesForm, cycle, values={"kind": "all", **values}, options={"kind": kinds}, only=names)


@router.form(NudgesForm, versioned=True)
def take_nudges(ctx: Context, event: Submitted, form: NudgesForm) -> None:
    """Counts from the next reminder on."""
    cycle = ctx.mine(Cycle)
    kind = form.kind if form.kind in AREAS else ""
    base = policy(cycle.terms.get("nudges", {}), kind)
    words = {tag: str(getattr(form, tag)) for tag in LOCALES if getattr(form, tag)}
    given = {"hours": form.hours, "after": form.after, "lead": form.lead, "hr": form.hr}
    try:
        set_nudges(ctx.db, cycle, event.version, kind, base, form.before or "", given, form.hold, words)
    except Refused as no:
        raise Invalid({no.field or "before": ctx.t(no.message, **no.facts)}) from None
    ctx.toast(ctx.t("Saved."))
    if not event.where.message:
        ctx.reply("cycle.card", cycle)


def _words(ctx: Context, nudge: Nudge, todo_ids: list[int]) -> str:
    """Of who sent it by hand, else what HR set for the cycle."""
    said = ctx.unseal(ctx.get(Remark, nudge.remark_id), "words") if nudge.remark_id is not None else ""
    return said or (words_for(ctx.db, todo_ids, ctx.t.locale) if todo_ids else "")


def _calendar(ctx: Context, person_id: int) -> Calendar:
    person = ctx.get(Person, person_id)
    return calendar(person.zone or ctx.zone.key, person.country)
