"""Cases with HR as their readers see them: the thread, and the lists that go with it."""

from collections.abc import Sequence
from typing import Any

from bot.cards import Card
from bot.context import Context, whole
from bot.events import Click
from bot.router import Router
from handlers.cards.cases import SHORT, ListedCase, ShownCases, ShownMessage, ShownThread, case_card, cases_card
from models.access import NOT_FOUND
from models.base import Refused
from models.case import CLOSED, OPEN, REOPENS_FOR, Case, Message
from models.caseload import cases_by, cases_with, counts, first_words, free_cases, messages_of
from models.cycle import Cycle
from models.person import name_of

router = Router()
PAGE, OWN, FREE = 4, 10, 10


@router.button("case.list", right="home.see")
def show_list(ctx: Context, event: Click) -> None:
    """All cases of the reader."""
    ctx.reply("case.list")


@router.button("case.show", right="case.read")
def show(ctx: Context, event: Click) -> None:
    """One case."""
    ctx.reply("case.card", ctx.mine(Case))


@router.button("case.pick", right="home.see")
def pick(ctx: Context, event: Click) -> None:
    """A case from the list."""
    case = ctx.chosen(Case, event.value)
    ctx.check("case.read", case)
    ctx.reply("case.card", case)


@router.button("case.page", right="case.read")
def page(ctx: Context, event: Click) -> None:
    """Older messages."""
    at = whole(event.value)
    if at is None:
        raise Refused(NOT_FOUND)
    ctx.reply("case.card", ctx.mine(Case), page=at)


# Views


@router.view("case.card")
def case_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """For who asked and who is in charge; whoever was in charge before gets no more of it."""
    case = ctx.get(Case, subject)
    ctx.check("case.read", case)
    at = int(facts.get("page", 0))
    messages, total = messages_of(ctx.db, case.id, at, PAGE)
    mine = case.person_id == ctx.actor.id
    shown = ShownThread(
        id=case.id,
        version=case.version,
        name=name_of(ctx.db, case.person_id, ctx.t.locale),
        owner=name_of(ctx.db, case.waits_for_id, ctx.t.locale),
        mine=mine,
        state=case.state,
        due_at=case.due_at,
        now=ctx.now,
        cycle=ctx.get(Cycle, case.cycle_id).name if case.cycle_id else "",
        messages=[_said(ctx, one) for one in messages],
        page=at,
        pages=max(1, -(-total // PAGE)),
        verbs=_own_verbs(ctx, case) if mine else ["answer", "hand", "close"] if case.state != CLOSED else [],
        closed_at=case.closed_at,
        until=case.closed_at + REOPENS_FOR if case.closed_at is not None and case.reopens(ctx.now) else None,
    )
    return case_card(ctx.t, shown)


@router.view("case.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Always the reader's own; of colleagues' cases only that they wait."""
    watches = ctx.can("case.watch")
    found = counts(ctx.db, ctx.now) if watches else None
    free = free_cases(ctx.db, ctx.actor.id, ctx.now, FREE) if watches else ()
    shown = ShownCases(
        now=ctx.now,
        own=_listed(ctx, cases_by(ctx.db, ctx.actor.id, OWN), own=True),
        charge=_listed(ctx, cases_with(ctx.db, ctx.actor.id), own=False),
        free=[ListedCase(one.id, _owner(ctx, one), "", one.state, one.due_at) for one in free],
        counts=(found.running, found.unanswered, found.late) if found is not None else None,
    )
    return cases_card(ctx.t, shown)


# Parts


def _own_verbs(ctx: Context, case: Case) -> list[str]:
    if case.state != CLOSED:
        return ["reply", "satisfied"] if case.state == OPEN else ["satisfied", "reply"]
    asks = ["rate", "word"] if not case.rated and case.answered_at is not None else []
    return [*asks, "reply"] if case.reopens(ctx.now) else asks


def _said(ctx: Context, one: Message) -> ShownMessage:
    return ShownMessage(name_of(ctx.db, one.author_id, ctx.t.locale), one.at, ctx.unseal(one, "body"))


def _listed(ctx: Context, cases: Sequence[Case], *, own: bool) -> list[ListedCase]:
    first = first_words(ctx.db, cases)
    return [
        ListedCase(
            one.id,
            _owner(ctx, one) if own else name_of(ctx.db, one.person_id, ctx.t.locale),
            _short(ctx.unseal(first[one.id], "body")),
            one.state,
            one.due_at,
        )
        for one in cases
    ]


def _short(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= SHORT else f"{line[:SHORT].rstrip()}…"


def _owner(ctx: Context, case: Case) -> str:
    return name_of(ctx.db, case.waits_for_id, ctx.t.locale)
