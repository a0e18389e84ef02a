"""Make a card simpler until the platform can carry it. Total: every card has a text form, no action is ever dropped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import assert_never

from bot.capability import Capabilities
from bot.cards import (
    Action,
    Block,
    Bold,
    Button,
    Card,
    Chart,
    Choice,
    Divider,
    Facts,
    Link,
    Mention,
    Meter,
    Note,
    Open,
    Span,
    Table,
    Text,
)
from bot.text import tidy

VALUE = 40  # bytes of what a button carries of a choice


@dataclass(frozen=True, slots=True)
class Press:
    """What a number of a menu means: the same as pressing the button or choosing the option."""

    action: str
    subject: int
    version: int
    value: str = ""


def fit(card: Card, can: Capabilities) -> tuple[Card, tuple[Press, ...]]:
    """The card as the platform can show it, and the meaning of its numbered menu, "1" first.

    What cannot be shown becomes the next simpler thing; actions beyond what fits become numbered lines of the body.
    """
    body = list(chain.from_iterable(_simpler(block, can) for block in card.body))
    shown, rest = _split(card.actions, can)
    lines, presses = _menu(rest, can)
    menu = list(chain.from_iterable(_simpler(line, can) for line in lines))
    room = max(can.blocks - 3, 1)
    if len(body) + len(menu) > room:
        menu = _packed(menu, can.text)
    body = _fold(body, max(room - len(menu), 0), can)
    return replace(card, body=(*body, *menu), actions=shown), presses


def plain(spans: tuple[Span, ...]) -> str:
    """The spans as characters."""
    return "".join(_said(span) for span in spans)


def lines_of(block: Block) -> list[str]:
    """A block as lines of characters: the form that every platform can show."""
    match block:
        case Text(spans):
            return [plain(spans)]
        case Facts(pairs):
            return [f"{label}: {value}" for label, value in pairs]
        case Meter(label, _, text):
            return [f"{label}: {text}"]
        case Table(header, rows):
            return [_row(header, row) for row in rows]
        case Chart(title):
            return [f"{title} · {block.caption()}", *lines_of(block.facts())]
        case Note(text):
            return [text]
        case Divider():
            return []
        case _:
            assert_never(block)


def _simpler(block: Block, can: Capabilities) -> list[Block]:
    match block:
        case Table(header, rows) if can.tables:
            parts = range(0, len(rows), can.rows)
            return [Table(header, rows[start : start + can.rows]) for start in parts] or [block]
        case Table(header, rows):
            return list(chain.from_iterable(_split_text((_row(header, row),), can.text) for row in rows))
        case Chart(title) if not can.charts:
            return [*_split_text((Bold(title), f" · {block.caption()}"), can.text), *_simpler(block.facts(), can)]
        case Text(spans):
            linked = tuple(span if can.links or not isinstance(span, Link) else _said(span) for span in spans)
            return _split_text(linked, can.text)
        case Facts() | Meter() | Note() if any(len(line) > can.text for line in lines_of(block)):
            return _packed([block], can.text)
        case _:
            return [block]


def _split_text(spans: tuple[Span, ...], most: int) -> list[Block]:
    """Long paragraphs become several; emphasis is kept unless one span alone is longer than a paragraph may be."""
    whole = plain(spans)
    if len(whole) <= most:
        return [Text(spans)] if whole else []
    paragraphs: list[list[Span]] = [[]]
    left = most
    for span in spans:
        said = _said(span)
        if len(said) <= left:
            paragraphs[-1].append(span)
            left -= len(said)
            continue
        for start in range(0, len(said), most):
            piece = said[start : start + most]
            paragraphs.append([span if piece == said else piece])
            left = most - len(piece)
    return [Text(tuple(paragraph)) for paragraph in paragraphs if plain(tuple(paragraph))]


def _packed(blocks: Sequence[Block], most: int) -> list[Block]:
    """The blocks line by line in as few paragraphs as possible; only a line longer than a paragraph is broken."""
    paragraphs = [""]
    for line in chain.from_iterable(lines_of(block) for block in blocks):
        for start in range(0, len(line), most):
            piece = line[start : start + most]
            joined = f"{paragraphs[-1]}\n{piece}" if paragraphs[-1] else piece
            if len(joined) <= most:
                paragraphs[-1] = joined
            else:
                paragraphs.append(piece)
    return [Text((paragraph,)) for paragraph in paragraphs if paragraph]


def _fold(body: list[Block], room: int, can: Capabilities) -> list[Block]:
    """Too many blocks: the last ones are joined, line by line, into as few paragraphs as possible."""
    if len(body) <= room:
        return body
    pictures = [block for block in body if isinstance(block, Chart)]
    others: list[Block] = [block for block in body if not isinstance(block, Chart)]
    keep = max(room - len(pictures) - len(_packed(others, can.text)), 0)
    return [*others[:keep], *_packed(others[keep:], can.text), *pictures]


def _split(actions: tuple[Action, ...], can: Capabilities) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
    shown: list[Action] = []
    room = can.buttons
    for action in actions:
        takes = _takes(action, can)
        if 0 < takes <= room:
            shown.append(action)
            room -= takes
    return tuple(shown), tuple(action for action in actions if action not in shown)


def _takes(action: Action, can: Capabilities) -> int:
    """As many buttons as an action is shown as; 0: it cannot be one."""
    if can.choices or not isinstance(action, Choice):
        return 1
    few = len(action.options) <= can.spread
    return len(action.options) if few and all(_carried(value) for value, _ in action.options) else 0


def _carried(value: str) -> bool:
    """Whether a button that is no more than a word can carry it."""
    return bool(value) and value == tidy(value) and len(value.encode()) <= VALUE


def _menu(actions: tuple[Action, ...], can: Capabilities) -> tuple[list[Block], tuple[Press, ...]]:
    lines: list[Block] = []
    presses: list[Press] = []
    for action in actions:
        match action:
            case Open(label, url):
                lines.append(Text((Link(label, url) if can.links else f"{label}: {url}",)))
            case Button(label, name, subject, version):
                presses.append(Press(name, subject, version))
                lines.append(Text((f"{len(presses)}. ", Bold(label))))
            case Choice(label, name, options, subject, version):
                lines.append(Text((Bold(label),)))
                for value, said in options:
                    presses.append(Press(name, subject, version, value))
                    lines.append(Text((f"{len(presses)}. {said}",)))
            case _:
                assert_never(action)
    return lines, tuple(presses)


def _row(header: tuple[str, ...], row: tuple[str, ...]) -> str:
    if not row:
        return ""
    rest = " · ".join(f"{name} {cell}".strip() for name, cell in zip(header[1:], row[1:], strict=True) if cell)
    return f"{row[0]}: {rest}" if rest else row[0]


def _said(span: Span) -> str:
    match span:
        case str():
            return span
        case Bold(text):
            return text
        case Link(label, url):
            return f"{label} ({url})"
        case Mention(_, name):
            return name
        case _:
            assert_never(span)
