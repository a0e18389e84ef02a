"""What HR sees of announcements: the list, one that is being written, and one that is with its readers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Card, Choice, Meter, Note, Style, Tone, facts, text
from bot.text import LOCALES, N_, NAMES, Texts
from handlers.cards.announcements import version_text

STATES = {
    "draft": N_("Draft"),
    "scheduled": N_("Scheduled"),
    "sent": N_("Sent"),
    "ended": N_("Nobody is asked any more"),
    "discarded": N_("Discarded"),
}
WAITING, READ = "waiting", "read"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: `asked` and `read` count confirmations, 0 where none are asked."""

    id: int
    title: str
    state: str
    at: datetime | None = None
    asked: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class Turnout:
    """How far it is with its readers, in people; `asked` and `read` are 0 where no confirmation is asked."""

    total: int = 0
    delivered: int = 0
    under_way: int = 0
    no_account: int = 0
    failed: int = 0
    asked: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class ShownBulletin:
    """One announcement as HR has it. `audience` says in words for whom it is, `count` how many that is now.

    `send_at` and `zone` are set while it is scheduled; `turnout` once it was sent; `changed` if the words were changed
    since. `languages` have own words. `stopped`: it could not go at its time.
    """

    id: int
    version: int
    state: str
    title: str
    languages: Sequence[str]
    audience: str
    count: int
    confirm: bool
    due_at: datetime | None = None
    rulebooks: Sequence[str] = ()
    cycle: str = ""
    send_at: str = ""
    zone: str = ""
    edition: int = 0
    sent_at: datetime | None = None
    corrected_at: datetime | None = None
    turnout: Turnout | None = None
    changed: bool = False
    manages: bool = True
    asking: bool = False
    stopped: bool = False


def bulletins_card(t: Texts, listed: Sequence[Listed], *, writes: bool, opens: str) -> Card:
    """Drafts and scheduled ones first, then what was sent; heads get those their people are asked about."""
    body = [text("• ", Bold(one.title), f" · {_line(t, one)}") for one in listed]
    actions: list[Action] = []
    if writes:
        actions.append(Button(t("New announcement…"), "bulletin.begin", style=Style.PRIMARY))
    if listed:
        options = tuple((str(one.id), one.title[:70]) for one in listed)
        actions.append(Choice(t("Open an announcement"), opens, options))
    theirs = opens == "bulletin.missing"
    said = t("None of your people is asked to read something now.") if theirs else t("Nothing is announced yet.")
    return Card(t("Announcements"), tuple(body) or (text(said),), tuple(actions), summary=t("Announcements"))


def _line(t: Texts, one: Listed) -> str:
    parts = [t(STATES[one.state])]
    if one.at is not None:
        parts.append(t.datetime(one.at))
    if one.asked:
        parts.append(t("{read} of {asked} have confirmed", read=one.read, asked=one.asked))
    return " · ".join(parts)


def bulletin_card(t: Texts, shown: ShownBulletin) -> Card:
    """What it is, how far it is, and what can be done with it now."""
    body: list[Block] = [facts(_facts(t, shown))]
    if shown.stopped and shown.state == "draft":
        said = t("It could not go at its time, and is a draft again. “Send now” says what is missing.")
        body.insert(0, text(Bold(said)))
    if shown.turnout is not None:
        body += _turnout(t, shown, shown.turnout)
    if shown.changed:
        body.append(text(Bold(t("The text was changed, and readers do not have it yet."))))
    missing = [NAMES[tag] for tag in LOCALES if tag not in shown.languages]
    if missing and shown.state in ("draft", "scheduled"):
        body.append(Note(t("No own text: {languages}. Their readers get the nearest one.", languages=t.list(missing))))
    tone = Tone.GOOD if shown.state == "sent" else Tone.NEUTRAL
    return Card(shown.title, tuple(body), _actions(t, shown), tone, t("An announcement, as HR sees it"))


def _facts(t: Texts, shown: ShownBulletin) -> list[tuple[str, str]]:
    state = t(STATES[shown.state])
    if shown.send_at:
        state = t("Goes on {when} ({zone})", when=shown.send_at, zone=shown.zone)
    if shown.sent_at is not None:
        state = f"{state} · {version_text(t, shown.edition, shown.sent_at, shown.corrected_at)}"
    return [
        (t("State"), state),
        (t("To"), t("{audience} ({n})", audience=shown.audience, n=shown.count)),
        (t("Languages"), t.list([NAMES[tag] for tag in LOCALES if tag in shown.languages])),
        (t("Confirmation of reading"), _confirmation(t, shown)),
        (t("Rule documents"), t.list(shown.rulebooks) if shown.rulebooks else ""),
        (t("Cycle"), shown.cycle),
    ]


def _confirmation(t: Texts, shown: ShownBulletin) -> str:
    if not shown.confirm:
        return t("not asked for")
    return t("asked for, by {when}", when=shown.due_at) if shown.due_at is not None else t("asked for")


def _turnout(t: Texts, shown: ShownBulletin, turnout: Turnout) -> list[Block]:
    """The share first, then the numbers it is made of."""
    asked = turnout.asked or turnout.total
    whole, part = (asked, turnout.read) if shown.confirm else (turnout.total, turnout.delivered)
    label = t("Confirmed") if shown.confirm else t("Delivered")
    share = part / whole if whole else 0.0
    delivered = t("{n} of {total}", n=turnout.delivered, total=turnout.total) if shown.confirm and turnout.total else ""
    pairs = [
        (t("Delivered"), delivered),
        (t("On the way"), _some(t, turnout.under_way)),
        (t("Wait for an account"), _some(t, turnout.no_account)),
        (t("Could not be delivered"), _some(t, turnout.failed)),
    ]
    if shown.confirm:
        pairs += [(t("Have confirmed"), t.number(turnout.read)), (t("Have not"), t.number(whole - part))]
    return [Meter(label, share, t("{n} of {total}", n=part, total=whole)), facts(pairs)]


def _some(t: Texts, count: int) -> str:
    return t.number(count) if count else ""


def _actions(t: Texts, shown: ShownBulletin) -> tuple[Action, ...]:
    match shown.state:
        case "draft" | "scheduled" if shown.manages:
            return (*_going(t, shown), *_writing(t, shown), *_asking(t, shown), _discard(t, shown), _list(t))
        case "sent":
            found = _reading(t, shown)
            return (*found, *_changing(t, shown), _list(t)) if shown.manages else (*found, _list(t))
        case _:
            return (*_reading(t, shown), _list(t))


def _going(t: Texts, shown: ShownBulletin) -> list[Action]:
    sure = t.n(
        "{n} person gets it now. This cannot be taken back. Send?",
        "{n} people get it now, each in their language. This cannot be taken back. Send?",
        shown.count,
    )
    send = Button(t("Send now"), "bulletin.send", shown.id, shown.version, Style.PRIMARY, sure)
    if shown.state == "draft":
        return [send, Button(t("Send later…"), "bulletin.schedule", shown.id, shown.version)]
    later = Button(t("Change the time…"), "bulletin.schedule", shown.id, shown.version)
    return [later, Button(t("Call back"), "bulletin.call_back", shown.id, shown.version), send]


def _writing(t: Texts, shown: ShownBulletin) -> list[Action]:
    own = tuple((tag, NAMES[tag]) for tag in LOCALES)
    form = tuple((tag, f"{name}…") for tag, name in own)
    return [
        Choice(t("Preview"), "bulletin.preview", own, shown.id, shown.version),
        Choice(t("Write or change the text"), "bulletin.write", form, shown.id, shown.version),
    ]


def _asking(t: Texts, shown: ShownBulletin) -> list[Action]:
    return [
        Button(t("Who gets it…"), "bulletin.address", shown.id, shown.version),
        Button(t("Confirmation and rules…"), "bulletin.ask", shown.id, shown.version),
    ]


def _discard(t: Texts, shown: ShownBulletin) -> Button:
    return Button(t("Discard"), "bulletin.discard", shown.id, shown.version, Style.DANGER, t("The draft is given up."))


def _reading(t: Texts, shown: ShownBulletin) -> list[Action]:
    """Who has not, and who has; the reminder while somebody has not."""
    if shown.turnout is None or not shown.turnout.asked:
        return []
    actions: list[Action] = []
    left = shown.turnout.asked - shown.turnout.read
    if left and shown.manages and shown.asking:
        actions.append(Button(t("Remind those who have not…"), "bulletin.chase", shown.id, 0, Style.PRIMARY))
    if left:
        actions.append(Button(t("Who has not"), "bulletin.waiting", shown.id))
    if shown.turnout.read:
        actions.append(Button(t("Who has"), "bulletin.readers", shown.id))
    return actions


def _changing(t: Texts, shown: ShownBulletin) -> list[Action]:
    if not shown.changed:
        return [
            *_writing(t, shown),
            Button(t("Confirmation and rules…"), "bulletin.ask", shown.id, shown.version),
            *_end(t, shown),
        ]
    again = t.n(
        "{n} person gets the new version with what changed, and is asked again. Send?",
        "{n} people get the new version with what changed, and are asked again. Send?",
        shown.count,
    )
    small = t("The text changes on the cards that were sent; nobody is told or asked again.")
    label = t("Send version {n}", n=shown.edition + 1)
    return [
        Button(label, "bulletin.send", shown.id, shown.version, Style.PRIMARY, again),
        Button(t("Small correction: do not ask again"), "bulletin.correct", shown.id, shown.version, confirm=small),
        *_writing(t, shown),
        Button(t("Confirmation and rules…"), "bulletin.ask", shown.id, shown.version),
        Button(t("Drop the change"), "bulletin.drop_change", shown.id, shown.version),
    ]


def _end(t: Texts, shown: ShownBulletin) -> list[Action]:
    if not shown.asking:
        return []
    sure = t("Whoever has not confirmed is not asked or reminded any more. The announcement stays.")
    return [Button(t("Stop asking"), "bulletin.end", shown.id, shown.version, Style.DANGER, sure)]


def _list(t: Texts) -> Button:
    return Button(t("Announcements"), "bulletin.list")


def audience_text(t: Texts, kept: Mapping[str, object], departments: Sequence[str], roles: Mapping[str, str]) -> str:
    """For whom it is, in words: "Sales, Line managers, 3 people by name"."""
    if kept.get("everybody"):
        return t("Everybody who works here")
    held, people = kept.get("roles"), kept.get("people")
    parts = [*departments, *(t(roles[name]) for name in (held if isinstance(held, list) else []))]
    count = len(people) if isinstance(people, list) else 0
    parts += [t.n("{n} person by name", "{n} people by name", count)] if count else []
    return t.list(parts) if parts else t("nobody yet")
