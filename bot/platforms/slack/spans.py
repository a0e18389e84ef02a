"""Plain texts and spans as Block Kit objects; nothing a person wrote can become a mention, a link or a style."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, assert_never

from bot.cards import Bold, Link, Mention, Span
from bot.platforms.slack.limits import EMPTY, RICH_ELEMENT, RICH_TEXT, URL, cut, shown, size, whole
from bot.text import Moment

Json = dict[str, Any]
# Slack fills these in as the reader's own client has it: zone, language, 12 or 24 hours. No "today", which would stand
# in Slack's language inside a card of ours.
DATE = "{date_short} {time}"
FAR = 10_000_000_000  # seconds: beyond the year 2286 a date's number has more digits than anybody tried


def plain(text: str, most: int) -> Json:
    """A plain_text object; emoji stays off, or ":x:" in a name would become a picture."""
    return {"type": "plain_text", "text": shown(text, most), "emoji": False}


def escaped(text: str, most: int) -> str:
    """Text for the places that Slack reads as mrkdwn: the three characters that can start an entity are escaped."""
    return shown(text, most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def instant(at: datetime, form: str, fallback: str) -> str:
    """An instant as mrkdwn that Slack shows in its reader's own zone and language; `fallback` where it cannot."""
    return f"<!date^{int(at.timestamp())}^{form}|{escaped(fallback, URL)}>"


def word(text: str, *, bold: bool = False) -> Json:
    """One element of a rich_text_section; an instant that stands alone is a date, which Slack shows in the reader's
    zone."""
    if isinstance(text, Moment) and 0 <= (second := int(text.at.timestamp())) < FAR:
        element: Json = {"type": "date", "timestamp": second, "format": DATE, "fallback": str(text)}
    else:
        element = {"type": "text", "text": whole(text)}
    return element | {"style": {"bold": True}} if bold else element


def lines(said: Sequence[str]) -> list[Json]:
    """One element a line."""
    return [word(line if last else f"{line}\n") for last, line in zip(_lasts(said), said, strict=True)]


def rich(elements: Sequence[Json], most: int = RICH_TEXT) -> Json:
    """A rich_text block of one paragraph; elements beyond `most` characters are cut."""
    kept = list(_within(elements, most))
    section = {"type": "rich_text_section", "elements": kept or [word(EMPTY)]}
    return {"type": "rich_text", "elements": [section]}


def styled(spans: Iterable[Span]) -> list[Json]:
    """Spans as elements. A mention is the person's name: a card never notifies anybody else."""
    return [_element(span) for span in spans]


def _lasts(said: Sequence[str]) -> list[bool]:
    return [at == len(said) - 1 for at in range(len(said))]


def _element(span: Span) -> Json:
    match span:
        case str():
            return word(span)
        case Bold(text):
            return word(text, bold=True)
        case Link(label, url):
            label = shown(label, RICH_ELEMENT)
            return {"type": "link", "url": url, "text": label} if size(url) <= URL else word(label)
        case Mention(_, name):
            return word(name)
        case _:
            assert_never(span)


def _within(elements: Iterable[Json], most: int) -> Iterable[Json]:
    """Elements that say something, as many characters as there is room for; a date is as long as its fallback."""
    for element in elements:
        if most <= 1:
            return
        said = element["text"] if "text" in element else element["fallback"]
        text = cut(said, min(most, RICH_ELEMENT))
        most -= size(text)
        if text is not said:
            yield word(text) if "fallback" in element else element | {"text": text}
        elif said:
            yield element
