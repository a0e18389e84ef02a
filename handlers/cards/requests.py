"""Cards of requests: what one department wants of another, tasks of HR, their lists, and who has done a task."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Style, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards.cuts import brief
from handlers.cards.dues import due_text, short_due

STATES = {
    "asked": N_("waits for an answer"),
    "answered": N_("answered"),
    "accepted": N_("done"),
    "declined": N_("declined"),
    "withdrawn": N_("withdrawn"),
}
LABELS = {
    "answer": N_("Answer…"),
    "done": N_("Done…"),
    "accept": N_("Accept"),
    "return": N_("Return…"),
    "hand": N_("Hand to…"),
    "decline": N_("Decline…"),
    "withdraw": N_("Withdraw"),
}
SURE = N_("Nobody has to answer this any more.")
LISTED = 15


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """One request as one reader sees it: `awaited` has to act ("" for the reader), `answered_by` answered or is to.

    `task`: it is part of a task of HR. `reason` is why it was returned or declined. `verbs` are what the reader may do
    now.
    """

    id: int
    version: int
    name: str
    department: str
    what: str
    state: str
    due_at: datetime
    now: datetime
    mine: bool = False
    task: bool = False
    cycle: str = ""
    awaited: str = ""
    answered_by: str = ""
    answer: str = ""
    link: str = ""
    reason: str = ""
    returns: int = 0
    verbs: Sequence[str] = ()
    ended_at: datetime | None = None

    @property
    def late(self) -> bool:
        """Whether the answer is overdue."""
        return self.state == "asked" and self.now > self.due_at


def request_card(t: Texts, shown: ShownRequest) -> Card:
    """Who wants what by when, what was answered, and what its reader can do."""
    body: list[Block] = [text(Bold(_standing(t, shown))), text(shown.what)]
    body.append(
        facts(
            [
                (t("Asked by"), "" if shown.mine else shown.name),
                (t("Department"), shown.department),
                (t("Due"), t.datetime(shown.due_at)),
                (t("Cycle"), shown.cycle),
                (t("Returned"), t.n("{n} time", "{n} times", shown.returns) if shown.returns else ""),
            ]
        )
    )
    if shown.reason and shown.state in ("asked", "declined"):
        asked = t("Why not?") if shown.state == "declined" else t("What is missing?")
        body.append(text(Bold(asked), " ", t("“{reason}”", reason=shown.reason)))
    body += _answer(t, shown)
    return Card(_title(t, shown), tuple(body), tuple(_actions(t, shown)), _tone(shown), _summary(t, shown))


def _title(t: Texts, shown: ShownRequest) -> str:
    if shown.task:
        return t("A task from HR")
    if shown.mine:
        return t("My request to {department}", department=shown.department)
    return t("A request of {name}", name=shown.name)


def _standing(t: Texts, shown: ShownRequest) -> str:
    match shown.state:
        case "asked":
            return due_text(t, shown.awaited, shown.due_at, shown.now)
        case "answered" if shown.mine:
            return t("Answered by {name}. Accept it, or return it and say what is missing.", name=shown.answered_by)
        case "answered":
            return t("Answered. {name} looks at it now.", name=shown.name)
        case state:
            when = f" · {t.datetime(shown.ended_at)}" if shown.ended_at is not None else ""
            said = t(STATES[state])
            return f"{said[0].upper()}{said[1:]}{when}"


def _answer(t: Texts, shown: ShownRequest) -> list[Block]:
    """The newest answer, also after it was returned."""
    said: list[Block] = []
    if shown.answer:
        said.append(text(*t.rich("{who}: “{words}”", who=Bold(shown.answered_by), words=shown.answer)))
    if shown.link:
        said.append(text(t("Link: {link}", link=shown.link)))
    return said


def _actions(t: Texts, shown: ShownRequest) -> list[Action]:
    drawn: list[Action] = []
    for place, verb in enumerate(shown.verbs):
        label = t(LABELS["done" if verb == "answer" and shown.task else verb])
        danger = verb in ("withdraw", "decline")
        style = Style.PRIMARY if place == 0 and not danger else Style.PLAIN
        sure = t(SURE) if verb == "withdraw" else ""
        drawn.append(Button(label, f"request.{verb}", shown.id, shown.version, style, sure))
    if shown.task and not shown.mine and shown.state == "asked":
        drawn.append(Button(t("Ask HR…"), "case.ask"))
    return drawn


def _tone(shown: ShownRequest) -> Tone:
    if shown.late:
        return Tone.BAD
    if shown.state in ("accepted", "withdrawn"):
        return Tone.GOOD if shown.state == "accepted" else Tone.NEUTRAL
    return Tone.INFO if shown.verbs else Tone.NEUTRAL


def _summary(t: Texts, shown: ShownRequest) -> str:
    if shown.mine:
        return t("Your request was answered") if shown.state == "answered" else t("Your request")
    if shown.task:
        return t("HR asks you to do something")
    return t("{name} asks for something", name=shown.name)


# Lists


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """One request in a list: `who` is the department or who asked, `with_` who has to act ("" for the reader)."""

    id: int
    who: str
    about: str
    state: str
    due_at: datetime
    with_: str = ""


@dataclass(frozen=True, slots=True)
class ShownAssignment:
    """A task of HR with how far it is."""

    id: int
    about: str
    due_at: datetime
    total: int
    done: int
    late: int
    declined: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class ShownRequests:
    """What `perf request` shows; `tasks` for HR alone."""

    now: datetime
    waiting: Sequence[ListedRequest] = ()
    own: Sequence[ListedRequest] = ()
    tasks: Sequence[ShownAssignment] = ()
    gives_tasks: bool = False


def requests_card(t: Texts, shown: ShownRequests) -> Card:
    """What the reader has to answer, what they asked, and the tasks of HR."""
    body = _section(t, t("Asked of me"), shown.waiting, shown.now)
    body += _section(t, t("My requests"), shown.own, shown.now)
    if shown.tasks:
        body.append(text(Bold(t("Tasks for department heads"))))
        body += [text("• ", f"{one.about} · {_progress(t, one, shown.now)}") for one in shown.tasks]
    if not body:
        body = [text(t("Nothing is asked. Type perf request @department, and what you need."))]
    return Card(t("Requests"), tuple(body), _list_actions(t, shown), summary=t("What departments ask of each other"))


def _section(t: Texts, title: str, found: Sequence[ListedRequest], now: datetime) -> list[Block]:
    if not found:
        return []
    more = [Note(t("and {n} more", n=len(found) - LISTED))] if len(found) > LISTED else []
    lines: list[Block] = [text("• ", request_line(t, one, now)) for one in found[:LISTED]]
    return [text(Bold(f"{title} · {t.number(len(found))}")), *lines, *more]


def request_line(t: Texts, one: ListedRequest, now: datetime) -> str:
    """One request in a line: whose, about what, with whom, by when."""
    stands = short_due(t, one.due_at, now) if one.state == "asked" else t(STATES[one.state])
    with_ = [t("with {name}", name=one.with_)] if one.with_ and one.state == "asked" else []
    return " · ".join([one.who, t("“{reason}”", reason=one.about), *with_, stands])


def _progress(t: Texts, one: ShownAssignment, now: datetime) -> str:
    done = t("{done} of {total} done", done=one.done, total=one.total)
    if one.ended:
        return f"{done} · {t('withdrawn')}"
    late = t("{n} late", n=one.late) if one.late else short_due(t, one.due_at, now) if one.done < one.total else ""
    return f"{done} · {late}" if late else done


def _list_actions(t: Texts, shown: ShownRequests) -> tuple[Action, ...]:
    actions: list[Action] = []
    if shown.waiting:
        actions.append(Button(t("Open the most urgent one"), "request.show", shown.waiting[0].id, style=Style.PRIMARY))
    actions.append(Button(t("Ask a department…"), "request.ask"))
    if shown.gives_tasks:
        actions.append(Button(t("Give heads a task…"), "assignment.open"))
    found = [*shown.waiting[:LISTED], *shown.own[:LISTED]]
    if found:
        options = tuple((str(one.id), brief(f"{one.who} · {one.about}")) for one in found)
        actions.append(Choice(t("Open a request"), "request.pick", options))
    if shown.tasks:
        options = tuple((str(one.id), brief(one.about)) for one in shown.tasks)
        actions.append(Choice(t("Open a task"), "assignment.pick", options))
    return (*actions, Button(t("Home"), "home.show"))
