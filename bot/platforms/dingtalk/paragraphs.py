"""The body of a card as lines of markdown, and how many of them one message or one value holds."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from bot.cards import Action, Block, Chart, Choice, Divider, Facts, Meter, Note, Open, Table, Text
from bot.degrade import lines_of, plain
from bot.platforms.dingtalk.markdown import JOINER, bold, escaped, line, link, pair, rich
from bot.platforms.dingtalk.shapes import ADDRESS, dumped, short, size

BAR, ALT = 10, 600
LONGEST = 900  # characters of one line
BREAK, APART = "  \n", "\n\n"
_NUMBERED = re.compile(rf"{JOINER}[0-9]+\. ")
Picture = Callable[[Chart], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of markdown; `first` of its paragraph; a `picture` cannot stand on a card."""

    said: str
    first: bool = False
    picture: bool = False

    @property
    def weight(self) -> int:
        """Bytes with what parts it from the line before."""
        return size(self.said) + (len(APART) if self.first else len(BREAK))


def joined(lines: Sequence[Line]) -> str:
    """The lines as one text."""
    parts = [one.said if not at else (APART if one.first else BREAK) + one.said for at, one in enumerate(lines)]
    return "".join(parts)


def body(blocks: Sequence[Block], actions: Sequence[Action], picture: Picture) -> list[Line]:
    """Every line of a card: of its blocks, then the labels and addresses that its buttons cannot say."""
    lines = [one for block in blocks for one in _paragraph(_lines(block, picture), _shows(block, picture))]
    said = "\n".join(one for block in blocks for one in lines_of(block)).splitlines()
    for action in actions:
        match action:
            case Choice(label) if label not in said:
                lines += _paragraph([bold(label)])
            case Open(label, url) if not on_button(action):
                lines += _paragraph([link(label, url)])
    return _listed(lines)


def _listed(lines: Sequence[Line]) -> list[Line]:
    """Numbered lines that follow each other are one paragraph: a list, with no gaps in it."""
    within = [
        bool(at and _NUMBERED.match(lines[at - 1].said) and _NUMBERED.match(one.said)) for at, one in enumerate(lines)
    ]
    return [replace(one, first=one.first and not listed) for one, listed in zip(lines, within, strict=True)]


def on_button(action: Open) -> bool:
    """Whether an address is short enough for a button of a card."""
    return size(action.url) <= ADDRESS


def end(lines: Sequence[Line], room: int) -> int:
    """Where the lines begin that fit in `room` bytes, up to the last one and without a picture: with a paragraph if one
    fits, else with a line."""
    start = paragraph = len(lines)
    for at in range(len(lines) - 1, -1, -1):
        room -= lines[at].weight
        if room < 0 or lines[at].picture:
            break
        start = at
        paragraph = at if lines[at].first else paragraph
    return paragraph if paragraph < len(lines) else start


def holds(lines: Sequence[Line], room: int) -> bool:
    """Whether all the lines fit in `room` bytes."""
    return sum(one.weight for one in lines) <= room


def beginning(lines: Sequence[Line], room: int) -> str:
    """As many lines as fit in `room` bytes: if not all do, the first ones, "…" and the numbered ones at the end."""
    if holds(lines, room):
        return joined(lines)
    menu = next((at for at in range(len(lines), 0, -1) if not _NUMBERED.match(lines[at - 1].said)), 0)
    last = lines[menu:] if holds(lines[menu:], room * 2 // 3) else []
    room -= sum(one.weight for one in last) + size(f"{APART}…")
    kept: list[Line] = []
    for one in lines[:menu]:
        room -= one.weight
        if room < 0:
            break
        kept.append(one)
    return joined([*kept, Line("…", first=True), *last])


def chunks(lines: Sequence[Line], most: int, apart: str = "") -> Iterator[str]:
    """The lines as texts of some `most` characters each, cut between lines; `apart` parts them instead of markdown."""
    part: list[Line] = []
    left = most
    for one in lines:
        wants = max(len(one.said), size(dumped(one.said)) * 3 // 10) + len(APART)  # Chinese weighs three bytes
        if part and wants > left:
            yield _whole(part, apart)
            part, left = [], most
        part.append(one)
        left -= wants
    if part:
        yield _whole(part, apart)


def _whole(lines: Sequence[Line], apart: str) -> str:
    return apart.join(one.said for one in lines) if apart else joined(lines)


def _paragraph(said: Sequence[str], picture: bool = False) -> list[Line]:
    return [Line(one, first=not at, picture=picture) for at, one in enumerate(said)]


def _shows(block: Block, picture: Picture) -> bool:
    return isinstance(block, Chart) and bool(picture(block))


def _lines(block: Block, picture: Picture) -> list[str]:
    match block:
        case Text(spans):
            return rich(spans) if len(plain(spans)) <= LONGEST else _plain(plain(spans))
        case Facts(pairs):
            return [one for label, said in pairs for one in _pair(label, said)]
        case Meter(label, done, text):
            full = round(done * BAR)
            return _pair(label, f"{'█' * full}{'░' * (BAR - full)} {text}")
        case Table(header):
            return _plain("\n".join(lines_of(block) or [" · ".join(header)]))
        case Chart():
            return _chart(block, picture(block))
        case Note(text):
            return [f"> {one}" for one in _plain(text)]
        case Divider():
            return ["————"]
        case _:
            assert_never(block)


def _pair(label: str, said: str) -> list[str]:
    return pair(label, said) if len(label) + len(said) <= LONGEST else _plain(f"{label}: {said}")


def _plain(text: str) -> list[str]:
    """Lines without emphasis; a long one is broken."""
    broken = [one[at : at + LONGEST] for one in text.splitlines() for at in range(0, max(len(one), 1), LONGEST)]
    return [line(escaped(one)) for one in broken]


def _chart(chart: Chart, key: str) -> list[str]:
    """The uploaded picture; without one its figures as text."""
    if key:
        return [f"![{escaped(short(chart.alt(), ALT))}]({key})"]
    head = rich((chart.title,)) if not chart.caption() else pair(chart.title, chart.caption())
    return [*head, *(one for label, said in chart.facts().pairs for one in _pair(label, said))]
