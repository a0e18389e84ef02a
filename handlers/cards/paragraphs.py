"""Fields for a text of several paragraphs in one language, shared by announcements and rule documents."""

from typing import Annotated, cast

from pydantic import Field

from bot.forms import LONG, Ask, Form, Kind
from bot.text import LOCALES, N_, NAMES, tidy
from models.wording import Wording

TITLE = 100
LANGUAGES = tuple((tag, NAMES[tag]) for tag in LOCALES)
PART = Annotated[str, Field(max_length=LONG)]
MORE = N_("Goes on below the first part; up to 1,000 characters.")
LANGUAGE = Ask(
    N_("Language"), N_("Readers without a text of their own get the nearest language."), Kind.CHOICE, LANGUAGES
)
FIRST = N_("Plain text; lines are kept. Up to 1,000 characters.")
# What may be left empty: the words of one language of several.
Heading = Annotated[
    str | None,
    Field(max_length=TITLE),
    Ask(N_("Title"), N_("Leave title and text empty to have no own text in this language.")),
]
Paragraph = Annotated[PART | None, Ask(N_("Text"), FIRST, Kind.LONG)]
More = Annotated[PART | None, Ask(N_("Text, second part"), MORE, Kind.LONG)]


class Paragraphs:
    """Stands before Form: keeps the lines of long texts, since paragraphs mean something to who reads them."""

    @classmethod
    def _plain(cls, name: str, value: str | tuple[str, ...]) -> object:
        asked = cast(type[Form], cls).asks()[name]
        if isinstance(value, str) and asked.kind is Kind.LONG:
            return lines(value)
        plain: object = super()._plain(name, value)  # type: ignore[misc]
        return plain


def lines(said: str) -> str:
    """The text without invisible characters, line by line; no more than one empty line in a row, none at the ends."""
    kept: list[str] = []
    for line in map(tidy, said.splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def wording(heading: str | None, text: str | None, more: str | None) -> Wording | None:
    """What was filled in; None if nothing was."""
    words = Wording(heading or "", text or "", more or "")
    return words if words != Wording("") else None
