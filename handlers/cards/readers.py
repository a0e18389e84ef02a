"""Who has confirmed reading an announcement and who has not, by department and by name; and the reminder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Card, Choice, Meter, Note, Style, Table, text
from bot.text import Texts

PAGE, PLACES, PAGES = 30, 25, 25


@dataclass(frozen=True, slots=True)
class ShownReaders:
    """One page of names. `read` says which of the two lists it is; `places` are (id, name, asked, read) of the
    departments its reader may see; `place` is the one that is shown, "" for all."""

    id: int
    title: str
    read: bool
    asked: int
    done: int
    names: Sequence[tuple[str, str, datetime | None]]
    places: Sequence[tuple[int, str, int, int]] = ()
    place: str = ""
    place_id: int = 0
    page: int = 0
    manages: bool = False
    asking: bool = True

    @property
    def count(self) -> int:
        """How many names the whole list has."""
        return self.done if self.read else self.asked - self.done


def readers_card(t: Texts, shown: ShownReaders) -> Card:
    """The share, the departments, then names."""
    share = shown.done / shown.asked if shown.asked else 0.0
    body: list[Block] = [Meter(t("Confirmed"), share, t("{n} of {total}", n=shown.done, total=shown.asked))]
    if not shown.place and len(shown.places) > 1:
        header = (t("Department"), t("Have confirmed"), t("Have not"))
        rows = [(name, t.number(read), t.number(asked - read)) for _id, name, asked, read in shown.places[:PLACES]]
        body.append(Table(header, tuple(rows)))
    body += _names(t, shown)
    title = (
        t("Who has confirmed · {title}", title=shown.title)
        if shown.read
        else t("Who has not · {title}", title=shown.title)
    )
    return Card(title, tuple(body), _actions(t, shown), summary=t("Who has read an announcement"))


def _names(t: Texts, shown: ShownReaders) -> list[Block]:
    if not shown.names:
        return [text(t("Nobody yet.") if shown.read else t("Everybody has confirmed."))]
    lines = [f"• {name} ({number})" + (f" · {t.datetime(at)}" if at else "") for name, number, at in shown.names]
    head = [text(Bold(shown.place))] if shown.place else []
    pages = _pages(shown)
    tail = [Note(t("Page {n} of {total}", n=shown.page + 1, total=pages))] if pages > 1 else []
    return [*head, text("\n".join(lines)), *tail]


def _pages(shown: ShownReaders) -> int:
    return (shown.count + PAGE - 1) // PAGE


def _actions(t: Texts, shown: ShownReaders) -> tuple[Action, ...]:
    which = "read" if shown.read else "waiting"
    actions: list[Action] = []
    if shown.manages and shown.asking and not shown.read and shown.count and not shown.place:
        actions.append(Button(t("Remind those who have not…"), "bulletin.chase", shown.id, 0, Style.PRIMARY))
    places = [(number, name, read if shown.read else asked - read) for number, name, asked, read in shown.places]
    options = tuple((f"{which} {number} 0", f"{name} ({t.number(n)})"[:70]) for number, name, n in places[:PLACES] if n)
    if shown.place:
        options = ((f"{which} 0 0", t("All departments")), *options)
    if len(options) > 1:
        actions.append(Choice(t("One department"), "bulletin.names", options, shown.id))
    pages = min(_pages(shown), PAGES)
    if pages > 1:
        turned = [
            (f"{which} {shown.place_id} {n}", t("Page {n} of {total}", n=n + 1, total=pages)) for n in range(pages)
        ]
        actions.append(Choice(t("Page"), "bulletin.names", tuple(turned), shown.id))
    if shown.manages:
        actions.append(Button(t("Back to the announcement"), "bulletin.show", shown.id))
    return tuple(actions)


@dataclass(frozen=True, slots=True)
class ShownChase:
    """What a reminder by hand would do: it says that `sender` asks, and the line `todo`.

    `at_once`, `later` and `had` (those who had one today) add up to `waiting`; all 0 if there are too many to tell.
    """

    id: int
    title: str
    sender: str
    waiting: int
    todo: str
    due_at: datetime | None
    at_once: int = 0
    later: int = 0
    had: int = 0


def chase_card(t: Texts, shown: ShownChase) -> Card:
    """Before it goes: who gets it, what it says, and when it comes."""
    left = t.n("{n} person has not confirmed yet.", "{n} people have not confirmed yet.", shown.waiting)
    count = left if shown.waiting else t("Everybody has confirmed, or nobody is asked any more.")
    body: list[Block] = [text(Bold(count))]
    if shown.waiting:
        due = t("by {when}", when=shown.due_at) if shown.due_at else ""
        line = " · ".join(part for part in (shown.todo, due) if part)
        body.append(text(t("Everybody gets this, in their own language, with the button to do it:")))
        body.append(text(f"{t('{name} asks you to look at this.', name=shown.sender)}\n• {line}"))
        body.append(Note("\n".join(_when(t, shown))))
    actions: list[Action] = []
    if shown.waiting:
        sure = t.n("{n} person is reminded.", "{n} people are reminded.", shown.waiting - shown.had)
        actions.append(Button(t("Remind now"), "bulletin.nudge", shown.id, 0, Style.PRIMARY, sure))
        actions.append(Button(t("With a sentence of my own…"), "bulletin.remind", shown.id))
    actions.append(Button(t("Back to the announcement"), "bulletin.show", shown.id))
    title = t("Remind · {title}", title=shown.title)
    return Card(title, tuple(body), tuple(actions), summary=t("A reminder before it goes"))


def _when(t: Texts, shown: ShownChase) -> list[str]:
    lines = [t("Together with what else waits for them, in the working hours of each, once a day.")]
    lines += [t("{n} get it now.", n=shown.at_once)] if shown.at_once else []
    lines += [t("{n} get it when they work again.", n=shown.later)] if shown.later else []
    lines += [t("{n} had a reminder today, or are away: they get none.", n=shown.had)] if shown.had else []
    return lines
