"""`perf tasks`: everything that waits for somebody, the most urgent first, and what waits for others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Span, Tone, text
from bot.text import N_, Texts
from handlers.cards.dues import short_due
from handlers.cards.todos import ShownTodo, todo_buttons, todo_line

GROUPS = {
    "overdue": N_("Overdue"),
    "today": N_("Today"),
    "week": N_("This week"),
    "later": N_("Later"),
    "undated": N_("Without a date"),
}
PAGE = 12


@dataclass(frozen=True, slots=True)
class ShownWaiting:
    """What the reader asked for and somebody else has to do: `key` opens it ("plan 5")."""

    key: str
    label: str
    name: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownTasks:
    """All todos of one reader, the most urgent first, and what waits for others."""

    now: datetime
    todos: Sequence[ShownTodo] = ()
    others: Sequence[ShownWaiting] = ()
    page: int = 0


def tasks_card(t: Texts, shown: ShownTasks) -> Card:
    """One page of the todos in groups by when they are due, then what waits for others."""
    here = shown.todos[shown.page * PAGE : (shown.page + 1) * PAGE]
    pages = max(1, -(-len(shown.todos) // PAGE))
    body: list[Block] = []
    if shown.todos:
        body.append(text(Bold(t.n("{n} thing waits for you", "{n} things wait for you", len(shown.todos)))))
    else:
        body.append(text(t("Nothing waits for you.")))
    body += _groups(t, here, shown.now)
    if pages > 1:
        body.append(Note(t("Page {n} of {total}", n=shown.page + 1, total=pages)))
    body += _others(t, shown)
    tone = Tone.BAD if any(group_of(t, one.due, shown.now) == "overdue" for one in shown.todos) else Tone.NEUTRAL
    return Card(t("My tasks"), tuple(body), _actions(t, shown, here, pages), tone, t("What waits for you"))


def group_of(t: Texts, due: datetime | None, now: datetime) -> str:
    """Where a todo stands on the reader's own calendar; weeks end on Sunday."""
    if due is None:
        return "undated"
    if due < now:
        return "overdue"
    today, day = now.astimezone(t.zone).date(), due.astimezone(t.zone).date()
    if day == today:
        return "today"
    return "week" if day <= today + timedelta(days=6 - today.weekday()) else "later"


def _groups(t: Texts, todos: Sequence[ShownTodo], now: datetime) -> list[Block]:
    found: list[Block] = []
    for group, title in GROUPS.items():
        lines: list[Span] = []
        for one in todos:
            if group_of(t, one.due, now) == group:
                lines += ["\n", *todo_line(t, one, now)]
        if lines:
            found.append(text(Bold(t(title)), *lines))
    return found


def _others(t: Texts, shown: ShownTasks) -> list[Block]:
    if not shown.others:
        return []
    lines: list[Span] = []
    for one in shown.others:
        said = t("{what}: waits for {name}", what=one.label, name=one.name)
        due = f" · {short_due(t, one.due, shown.now)}" if one.due is not None else ""
        lines += ["\n", f"• {said}{due}"]
    return [text(Bold(t("Waits for others")), *lines)]


def _actions(t: Texts, shown: ShownTasks, here: Sequence[ShownTodo], pages: int) -> tuple[Action, ...]:
    actions = todo_buttons(t, here)
    if pages > 1:
        options = tuple((str(n), t("Page {n} of {total}", n=n + 1, total=pages)) for n in range(pages))
        actions.append(Choice(t("Page"), "todo.page", options))
    if shown.others:
        options = tuple((one.key, f"{one.label} · {one.name}"[:70]) for one in shown.others)
        actions.append(Choice(t("Open what waits for others"), "todo.other", options))
    return (*actions, Button(t("Home"), "home.show"))
