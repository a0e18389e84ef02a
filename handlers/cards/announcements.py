"""What a reader of an announcement gets: the text in their language, its version, what changed, and whether they have
confirmed reading it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Card, Note, Style, Tone, text
from bot.text import Texts
from models.rules.wording import differences
from models.wording import Wording

CHANGES, BUTTONS = 8, 3


@dataclass(frozen=True, slots=True)
class ShownAnnouncement:
    """One announcement for one reader. `before` is what the edition before said, if they could read it in the same
    language; `asked` whether they are asked to confirm, `read_at` when they did; `rulebooks` are (id, title)."""

    id: int
    edition: int
    words: Wording
    sent_at: datetime
    corrected_at: datetime | None = None
    before: Wording | None = None
    asked: bool = False
    due_at: datetime | None = None
    read_at: datetime | None = None
    rulebooks: Sequence[tuple[int, str]] = ()


def announcement_card(t: Texts, shown: ShownAnnouncement) -> Card:
    """The text first, then what is asked, then which version this is."""
    body: list[Block] = [text(part) for part in (shown.words.text, shown.words.more) if part]
    body += _changes(t, shown)
    if shown.read_at is not None:
        body.append(text(t("You confirmed on {when} that you have read this.", when=shown.read_at)))
    elif shown.asked:
        body.append(text(Bold(_please(t, shown.due_at))))
    body.append(Note(version_text(t, shown.edition, shown.sent_at, shown.corrected_at)))
    tone = Tone.GOOD if shown.read_at is not None else Tone.INFO
    return Card(shown.words.title, tuple(body), _actions(t, shown), tone, t("An announcement from HR"))


def preview_card(t: Texts, shown: ShownAnnouncement, *, said: str, bulletin_id: int, back: str) -> Card:
    """The same card as its readers get it, with a line of `said` that it is only a preview, and the way back."""
    card = announcement_card(t, shown)
    actions = (*card.actions, Button(back, "bulletin.show", bulletin_id))
    return Card(card.title, (*card.body, Note(said)), actions, card.tone, card.summary)


def replaced_card(t: Texts, title: str, announcement_id: int) -> Card:
    """What stays of a version when a newer one is with its readers."""
    body = (text(t("There is a newer version of this announcement.")),)
    actions = (Button(t("Read the newest version"), "announcement.newest", announcement_id),)
    return Card(title, body, actions, summary=t("There is a newer version"))


def version_text(t: Texts, edition: int, sent_at: datetime, corrected_at: datetime | None) -> str:
    """Which version this is, and of when."""
    if corrected_at is not None:
        return t(
            "Version {n} of {when}, small correction on {corrected}", n=edition, when=sent_at, corrected=corrected_at
        )
    return t("Version {n} of {when}", n=edition, when=sent_at)


def _please(t: Texts, due_at: datetime | None) -> str:
    if due_at is None:
        return t("Please confirm that you have read this.")
    return t("Please confirm by {when} that you have read this.", when=due_at)


def _changes(t: Texts, shown: ShownAnnouncement) -> list[Block]:
    """Old and new, passage by passage: nobody has to compare."""
    if shown.before is None:
        return []
    pairs = [(shown.before.title, shown.words.title)] if shown.before.title != shown.words.title else []
    pairs += differences(shown.before.whole, shown.words.whole)
    if not pairs:
        return []
    lines: list[Block] = [text(Bold(t("What changed since version {n}", n=shown.edition - 1)))]
    lines += [text("\n".join(_pair(t, before, now))) for before, now in pairs[:CHANGES]]
    rest = len(pairs) - CHANGES
    return [*lines, Note(t("and {n} more", n=rest))] if rest > 0 else lines


def _pair(t: Texts, before: str, now: str) -> list[str]:
    if not before:
        return [t("New: {words}", words=now)]
    return [t("Before: {words}", words=before), t("Now: {words}", words=now) if now else t("Now: left out")]


def _actions(t: Texts, shown: ShownAnnouncement) -> tuple[Action, ...]:
    actions: list[Action] = []
    if shown.asked and shown.read_at is None:
        label = t("I have read this")
        actions.append(Button(label, "announcement.confirm", shown.id, shown.edition, Style.PRIMARY))
    if len(shown.rulebooks) > BUTTONS:
        actions.append(Button(t("Rule documents"), "rulebook.list"))
    else:
        actions += [Button(title, "rulebook.show", number) for number, title in shown.rulebooks]
    return tuple(actions)
