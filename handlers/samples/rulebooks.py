"""Rule documents: the shelf, documents with a text or a link, and their forms."""

from collections.abc import Iterator
from dataclasses import replace

from bot.cards import Card
from bot.forms import Sheet
from bot.text import NAMES, Texts
from handlers.cards.rulebooks import (
    RulebookForm,
    RulebookWordsForm,
    ShownRulebook,
    rulebook_card,
    shelf_card,
)
from handlers.samples.company import CYCLES, HOSTILE, LONG, NOW, REASONS, VAGUE, Company, said
from models.wording import Wording

Samples = Iterator[tuple[str, Card | Sheet]]
LINK = "https://intranet.example/rules"


def rulebook_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about rule documents."""
    company = Company(t)
    cycle, title = said(CYCLES, t), said(VAGUE, t)
    found = [(number, name, cycle) for number, name in enumerate((title, *company.departments()), 1)]
    many = [(number, name, place) for number, (_one, name, place) in enumerate(found * 5, 1)]
    yield "rulebooks.none", shelf_card(t, [], words="", manages=False)
    yield "rulebooks.none.hr", shelf_card(t, [], words="", manages=True)
    yield "rulebooks.some", shelf_card(t, [*found, (9, HOSTILE, LONG)], words="", manages=False)
    yield "rulebooks.many.hr", shelf_card(t, many, words="", manages=True)
    yield "rulebooks.found", shelf_card(t, found[:1], words=title, manages=False)
    yield "rulebooks.not_found", shelf_card(t, [], words=HOSTILE, manages=False)
    shown = ShownRulebook(1, 2, cycle, Wording(title, said(REASONS, t)), "", NOW)
    yield "rulebook.text", rulebook_card(t, shown)
    yield "rulebook.text.hr", rulebook_card(t, replace(shown, manages=True))
    yield "rulebook.link", rulebook_card(t, replace(shown, words=Wording(title), link=LINK))
    yield "rulebook.other_language", rulebook_card(t, replace(shown, language="ja" if t.locale != "ja" else "en"))
    yield "rulebook.hostile", rulebook_card(t, replace(shown, words=Wording(HOSTILE, HOSTILE, LONG), link=LINK))
    written = {"locale": t.locale, "heading": title, "text": said(REASONS, t), "link": LINK}
    cycles = {"cycle": [("7", cycle)]}
    yield "form.rulebook.add.empty", RulebookForm.sheet(t, options=cycles)
    yield "form.rulebook.add.filled", RulebookForm.sheet(t, options=cycles, values={**written, "cycle": "7"})
    own = {"locale": [(t.locale, NAMES[t.locale])]}
    yield "form.rulebook.write.empty", RulebookWordsForm.sheet(t, options=own)
    yield "form.rulebook.write.filled", RulebookWordsForm.sheet(t, options=own, values=written)
