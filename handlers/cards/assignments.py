"""The card of a task that HR gave to several heads: who is done, who is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Card, Choice, Meter, Note, Style, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards.dues import short_due
from handlers.cards.requests import STATES

SURE = N_("Heads who are not done yet need not do it any more.")


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One head's part: their department and name, and by when or since when."""

    id: int
    department: str
    name: str
    state: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task of HR; `parts` is one page of its heads, open ones first."""

    id: int
    version: int
    what: str
    by: str
    due_at: datetime
    now: datetime
    total: int
    done: int
    late: int
    declined: int
    cycle: str = ""
    ended: bool = False
    parts: Sequence[ShownPart] = ()
    page: int = 0
    pages: int = 1


def assignment_card(t: Texts, shown: ShownTask) -> Card:
    """Counts first, then head by head."""
    waiting = shown.total - shown.done - shown.late - shown.declined
    counted = [
        (t("Given by"), shown.by),
        (t("Due"), t.datetime(shown.due_at)),
        (t("Cycle"), shown.cycle),
        (t("Still in time"), t.number(waiting) if waiting else ""),
        (t("Late"), t.number(shown.late) if shown.late else ""),
        (t("Declined"), t.number(shown.declined) if shown.declined else ""),
    ]
    share = shown.done / shown.total if shown.total else 0.0
    done = Meter(t("Done"), share, t("{done} of {total}", done=shown.done, total=shown.total))
    lines = [text("• ", Bold(one.department), f" · {_part(t, one, shown.now)}") for one in shown.parts]
    paged = [Note(t("Page {n} of {total}", n=shown.page + 1, total=shown.pages))] if shown.pages > 1 else []
    title = t("A task for department heads")
    body: list[Block] = [text(shown.what), done, facts(counted), *lines, *paged]
    return Card(title, tuple(body), _actions(t, shown), _tone(shown), t("A task for department heads"))


def _part(t: Texts, one: ShownPart, now: datetime) -> str:
    return f"{one.name} · {short_due(t, one.due_at, now) if one.state == 'asked' else t(STATES[one.state])}"


def _actions(t: Texts, shown: ShownTask) -> tuple[Action, ...]:
    actions: list[Action] = []
    if shown.parts:
        options = tuple((str(one.id), f"{one.department} · {one.name}"[:70]) for one in shown.parts)
        actions.append(Choice(t("Open one"), "request.pick", options))
    if shown.pages > 1:
        pages = tuple((str(n), t("Page {n} of {total}", n=n + 1, total=shown.pages)) for n in range(shown.pages))
        actions.append(Choice(t("Page"), "assignment.page", pages, shown.id))
    if not shown.ended and shown.done + shown.declined < shown.total:
        at = (shown.id, shown.version, Style.DANGER, t(SURE))
        actions.append(Button(t("Withdraw"), "assignment.withdraw", *at))
    return (*actions, Button(t("Requests"), "request.list"))


def _tone(shown: ShownTask) -> Tone:
    if shown.ended:
        return Tone.NEUTRAL
    return Tone.GOOD if shown.done == shown.total else Tone.BAD if shown.late else Tone.INFO
