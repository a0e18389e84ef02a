"""Every string of a card or a form that a person reads, and a language in which each translated one is marked."""

import re
from collections.abc import Iterator
from gettext import NullTranslations

from bot.cards import Block, Bold, Button, Card, Chart, Choice, Divider, Facts, Link, Mention, Meter, Note, Table, Text
from bot.forms import Sheet

ACCENTS = str.maketrans("AEIOUaeiounc", "ÀÉÎÕÜàéîõüñç")


class Pseudo(NullTranslations):
    """English with accents, two fifths longer, in ⟦brackets⟧; {placeholders} stay."""

    def gettext(self, message: str) -> str:
        """ "Hello {name}" → "⟦Hélló {name}·····⟧"."""
        parts = re.split(r"(\{\w+\})", message)
        said = "".join(part if part.startswith("{") else part.translate(ACCENTS) for part in parts)
        return f"⟦{said}{'·' * (len(message) * 2 // 5)}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The English plural, marked."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        """The same in every context."""
        return self.gettext(message)


def unmarked(said: str) -> str:
    """What stands outside of all brackets."""
    out, depth = [], 0
    for char in said:
        depth += char == "⟦"
        if not depth:
            out.append(char)
        depth -= char == "⟧"
    return "".join(out)


def visible(sample: Card | Sheet) -> Iterator[str]:
    """What a person reads, string by string; the values of a form are left out, they are the person's own."""
    if isinstance(sample, Sheet):
        yield from (sample.title, sample.submit)
        for field in sample.fields:
            yield from (field.label, field.hint, *(label for _value, label in field.options))
        return
    yield from (sample.title, sample.summary)
    for block in sample.body:
        yield from _block(block)
    for action in sample.actions:
        yield action.label
        if isinstance(action, Button):
            yield action.confirm
        elif isinstance(action, Choice):
            yield from (label for _value, label in action.options)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Text(spans):
            yield "".join(_span(span) for span in spans)
        case Facts(pairs):
            yield from (part for pair in pairs for part in pair)
        case Meter(label, _, text):
            yield from (label, text)
        case Table(header, rows):
            yield from (cell for row in (header, *rows) for cell in row)
        case Chart(title):
            yield from (title, block.caption(), *(part for pair in block.facts().pairs for part in pair))
        case Note(text):
            yield text
        case Divider():
            return


def _span(span: str | Bold | Link | Mention) -> str:
    match span:
        case Bold(text):
            return text
        case Link(label):
            return label
        case Mention(_, name):
            return name
        case _:
            return span
