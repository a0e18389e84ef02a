"""Cards of cases: one thread between who asked and who is in charge, the lists, and what people say of HR."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Style, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards.clocks import moment
from handlers.cards.cuts import brief
from handlers.cards.dues import due_text, short_due

STATES = {"open": N_("waits for an answer"), "answered": N_("answered"), "closed": N_("closed")}
SCORES = (
    ("5", N_("5 · very helpful")),
    ("4", N_("4 · helpful")),
    ("3", N_("3 · in part")),
    ("2", N_("2 · hardly")),
    ("1", N_("1 · not at all")),
)
SETTLED = N_("The case is closed. A reply opens it again for 14 days.")
LISTED = 20
SHORT = 60


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """One message of a thread."""

    author: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class ShownThread:
    """One case as one of its two readers sees it. `mine`: the reader asked. `verbs` are what they may do now; `until`
    is how long a reply opens a closed one again; `page` 0 has the newest of `pages`."""

    id: int
    version: int
    name: str
    owner: str
    mine: bool
    state: str
    due_at: datetime
    now: datetime
    cycle: str = ""
    messages: Sequence[ShownMessage] = ()
    page: int = 0
    pages: int = 1
    verbs: Sequence[str] = ()
    closed_at: datetime | None = None
    until: datetime | None = None


def case_card(t: Texts, shown: ShownThread) -> Card:
    """Where it stands, the newest messages, and what its reader can do."""
    title = t("My question to HR") if shown.mine else t("A question of {name}", name=shown.name)
    body: list[Block] = [text(Bold(_standing(t, shown)))]
    if shown.cycle:
        body.append(facts([(t("Cycle"), shown.cycle)]))
    body += [_message(t, one) for one in shown.messages]
    if shown.pages > 1:
        body.append(Note(t("Page {n} of {total}", n=shown.page + 1, total=shown.pages)))
    other = shown.owner if shown.mine else shown.name
    body.append(Note(t("Only you and {name} read this.", name=other)))
    return Card(title, tuple(body), tuple(_actions(t, shown)), _tone(shown), _summary(t, shown))


def _standing(t: Texts, shown: ShownThread) -> str:
    if shown.state == "open":
        return due_text(t, shown.owner if shown.mine else "", shown.due_at, shown.now)
    if shown.state == "answered":
        return (
            t("Answered. Is this what you wanted to know?") if shown.mine else t("Answered. A reply comes to you here.")
        )
    closed = t("Closed on {when}.", when=t.datetime(shown.closed_at)) if shown.closed_at else t("Closed.")
    if shown.mine and shown.until is not None:
        return t("{closed} A reply opens it again until {when}.", closed=closed, when=t.datetime(shown.until))
    return closed


def _message(t: Texts, one: ShownMessage) -> Block:
    return text(Bold(one.author), " · ", t.datetime(one.at), f"\n{one.body}")


def _actions(t: Texts, shown: ShownThread) -> list[Action]:
    drawn = [_action(t, shown, verb) for verb in shown.verbs]
    if shown.pages > 1:
        options = tuple((str(n), t("Page {n} of {total}", n=n + 1, total=shown.pages)) for n in range(shown.pages))
        drawn.append(Choice(t("Older messages"), "case.page", options, shown.id))
    return drawn


def _action(t: Texts, shown: ShownThread, verb: str) -> Action:
    at = (shown.id, shown.version)
    match verb:
        case "answer":
            return Button(t("Reply…"), "case.answer", *at, Style.PRIMARY)
        case "reply":
            return Button(t("Reply…"), "case.reply", *at)
        case "satisfied" if shown.state == "answered":
            return Button(t("This answers it"), "case.satisfied", *at, Style.PRIMARY)
        case "satisfied":
            return Button(t("No longer needed"), "case.satisfied", *at, confirm=t(SETTLED))
        case "hand":
            return Button(t("Hand to…"), "case.hand", *at)
        case "close":
            return Button(t("Close…"), "case.close", *at)
        case "rate":
            return Choice(
                t("Did this help you?"), "case.rate", tuple((n, t(said)) for n, said in SCORES), *at, quick=True
            )
        case _:
            return Button(t("Rate with a word…"), "case.word", *at)


def _tone(shown: ShownThread) -> Tone:
    if shown.state == "closed":
        return Tone.NEUTRAL
    if shown.state == "answered":
        return Tone.GOOD if shown.mine else Tone.NEUTRAL
    return Tone.BAD if shown.now > shown.due_at else Tone.WARN if shown.mine else Tone.INFO


def _summary(t: Texts, shown: ShownThread) -> str:
    if shown.mine:
        return t("HR has answered your question") if shown.state == "answered" else t("Your question to HR")
    return t("Somebody asks HR") if shown.state == "open" else t("A question to HR")


# Lists


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One case in a list; `about` is how its question begins, `who` the other side."""

    id: int
    who: str
    about: str
    state: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ShownCases:
    """What `perf ask` shows: `free` are colleagues' cases without anything that was said in them. `counts` of all of
    HR: not closed, unanswered, late."""

    now: datetime
    own: Sequence[ListedCase] = ()
    charge: Sequence[ListedCase] = ()
    free: Sequence[ListedCase] = ()
    counts: tuple[int, int, int] | None = None


def cases_card(t: Texts, shown: ShownCases) -> Card:
    """What the reader is in charge of, the longest waiting first; what they asked; what they may take over."""
    body: list[Block] = []
    if shown.counts is not None:
        running, unanswered, late = shown.counts
        body.append(text(t("All of HR: {n} open, {m} without an answer, {k} late.", n=running, m=unanswered, k=late)))
    body += _section(t, t("In my charge"), shown.charge, shown.now)
    body += _section(t, t("My questions"), shown.own, shown.now)
    if shown.free:
        body.append(text(Bold(t("Waits for a colleague who is late or away"))))
        body += [text("• ", _free(t, one, shown.now)) for one in shown.free]
    if not (shown.own or shown.charge):
        body.append(text(t("No question is open. What you ask is read by one person in HR, and by nobody else.")))
    return Card(t("Questions to HR"), tuple(body), _list_actions(t, shown), summary=t("Questions to HR"))


def _section(t: Texts, title: str, cases: Sequence[ListedCase], now: datetime) -> list[Block]:
    if not cases:
        return []
    more = [Note(t("and {n} more", n=len(cases) - LISTED))] if len(cases) > LISTED else []
    lines: list[Block] = [text("• ", _line(t, one, now)) for one in cases[:LISTED]]
    return [text(Bold(f"{title} · {t.number(len(cases))}")), *lines, *more]


def _line(t: Texts, one: ListedCase, now: datetime) -> str:
    stands = short_due(t, one.due_at, now) if one.state == "open" else t(STATES[one.state])
    return " · ".join([one.who, t("“{reason}”", reason=one.about), stands])


def _free(t: Texts, one: ListedCase, now: datetime) -> str:
    values = {"n": one.id, "name": one.who, "when": moment(t, one.due_at, now)}
    return t("Case {n}, with {name}, answer due {when}", **values)


def _list_actions(t: Texts, shown: ShownCases) -> tuple[Action, ...]:
    actions: list[Action] = []
    waiting = [one for one in shown.charge if one.state == "open"]
    if waiting:
        actions.append(Button(t("Open the longest waiting"), "case.show", waiting[0].id, style=Style.PRIMARY))
    style = Style.PLAIN if shown.charge else Style.PRIMARY
    actions.append(Button(t("Ask HR…"), "case.ask", style=style))
    cases = [*shown.charge[:LISTED], *shown.own[:LISTED]]
    if cases:
        options = tuple((str(one.id), brief(f"{one.who} · {one.about}")) for one in cases)
        actions.append(Choice(t("Open a question"), "case.pick", options))
    if shown.free:
        options = tuple((str(one.id), brief(_free(t, one, shown.now))) for one in shown.free)
        actions.append(Choice(t("Take over"), "case.take", options))
    if shown.counts is not None:
        actions.append(Button(t("What people say"), "case.opinions"))
    return (*actions, Button(t("Home"), "home.show"))


# What people say


def opinions_card(
    t: Texts, whole: tuple[int, Decimal] | None, own: tuple[int, Decimal] | None, words: Sequence[str]
) -> Card:
    """(ratings, mean) of all of HR and of the reader's own cases, and what was written about these."""
    body: list[Block] = []
    if whole is None:
        body.append(text(t("Fewer than five people have said how they were answered. Nothing is shown before.")))
    else:
        body.append(
            facts([(t("All of HR"), _mean(t, whole)), (t("My cases"), _mean(t, own) if own is not None else "")])
        )
        body += [text(t("“{reason}”", reason=said)) for said in words]
        body.append(Note(t("Ratings count five at a time, so that nobody can tell whose is whose.")))
    actions = (Button(t("Questions to HR"), "case.list"),)
    return Card(t("What people say"), tuple(body), actions, summary=t("How people find the answers of HR"))


def _mean(t: Texts, found: tuple[int, Decimal]) -> str:
    many, mean = found
    mean = mean.quantize(Decimal("0.1"))
    return t.n("{mean} of 5, {n} rating", "{mean} of 5, {n} ratings", many, mean=mean)
