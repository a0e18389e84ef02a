"""Rule documents: the shelf, one document, and the forms that HR keeps them with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, Open, Style, text
from bot.forms import LONG, Ask, Form, Kind
from bot.text import N_, NAMES, Texts
from handlers.cards.paragraphs import LANGUAGE, LANGUAGES, TITLE, Heading, More, Paragraph, Paragraphs
from models.wording import Wording

LISTED = 20
FORMS = tuple((tag, f"{name}…") for tag, name in LANGUAGES)


def safe(link: str) -> bool:
    """Whether a browser opens it over https, and it does not pretend to be anything else."""
    return link.startswith("https://") and len(link) > len("https://") and not any(map(str.isspace, link))


Link = Annotated[str, Field(max_length=LONG)]
LINK = Ask(
    N_("Link"), N_("Where the document lies, beginning with https://. Files themselves cannot be kept here yet.")
)


class RulebookForm(Paragraphs, Form):
    """A new document, in one language first."""

    action: ClassVar[str] = "rulebook.add"
    title: ClassVar[str] = N_("Add a rule document")
    cycle: Annotated[str, Ask(N_("Cycle"), kind=Kind.CHOICE)]
    locale: Annotated[str, LANGUAGE]
    heading: Annotated[str, Field(min_length=1, max_length=TITLE), Ask(N_("Title"), N_("Up to 100 characters."))]
    text: Paragraph = None
    more: More = None
    link: Annotated[Link | None, LINK] = None


class RulebookWordsForm(Paragraphs, Form):
    """The words in one language."""

    action: ClassVar[str] = "rulebook.write"
    title: ClassVar[str] = N_("Words of the document")
    locale: Annotated[str, LANGUAGE]
    heading: Heading = None
    text: Paragraph = None
    more: More = None
    link: Annotated[Link | None, LINK] = None


@dataclass(frozen=True, slots=True)
class ShownRulebook:
    """One document in the reader's language; `language` is the one its words are in, if it is not the reader's."""

    id: int
    version: int
    cycle: str
    words: Wording
    link: str
    changed_at: datetime
    language: str = ""
    manages: bool = False


def shelf_card(t: Texts, found: Sequence[tuple[int, str, str]], *, words: str, manages: bool) -> Card:
    """Documents as (id, title, cycle), those of the newest cycle first; `words` is what was looked for."""
    body: list[Block] = []
    if words:
        body.append(text(t("Looked for: {words}", words=words)))
    cycles = list(dict.fromkeys(cycle for _id, _title, cycle in found[:LISTED]))
    for cycle in cycles:
        titles = [title for _id, title, other in found[:LISTED] if other == cycle]
        body.append(text(Bold(cycle), *(f"\n• {title}" for title in titles)))
    if not found:
        body.append(text(t("Nothing found. “perf help rules” lists every document.") if words else t("No rules yet.")))
    elif len(found) > LISTED:
        body.append(Note(t("and {n} more", n=len(found) - LISTED)))
    if found or words:
        body.append(Note(t("Look for words in them: “perf help rules bonus”.")))
    actions: list[Action] = []
    if found:
        options = tuple((str(number), title[:70]) for number, title, _cycle in found[:LISTED])
        actions.append(Choice(t("Read"), "rulebook.pick", options))
    if manages:
        actions.append(Button(t("Add a rule document…"), "rulebook.add"))
    actions.append(Button(t("Help"), "help.show"))
    return Card(t("Rules"), tuple(body), tuple(actions), summary=t("The rule documents"))


def rulebook_card(t: Texts, shown: ShownRulebook) -> Card:
    """The text, or where it lies."""
    body: list[Block] = [text(part) for part in (shown.words.text, shown.words.more) if part]
    if not body:
        body.append(text(t("This document lies elsewhere. Open it with the button.")))
    said = t("Rules of {cycle}, as of {when}", cycle=shown.cycle, when=shown.changed_at)
    lines = [said, *([t("Only in {language}", language=NAMES[shown.language])] if shown.language else [])]
    body.append(Note("\n".join(lines)))
    actions: list[Action] = [Open(t("Open the document"), shown.link)] if shown.link else []
    if shown.manages:
        actions.append(Choice(t("Write or change the text"), "rulebook.write", FORMS, shown.id, shown.version))
        sure = t("Nobody finds this document any more.")
        actions.append(Button(t("Remove"), "rulebook.remove", shown.id, shown.version, Style.DANGER, sure))
    actions.append(Button(t("All rules"), "rulebook.list"))
    return Card(shown.words.title, tuple(body), tuple(actions), summary=t("A rule document"))
