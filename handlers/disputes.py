"""`perf dispute`: the cases that concern me, one case for everybody involved, and how fast cases are answered."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Router
from bot.text import N_
from handlers.cards.disputedata import Listed, ShownCase, ShownDisputes, ShownEntry, ShownGiven, ShownReread, ShownStep
from handlers.cards.disputes import STEPS, dispute_card, disputes_card
from handlers.cards.disputetimes import times_card
from handlers.cards.evidence import ShownPiece, shown_pieces
from models.answering import answering, disputed_cycle
from models.audit import trail
from models.base import Refused
from models.cycle import Cycle
from models.department import Department
from models.dispute import HR, MANAGER, Dispute, cases_for, disputable, disputes_by, open_lines, waiting_for
from models.evidence import stored_of
from models.person import Person, name_of
from models.plan import Plan
from models.recheck import Entry, Reread, kept
from models.result import Result, newest_published, readable
from models.rules.durations import groups, summary
from models.rules.totals import rating
from models.terms import terms_of

router = Router()
OWN = 10


# Lists


@router.command("dispute", N_("Dispute a result, and the cases that wait for me"), right="dispute.read")
def disputes(ctx: Context, event: Command) -> None:
    """Everything that concerns the reader."""
    ctx.reply("dispute.list")


@router.button("dispute.list", right="home.see")
def show_list(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("dispute.list")


@router.button("dispute.show", right="dispute.read")
def show(ctx: Context, event: Click) -> None:
    """One case."""
    ctx.reply("dispute.card", ctx.mine(Dispute))


@router.button("dispute.pick", right="home.see")
def pick(ctx: Context, event: Click) -> None:
    """A case from the list."""
    case = ctx.chosen(Dispute, event.value)
    ctx.check("dispute.read", case)
    ctx.reply("dispute.card", case)


@router.button("dispute.statistics", right="dispute.watch")
def statistics(ctx: Context, event: Click) -> None:
    """How fast cases are answered."""
    ctx.reply("dispute.statistics", disputed_cycle(ctx.db, ctx.now))


@router.view("dispute.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Always the reader's own."""
    watches = ctx.can("dispute.watch")
    cycle = disputed_cycle(ctx.db, ctx.now) if watches else None
    shown = ShownDisputes(
        now=ctx.now,
        waiting=[_listed(ctx, one) for one in waiting_for(ctx.db, ctx.actor.id)],
        own=[_listed(ctx, one) for one in disputes_by(ctx.db, ctx.actor.id, OWN)],
        all=[_listed(ctx, one) for one in cases_for(ctx.db, cycle.id)] if cycle is not None else (),
        watches=watches,
        cycle=cycle.name if cycle is not None else "",
        files=_still_open(ctx),
    )
    return disputes_card(ctx.t, shown)


@router.view("dispute.card")
def dispute_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The case, for everybody involved; `mark` is the share of the time that had passed when it was sent again."""
    case = ctx.get(Dispute, subject)
    ctx.check("dispute.read", case)
    return dispute_card(ctx.t, _shown(ctx, case, Decimal(facts["mark"]) if "mark" in facts else None))


@router.view("dispute.statistics")
def statistics_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Figures of a cycle; of a department only where it has enough cases."""
    ctx.check("dispute.watch")
    cycle = ctx.get(Cycle, subject)
    cases = answering(ctx.db, cycle.id, ctx.now)
    found = [(ctx.db.get(Department, key), one) for key, one in groups(cases).items()]
    rows = [(place.name(ctx.t.locale), one) for place, one in found if place is not None]
    return times_card(ctx.t, cycle.name, summary(cases), rows)


# Parts


def _still_open(ctx: Context) -> tuple[int, int, str] | None:
    """The reader's newest result, if there is something in it that they can still object to."""
    result = newest_published(ctx.db, ctx.actor.id)
    if result is None or not disputable(result) or not open_lines(ctx.db, result):
        return None
    return result.id, result.version, ctx.get(Cycle, result.cycle_id).name


def _listed(ctx: Context, case: Dispute) -> Listed:
    return Listed(
        id=case.id,
        name=ctx.get(Person, case.person_id).called(ctx.t.locale),
        item=str(case.line.get("name", "")),
        state=case.state,
        awaited=_name(ctx, case.waits_for_id),
        awaited_by=case.awaited_by,
        ended_at=case.ended_at,
    )


def _shown(ctx: Context, case: Dispute, mark: Decimal | None) -> ShownCase:
    """The case as its reader may see it: names in their language, texts unsealed."""
    cycle, line, after = ctx.get(Cycle, case.cycle_id), case.line, case.total_after
    return ShownCase(
        id=case.id,
        version=case.version,
        name=_name(ctx, case.person_id),
        cycle=cycle.name,
        state=case.state,
        filed_at=case.filed_at,
        awaited_by=case.awaited_by,
        now=ctx.now,
        item=str(line.get("name", "")),
        points=_number(line, "points"),
        points_after=case.points_after,
        weight=_number(line, "counted"),
        total=_number(case.snapshot, "total"),
        rating=str(case.snapshot["rating"]),
        total_before=case.total_before,
        total_after=after,
        rating_after=rating(after, terms_of(cycle).levels) if after is not None else "",
        rereads=[_reread(ctx, case, one) for one in kept(case.recheck)],
        **_words(ctx, case),
        steps=_steps(ctx, case),
        awaited=_name(ctx, case.waits_for_id),
        joined=_name(ctx, case.joined_id),
        verbs=_verbs(ctx, case),
        mark=mark,
        mine=case.person_id == ctx.actor.id,
        asked=case.running and case.waits_for_id == ctx.actor.id,
        result_id=_opens(ctx, case),
        pieces=_pieces(ctx, case),
    )


def _words(ctx: Context, case: Dispute) -> dict[str, str]:
    """What was written, and by whom."""
    said = {column: ctx.unseal(case, column) for column in ("reason", "evidence", "answer", "ruling")}
    return {**said, "answered_by": _name(ctx, case.answered_by_id), "ruled_by": _name(ctx, case.ruled_by_id)}


def _verbs(ctx: Context, case: Dispute) -> list[str]:
    """What the reader may do now."""
    verbs = []
    if case.state == MANAGER and ctx.can("dispute.answer", case):
        verbs.append("answer")
    if case.state == HR and ctx.can("dispute.rule", case):
        verbs += ["uphold", "adjust"]
    if case.running and ctx.can("dispute.withdraw", case):
        verbs.append("withdraw")
    return verbs


def _steps(ctx: Context, case: Dispute) -> list[ShownStep]:
    """Everything that happened, by the audit trail itself."""
    entries = [one for one in trail(ctx.db, case.noun, case.id) if one.action in STEPS]
    return [ShownStep(one.action, _name(ctx, one.actor_id), one.at) for one in entries]


def _reread(ctx: Context, case: Dispute, one: Reread) -> ShownReread:
    return ShownReread(
        name=case.name_of(one.lineage),
        kind=one.kind,
        unit=one.unit,
        counted=one.counted,
        differs=one.differs,
        record=_entry(ctx, one.entry),
        newest=_entry(ctx, one.newest),
        earlier=[_known(ctx, entry) for entry in one.earlier],
        given=[ShownGiven(by.rater, _name(ctx, by.by_id), by.level, by.points, by.at) for by in one.given],
        data_owner=_name(ctx, one.owner_id),
    )


def _pieces(ctx: Context, case: Dispute) -> list[ShownPiece]:
    """The evidence of the disputed item, or of all of them, for who may read it."""
    plan = ctx.get(Plan, ctx.get(Result, case.result_id).plan_id)
    if not ctx.can("plan.evidence", plan):
        return []
    given = stored_of(ctx.db, plan.id)
    about = [given.get(case.lineage, [])] if case.lineage else given.values()
    return shown_pieces([piece for pieces in about for piece in pieces], ctx.unseal)


def _entry(ctx: Context, entry: Entry | None) -> ShownEntry | None:
    return None if entry is None else _known(ctx, entry)


def _known(ctx: Context, entry: Entry) -> ShownEntry:
    return ShownEntry(entry.value, entry.at, _name(ctx, entry.by_id), entry.source, entry.reference)


def _opens(ctx: Context, case: Dispute) -> int:
    """The result, for who may read it: who was only drawn into the case may not."""
    try:
        readable(ctx.db, ctx.actor, ctx.get(Result, case.result_id))
    except Refused:
        return 0
    return case.result_id


def _name(ctx: Context, person_id: int | None) -> str:
    return name_of(ctx.db, person_id, ctx.t.locale)


def _number(row: Mapping[str, Any], name: str) -> Decimal | None:
    """A figure of the snapshot, which keeps numbers as text."""
    return Decimal(row[name]) if row.get(name) is not None else None
