"""Spans as Feishu's markdown; nothing a person wrote can become a mention, a link, a colour or a style (threat T44)."""

import re
from collections.abc import Iterable
from typing import assert_never
from urllib.parse import quote

from bot.cards import Bold, Link, Mention, Span, merged, shown
from bot.platforms.feishu.elements import cut, whole

# Everything that starts markup in CommonMark, in Feishu's own tags, in tables and in emoji and link shorthands. Its
# documentation writes them as HTML entities; a backslash is not among its ways.
_SPECIAL = re.compile(r"[&<>*_~`\[\]()\\!|{}$@]|:(?=//|[\w+-]+:)|(?<=www)\.", re.IGNORECASE)
_STARTS = re.compile(r"^([ \t]*)([-+=#]|[0-9]{1,9}(?=[.)])|[ \t]{3})", re.MULTILINE)
_JOINER = "\u200b"
URL = 1000


def escaped(text: str) -> str:
    """Typed text that stays what it is inside of a line."""
    return _SPECIAL.sub(_entity, whole(text).replace("\t", " "))


def lines(content: str) -> str:
    """Escaped text, whole lines of it: what would start a list, a heading, a rule or code at a line's start is not."""
    return _STARTS.sub(_start, content)


def rich(spans: Iterable[Span], most: int) -> str:
    """Spans as markdown of at most `most` typed characters. A mention is the person's name and notifies nobody."""
    pieces = list(_within(merged(spans), most))
    out = []
    for at, span in enumerate(pieces):
        if isinstance(span, Bold):
            before = shown(pieces[at - 1])[-1:] if at else ""
            after = shown(pieces[at + 1])[:1] if at + 1 < len(pieces) else ""
            out.append(bold(span.text, before, after))
        else:
            out.append(_drawn(span))
    return lines("".join(out))


def pair(label: str, said: str) -> str:
    """A bold label with its value."""
    return f"{bold(label, '', ':')}: {escaped(said)}"


def bold(text: str, before: str = "", after: str = "") -> str:
    """Emphasised text; `before` and `after` are the characters beside it ("" at the edge)."""
    said = text.split("\n")
    last = len(said) - 1
    drawn = (_bold(line, "" if at else before, "" if at < last else after) for at, line in enumerate(said))
    return "\n".join(drawn)


def red(text: str) -> str:
    """A sentence in red, on one line."""
    return f"<font color='red'>{escaped(' '.join(text.split()))}</font>"


def _bold(text: str, before: str, after: str) -> str:
    """CommonMark takes no `**` between a letter outside and a sign inside, usual where there are no spaces
    (`**完成：**于`): a zero-width space inside counts as a letter."""
    inner = text.strip()
    if not inner:
        return text
    left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    start = _JOINER if not left and before.isalnum() and not inner[0].isalnum() else ""
    end = _JOINER if not right and after.isalnum() and not inner[-1].isalnum() else ""
    return f"{left}**{start}{escaped(inner)}{end}**{right}"


def _drawn(span: Span) -> str:
    match span:
        case str():
            return escaped(span)
        case Bold(text):
            return bold(text)
        case Link(label, url):
            return _link(label, url)
        case Mention(_, name):
            return escaped(name)
        case _:
            assert_never(span)


def _link(label: str, url: str) -> str:
    """What cannot stand in a link's brackets is percent-encoded; an address too long to be one is only named."""
    address = quote(whole(url), safe=":/?#@!$&'*+,;=%~-._")
    said = escaped(" ".join(label.split()) or address)
    return f"[{said}]({address.replace('&', '&amp;')})" if len(address) <= URL else said


def _within(spans: Iterable[Span], most: int) -> Iterable[Span]:
    for span in spans:
        if most <= 1:
            return
        said = shown(span)
        if len(said) <= most:
            yield span
        else:
            yield Bold(cut(said, most)) if isinstance(span, Bold) else cut(said, most)
        most -= len(said)


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _start(found: re.Match[str]) -> str:
    """The first character becomes an entity; of a number it is the first digit."""
    spaces, sign = found[1], found[2]
    if spaces or sign[0] in " \t":
        return f"&#32;{(spaces + sign)[1:]}" if sign[0] in " \t" else f"&#32;{spaces[1:]}&#{ord(sign[0])};{sign[1:]}"
    return f"&#{ord(sign[0])};{sign[1:]}"
