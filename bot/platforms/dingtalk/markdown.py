"""Spans as DingTalk's markdown; nothing a person wrote can become a link, a style or a line that is sent (threat T44).

Its subset has no word on escaping: backslashes are CommonMark's, and what starts a line is kept from doing so by a
zero-width space before it, which works whatever a client takes for markup.
"""

import re
from collections.abc import Iterable, Sequence
from typing import assert_never
from urllib.parse import quote

from bot.cards import Bold, Link, Mention, Span, merged, shown
from bot.platforms.dingtalk.shapes import whole

JOINER = "\u200b"
_SPECIAL = re.compile(r"[\\`*_\[\]~|]|<(?=[A-Za-z/!?])|&(?=#|[A-Za-z])")
_LIVE = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_SCHEME = re.compile(r"\b(javascript|data|mailto|tel|dtmd|dingtalk):", re.IGNORECASE)
_BLANK = re.compile("[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ENDS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_STARTS = re.compile(r" *(?:[-+=#>]|[0-9]{1,9}[.)])|\t| {3}")
URL = 800


def escaped(text: str) -> str:
    """Typed text, one line of it, that stays what it is inside of a line."""
    said = _SPECIAL.sub(r"\\\g<0>", _BLANK.sub(" ", whole(text)))
    return _SCHEME.sub(rf"\g<1>{JOINER}:", _LIVE.sub(rf"{JOINER}\g<0>", said))


def line(content: str) -> str:
    """Escaped text as a whole line: what would start a list, a heading, a quote or code does not."""
    return f"{JOINER}{content}" if _STARTS.match(content) else content


def rich(spans: Iterable[Span]) -> list[str]:
    """The lines of the spans. A mention is the person's name and notifies nobody."""
    return [line(_drawn(merged(parts))) for parts in _broken(spans)]


def pair(label: str, said: str) -> list[str]:
    """A bold label with its value, which may have several lines."""
    first, *rest = _ENDS.split(said)
    return [f"{bold(label, '', ':')}: {escaped(first)}", *(line(escaped(one)) for one in rest)]


def bold(text: str, before: str = "", after: str = "") -> str:
    """Emphasised text of one line; `before` and `after` are the characters beside it ("" at the edge).

    CommonMark takes no `**` between a letter outside and a sign inside, usual where there are no spaces
    (`**完成：**于`): a zero-width space inside counts as a letter.
    """
    inner = " ".join(text.split())
    if not inner:
        return text
    left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    start = JOINER if not left and before.isalnum() and not inner[0].isalnum() else ""
    end = JOINER if not right and after.isalnum() and not inner[-1].isalnum() else ""
    return f"{left}**{start}{escaped(inner)}{end}**{right}"


def link(label: str, url: str) -> str:
    """A link; an address too long to be one is only named."""
    address = quote(whole(url), safe=":/?#@!$&'*+,;=%~-._")
    said = escaped(" ".join(label.split())) or escaped(address)
    return f"[{said}]({address})" if len(address) <= URL else said


def _broken(spans: Iterable[Span]) -> list[list[Span]]:
    """The spans of each line; a link or a mention has only one."""
    lines: list[list[Span]] = [[]]
    for span in spans:
        if not isinstance(span, str | Bold):
            lines[-1].append(span)
            continue
        first, *rest = _ENDS.split(span if isinstance(span, str) else span.text)
        lines[-1].append(_again(span, first))
        lines += [[_again(span, one)] for one in rest]
    return lines


def _again(span: str | Bold, text: str) -> Span:
    return Bold(text) if isinstance(span, Bold) else text


def _drawn(spans: Sequence[Span]) -> str:
    out = []
    for at, span in enumerate(spans):
        match span:
            case str():
                out.append(escaped(span))
            case Bold(text):
                before = shown(spans[at - 1])[-1:] if at else ""
                after = shown(spans[at + 1])[:1] if at + 1 < len(spans) else ""
                out.append(bold(text, before, after))
            case Link(label, url):
                out.append(link(label, url))
            case Mention(_, name):
                out.append(escaped(" ".join(name.split())))
            case _:
                assert_never(span)
    return "".join(out)
